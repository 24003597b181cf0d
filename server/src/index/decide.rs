//! The decision on a step: signature or rejection, the step, the status, the delivery and the history, in one transaction.

use app::model::{DecisionKind, Level, Number, Status};
use sqlx::AnyConnection;

use super::batch::Batch;
use super::create::{self, NewFile};
use super::error::IndexError;
use super::events::{self, EventRow};
use super::live::Wake;
use super::records::{self, NewRecord};
use super::rows::Outcome;
use super::sql::{sql, word};
use super::write::apart;
use super::{Index, deliveries, documents, listings, raise, revisions, rules, steps};
use crate::crash::{self, Point};

/// A decision to make real, about the document as its approver saw it.
#[derive(Clone, Debug)]
pub struct NewDecision {
    /// The document.
    pub number: Number,
    /// The edition that was seen.
    pub edition: u32,
    /// The revision that was seen.
    pub revision: u32,
    /// Position of the step.
    pub position: u32,
    /// Account id of the approver.
    pub account: String,
    /// The approver's name.
    pub by: String,
    /// When.
    pub at: i64,
    /// What was decided.
    pub act: Act,
}

/// What an approver decided.
#[derive(Clone, Debug)]
pub enum Act {
    /// Signed: the next revision is stored.
    Sign {
        /// Serial number of the certificate, lower-case hexadecimal.
        serial: String,
        /// The next revision.
        file: NewFile,
        /// The lowest level of its signatures.
        level: Level,
        /// Whether a higher level could be had later.
        more: bool,
    },
    /// Rejected.
    Reject {
        /// Why.
        reason: String,
        /// The record that tells of it.
        record: Option<NewRecord>,
    },
}

impl Index {
    /// Makes a decision real if the step is still open and edition and revision are still what was seen. Of any number of
    /// racing decisions on a step that asks any one, exactly one is `Done`.
    pub async fn decide(&self, new: NewDecision) -> Result<Outcome, IndexError> {
        let Some(database) = self.home(&new.number.type_code()).await? else { return Ok(Outcome::Missing) };
        let (database, wakes) = (database.clone(), self.0.live.sender());
        apart(async move {
            let outcome = database
                .write(move |connection| {
                    let new = new.clone();
                    Box::pin(async move { decide(connection, new).await })
                })
                .await?;
            if let Outcome::Done(document) = &outcome
                && document.status != Status::Pending
            {
                crash::before(Point::DecideWake);
                wakes.send(Wake::Account(document.creator.clone())).ok();
                crash::after(Point::DecideWake);
            }
            Ok(outcome)
        })
        .await
    }
}

async fn decide(connection: &mut AnyConnection, new: NewDecision) -> Result<Outcome, IndexError> {
    // 1. Lock the document; what is read from here on stays true.
    let Some(document) = crash::step(Point::DecideLock, documents::lock(connection, &new.number)).await? else { return Ok(Outcome::Missing) };
    let decided = match rules::decided(&document, &new) {
        Ok(decided) => decided,
        Err(refusal) => return Ok(refusal),
    };
    let (kind, revision) = (decided.kind, decided.revision);
    let mut batch = Batch::default();
    // 2. The next revision, for a signature.
    let (sha256, serial, reason, level) = match &new.act {
        Act::Sign { serial, file, level, .. } => {
            revisions::add(&mut batch, &new.number, new.edition, revision, file, new.at);
            advance(&mut batch, &new, revision, file, *level);
            batch.at(Point::DecideDocument);
            (file.sha256.clone(), Some(serial.clone()), None, Some(*level))
        }
        Act::Reject { reason, .. } => (document.sha256.clone(), None, Some(reason.clone()), None),
    };
    // 3. The decision itself.
    let decision = sql("INSERT INTO decisions (number, edition, position, account, decided_by, decision, decided_at, ordinal, revision, serial, reason) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
    .bind(new.number.as_str())
    .bind(new.edition)
    .bind(new.position)
    .bind(&new.account)
    .bind(&new.by)
    .bind(word(kind))
    .bind(new.at)
    .bind(decided.ordinal)
    .bind(revision)
    .bind(serial)
    .bind(reason.clone());
    batch.add(decision);
    batch.at(Point::DecideRow);
    let mut event = EventRow {
        at: new.at,
        kind: word(kind),
        account: new.account.clone(),
        by: new.by.clone(),
        step: document.steps.iter().find(|step| step.position == new.position).map(|step| step.key.clone()),
        reason: reason.clone(),
        edition: new.edition,
        revision,
        sha256: Some(sha256),
        level,
    };
    let mut events = vec![event.clone()];
    let mut delivery = None;
    batch.add(sql("DELETE FROM offers WHERE number = $1").bind(new.number.as_str()));
    batch.at(Point::DecideOffers);
    // 4. The step and what follows: the next step, or the end and the way back.
    if let Some(status) = decided.finishes {
        steps::finish(&mut batch, &new.number, new.edition, new.position, status);
        batch.at(Point::DecideStep);
    }
    if let Some(next) = decided.opens {
        steps::open(&mut batch, &new.number, new.edition, next, new.at);
        batch.at(Point::DecideNext);
    }
    if kind == DecisionKind::Rejected {
        steps::close(&mut batch, &new.number, new.edition);
    }
    if let Some(status) = decided.ends {
        end(&mut batch, &new.number, status);
        batch.at(Point::DecideEnd);
        if matches!(new.act, Act::Sign { more: true, .. }) {
            raise::plan(&mut batch, &new.number, new.at);
            batch.at(Point::DecidePlan);
        }
        std::mem::take(&mut batch).run(connection).await?;
        delivery = Some(deliveries::deliver(connection, &document, &new, kind, revision, reason).await?);
        "returned".clone_into(&mut event.kind);
        (event.step, event.level) = (None, None);
        events.push(event);
    }
    listings::refresh(&mut batch, &new.number);
    if let Act::Reject { record: Some(record), .. } = &new.act {
        records::add(&mut batch, record, new.at);
    }
    let asked = documents::Asked::of(&mut batch, &new.number);
    // 5. The history and the trail, last of all.
    let told = events::record(connection, batch, &new.number, events, |place, entry| match (&new.act, place) {
        (Act::Sign { serial, file, .. }, 0) => create::stored(entry, file).fact("serial", serial),
        (Act::Reject { record, .. }, 0) => entry.record(record.as_ref()),
        _ => entry.fact("delivery", delivery),
    });
    let told = crash::step(Point::DecideEvent, told);
    let mut answers = if delivery.is_some() { crash::step(Point::DeliverReturned, told).await? } else { told.await? };
    Ok(Outcome::Done(Box::new(asked.there(&mut answers)?)))
}

fn advance(batch: &mut Batch, new: &NewDecision, revision: u32, file: &NewFile, level: Level) {
    let advanced = sql("UPDATE documents SET revision = $1, sha256 = $2, size = $3, store_path = $4, level = $5 \
         WHERE number = $6 AND status = 'pending' AND edition = $7 AND revision = $8")
    .bind(revision)
    .bind(file.sha256.as_str())
    .bind(file.size)
    .bind(&file.store_path)
    .bind(level.as_str())
    .bind(new.number.as_str())
    .bind(new.edition)
    .bind(new.revision);
    batch.one(advanced, IndexError::Busy);
}

fn end(batch: &mut Batch, number: &Number, status: Status) {
    let ended = sql("UPDATE documents SET status = $1 WHERE number = $2 AND status = 'pending'").bind(word(status)).bind(number.as_str());
    batch.one(ended, IndexError::Busy);
}
