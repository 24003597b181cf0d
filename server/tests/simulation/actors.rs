//! Who acts in the simulated world: creators and approvers, who ask again until they are answered; and on each replica a sweep and a raiser.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use app::model::{Decide, DecisionKind, Level, LocalText, Number, SealChoice, Status};
use bytes::Bytes;
use server::error::Error;
use server::index::{
    Act, Constraint, Correction, DocumentRow, EditionContent, IndexError, NewDecision, NewDocumentRow, NewFile, NewIdempotency, NewStep, Outcome, Raise,
    StepFieldRow, Withdrawal,
};
use server::service::keep::{self, LEASE};
use server::service::seams::World as _;
use server::service::sweep;

use crate::world::{World, step};

pub type Actor = Pin<Box<dyn Future<Output = ()>>>;

const APPROVERS: [&str; 4] = ["a0", "a1", "a2", "a3"];
const CREATORS: [&str; 2] = ["c0", "c1"];
const REPLICAS: u64 = 3;

pub fn clients(world: &World) -> Vec<Actor> {
    let mut actors: Vec<Actor> = Vec::new();
    for name in CREATORS {
        actors.push(Box::pin(creates(world.clone(), name)));
        actors.push(Box::pin(tends(world.clone(), name)));
        actors.push(Box::pin(listens(world.clone(), name, 12)));
    }
    for name in APPROVERS {
        actors.push(Box::pin(approves(world.clone(), name)));
    }
    actors
}

pub fn background(world: &World) -> Vec<Actor> {
    vec![Box::pin(sweeps(world.clone(), 0)), Box::pin(sweeps(world.clone(), 1)), Box::pin(raises(world.clone(), 0)), Box::pin(raises(world.clone(), 2))]
}

/// An act on a replica: the replica may die, with all that runs on it, and it may stand still for longer than any lease.
struct OnReplica<F> {
    world: World,
    replica: usize,
    epoch: u64,
    asleep: u64,
    act: Pin<Box<F>>,
}

fn on_replica<F: Future>(world: &World, act: F) -> OnReplica<F> {
    let mut state = world.state();
    let replica = state.chance.below(REPLICAS) as usize;
    let epoch = state.epochs[replica];
    drop(state);
    OnReplica { world: world.clone(), replica, epoch, asleep: 0, act: Box::pin(act) }
}

impl<F: Future> Future for OnReplica<F> {
    /// None when the replica died: nobody knows how far the act came.
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        {
            let world = self.world.clone();
            let mut guard = world.state();
            let state = &mut *guard;
            let (crash, stall, replica) = (state.rates.crash, state.rates.stall, self.replica);
            if state.chance.once_in(crash) {
                state.tell(|| format!("replica {replica} dies"));
                state.epochs[replica] += 1;
            }
            if state.epochs[replica] != self.epoch {
                state.told.crashes += 1;
                return Poll::Ready(None);
            }
            if self.asleep > 0 {
                self.asleep -= 1;
                return Poll::Pending;
            }
            if state.chance.once_in(stall) {
                state.told.stalls += 1;
                self.asleep = 10 + state.chance.below(150);
                // To those who do not stand still, that is a long time.
                state.now += state.chance.below(3) as i64 * LEASE;
                return Poll::Pending;
            }
        }
        self.act.as_mut().poll(context).map(Some)
    }
}

fn below(world: &World, end: u64) -> u64 {
    world.state().chance.below(end)
}

async fn creates(world: World, me: &'static str) {
    for n in 0..2 {
        let (key, matter, route) = (format!("{me}-{n}"), format!("m{}", below(&world, 3)), below(&world, 4));
        // Asked again with the same key until there is an answer.
        for _ in 0..12 {
            match on_replica(&world, create(world.clone(), me, key.clone(), matter.clone(), route)).await {
                Some(Ok(number)) => {
                    let mut state = world.state();
                    state.told.created += 1;
                    if state.ledger.created.insert(key.clone(), number.clone()).is_some_and(|before| before != number) {
                        state.breaks(format!("{key} was answered twice, differently"));
                    }
                    break;
                }
                Some(Err(Refused::Duplicate(holder))) => {
                    let mut state = world.state();
                    if state.tables.made_by.get(&holder) == Some(&key) {
                        state.breaks(format!("the document of {key} is called a duplicate of itself"));
                    }
                    break;
                }
                Some(Err(Refused::Outage)) | None => step().await,
            }
        }
    }
}

enum Refused {
    Duplicate(Number),
    Outage,
}

impl From<IndexError> for Refused {
    fn from(_: IndexError) -> Self {
        Self::Outage
    }
}

impl From<Error> for Refused {
    fn from(_: Error) -> Self {
        Self::Outage
    }
}

/// In the order of `service::submit`.
async fn create(world: World, creator: &'static str, key: String, matter: String, route: u64) -> Result<Number, Refused> {
    let rows = world.rows();
    if let Some(before) = rows.keyed(&key).await? {
        return Ok(before);
    }
    if let Some(holder) = rows.holder(&matter).await? {
        return match rows.keyed(&key).await? {
            Some(before) => Ok(before),
            None => Err(Refused::Duplicate(holder)),
        };
    }
    let number: Number = format!("EXP-2026-{:06}", rows.number().await?).parse().unwrap();
    let file = keep::keep(&world, &number, 1, 0, bytes(&world, &number, 1, 0)).await?;
    let new = NewDocumentRow {
        number: number.clone(),
        content: content(&matter, route, file.clone()),
        creator: creator.to_owned(),
        creator_client_number: "C00001".parse().unwrap(),
        creator_name: creator.to_owned(),
        lang: "en".to_owned(),
        at: world.now(),
        idempotency: Some(NewIdempotency { account: creator.to_owned(), key: key.clone(), body_sha256: String::new(), answer: String::new() }),
    };
    match keep::commit(&world, &number.type_code(), &file, rows.create(new)).await {
        Ok(row) => Ok(row.number),
        Err(IndexError::Constraint(Constraint::IdempotencyKey)) => rows.keyed(&key).await?.ok_or(Refused::Outage),
        Err(IndexError::Constraint(Constraint::LiveMatter)) => match rows.holder(&matter).await? {
            Some(holder) => Err(Refused::Duplicate(holder)),
            None => Err(Refused::Outage),
        },
        Err(IndexError::Constraint(Constraint::Number)) => {
            world.state().breaks(format!("the number {number} is given twice"));
            Err(Refused::Outage)
        }
        Err(_) => Err(Refused::Outage),
    }
}

/// Corrects what was rejected, and takes back now and then.
async fn tends(world: World, me: &'static str) {
    for _ in 0..14 {
        let Ok(numbers) = world.rows().all().await else { continue };
        if numbers.is_empty() {
            step().await;
            continue;
        }
        let number = numbers[below(&world, numbers.len() as u64) as usize].clone();
        let Ok(Some(row)) = world.rows().read(&number).await else { continue };
        if row.creator != me {
            continue;
        }
        let whim = below(&world, 6);
        if whim == 0 {
            let withdrawal = Withdrawal { number: number.clone(), creator: me.to_owned(), by: me.to_owned(), at: world.now(), record: None };
            let act = async { world.rows().withdraw(withdrawal).await };
            if let Some(Ok(Outcome::Done(_))) = on_replica(&world, act).await {
                let mut state = world.state();
                state.told.withdrawn += 1;
                state.ledger.withdrawn.push(number);
            }
        } else if row.status == Status::Rejected {
            let route = below(&world, 4);
            if let Some(Ok(Outcome::Done(row))) = on_replica(&world, correct(world.clone(), row, route)).await {
                let mut state = world.state();
                state.told.corrected += 1;
                state.ledger.corrected.push((row.number, row.edition));
            }
        }
    }
}

/// In the order of `service::correct`.
async fn correct(world: World, row: DocumentRow, route: u64) -> Result<Outcome, Refused> {
    let next = row.edition + 1;
    let file = keep::keep(&world, &row.number, next, 0, bytes(&world, &row.number, next, 0)).await?;
    let correction = Correction {
        number: row.number.clone(),
        edition: row.edition,
        content: content(&row.matter, route, file.clone()),
        creator: row.creator.clone(),
        by: row.creator.clone(),
        lang: "en".to_owned(),
        at: world.now(),
        idempotency: None,
    };
    Ok(keep::commit(&world, &row.type_code, &file, world.rows().correct(correction)).await?)
}

async fn approves(world: World, me: &'static str) {
    for _ in 0..12 {
        let Ok(numbers) = world.rows().all().await else { continue };
        if numbers.is_empty() {
            step().await;
            continue;
        }
        let number = numbers[below(&world, numbers.len() as u64) as usize].clone();
        let Ok(Some(row)) = world.rows().read(&number).await else { continue };
        let Some(open) = row.open_step().filter(|open| open.field_for(me).is_some()) else { continue };
        let (position, edition, signs) = (open.position, row.edition, below(&world, 6) > 0);
        let kind = if signs { DecisionKind::Signed } else { DecisionKind::Rejected };
        if let Some(Ok(Outcome::Done(_))) = on_replica(&world, decide(world.clone(), me, row, position, signs)).await {
            let mut state = world.state();
            state.told.decided += 1;
            if state.ledger.decided.insert((number.clone(), edition, position, me.to_owned()), kind).is_some() {
                state.breaks(format!("{me} decided step {position} of {number} twice"));
            }
        }
    }
}

/// In the order of `service::sign` and `service::reject`.
async fn decide(world: World, me: &'static str, row: DocumentRow, position: u32, signs: bool) -> Result<Outcome, Refused> {
    let new = |act| NewDecision {
        number: row.number.clone(),
        edition: row.edition,
        revision: row.revision,
        position,
        account: me.to_owned(),
        by: me.to_owned(),
        at: world.now(),
        act,
    };
    if !signs {
        return Ok(world.rows().decide(new(Act::Reject { reason: "no".to_owned(), record: None })).await?);
    }
    let next = row.revision + 1;
    let file = keep::keep(&world, &row.number, row.edition, next, bytes(&world, &row.number, row.edition, next)).await?;
    world.state().tables.made_from.insert(file.store_path.clone(), row.sha256.clone());
    let more = below(&world, 2) == 0;
    let level = if more { Level::Basic } else { Level::Archival };
    let decision = new(Act::Sign { serial: "00".to_owned(), file: file.clone(), level, more });
    Ok(keep::commit(&world, &row.type_code, &file, world.rows().decide(decision)).await?)
}

/// Hears the results as they come, from where it was before.
async fn listens(world: World, me: &'static str, rounds: u64) {
    for _ in 0..rounds {
        let after = world.state().ledger.heard.get(me).and_then(|heard| heard.last()).map_or(0, |last| last.0);
        if let Ok(more) = world.rows().deliveries(me, after).await {
            world.state().ledger.heard.entry(me.to_owned()).or_default().extend(more);
        }
        step().await;
    }
}

pub async fn everyone_listens(world: World) {
    for name in CREATORS {
        listens(world.clone(), name, 1).await;
    }
}

async fn sweeps(world: World, pause: u64) {
    loop {
        for _ in 0..below(&world, 10 + 20 * pause) {
            step().await;
        }
        let _ = on_replica(&world, sweep::files(&world)).await;
        step().await;
    }
}

async fn raises(world: World, pause: u64) {
    loop {
        for _ in 0..below(&world, 10 + 20 * pause) {
            step().await;
        }
        let _ = on_replica(&world, raise_one(world.clone())).await;
        step().await;
    }
}

/// In the order of `service::level::later`; whether there was one.
pub async fn raise_one(world: World) -> Result<bool, Error> {
    let Some(row) = world.rows().take_raise(LEASE).await? else { return Ok(false) };
    let next = row.revision + 1;
    let file = keep::keep(&world, &row.number, row.edition, next, bytes(&world, &row.number, row.edition, next)).await?;
    let new = Raise { number: row.number.clone(), edition: row.edition, revision: row.revision, file: file.clone(), level: Level::Archival, at: world.now() };
    if let Outcome::Done(_) = keep::commit(&world, &row.type_code, &file, world.rows().raise(new)).await? {
        world.state().told.raised += 1;
    }
    Ok(true)
}

/// A file like no other.
fn bytes(world: &World, number: &Number, edition: u32, revision: u32) -> Bytes {
    let id = world.state().id();
    format!("{number} {edition} {revision} {id}").into()
}

fn content(matter: &str, route: u64, file: NewFile) -> EditionContent {
    let any = || new_step(Decide::Any, vec![field(None)]);
    let all = || new_step(Decide::All, vec![field(Some("a0")), field(Some("a1"))]);
    let steps = match route {
        0 => vec![any()],
        1 => vec![any(), any()],
        2 => vec![all()],
        _ => vec![any(), all()],
    };
    EditionContent { title: matter.to_owned(), matter: matter.to_owned(), fields: BTreeMap::new(), steps, file }
}

fn new_step(decide: Decide, fields: Vec<StepFieldRow>) -> NewStep {
    NewStep {
        key: "step".to_owned(),
        name: LocalText { en: String::new(), zh: String::new() },
        role: "role".to_owned(),
        decide,
        design: SealChoice::Any,
        fields,
    }
}

fn field(account: Option<&str>) -> StepFieldRow {
    let account = account.map(str::to_owned);
    StepFieldRow { ordinal: 1, field: "field".to_owned(), page: 1, rect: None, rotate: 0, movable: false, account_name: account.clone(), account }
}
