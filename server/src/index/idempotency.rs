//! Table `idempotency`: which request made which document, so that the same request is answered the same.

use app::model::Number;
use sqlx::AnyConnection;

use super::Index;
use super::batch::Batch;
use super::error::{Constraint, IndexError};
use super::sql::{Columns, sql};
use crate::crash::Point;

/// A key used before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyRow {
    /// Digest of the request's body, hexadecimal.
    pub body_sha256: String,
    /// The document it made.
    pub number: Number,
    /// What was answered, in the words of who wrote it.
    pub answer: String,
    /// When.
    pub at: i64,
}

/// A key to be used up by the very transaction that makes the document.
#[derive(Clone, Debug)]
pub struct NewIdempotency {
    /// Account id; keys of different accounts never meet.
    pub account: String,
    /// The key.
    pub key: String,
    /// Digest of the request's body, hexadecimal.
    pub body_sha256: String,
    /// What will be answered again.
    pub answer: String,
}

impl Index {
    /// What an account made with a key, in whichever database.
    pub async fn idempotent(&self, account: &str, key: &str) -> Result<Option<IdempotencyRow>, IndexError> {
        for database in &self.0.databases {
            let row = sql("SELECT * FROM idempotency WHERE account = $1 AND request_key = $2")
                .bind(account)
                .bind(key)
                .row(&mut *database.connection().await?)
                .await?;
            if let Some(row) = row {
                return Ok(Some(IdempotencyRow {
                    body_sha256: row.text("body_sha256")?,
                    number: row.parsed("number")?,
                    answer: row.text("answer")?,
                    at: row.int("at")?,
                }));
            }
        }
        Ok(None)
    }
}

/// Refuses a key that was used.
pub(super) async fn must_be_new(connection: &mut AnyConnection, new: Option<&NewIdempotency>) -> Result<(), IndexError> {
    let Some(new) = new else { return Ok(()) };
    let used = sql("SELECT 1 AS one FROM idempotency WHERE account = $1 AND request_key = $2").bind(&new.account).bind(&new.key).row(connection).await?;
    if used.is_none() { Ok(()) } else { Err(IndexError::Constraint(Constraint::IdempotencyKey)) }
}

/// Uses a key up. First in its transaction: a racing twin then stops at the key, not at the matter.
pub(super) fn insert(batch: &mut Batch, point: Point, new: Option<NewIdempotency>, number: &Number, at: i64) {
    let Some(new) = new else { return };
    batch.add(
        sql("INSERT INTO idempotency (account, request_key, body_sha256, number, answer, at) VALUES ($1, $2, $3, $4, $5, $6)")
            .bind(new.account)
            .bind(new.key)
            .bind(new.body_sha256)
            .bind(number.as_str())
            .bind(new.answer)
            .bind(at),
    );
    batch.at(point);
}
