//! Tables `intents` and `counters`: what is about to become true, and the next number.
//!
//! An intent is written before its file is stored and ends in the transaction that makes the file real. One whose lease is over
//! is given up first, and only then is its file removed: from that moment no commit can name the file.

use app::model::{Sha256, TypeCode};
use sqlx::AnyConnection;

use super::Index;
use super::batch::Batch;
use super::create::NewFile;
use super::error::{Constraint, IndexError};
use super::sql::{Columns, sql};
use crate::crash::Point;

/// How long a given-up intent is remembered after its lease, milliseconds.
pub const MEMORY: i64 = 24 * 60 * 60 * 1000;

/// A file about to be stored.
#[derive(Clone, Debug)]
pub struct NewIntent {
    /// Row id, from [`super::new_id`].
    pub id: String,
    /// Where it will be stored.
    pub path: String,
    /// Digest.
    pub sha256: Sha256,
    /// Length in bytes.
    pub size: u64,
    /// Now.
    pub at: i64,
    /// When the commit must have happened.
    pub lease_until: i64,
}

/// An intent that was given up; its file may be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntentRow {
    /// The database it is in.
    pub database: String,
    /// Row id.
    pub id: String,
    /// Where its file would be.
    pub path: String,
    /// Digest.
    pub sha256: Sha256,
    /// Length in bytes.
    pub size: u64,
}

impl Index {
    /// The next value of a counter beside a type's documents, from 1 on. `counter` is the numbering pattern with its time filled
    /// in and its sequence left out, `EXP-2026-`. No value is ever given twice; one may stay unused.
    pub async fn allocate_sequence(&self, code: &TypeCode, counter: &str) -> Result<u64, IndexError> {
        let counter = format!("number {counter}");
        self.home_for_writing(code)
            .await?
            .write(move |connection| {
                let counter = counter.clone();
                Box::pin(async move { next(connection, &counter).await })
            })
            .await
    }

    /// Announces a file of one of the type's documents.
    pub async fn begin_intent(&self, code: &TypeCode, new: NewIntent) -> Result<(), IndexError> {
        let database = self.home_for_writing(code).await?.name.clone();
        self.begin_intent_in(&database, new).await
    }

    /// Announces a file that a row of this database will name.
    pub async fn begin_intent_in(&self, database: &str, new: NewIntent) -> Result<(), IndexError> {
        self.named(database)?
            .write(move |connection| {
                let new = new.clone();
                Box::pin(async move {
                    sql("INSERT INTO intents (id, store_path, sha256, size, created_at, lease_until, given_up) VALUES ($1, $2, $3, $4, $5, $6, 0)")
                        .bind(new.id)
                        .bind(new.path)
                        .bind(new.sha256.as_str())
                        .bind(new.size)
                        .bind(new.at)
                        .bind(new.lease_until)
                        .execute(connection)
                        .await
                        .map(drop)
                })
            })
            .await
    }

    /// Gives an intent up at once; the sweep removes its file. Also one that a sweep forgot meanwhile, while its act stood still: the file
    /// may have been stored after that.
    pub async fn abandon_intent(&self, code: &TypeCode, file: &NewFile, at: i64) -> Result<(), IndexError> {
        let database = self.home_for_writing(code).await?.name.clone();
        self.abandon_intent_in(&database, file, at).await
    }

    /// The same, of a file that a row of this database was to name.
    pub async fn abandon_intent_in(&self, database: &str, file: &NewFile, at: i64) -> Result<(), IndexError> {
        let file = file.clone();
        self.named(database)?
            .write(move |connection| {
                let statement =
                    sql("INSERT INTO intents (id, store_path, sha256, size, created_at, lease_until, given_up) VALUES ($1, $2, $3, $4, $5, $5, 1) \
                     ON CONFLICT (id) DO UPDATE SET given_up = 1")
                    .bind(&file.intent)
                    .bind(&file.store_path)
                    .bind(file.sha256.as_str())
                    .bind(file.size)
                    .bind(at);
                Box::pin(async move { statement.execute(connection).await.map(drop) })
            })
            .await
    }

    /// Gives up every intent whose lease is over and gives those given up: remove each one's file, then [`Self::swept_intent`]. Each is
    /// given a second time a day later: a process that stood still for longer than its lease may have stored its file after the first.
    pub async fn expired_intents(&self, now: i64, limit: u32) -> Result<Vec<IntentRow>, IndexError> {
        let (mut expired, mut failed) = (Vec::new(), None);
        for database in &self.0.databases {
            let name = database.name.to_string();
            let given = database
                .write(move |connection| {
                    let name = name.clone();
                    Box::pin(async move {
                        sql("UPDATE intents SET given_up = 1 WHERE lease_until < $1 AND given_up = 0").bind(now).execute(connection).await?;
                        let rows = sql("SELECT * FROM intents WHERE given_up = 1 OR (given_up = 2 AND lease_until < $1) ORDER BY lease_until LIMIT $2")
                            .bind(now - MEMORY)
                            .bind(limit)
                            .rows(connection)
                            .await?;
                        rows.iter()
                            .map(|row| {
                                Ok(IntentRow {
                                    database: name.clone(),
                                    id: row.text("id")?,
                                    path: row.text("store_path")?,
                                    sha256: row.parsed("sha256")?,
                                    size: row.count("size")?,
                                })
                            })
                            .collect::<Result<Vec<_>, IndexError>>()
                    })
                })
                .await;
            // One that is away keeps the others from nothing.
            match given {
                Ok(mut rows) => expired.append(&mut rows),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        expired.truncate(limit as usize);
        failed.filter(|_| expired.is_empty()).map_or(Ok(expired), Err)
    }

    /// Puts an intent that was given up behind others: its file cannot be removed now.
    pub async fn postpone_intent(&self, database: &str, id: &str, until: i64) -> Result<(), IndexError> {
        let Some(database) = self.database(database) else { return Ok(()) };
        let id = id.to_owned();
        database
            .write(move |connection| {
                let statement = sql("UPDATE intents SET lease_until = $1 WHERE id = $2 AND given_up = 1").bind(until).bind(&id);
                Box::pin(async move { statement.execute(connection).await.map(drop) })
            })
            .await
    }

    /// Whether a row names this path, a document's or a record's.
    pub async fn path_in_use(&self, database: &str, path: &str) -> Result<bool, IndexError> {
        let Some(database) = self.database(database) else { return Ok(true) };
        let question = "SELECT 1 AS one FROM revisions WHERE store_path = $1 UNION ALL SELECT 1 AS one FROM records WHERE store_path = $1";
        Ok(sql(question).bind(path).row(&mut *database.connection().await?).await?.is_some())
    }

    /// Notes that the file of a given-up intent is gone; forgets the intent a day after its lease.
    pub async fn swept_intent(&self, database: &str, id: &str, now: i64) -> Result<(), IndexError> {
        let Some(database) = self.database(database) else { return Ok(()) };
        let id = id.to_owned();
        database
            .write(move |connection| {
                let id = id.clone();
                Box::pin(async move {
                    sql("DELETE FROM intents WHERE id = $1 AND given_up > 0 AND lease_until < $2").bind(&id).bind(now - MEMORY).execute(connection).await?;
                    sql("UPDATE intents SET given_up = 2 WHERE id = $1 AND given_up = 1").bind(&id).execute(connection).await.map(drop)
                })
            })
            .await
    }
}

/// Ends the intent under which a file was stored, in the transaction that makes the file real. One that was given up meanwhile stops the
/// transaction: its file may be gone.
pub(super) fn end(batch: &mut Batch, file: &NewFile) {
    let end = sql("DELETE FROM intents WHERE id = $1 AND store_path = $2 AND given_up = 0").bind(&file.intent).bind(&file.store_path);
    batch.one(end, IndexError::Constraint(Constraint::IntentGone));
    batch.at(Point::FileIntent);
}

/// The next value of a counter. Others wait for this transaction to end.
pub(super) async fn next(connection: &mut AnyConnection, counter: &str) -> Result<u64, IndexError> {
    let row = sql("INSERT INTO counters (name, value) VALUES ($1, 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value")
        .bind(counter)
        .row(connection)
        .await?;
    row.ok_or_else(|| IndexError::Defect("an upsert returned nothing".to_owned()))?.count("value")
}
