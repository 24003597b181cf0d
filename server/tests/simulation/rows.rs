//! The index of the simulated world. Its transactions are the server's, in memory: what may follow what is asked of `index::rules`.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

use app::model::{DecisionKind, Level, Number, Sha256, Status, StepStatus};
use server::index::rules;
use server::index::{
    Act, Constraint, Correction, DecisionRow, DocumentRow, EditionContent, IndexError, NewDecision, NewDocumentRow, NewFile, NewStep, Outcome, Raise, StepRow,
    Withdrawal,
};

use crate::world::{Bug, State, step};

#[derive(Default)]
pub struct Tables {
    pub documents: BTreeMap<Number, DocumentRow>,
    pub revisions: BTreeMap<String, Revision>,
    pub intents: BTreeMap<String, Intent>,
    pub keys: HashMap<String, Number>,
    /// Which request made a document.
    pub made_by: HashMap<Number, String>,
    pub deliveries: BTreeMap<String, Vec<Delivery>>,
    /// Which edition was raised, once for each raise.
    pub raised: Vec<(Number, u32)>,
    /// When a signed document's level may be raised.
    pub due: BTreeMap<Number, i64>,
    pub counter: u64,
    /// The digest of the revision that a file was made from, by the path of the file.
    pub made_from: HashMap<String, Sha256>,
}

pub struct Revision {
    pub size: u64,
    pub sha256: Sha256,
}

pub struct Intent {
    pub path: String,
    pub sha256: Sha256,
    pub size: u64,
    pub lease_until: i64,
    pub given_up: u8,
}

pub struct Delivery {
    pub position: i64,
    pub number: Number,
    pub edition: u32,
}

/// The index. Cloning shares it.
#[derive(Clone)]
pub struct Rows(pub Arc<Mutex<State>>);

pub type Done<T> = Result<T, IndexError>;

impl Rows {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// One transaction: whole or not at all, on the way there and back as everything else. Work that refuses has changed nothing.
    pub async fn transaction<T>(&self, what: &str, work: impl FnOnce(&mut State) -> Done<T>) -> Done<T> {
        step().await;
        let done = {
            let mut state = self.state();
            let rate = state.rates.refused;
            if state.chance.once_in(rate) {
                return Err(if state.chance.once_in(2) { IndexError::Busy } else { IndexError::Unavailable("simulated".to_owned()) });
            }
            let done = work(&mut state);
            state.tell(|| format!("{what} {}", done.as_ref().err().map_or_else(|| "done".to_owned(), ToString::to_string)));
            done
        };
        step().await;
        let mut state = self.state();
        let rate = state.rates.lost;
        if state.chance.once_in(rate) {
            state.told.lost += 1;
            return Err(IndexError::Unknown("simulated: the reply was lost".to_owned()));
        }
        done
    }

    pub async fn number(&self) -> Done<u64> {
        if self.state().has(Bug::NumberInTwoSteps) {
            let read = self.transaction("number read", |state| Ok(state.tables.counter + 1)).await?;
            return self
                .transaction("number written", |state| {
                    state.tables.counter = read;
                    Ok(())
                })
                .await
                .map(|()| read);
        }
        self.transaction("number", |state| {
            state.tables.counter += 1;
            Ok(state.tables.counter)
        })
        .await
    }

    pub async fn keyed(&self, key: &str) -> Done<Option<Number>> {
        self.transaction("key", |state| Ok(state.tables.keys.get(key).cloned())).await
    }

    pub async fn holder(&self, matter: &str) -> Done<Option<Number>> {
        self.transaction("holder", |state| Ok(holder(&state.tables, matter))).await
    }

    pub async fn read(&self, number: &Number) -> Done<Option<DocumentRow>> {
        self.transaction("read", |state| Ok(state.tables.documents.get(number).cloned())).await
    }

    /// Every document that is there.
    pub async fn all(&self) -> Done<Vec<Number>> {
        self.transaction("list", |state| Ok(state.tables.documents.keys().cloned().collect())).await
    }

    pub async fn deliveries(&self, creator: &str, after: i64) -> Done<Vec<(i64, Number, u32)>> {
        self.transaction("deliveries", |state| {
            let all = state.tables.deliveries.get(creator).into_iter().flatten().filter(|delivery| delivery.position > after);
            Ok(all.map(|delivery| (delivery.position, delivery.number.clone(), delivery.edition)).collect())
        })
        .await
    }

    pub async fn create(&self, new: NewDocumentRow) -> Done<DocumentRow> {
        self.transaction("create", |state| {
            let key = new.idempotency.as_ref().map(|row| row.key.clone()).unwrap_or_default();
            if state.tables.keys.contains_key(&key) {
                return Err(IndexError::Constraint(Constraint::IdempotencyKey));
            }
            if state.tables.documents.contains_key(&new.number) {
                return Err(IndexError::Constraint(Constraint::Number));
            }
            if holder(&state.tables, &new.content.matter).is_some() && !state.has(Bug::MatterNotUnique) {
                return Err(IndexError::Constraint(Constraint::LiveMatter));
            }
            name_file(state, &new.content.file)?;
            state.tables.made_by.insert(new.number.clone(), key.clone());
            if !state.has(Bug::KeyForgotten) {
                state.tables.keys.insert(key, new.number.clone());
            }
            let row = DocumentRow {
                type_code: new.number.type_code(),
                number: new.number.clone(),
                title: new.content.title.clone(),
                edition: 1,
                matter: new.content.matter.clone(),
                status: Status::Pending,
                creator: new.creator.clone(),
                creator_client_number: new.creator_client_number.clone(),
                creator_name: new.creator_name.clone(),
                fields: BTreeMap::new(),
                revision: 0,
                level: Level::None,
                sha256: new.content.file.sha256.clone(),
                size: new.content.file.size,
                store_path: new.content.file.store_path.clone(),
                lang: new.lang.clone(),
                created_at: new.at,
                steps: route(&new.content.steps, new.at),
            };
            state.tables.documents.insert(new.number.clone(), row.clone());
            Ok(row)
        })
        .await
    }

    pub async fn correct(&self, new: Correction) -> Done<Outcome> {
        self.transaction("correct", |state| {
            let Some(document) = state.tables.documents.get(&new.number) else { return Ok(Outcome::Missing) };
            let edition = match rules::corrected(document, &new) {
                Ok(edition) => edition,
                Err(refusal) => return Ok(refusal),
            };
            if holder(&state.tables, &new.content.matter).is_some_and(|other| other != new.number) {
                return Err(IndexError::Constraint(Constraint::LiveMatter));
            }
            let EditionContent { matter, steps, file, .. } = &new.content;
            name_file(state, file)?;
            let document = state.tables.documents.get_mut(&new.number).unwrap();
            (document.edition, document.status, document.revision, document.level) = (edition, Status::Pending, 0, Level::None);
            document.matter.clone_from(matter);
            document.sha256 = file.sha256.clone();
            document.steps = route(steps, new.at);
            Ok(Outcome::Done(Box::new(document.clone())))
        })
        .await
    }

    pub async fn withdraw(&self, withdrawal: Withdrawal) -> Done<Outcome> {
        self.transaction("withdraw", |state| {
            let Some(document) = state.tables.documents.get_mut(&withdrawal.number) else { return Ok(Outcome::Missing) };
            if let Err(refusal) = rules::withdrawn(document, &withdrawal) {
                return Ok(refusal);
            }
            document.status = Status::Withdrawn;
            close(document);
            Ok(Outcome::Done(Box::new(document.clone())))
        })
        .await
    }

    pub async fn decide(&self, mut new: NewDecision) -> Done<Outcome> {
        let outcome = self.transaction("decide", |state| decide(state, &mut new)).await?;
        let apart = self.state().has(Bug::DeliveryApart);
        if apart
            && let Outcome::Done(document) = &outcome
            && document.status != Status::Pending
        {
            let delivered = |state: &mut State| {
                deliver(state, document);
                Ok(())
            };
            self.transaction("deliver", delivered).await?;
        }
        Ok(outcome)
    }

    /// Takes a signed document in hand whose level may be raised.
    pub async fn take_raise(&self, lease: i64) -> Done<Option<DocumentRow>> {
        self.transaction("take", |state| {
            let now = state.now;
            let Some((number, due)) = state.tables.due.iter_mut().find(|(_, due)| **due <= now) else { return Ok(None) };
            *due = now + lease;
            let number = number.clone();
            Ok(state.tables.documents.get(&number).cloned())
        })
        .await
    }

    pub async fn raise(&self, mut new: Raise) -> Done<Outcome> {
        self.transaction("raise", |state| {
            let Some(document) = state.tables.documents.get(&new.number) else { return Ok(Outcome::Missing) };
            if state.has(Bug::RaiseWithoutRevision) {
                new.revision = document.revision;
            }
            let revision = match rules::raised(document, &new) {
                Ok(revision) => revision,
                Err(refusal) => return Ok(refusal),
            };
            let seen = document.level;
            name_file(state, &new.file)?;
            if seen == Level::Archival {
                state.breaks(format!("{} was raised twice", new.number));
            }
            state.tables.due.remove(&new.number);
            state.tables.raised.push((new.number.clone(), new.edition));
            let document = state.tables.documents.get_mut(&new.number).unwrap();
            (document.revision, document.level) = (revision, new.level);
            document.sha256 = new.file.sha256.clone();
            Ok(Outcome::Done(Box::new(document.clone())))
        })
        .await
    }
}

fn decide(state: &mut State, new: &mut NewDecision) -> Done<Outcome> {
    let Some(document) = state.tables.documents.get(&new.number) else { return Ok(Outcome::Missing) };
    if state.has(Bug::DecideWithoutRevision) {
        new.revision = document.revision;
    }
    let decided = match rules::decided(document, new) {
        Ok(decided) => decided,
        Err(refusal) => return Ok(refusal),
    };
    if let Act::Sign { file, .. } = &new.act {
        name_file(state, file)?;
        // A revision is made from the one before it, whose bytes it begins with.
        let before = state.tables.documents[&new.number].sha256.clone();
        let made_from = state.tables.made_from.get(file.store_path.as_str()).cloned();
        if made_from.is_some_and(|made_from| made_from != before) {
            state.breaks(format!("revision {} of {} was not made from the one before it", decided.revision, new.number));
        }
    }
    let document = state.tables.documents.get_mut(&new.number).unwrap();
    let step = document.steps.iter_mut().find(|step| step.position == new.position).unwrap();
    let (serial, reason) = match &new.act {
        Act::Sign { serial, file, level, .. } => {
            (document.revision, document.level) = (decided.revision, *level);
            document.sha256 = file.sha256.clone();
            (Some(serial.clone()), None)
        }
        Act::Reject { reason, .. } => (None, Some(reason.clone())),
    };
    let row = DecisionRow { account: new.account.clone(), by: new.by.clone(), decision: decided.kind, at: new.at, serial, reason, revision: decided.revision };
    step.decisions.push(row);
    if let Some(status) = decided.finishes {
        step.status = status;
    }
    if let Some(next) = decided.opens.and_then(|next| document.steps.iter_mut().find(|step| step.position == next)) {
        next.status = StepStatus::Open;
    }
    if decided.kind == DecisionKind::Rejected {
        close(document);
    }
    if let Some(status) = decided.ends {
        document.status = status;
        let ended = document.clone();
        if matches!(new.act, Act::Sign { more: true, .. }) {
            state.tables.due.insert(new.number.clone(), new.at);
        }
        if !state.has(Bug::DeliveryApart) {
            deliver(state, &ended);
        }
    }
    Ok(Outcome::Done(Box::new(state.tables.documents[&new.number].clone())))
}

fn deliver(state: &mut State, document: &DocumentRow) {
    let mailbox = state.tables.deliveries.entry(document.creator.clone()).or_default();
    mailbox.push(Delivery { position: mailbox.len() as i64 + 1, number: document.number.clone(), edition: document.edition });
}

fn holder(tables: &Tables, matter: &str) -> Option<Number> {
    tables.documents.values().find(|document| document.matter == matter && document.status != Status::Withdrawn).map(|document| document.number.clone())
}

/// What `revisions::add` does: the intent ends, the row names the file.
fn name_file(state: &mut State, file: &NewFile) -> Done<()> {
    let known = state.tables.intents.get(&file.intent).is_some_and(|intent| intent.path == file.store_path && intent.given_up == 0);
    if !known && !state.has(Bug::CommitWithoutIntent) {
        return Err(IndexError::Constraint(Constraint::IntentGone));
    }
    if state.tables.revisions.contains_key(&file.store_path) {
        return Err(IndexError::Constraint(Constraint::StorePath));
    }
    state.tables.intents.remove(&file.intent);
    state.tables.revisions.insert(file.store_path.clone(), Revision { size: file.size, sha256: file.sha256.clone() });
    Ok(())
}

fn close(document: &mut DocumentRow) {
    for step in &mut document.steps {
        if matches!(step.status, StepStatus::Waiting | StepStatus::Open) {
            step.status = StepStatus::Closed;
        }
    }
}

fn route(steps: &[NewStep], at: i64) -> Vec<StepRow> {
    let row = |(position, step): (u32, &NewStep)| StepRow {
        position,
        key: step.key.clone(),
        name: step.name.clone(),
        role: step.role.clone(),
        decide: step.decide,
        design: step.design,
        status: if position == 1 { StepStatus::Open } else { StepStatus::Waiting },
        opened_at: (position == 1).then_some(at),
        fields: step.fields.clone(),
        decisions: Vec::new(),
    };
    (1..).zip(steps).map(row).collect()
}
