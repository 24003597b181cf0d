//! Those who write to the same SQLite file at the same moment, in one transaction: the disk is waited for once for all of them.
//!
//! Whoever has the turn does the work of everyone who waits and commits once. Where one of them is refused all are undone and done again, each
//! behind a savepoint of its own. Nobody is answered before the commit: what one was refused for may be what another of the same transaction
//! did.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures::FutureExt;
use futures::future::BoxFuture;
use sqlx::{Any, AnyConnection, Connection, Transaction};
use tokio::sync::{Semaphore, oneshot};

use super::connect::Database;
use super::doubt;
use super::error::IndexError;
use super::write::commit;

/// At most so many share a transaction.
const MANY: usize = 64;
/// Nobody else is taken in after so long: those who came first wait for the commit.
const LONG: Duration = Duration::from_millis(20);

/// So often the others of this process get a turn before a shared transaction is committed.
const MOMENTS: u32 = 8;

/// Who waits to write.
pub(super) struct Queue {
    /// SQLite has one writer.
    turn: Semaphore,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    jobs: VecDeque<(u64, Box<dyn Job>)>,
    next: u64,
}

/// The work of one who waits. It may be done again from its start after it was undone.
trait Job: Send {
    fn run<'c>(&'c mut self, connection: &'c mut AnyConnection) -> BoxFuture<'c, Result<(), IndexError>>;
    /// Tells its owner how it ended.
    fn end(self: Box<Self>, ended: Result<(), IndexError>);
}

struct Work<T, F> {
    work: Arc<F>,
    value: Option<T>,
    answer: oneshot::Sender<Result<T, IndexError>>,
}

impl<T, F> Job for Work<T, F>
where
    T: Send + 'static,
    F: for<'c> Fn(&'c mut AnyConnection) -> BoxFuture<'c, Result<T, IndexError>> + Send + Sync + 'static,
{
    fn run<'c>(&'c mut self, connection: &'c mut AnyConnection) -> BoxFuture<'c, Result<(), IndexError>> {
        async move {
            self.value = Some((self.work)(connection).await?);
            Ok(())
        }
        .boxed()
    }

    fn end(self: Box<Self>, ended: Result<(), IndexError>) {
        let Self { value, answer, .. } = *self;
        let value = ended.and_then(|()| value.ok_or_else(|| IndexError::Defect("work that was done left nothing".to_owned())));
        // Its owner can only be gone together with the whole server.
        answer.send(value).ok();
    }
}

/// Does `work` in a transaction that others may share; `Busy` where its turn did not come before `latest`. Must run to its end: others wait for
/// whoever has the turn.
pub(super) async fn write<T, F>(database: &Database, work: Arc<F>, latest: Instant) -> Result<T, IndexError>
where
    T: Send + 'static,
    F: for<'c> Fn(&'c mut AnyConnection) -> BoxFuture<'c, Result<T, IndexError>> + Send + Sync + 'static,
{
    let (answer, mut answered) = oneshot::channel();
    let queue = &database.queue;
    let place = queue.push(Box::new(Work { work, value: None, answer }));
    let mut patience = std::pin::pin!(tokio::time::sleep_until(latest.into()));
    let mut in_hand = false;
    loop {
        tokio::select! {
            biased;
            answer = &mut answered => return answer.unwrap_or_else(|_| Err(IndexError::Unavailable("the index is closed".to_owned()))),
            turn = queue.turn.acquire() => match turn {
                Ok(_turn) => lead(database).await,
                Err(_) => return Err(IndexError::Unavailable("the index is closed".to_owned())),
            },
            () = &mut patience, if !in_hand => {
                if queue.remove(place) {
                    return Err(IndexError::Busy);
                }
                // It is being done; only its end says how.
                in_hand = true;
            }
        }
    }
}

/// One transaction with those who wait now and those who come while it runs.
async fn lead(database: &Database) {
    let mut group = Vec::new();
    match together(database, &mut group).await {
        // Of several, who fits may go on.
        Shared::Settled(Err(IndexError::Full(_))) if group.len() > 1 => {
            for job in group {
                alone(database, job).await;
            }
        }
        Shared::Settled(committed) => group.into_iter().for_each(|job| job.end(committed.clone())),
        // Nobody knows yet what the refused one may rest on: again, each behind a savepoint.
        Shared::Undone => apart(database, group).await,
    }
}

/// How a first try ended.
enum Shared {
    /// All of it was committed, or refused for the same reason.
    Settled(Result<(), IndexError>),
    /// One of several was refused, and all were undone.
    Undone,
}

/// The first try: nothing between the jobs, for hardly any is refused.
async fn together(database: &Database, group: &mut Vec<Box<dyn Job>>) -> Shared {
    let queue = &database.queue;
    let mut transaction = match database.pool.begin_with(database.begin()).await.map_err(IndexError::from) {
        Ok(transaction) => transaction,
        Err(error) => {
            group.extend(queue.take());
            return Shared::Settled(Err(error));
        }
    };
    let begun = Instant::now();
    while group.len() < MANY && begun.elapsed() < LONG {
        let Some(mut job) = queue.next(group.len() > 1).await else { break };
        let ended = guarded(job.as_mut(), &mut transaction).await;
        group.push(job);
        if let Err(error) = ended {
            transaction.rollback().await.ok();
            return if group.len() == 1 { Shared::Settled(Err(error)) } else { Shared::Undone };
        }
    }
    if group.is_empty() {
        transaction.rollback().await.ok();
        return Shared::Settled(Ok(()));
    }
    Shared::Settled(finish(database, transaction).await)
}

/// One job in a transaction of its own.
async fn alone(database: &Database, mut job: Box<dyn Job>) {
    let ended = async {
        let mut transaction = database.pool.begin_with(database.begin()).await?;
        match guarded(job.as_mut(), &mut transaction).await {
            Ok(()) => finish(database, transaction).await,
            Err(error) => {
                transaction.rollback().await.ok();
                Err(error)
            }
        }
    };
    let ended = ended.await;
    job.end(ended);
}

/// The second try. Nobody is answered before the commit here either.
async fn apart(database: &Database, group: Vec<Box<dyn Job>>) {
    let mut transaction = match database.pool.begin_with(database.begin()).await.map_err(IndexError::from) {
        Ok(transaction) => transaction,
        Err(error) => return group.into_iter().for_each(|job| job.end(Err(error.clone()))),
    };
    let (mut waiting, mut settled) = (VecDeque::from(group), Vec::new());
    while let Some(mut job) = waiting.pop_front() {
        match behind_savepoint(job.as_mut(), &mut transaction).await {
            Ok(ended) => settled.push((job, ended)),
            Err((ended, lost)) => {
                // SQLite has undone all of it, or nobody knows: the others had no part in that and begin again.
                tracing::debug!(error = %lost, "a shared transaction was lost");
                transaction.rollback().await.ok();
                job.end(Err(ended.unwrap_or(lost)));
                let others = settled.into_iter().map(|(job, _)| job).chain(waiting);
                return others.for_each(|job| job.end(Err(IndexError::Busy)));
            }
        }
    }
    let committed = finish(database, transaction).await;
    for (job, ended) in settled {
        job.end(committed.clone().and(ended));
    }
}

async fn finish(database: &Database, mut transaction: Transaction<'_, Any>) -> Result<(), IndexError> {
    match doubt::mark(&mut transaction).await {
        Ok(mark) => commit(database, transaction, &mark).await,
        Err(error) => {
            transaction.rollback().await.ok();
            Err(error)
        }
    }
}

/// Does a job behind a savepoint and gives how it ended. `Err` when the transaction is lost with it: how the job ended, if it did, and why.
async fn behind_savepoint(job: &mut dyn Job, transaction: &mut Transaction<'_, Any>) -> Result<Result<(), IndexError>, (Option<IndexError>, IndexError)> {
    let mut savepoint = transaction.begin().await.map_err(|error| (None, error.into()))?;
    let ended = guarded(job, &mut savepoint).await;
    let settled = if ended.is_ok() { savepoint.commit().await } else { savepoint.rollback().await };
    match settled {
        Ok(()) => Ok(ended),
        Err(error) => Err((ended.err(), error.into())),
    }
}

/// Work that panics is refused like any other; those who share the transaction have no part in it.
async fn guarded(job: &mut dyn Job, connection: &mut AnyConnection) -> Result<(), IndexError> {
    AssertUnwindSafe(job.run(connection))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(IndexError::Defect("a transaction panicked; nothing was changed".to_owned())))
}

impl Default for Queue {
    fn default() -> Self {
        Self { turn: Semaphore::new(1), waiting: Mutex::default() }
    }
}

impl Queue {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, job: Box<dyn Job>) -> u64 {
        let mut waiting = self.waiting();
        waiting.next += 1;
        let place = waiting.next;
        waiting.jobs.push_back((place, job));
        place
    }

    fn pop(&self) -> Option<Box<dyn Job>> {
        self.waiting().jobs.pop_front().map(|(_, job)| job)
    }

    /// The next one. Where `others` were there already more are likely on their way: those who are ready to run get a moment to come.
    async fn next(&self, others: bool) -> Option<Box<dyn Job>> {
        for _ in 0..if others { MOMENTS } else { 0 } {
            if let Some(job) = self.pop() {
                return Some(job);
            }
            tokio::task::yield_now().await;
        }
        self.pop()
    }

    /// As many as would share a transaction.
    fn take(&self) -> Vec<Box<dyn Job>> {
        let mut waiting = self.waiting();
        let many = waiting.jobs.len().min(MANY);
        waiting.jobs.drain(..many).map(|(_, job)| job).collect()
    }

    /// True when nobody had begun it.
    fn remove(&self, place: u64) -> bool {
        let mut waiting = self.waiting();
        let before = waiting.jobs.len();
        waiting.jobs.retain(|(known, _)| *known != place);
        waiting.jobs.len() < before
    }
}

#[cfg(test)]
mod tests {
    use futures::future::join_all;

    use super::*;
    use crate::index::sql::{Columns, sql};

    async fn database(folder: &tempfile::TempDir) -> Database {
        sqlx::any::install_default_drivers();
        Database::open("main".to_owned(), format!("sqlite:{}", folder.path().join("main.db").display())).await.unwrap()
    }

    async fn count(database: &Database, question: &'static str) -> u64 {
        sql(question).row(&mut database.connection().await.unwrap()).await.unwrap().unwrap().count("many").unwrap()
    }

    /// Counts up, and ends as its number says.
    async fn one(database: &Database, number: u32) -> Result<u32, IndexError> {
        database
            .write(move |connection| {
                Box::pin(async move {
                    sql("INSERT INTO counters (name, value) VALUES ($1, 1)").bind(format!("c{number}")).execute(connection).await?;
                    match number % 10 {
                        3 => Err(IndexError::Constraint(super::super::error::Constraint::Number)),
                        7 => panic!("the test's own panic"),
                        _ => Ok(number),
                    }
                })
            })
            .await
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_is_refused_takes_nobody_along() {
        let folder = tempfile::tempdir().unwrap();
        let database = database(&folder).await;
        let before = count(&database, "SELECT COUNT(*) AS many FROM commits").await;
        let ended = join_all((0..200).map(|number| one(&database, number))).await;
        for (number, ended) in (0..).zip(&ended) {
            match number % 10 {
                3 => assert!(matches!(ended, Err(IndexError::Constraint(_))), "{number}: {ended:?}"),
                7 => assert!(matches!(ended, Err(IndexError::Defect(_))), "{number}: {ended:?}"),
                _ => assert_eq!(*ended, Ok(number)),
            }
        }
        assert_eq!(count(&database, "SELECT COUNT(*) AS many FROM counters WHERE name LIKE 'c%'").await, 160);
        let transactions = count(&database, "SELECT COUNT(*) AS many FROM commits").await - before;
        assert!(transactions < 80, "160 writes shared no transaction: there were {transactions}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn who_breaks_the_transaction_costs_the_others_a_second_try_only() {
        let folder = tempfile::tempdir().unwrap();
        let database = database(&folder).await;
        // As SQLite does by itself when the disk is full.
        let breaks = database.write(|connection| {
            Box::pin(async move {
                sql("INSERT INTO counters (name, value) VALUES ('gone', 1)").execute(connection).await?;
                sqlx::raw_sql("ROLLBACK").execute(&mut *connection).await?;
                Err::<(), _>(IndexError::Full("no room".to_owned()))
            })
        });
        let (broken, ended) = tokio::join!(breaks, join_all((100..140).filter(|number| number % 10 < 3).map(|number| one(&database, number))));
        assert_eq!(broken, Err(IndexError::Full("no room".to_owned())));
        assert!(ended.iter().all(Result::is_ok), "{ended:?}");
        assert_eq!(count(&database, "SELECT COUNT(*) AS many FROM counters").await, 12);
    }
}
