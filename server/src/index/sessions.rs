//! Table `sessions`: who is signed in. Only the hash of a session's secret is kept.

use super::Index;
use super::accounts::{self, AccountRow};
use super::changes;
use super::error::IndexError;
use super::sql::{Columns, sql};
use super::write::note;

/// Looking at a session moves its last sight forward at most this often.
const SIGHT: i64 = 60_000;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// SHA-256 of the secret, hexadecimal.
    pub secret_hash: String,
    /// Account id.
    pub account: String,
    /// When it began.
    pub created_at: i64,
    /// When it was last used, to the minute.
    pub seen_at: i64,
    /// When it ends at the latest.
    pub expires_at: i64,
}

/// A session to begin.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// SHA-256 of the secret, hexadecimal.
    pub secret_hash: String,
    /// Account id.
    pub account: String,
    /// Now.
    pub at: i64,
    /// When it ends at the latest.
    pub expires_at: i64,
}

const ALIVE: &str = "SELECT s.* FROM sessions s JOIN accounts a ON a.id = s.account \
                     WHERE s.secret_hash = $1 AND s.expires_at > $2 AND s.seen_at > $3 AND a.active = 1";

impl Index {
    /// Begins a session.
    pub async fn insert_session(&self, new: NewSession) -> Result<(), IndexError> {
        self.main()
            .write(move |connection| {
                let new = new.clone();
                Box::pin(async move {
                    sql("INSERT INTO sessions (secret_hash, account, created_at, seen_at, expires_at) VALUES ($1, $2, $3, $3, $4)")
                        .bind(new.secret_hash)
                        .bind(new.account)
                        .bind(new.at)
                        .bind(new.expires_at)
                        .execute(connection)
                        .await
                        .map(drop)
                })
            })
            .await
    }

    /// The session with this secret and its account, unless it ended, idled longer than `idle` milliseconds, or the account
    /// may not sign in any more. Counts as a use.
    pub async fn session(&self, secret_hash: &str, now: i64, idle: i64) -> Result<Option<(SessionRow, AccountRow)>, IndexError> {
        let (session, account) = {
            let connection = &mut *self.main().connection().await?;
            let Some(row) = sql(ALIVE).bind(secret_hash).bind(now).bind(now - idle).row(connection).await? else { return Ok(None) };
            let session = SessionRow {
                secret_hash: row.text("secret_hash")?,
                account: row.text("account")?,
                created_at: row.int("created_at")?,
                seen_at: row.int("seen_at")?,
                expires_at: row.int("expires_at")?,
            };
            let Some(account) = accounts::one(connection, "id", &session.account).await? else { return Ok(None) };
            (session, account)
        };
        if now - session.seen_at >= SIGHT {
            let hash = session.secret_hash.clone();
            let noted = self.main().write(move |connection| {
                let hash = hash.clone();
                Box::pin(async move {
                    sql("UPDATE sessions SET seen_at = $1 WHERE secret_hash = $2 AND seen_at < $1").bind(now).bind(hash).execute(connection).await
                })
            });
            note(noted).await;
        }
        Ok(Some((session, account)))
    }

    /// Whether the session still lives. Does not count as a use, so a waiting stream does not keep it alive.
    pub async fn session_alive(&self, secret_hash: &str, now: i64, idle: i64) -> Result<bool, IndexError> {
        let row = sql(ALIVE).bind(secret_hash).bind(now).bind(now - idle).row(&mut *self.main().connection().await?).await?;
        Ok(row.is_some())
    }

    /// Ends a session.
    pub async fn delete_session(&self, secret_hash: &str) -> Result<(), IndexError> {
        self.end_sessions("secret_hash", secret_hash).await
    }

    /// Ends every session of an account.
    pub async fn delete_sessions_of(&self, account: &str) -> Result<(), IndexError> {
        self.end_sessions("account", account).await
    }

    async fn end_sessions(&self, column: &'static str, value: &str) -> Result<(), IndexError> {
        let value = value.to_owned();
        self.main()
            .write(move |connection| {
                let (of, delete) = (
                    sql(format!("SELECT DISTINCT account FROM sessions WHERE {column} = $1")).bind(&value),
                    sql(format!("DELETE FROM sessions WHERE {column} = $1")).bind(&value),
                );
                Box::pin(async move {
                    for row in of.rows(connection).await? {
                        changes::record(connection, &row.text("account")?).await?;
                    }
                    delete.execute(connection).await.map(drop)
                })
            })
            .await
    }
}
