//! Transactions that no vanished caller can leave open: each runs in a task of its own, which the caller only awaits.

use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use sqlx::AnyConnection;

use super::connect::{Database, Kind};
use super::error::IndexError;

/// How often a transaction is tried again that lost against others.
const TRIES: u32 = 8;

/// How long a transaction waits for its turn, and goes on trying, before it is refused as busy.
const PATIENCE: Duration = Duration::from_secs(10);

impl Database {
    /// Does `work` in one transaction and commits it; any error undoes all of it. Work that lost against others is done again
    /// from its start, so it must not do anything but talk to the database.
    pub async fn write<T, F>(&self, work: F) -> Result<T, IndexError>
    where
        T: Send + 'static,
        F: for<'c> Fn(&'c mut AnyConnection) -> BoxFuture<'c, Result<T, IndexError>> + Send + Sync + 'static,
    {
        let database = self.clone();
        apart(async move {
            let turn = tokio::time::timeout(PATIENCE, database.writer.acquire()).await.map_err(|_| IndexError::Busy)?;
            let _turn = turn.map_err(|_| IndexError::Unavailable("the index is closed".to_owned()))?;
            let begin = match database.kind {
                // Takes the write lock now: a transaction that reads first and writes later could only fail.
                Kind::Sqlite => "BEGIN IMMEDIATE",
                Kind::Postgres => "BEGIN",
            };
            let (begun, mut tries) = (Instant::now(), 0);
            loop {
                match transaction(&database, begin, &work).await {
                    Err(IndexError::Busy) if tries < TRIES && begun.elapsed() < PATIENCE => {
                        tokio::time::sleep(Duration::from_millis(5 << tries)).await;
                        tries += 1;
                    }
                    done => return done,
                }
            }
        })
        .await
    }

    /// Reads with several statements that all see the same moment.
    pub async fn snapshot<T, F>(&self, work: F) -> Result<T, IndexError>
    where
        T: Send + 'static,
        F: for<'c> Fn(&'c mut AnyConnection) -> BoxFuture<'c, Result<T, IndexError>> + Send + Sync + 'static,
    {
        let database = self.clone();
        apart(async move {
            let begin = match database.kind {
                Kind::Sqlite => "BEGIN",
                Kind::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            };
            transaction(&database, begin, &work).await
        })
        .await
    }
}

async fn transaction<T, F>(database: &Database, begin: &'static str, work: &F) -> Result<T, IndexError>
where
    F: for<'c> Fn(&'c mut AnyConnection) -> BoxFuture<'c, Result<T, IndexError>>,
{
    let mut transaction = database.pool.begin_with(begin).await?;
    match work(&mut transaction).await {
        Ok(value) => {
            transaction.commit().await?;
            Ok(value)
        }
        Err(error) => {
            transaction.rollback().await.ok();
            Err(error)
        }
    }
}

/// Runs to its end even when the caller goes away.
pub(super) async fn apart<T: Send + 'static>(work: impl Future<Output = Result<T, IndexError>> + Send + 'static) -> Result<T, IndexError> {
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(error) if error.is_panic() => Err(IndexError::Defect("a transaction panicked; nothing was changed".to_owned())),
        Err(_) => Err(IndexError::Unavailable("the server is stopping".to_owned())),
    }
}
