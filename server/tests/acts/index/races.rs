//! Many at once, one winner; and callers that vanish.

use std::collections::BTreeSet;
use std::time::Duration;

use app::model::Status;
use futures::future::join_all;
use server::index::{Claim, Constraint, Index, IndexError, NewIdempotency, Outcome};
use sqlx::{Connection, Row};

use crate::index::world::{T0, World, any, code, number, viewer};

pub async fn one_matter_has_one_live_document(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let mut contenders = Vec::new();
    for n in 1..=16 {
        contenders.push(world.prepared(&format!("EXP-2026-{n:06}"), "P-17/INV-88", &creator, vec![any("head")]).await);
    }
    let results = at_once(&world.index, contenders, |index, new| async move { index.create(new).await }).await;
    let winners: Vec<_> = results.iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    assert!(results.iter().filter_map(|result| result.as_ref().err()).all(|error| *error == IndexError::Constraint(Constraint::LiveMatter)));
    assert_eq!(world.index.live_holder(&code("EXP"), "P-17/INV-88").await.unwrap().as_ref(), Some(&winners[0].number));
    assert_eq!(world.index.live_holder(&code("WO"), "P-17/INV-88").await.unwrap(), None);
}

pub async fn one_number_has_one_document(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let mut contenders = Vec::new();
    for n in 1..=12 {
        contenders.push(world.prepared("EXP-2026-000001", &format!("m{n}"), &creator, vec![any("head")]).await);
    }
    let results = at_once(&world.index, contenders, |index, new| async move { index.create(new).await }).await;
    assert_eq!(results.iter().flatten().count(), 1);
    assert!(results.iter().filter_map(|result| result.as_ref().err()).all(|error| *error == IndexError::Constraint(Constraint::Number)));
}

pub async fn sequences_never_repeat(world: World) {
    let results = at_once(&world.index, (0..40).collect(), |index, _| async move { index.allocate_sequence(&code("WO"), "WO-2026-").await }).await;
    let values: BTreeSet<u64> = results.into_iter().map(Result::unwrap).collect();
    assert_eq!(values, (1..=40).collect());
    assert_eq!(world.index.allocate_sequence(&code("WO"), "WO-2027-").await, Ok(1));
}

pub async fn one_step_has_one_decision(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let document = world.create("EXP-2026-000001", "m", &creator, vec![any("head"), any("finance")]).await;
    let mut contenders = Vec::new();
    for n in 0..16 {
        let approver = world.person(&format!("head.{n}"), &["head"]).await;
        contenders.push(world.signature(&document, &approver).await);
    }
    let outcomes = at_once(&world.index, contenders, |index, new| async move { index.decide(new).await.unwrap() }).await;
    assert_eq!(outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Done(_))).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::AlreadyDecided).count(), 15);
    let now = world.index.find(&document.number, &viewer(&creator)).await.unwrap().unwrap();
    assert_eq!((now.revision, now.steps[0].decisions.len(), now.open_step().map(|step| step.position)), (1, 1, Some(2)));
    assert_eq!(world.index.events(&document.number).await.unwrap().len(), 2);
    assert_eq!(world.index.files(None, 100).await.unwrap().len(), 2);
}

pub async fn the_same_request_creates_once(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let mut contenders = Vec::new();
    for n in 1..=8 {
        let mut new = world.prepared(&format!("EXP-2026-{n:06}"), "m", &creator, vec![any("head")]).await;
        new.idempotency = Some(NewIdempotency { account: creator.id.clone(), key: "k".into(), body_sha256: "b".into(), answer: format!("made {n}") });
        contenders.push(new);
    }
    let results = at_once(&world.index, contenders, |index, new| async move { index.create(new).await }).await;
    let winner = results.iter().flatten().next().unwrap();
    assert!(results.iter().filter_map(|result| result.as_ref().err()).all(|error| *error == IndexError::Constraint(Constraint::IdempotencyKey)));
    let row = world.index.idempotent(&creator.id, "k").await.unwrap().unwrap();
    assert_eq!((&row.number, row.body_sha256.as_str()), (&winner.number, "b"));
    assert!(row.answer.starts_with("made "));
    assert_eq!(world.index.idempotent("another", "k").await.unwrap(), None);
}

/// What housekeeping takes for old is not what is merely in doubt: the same request would then do its act anew.
pub async fn a_key_in_doubt_is_asked_first_for_thirty_days(world: World) {
    const DAY: i64 = 24 * 60 * 60 * 1000;
    let (index, patience) = (&world.index, 120_000);
    let claim = async |now| index.claim_key("C00001", "k", "b", now, patience).await.unwrap();
    assert_eq!(claim(T0).await, Claim::Ours);
    assert_eq!(claim(T0 + 1).await, Claim::UnderWay);
    index.doubt_key("C00001", "k", patience).await.unwrap();
    index.prune(T0 + 1).await.unwrap();
    assert_eq!(claim(T0 + 2).await, Claim::Again(T0), "at once, and since it first came");
    index.doubt_key("C00001", "k", patience).await.unwrap();
    index.prune(T0 + 29 * DAY).await.unwrap();
    assert_eq!(claim(T0 + 29 * DAY).await, Claim::Again(T0));
    index.doubt_key("C00001", "k", patience).await.unwrap();
    index.prune(T0 + 60 * DAY).await.unwrap();
    assert_eq!(claim(T0 + 60 * DAY).await, Claim::Ours, "older than thirty days");
}

pub async fn given_up_intents_cannot_be_committed(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let document = world.create("EXP-2026-000001", "kept", &creator, vec![any("head")]).await;
    let late = world.prepared("EXP-2026-000002", "late", &creator, vec![any("head")]).await;
    let path = late.content.file.store_path.clone();
    let (file, late_at) = (late.content.file.clone(), late.at + 7_200_000);
    assert_eq!(world.index.expired_intents(late.at, 10).await.unwrap(), Vec::new());
    let expired = world.index.expired_intents(late.at + 7_200_000, 10).await.unwrap();
    assert_eq!(expired.iter().map(|intent| &intent.path).collect::<Vec<_>>(), [&path]);
    assert_eq!(world.index.create(late).await, Err(IndexError::Constraint(Constraint::IntentGone)));
    assert_eq!(world.index.find(&number("EXP-2026-000002"), &viewer(&creator)).await.unwrap(), None);
    assert!(!world.index.path_in_use("main", &path).await.unwrap());
    assert!(world.index.path_in_use("main", &document.store_path).await.unwrap());
    world.index.swept_intent("main", &expired[0].id, late_at).await.unwrap();
    assert_eq!(world.index.expired_intents(late_at, 10).await.unwrap(), Vec::new());
    // A day later it is given once more, and then forgotten; an act that stood still so long brings it back, for its file may be there.
    assert_eq!(world.index.expired_intents(T_FAR, 10).await.unwrap().len(), 1);
    world.index.swept_intent("main", &expired[0].id, T_FAR).await.unwrap();
    assert_eq!(world.index.expired_intents(T_FAR, 10).await.unwrap(), Vec::new());
    world.index.abandon_intent(&"EXP".parse().unwrap(), &file, T_FAR).await.unwrap();
    assert_eq!(world.index.expired_intents(T_FAR, 10).await.unwrap().iter().map(|intent| &intent.path).collect::<Vec<_>>(), [&path]);
}

const T_FAR: i64 = 4_000_000_000_000;

pub async fn vanished_callers_leave_nothing_open(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let approver = world.person("head", &["head"]).await;
    for n in 1..=60_u64 {
        let new = world.prepared(&format!("EXP-2026-{n:06}"), &format!("m{n}"), &creator, vec![any("head")]).await;
        // The caller goes away after another while each time, also at once and in the middle of BEGIN.
        let patience = Duration::from_micros(n * 67);
        if let Ok(Ok(document)) = tokio::time::timeout(patience, world.index.create(new)).await {
            let decision = world.signature(&document, &approver).await;
            tokio::time::timeout(Duration::from_micros(n * 41), world.index.decide(decision)).await.ok();
        }
    }
    // What was begun comes to its end without its caller; then nothing is open.
    tokio::time::sleep(Duration::from_millis(500)).await;
    if world.postgres {
        let mut connection = sqlx::PgConnection::connect(&world.databases[0].1).await.unwrap();
        let row = sqlx::query("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'");
        assert_eq!(row.fetch_one(&mut connection).await.unwrap().get::<i64, _>(0), 0);
    }
    let last = world.create("EXP-2026-000999", "last", &creator, vec![any("head")]).await;
    assert_eq!(last.status, Status::Pending);
    // Each document is whole or not there at all.
    for n in 1..=60 {
        let number = number(&format!("EXP-2026-{n:06}"));
        let Some(document) = world.index.find(&number, &viewer(&creator)).await.unwrap() else { continue };
        let events: Vec<String> = world.index.events(&number).await.unwrap().into_iter().map(|event| event.kind).collect();
        match document.status {
            Status::Pending => assert_eq!((events.join(" "), document.revision), ("created".into(), 0)),
            Status::Signed => assert_eq!((events.join(" "), document.revision), ("created signed returned".into(), 1)),
            other => panic!("{other:?}"),
        }
        let file = world.index.revision(&number, 1, document.revision).await.unwrap().unwrap();
        assert_eq!((file.sha256, file.store_path), (document.sha256, document.store_path));
    }
}

pub async fn replicas_may_start_together(world: World) {
    let fresh = if world.postgres { support::postgres::database().await } else { world.databases[0].1.replace("main.db", "fresh.db") };
    let databases = vec![("main".to_owned(), fresh)];
    let opened = join_all((0..4).map(|_| {
        let databases = databases.clone();
        tokio::spawn(async move { Index::open(&databases).await.map(drop) })
    }))
    .await;
    assert!(opened.into_iter().all(|opened| opened.unwrap() == Ok(())));
}

/// Runs `work` for every input in a task of its own, all begun together.
async fn at_once<I: Send + 'static, T: Send + 'static, F: Future<Output = T> + Send + 'static>(
    index: &Index,
    inputs: Vec<I>,
    work: impl Fn(Index, I) -> F,
) -> Vec<T> {
    let tasks: Vec<_> = inputs.into_iter().map(|input| tokio::spawn(work(index.clone(), input))).collect();
    join_all(tasks).await.into_iter().map(Result::unwrap).collect()
}
