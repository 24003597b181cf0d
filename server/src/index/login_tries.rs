//! Table `login_tries`: how often a name or an address tried to sign in lately, counted across replicas.

use sqlx::AnyConnection;

use super::Index;
use super::error::IndexError;
use super::sql::{Columns, sql};
use super::trail::{self, Entry};

/// Something that tries are counted of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    key: String,
    limit: Option<u32>,
}

const PAIR: &str = "pair ";
const DEVICE: &str = "device ";

impl Counted {
    /// An address, whoever it names.
    pub fn address(address: &str, limit: u32) -> Self {
        Self { key: format!("address {address}"), limit: Some(limit) }
    }

    /// A name, wherever it is named: counted, never refused, or anyone could shut anyone out.
    pub fn login(login: &str) -> Self {
        Self { key: format!("login {login}"), limit: None }
    }

    /// A known device, wherever it is.
    pub fn device(secret_hash: &str, limit: u32) -> Self {
        Self { key: format!("{DEVICE}{secret_hash}"), limit: Some(limit) }
    }

    /// A name from an address.
    pub fn pair(login: &str, address: &str, limit: u32) -> Self {
        Self { key: format!("{PAIR}{login} {address}"), limit: Some(limit) }
    }
}

impl Index {
    /// Counts one try for each key; how often each was tried now, in the keys' order, or none where one is over its limit. A key's count
    /// begins anew when its window of `window` milliseconds is over, or begins in the future: then a clock was ahead. Counting and asking are
    /// one act, so tries at the same moment cannot slip through. One that is over its limit counts against none behind it any more.
    pub async fn admit_login(&self, keys: &[Counted], now: i64, window: i64) -> Result<Option<Vec<u64>>, IndexError> {
        let keys = keys.to_vec();
        // Everyone's keys come in the same order, so that two sign-ins never wait for each other's rows.
        debug_assert!(keys.is_sorted_by(|one, next| one.key < next.key), "{keys:?}");
        self.main()
            .write(move |connection| {
                let keys = keys.clone();
                Box::pin(async move {
                    let (mut counts, mut refused) = (Some(Vec::new()), Vec::new());
                    for Counted { key, limit } in keys {
                        let row = sql("INSERT INTO login_tries (who, started_at, tries) VALUES ($1, $2, 1) ON CONFLICT (who) DO UPDATE SET \
                               tries = CASE WHEN login_tries.started_at <= $3 OR login_tries.started_at > $2 THEN 1 ELSE login_tries.tries + 1 END, \
                               started_at = CASE WHEN login_tries.started_at <= $3 OR login_tries.started_at > $2 THEN $2 ELSE login_tries.started_at END \
                             RETURNING tries")
                        .bind(&key)
                        .bind(now)
                        .bind(now - window)
                        .row(connection)
                        .await?
                        .ok_or_else(|| IndexError::Defect("an upsert returned nothing".to_owned()))?;
                        let tries = row.count("tries")?;
                        let Some(limit) = limit.filter(|limit| tries > u64::from(*limit)) else {
                            if let Some(counts) = &mut counts {
                                counts.push(tries);
                            }
                            continue;
                        };
                        counts = None;
                        // Only the first beyond the limit is told, and only of names that exist: whoever goes on trying cannot fill the trail.
                        if tries == u64::from(limit) + 1 && is_known(connection, &key).await? {
                            refused.push(Entry::new(now, "sign-in-refused", &key).fact("limit", limit));
                        }
                        break;
                    }
                    trail::append(connection, refused).await?;
                    Ok(counts)
                })
            })
            .await
    }

    /// After a sign-in that was right: gives its try back to each key, and forgets all tries of a name from an address and of a device.
    pub async fn forgive_login(&self, keys: &[Counted]) -> Result<(), IndexError> {
        let keys = keys.to_vec();
        self.main()
            .write(move |connection| {
                let keys = keys.clone();
                Box::pin(async move {
                    for Counted { key, .. } in keys {
                        if key.starts_with(PAIR) || key.starts_with(DEVICE) {
                            sql("DELETE FROM login_tries WHERE who = $1").bind(&key).execute(connection).await?;
                            continue;
                        }
                        sql("UPDATE login_tries SET tries = tries - 1 WHERE who = $1").bind(&key).execute(connection).await?;
                        sql("DELETE FROM login_tries WHERE who = $1 AND tries < 1").bind(&key).execute(connection).await?;
                    }
                    Ok(())
                })
            })
            .await
    }
}

/// Whether a key is an address or a known device, or holds the name of an account.
async fn is_known(connection: &mut AnyConnection, key: &str) -> Result<bool, IndexError> {
    let Some(login) = key.strip_prefix(PAIR).and_then(|pair| pair.rsplit_once(' ')).map(|(login, _)| login) else { return Ok(true) };
    Ok(sql("SELECT 1 AS one FROM accounts WHERE login = $1").bind(login).row(connection).await?.is_some())
}
