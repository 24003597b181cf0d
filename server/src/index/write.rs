//! Transactions that no vanished caller can leave open: each runs in a task of its own, which the caller only awaits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use sqlx::{Any, AnyConnection, Transaction};

use super::connect::{Database, Kind};
use super::doubt::{self, Outcome};
use super::error::IndexError;
use super::group;

/// How often a transaction is tried again that lost against others.
const TRIES: u32 = 8;

/// How long a transaction waits for its turn, and goes on trying, before it is refused as busy.
const PATIENCE: Duration = Duration::from_secs(10);

/// So long a transaction that the database broke off is begun again: a server that restarts is back soon, and nothing was changed.
const COMES_BACK: Duration = Duration::from_secs(3);
/// How long a reader waits for a note that he was here.
const MOMENT: Duration = Duration::from_secs(1);

impl Database {
    /// Does `work` in one transaction and commits it; any error undoes all of it. Work that lost against others, or whose connection broke
    /// before its end, is done again from its start, so it must not do anything but talk to the database. `Unknown` is the one error
    /// after which it may have become true.
    pub async fn write<T, F>(&self, work: F) -> Result<T, IndexError>
    where
        T: Send + 'static,
        F: for<'c> Fn(&'c mut AnyConnection) -> BoxFuture<'c, Result<T, IndexError>> + Send + Sync + 'static,
    {
        let (database, work) = (self.clone(), Arc::new(work));
        apart(async move {
            // Waiting for others in line is no try.
            let (mut tries, latest) = (None, Instant::now() + PATIENCE);
            loop {
                let done = match database.kind {
                    Kind::Sqlite => group::write(&database, work.clone(), latest).await,
                    Kind::Postgres => change(&database, &*work).await,
                };
                match done {
                    Err(error) if tries.get_or_insert_with(Tries::begin).again(&error).await => {}
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
            let mut tries = Tries::begin();
            loop {
                match look(&database, begin, &work).await {
                    Err(error) if tries.again(&error).await => {}
                    done => return done,
                }
            }
        })
        .await
    }

    /// How a transaction begins that will write.
    pub fn begin(&self) -> &'static str {
        match self.kind {
            // Takes the write lock now: a transaction that reads first and writes later could only fail.
            Kind::Sqlite => "BEGIN IMMEDIATE",
            Kind::Postgres => "BEGIN",
        }
    }
}

/// How often something was tried, and since when.
struct Tries {
    begun: Instant,
    many: u32,
}

impl Tries {
    fn begin() -> Self {
        Self { begun: Instant::now(), many: 0 }
    }

    /// Whether to try again what lost against others, or what the database broke off a moment ago; after a pause. In both cases nothing was
    /// changed.
    async fn again(&mut self, error: &IndexError) -> bool {
        let patience = match error {
            IndexError::Busy => PATIENCE,
            IndexError::Unavailable(_) => COMES_BACK,
            _ => return false,
        };
        if self.many >= TRIES || self.begun.elapsed() >= patience {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(5 << self.many)).await;
        self.many += 1;
        true
    }
}

async fn change<T, F>(database: &Database, work: &F) -> Result<T, IndexError>
where
    F: for<'c> Fn(&'c mut AnyConnection) -> BoxFuture<'c, Result<T, IndexError>>,
{
    let mut transaction = database.pool.begin_with(database.begin()).await?;
    let done = async {
        let value = work(&mut transaction).await?;
        Ok::<_, IndexError>((value, doubt::mark(&mut transaction).await?))
    };
    let (value, mark) = match done.await {
        Ok(done) => done,
        Err(error) => {
            transaction.rollback().await.ok();
            return Err(error);
        }
    };
    commit(database, transaction, &mark).await.map(|()| value)
}

/// Commits a transaction that left this mark.
pub(super) async fn commit(database: &Database, transaction: Transaction<'_, Any>, mark: &str) -> Result<(), IndexError> {
    let Err(error) = transaction.commit().await.map_err(IndexError::from) else { return Ok(()) };
    if !doubt::leaves_doubt(&error) {
        return Err(error);
    }
    // The answer to COMMIT was lost: look, do not guess.
    match doubt::settle(database, mark).await {
        Outcome::Done => Ok(()),
        Outcome::NotDone => Err(error),
        Outcome::Unknown => Err(IndexError::Unknown(error.to_string())),
    }
}

async fn look<T, F>(database: &Database, begin: &'static str, work: &F) -> Result<T, IndexError>
where
    F: for<'c> Fn(&'c mut AnyConnection) -> BoxFuture<'c, Result<T, IndexError>>,
{
    let mut transaction = database.pool.begin_with(begin).await?;
    let done = work(&mut transaction).await;
    transaction.rollback().await.ok();
    done
}

/// Awaits, for a moment, a write that only notes that something was used: whoever reads goes on where nothing can be written now.
pub(super) async fn note<T>(write: impl Future<Output = Result<T, IndexError>>) {
    match tokio::time::timeout(MOMENT, write).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a use was not noted"),
        Err(_) => tracing::debug!("a use is noted later"),
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
