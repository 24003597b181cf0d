//! Table `login_tries`: how often a name or an address tried to sign in lately, counted across replicas.

use sqlx::AnyConnection;

use super::Index;
use super::error::IndexError;
use super::sql::{Columns, sql};
use super::trail::{self, Entry};

impl Index {
    /// Counts one try for each key and says whether all stay within their limits. A key's count begins anew when its window
    /// of `window` milliseconds is over. Counting and asking are one act, so tries at the same moment cannot slip through. The address comes
    /// first: one that is over its limit counts against no name any more.
    pub async fn admit_login(&self, keys: &[(String, u32)], now: i64, window: i64) -> Result<bool, IndexError> {
        let mut keys = keys.to_vec();
        // Always in the same order, so that two sign-ins never wait for each other's rows.
        keys.sort();
        self.main()
            .write(move |connection| {
                let keys = keys.clone();
                Box::pin(async move {
                    let (mut admitted, mut refused) = (true, Vec::new());
                    for (key, limit) in keys {
                        let row = sql("INSERT INTO login_tries (who, started_at, tries) VALUES ($1, $2, 1) ON CONFLICT (who) DO UPDATE SET \
                               tries = CASE WHEN login_tries.started_at <= $3 THEN 1 ELSE login_tries.tries + 1 END, \
                               started_at = CASE WHEN login_tries.started_at <= $3 THEN $2 ELSE login_tries.started_at END \
                             RETURNING tries")
                        .bind(&key)
                        .bind(now)
                        .bind(now - window)
                        .row(connection)
                        .await?
                        .ok_or_else(|| IndexError::Defect("an upsert returned nothing".to_owned()))?;
                        let tries = row.count("tries")?;
                        if tries <= u64::from(limit) {
                            continue;
                        }
                        admitted = false;
                        // Only the first beyond the limit is told, and only of names that exist: whoever goes on trying cannot fill the trail.
                        if tries == u64::from(limit) + 1 && is_known(connection, &key).await? {
                            refused.push(Entry::new(now, "sign-in-refused", &key).fact("limit", limit));
                        }
                        break;
                    }
                    trail::append(connection, refused).await?;
                    Ok(admitted)
                })
            })
            .await
    }

    /// Forgets the tries of these keys, after a sign-in that was right.
    pub async fn forgive_login(&self, keys: &[String]) -> Result<(), IndexError> {
        let mut keys = keys.to_vec();
        keys.sort();
        self.main()
            .write(move |connection| {
                let keys = keys.clone();
                Box::pin(async move {
                    for key in keys {
                        sql("DELETE FROM login_tries WHERE who = $1").bind(key).execute(connection).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}

/// Whether a key is an address, or the name of an account.
async fn is_known(connection: &mut AnyConnection, key: &str) -> Result<bool, IndexError> {
    let Some(login) = key.strip_prefix("login ") else { return Ok(true) };
    Ok(sql("SELECT 1 AS one FROM accounts WHERE login = $1").bind(login).row(connection).await?.is_some())
}
