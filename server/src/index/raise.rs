//! Raising the level of signed documents: which wait for it, who has one in hand, and the commit of a raised revision.
//!
//! `documents.raise_at` is the plan and the lease in one: the moment from which anyone may try. Whoever takes a document moves it
//! ahead by a conditional update, so of several replicas one has it; a crash leaves it due again when the lease is over.

use std::collections::BTreeSet;

use app::model::{Level, Number};
use sqlx::AnyConnection;

use super::batch::Batch;
use super::connect::Database;
use super::create::{self, NewFile};
use super::error::IndexError;
use super::events::{self, EventRow};
use super::rows::{DocumentRow, Outcome};
use super::sql::{Columns, sql};
use super::{Index, documents, revisions, rules};
use crate::crash::{self, Point};
use crate::store::MAIN;

/// A raised revision to make real, about the document as it was read.
#[derive(Clone, Debug)]
pub struct Raise {
    /// The document.
    pub number: Number,
    /// The edition that was raised.
    pub edition: u32,
    /// The revision that was raised.
    pub revision: u32,
    /// The next revision: the same with more evidence.
    pub file: NewFile,
    /// The lowest level of its signatures.
    pub level: Level,
    /// When.
    pub at: i64,
}

impl Index {
    /// Signed documents whose level may be raised now, longest due first; none whose file is on one of the volumes that are `away`.
    pub async fn due_raises(&self, now: i64, away: &BTreeSet<String>, limit: u32) -> Result<Vec<Number>, IndexError> {
        let (mut due, mut failed) = (Vec::new(), None);
        for database in &self.0.databases {
            match due_in(database, now, away, limit).await {
                Ok(mut rows) => due.append(&mut rows),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        due.sort();
        due.truncate(limit as usize);
        let due: Vec<Number> = due.into_iter().map(|(_, number)| number).collect();
        // One that is away keeps the others from nothing.
        failed.filter(|_| due.is_empty()).map_or(Ok(due), Err)
    }

    /// Takes a due document in hand until `until`; none where someone else has it, or there is nothing to do any more.
    pub async fn take_raise(&self, number: &Number, now: i64, until: i64) -> Result<Option<DocumentRow>, IndexError> {
        let Some(database) = self.home(&number.type_code()).await? else { return Ok(None) };
        let number = number.clone();
        database
            .write(move |connection| {
                let number = number.clone();
                Box::pin(async move {
                    let taken = sql("UPDATE documents SET raise_at = $1 WHERE number = $2 AND status = 'signed' AND raise_at IS NOT NULL AND raise_at <= $3")
                        .bind(until)
                        .bind(number.as_str())
                        .bind(now)
                        .execute(connection)
                        .await?;
                    if taken == 1 { documents::read(connection, &number).await } else { Ok(None) }
                })
            })
            .await
    }

    /// Tries again at `at`, or never where none is given: what is there is all that can be had.
    pub async fn plan_raise(&self, number: &Number, revision: u32, at: Option<i64>) -> Result<(), IndexError> {
        let Some(database) = self.home(&number.type_code()).await? else { return Ok(()) };
        let number = number.clone();
        database
            .write(move |connection| {
                let statement = sql("UPDATE documents SET raise_at = $1 WHERE number = $2 AND status = 'signed' AND revision = $3")
                    .bind(at)
                    .bind(number.as_str())
                    .bind(revision);
                Box::pin(async move { statement.execute(connection).await.map(drop) })
            })
            .await
    }

    /// Makes a raised revision real if the revision that was raised is still the newest. The delivery goes on to it.
    pub async fn raise(&self, new: Raise) -> Result<Outcome, IndexError> {
        let Some(database) = self.home(&new.number.type_code()).await? else { return Ok(Outcome::Missing) };
        database
            .write(move |connection| {
                let new = new.clone();
                Box::pin(async move { raise(connection, new).await })
            })
            .await
    }
}

/// A signed document's level may be raised from `at` on.
pub(super) fn plan(batch: &mut Batch, number: &Number, at: i64) {
    batch.add(sql("UPDATE documents SET raise_at = $1 WHERE number = $2").bind(at).bind(number.as_str()));
}

async fn raise(connection: &mut AnyConnection, new: Raise) -> Result<Outcome, IndexError> {
    let Some(document) = crash::step(Point::RaiseLock, documents::lock(connection, &new.number)).await? else { return Ok(Outcome::Missing) };
    let revision = match rules::raised(&document, &new) {
        Ok(revision) => revision,
        Err(refusal) => return Ok(refusal),
    };
    let file = &new.file;
    let mut batch = Batch::default();
    revisions::add(&mut batch, &new.number, new.edition, revision, file, new.at);
    let raised = sql("UPDATE documents SET revision = $1, sha256 = $2, size = $3, store_path = $4, level = $5, raise_at = NULL \
         WHERE number = $6 AND status = 'signed' AND edition = $7 AND revision = $8")
    .bind(revision)
    .bind(file.sha256.as_str())
    .bind(file.size)
    .bind(&file.store_path)
    .bind(new.level.as_str())
    .bind(new.number.as_str())
    .bind(new.edition)
    .bind(new.revision);
    batch.one(raised, IndexError::Busy);
    batch.at(Point::RaiseDocument);
    // What was returned is the document, not one of its files: its delivery names the newest.
    let delivery = sql("UPDATE deliveries SET revision = $1 WHERE number = $2 AND edition = $3 AND decision = 'signed'")
        .bind(revision)
        .bind(new.number.as_str())
        .bind(new.edition);
    batch.add(delivery);
    batch.at(Point::RaiseDelivery);
    let asked = documents::Asked::of(&mut batch, &new.number);
    let event = EventRow {
        at: new.at,
        kind: "raised".to_owned(),
        account: String::new(),
        by: "Signet".to_owned(),
        step: None,
        reason: None,
        edition: new.edition,
        revision,
        sha256: Some(file.sha256.clone()),
        level: Some(new.level),
    };
    let told = events::record(connection, batch, &new.number, vec![event], |_, entry| create::stored(entry, file));
    Ok(Outcome::Done(Box::new(asked.there(&mut crash::step(Point::RaiseEvent, told).await?)?)))
}

async fn due_in(database: &Database, now: i64, away: &BTreeSet<String>, limit: u32) -> Result<Vec<(i64, Number)>, IndexError> {
    let mut due = sql("SELECT number, raise_at FROM documents WHERE raise_at IS NOT NULL AND status = 'signed' AND raise_at <= ");
    let now = due.place(now);
    due.push(&now);
    for volume in away {
        // A path on the main volume names none.
        let (verb, pattern) = if volume == MAIN { ("LIKE", "%:%".to_owned()) } else { ("NOT LIKE", format!("{volume}:%")) };
        let pattern = due.place(pattern);
        due.push(&format!(" AND store_path {verb} {pattern}"));
    }
    let limit = due.place(limit);
    due.push(&format!(" ORDER BY raise_at, number{} LIMIT {limit}", database.kind.by_bytes()));
    let rows = due.rows(&mut *database.connection().await?).await?;
    rows.iter().map(|row| Ok((row.int("raise_at")?, row.parsed("number")?))).collect()
}
