//! Table `answers`: what a request with an idempotency key was answered, so that the same request is answered the same.

use super::Index;
use super::error::IndexError;
use super::sql::{Columns, sql};

/// An answer as it went out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// The `Location` header; empty when there was none.
    pub location: String,
    /// The body, JSON.
    pub body: String,
}

/// Whether a key may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It is the caller's now: answer, then [`Index::keep_answer`] or [`Index::release_key`].
    Ours,
    /// The same, taken over from a server that went away: what it was to do may be done, since the request first came at this time.
    Again(i64),
    /// The same request was answered.
    Before(Answered),
    /// The same request is under way elsewhere.
    UnderWay,
    /// Another request used it.
    Another,
}

impl Index {
    /// Takes a key for one request. A claim that nobody answered for `patience` milliseconds is taken over: its server is gone.
    pub async fn claim_key(&self, account: &str, key: &str, body_sha256: &str, now: i64, patience: i64) -> Result<Claim, IndexError> {
        let (account, key, digest) = (account.to_owned(), key.to_owned(), body_sha256.to_owned());
        self.main()
            .write(move |connection| {
                let (account, key, digest) = (account.clone(), key.clone(), digest.clone());
                Box::pin(async move {
                    let taken = sql("INSERT INTO answers (account, request_key, body_sha256, status, location, body, at) VALUES ($1, $2, $3, 0, '', $6, $4) \
                           ON CONFLICT (account, request_key) DO UPDATE SET at = $4, location = 'again' \
                           WHERE answers.status = 0 AND answers.at <= $5 AND answers.body_sha256 = $3 RETURNING location, body")
                    .bind(&account)
                    .bind(&key)
                    .bind(&digest)
                    .bind(now)
                    .bind(now - patience)
                    // Until there is an answer: when the request first came.
                    .bind(now.to_string())
                    .row(connection)
                    .await?;
                    if let Some(row) = taken {
                        return Ok(if row.text("location")?.is_empty() { Claim::Ours } else { Claim::Again(row.text("body")?.parse().unwrap_or(now)) });
                    }
                    let Some(row) = sql("SELECT * FROM answers WHERE account = $1 AND request_key = $2").bind(account).bind(key).row(connection).await? else {
                        return Ok(Claim::UnderWay);
                    };
                    Ok(match row.int("status")? {
                        _ if row.text("body_sha256")? != digest => Claim::Another,
                        0 => Claim::UnderWay,
                        status => Claim::Before(Answered { status: status as u16, location: row.text("location")?, body: row.text("body")? }),
                    })
                })
            })
            .await
    }

    /// Whether a key was used, or is being used, for anything but a creation or a correction: those keep theirs beside their documents.
    pub async fn is_key_claimed(&self, account: &str, key: &str) -> Result<bool, IndexError> {
        let question = sql("SELECT 1 AS one FROM answers WHERE account = $1 AND request_key = $2").bind(account).bind(key);
        Ok(question.row(&mut *self.main().connection().await?).await?.is_some())
    }

    /// Keeps the answer for those who ask the same again.
    pub async fn keep_answer(&self, account: &str, key: &str, answer: Answered) -> Result<(), IndexError> {
        let (account, key) = (account.to_owned(), key.to_owned());
        self.main()
            .write(move |connection| {
                let (account, key, answer) = (account.clone(), key.clone(), answer.clone());
                Box::pin(async move {
                    sql("UPDATE answers SET status = $1, location = $2, body = $3 WHERE account = $4 AND request_key = $5")
                        .bind(i64::from(answer.status))
                        .bind(answer.location)
                        .bind(answer.body)
                        .bind(account)
                        .bind(key)
                        .execute(connection)
                        .await
                        .map(drop)
                })
            })
            .await
    }

    /// Marks that nobody knows what a key made: the same request asks that first, at once and not only after `patience` milliseconds. The key
    /// stays as long as any other: [`Index::prune`] goes by the same time.
    pub async fn doubt_key(&self, account: &str, key: &str, patience: i64) -> Result<(), IndexError> {
        let (account, key) = (account.to_owned(), key.to_owned());
        self.main()
            .write(move |connection| {
                let statement = sql("UPDATE answers SET at = at - $3, location = 'again' WHERE account = $1 AND request_key = $2 AND status = 0")
                    .bind(&account)
                    .bind(&key)
                    .bind(patience);
                Box::pin(async move { statement.execute(connection).await.map(drop) })
            })
            .await
    }

    /// Gives a key back: nothing was made with it.
    pub async fn release_key(&self, account: &str, key: &str) -> Result<(), IndexError> {
        let (account, key) = (account.to_owned(), key.to_owned());
        self.main()
            .write(move |connection| {
                let (account, key) = (account.clone(), key.clone());
                Box::pin(async move {
                    sql("DELETE FROM answers WHERE account = $1 AND request_key = $2 AND status = 0")
                        .bind(account)
                        .bind(key)
                        .execute(connection)
                        .await
                        .map(drop)
                })
            })
            .await
    }
}
