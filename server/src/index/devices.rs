//! Table `devices`: browsers in which an account has signed in before. Only the hash of a device's secret is kept.

use sqlx::AnyConnection;

use super::Index;
use super::error::IndexError;
use super::sql::sql;

/// So many of an account are known at a time; the one that was longest away is forgotten first.
const MOST: u64 = 20;

impl Index {
    /// Whether this account has signed in by the device with this secret after `since`.
    pub async fn knows_device(&self, secret_hash: &str, account: &str, since: i64) -> Result<bool, IndexError> {
        let statement = sql("SELECT 1 AS one FROM devices WHERE secret_hash = $1 AND account = $2 AND seen_at > $3");
        let row = statement.bind(secret_hash).bind(account).bind(since).row(&mut *self.main().connection().await?).await?;
        Ok(row.is_some())
    }

    /// Keeps a device by which an account has signed in now.
    pub async fn keep_device(&self, secret_hash: String, account: String, now: i64) -> Result<(), IndexError> {
        self.main()
            .write(move |connection| {
                let (secret_hash, account) = (secret_hash.clone(), account.clone());
                Box::pin(async move {
                    sql("INSERT INTO devices (secret_hash, account, seen_at) VALUES ($1, $2, $3) \
                         ON CONFLICT (secret_hash) DO UPDATE SET account = excluded.account, seen_at = excluded.seen_at")
                    .bind(secret_hash)
                    .bind(&account)
                    .bind(now)
                    .execute(connection)
                    .await?;
                    sql("DELETE FROM devices WHERE account = $1 AND secret_hash NOT IN \
                         (SELECT secret_hash FROM devices WHERE account = $1 ORDER BY seen_at DESC, secret_hash LIMIT $2)")
                    .bind(&account)
                    .bind(MOST)
                    .execute(connection)
                    .await
                    .map(drop)
                })
            })
            .await
    }
}

/// Forgets all devices of an account.
pub(super) async fn forget(connection: &mut AnyConnection, account: &str) -> Result<(), IndexError> {
    sql("DELETE FROM devices WHERE account = $1").bind(account).execute(connection).await.map(drop)
}
