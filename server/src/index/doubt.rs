//! Commits in doubt: the connection broke after COMMIT was sent, and nobody said whether it was done.
//!
//! Each writing transaction leaves a mark of its own (table `commits`). To find out, the same mark is written again by another
//! connection: where that is refused as taken, the first commit is true. Where it is taken up, the first can never become true any more,
//! even if it is still on its way: its own mark would collide.

use std::time::{Duration, Instant};

use sqlx::{AnyConnection, Connection};

use super::connect::{Database, Kind};
use super::error::{Constraint, IndexError};
use super::new_id;
use super::sql::sql;

/// How long the database is asked before the doubt is handed to the caller.
const PATIENCE: Duration = Duration::from_secs(15);

/// How long marks are kept, milliseconds: longer than anyone asks for one.
const KEPT: i64 = 10 * 60 * 1000;

/// What a commit turned out to be.
pub(super) enum Outcome {
    /// It is true.
    Done,
    /// It never became true and never will.
    NotDone,
    /// The database did not answer in time.
    Unknown,
}

/// Leaves a transaction's mark; gives it.
pub(super) async fn mark(connection: &mut AnyConnection) -> Result<String, IndexError> {
    let id = new_id();
    sql(format!("INSERT INTO commits (id, at) VALUES ($1, {})", Kind::of(connection).clock())).bind(&id).execute(connection).await?;
    Ok(id)
}

/// Whether an error of COMMIT itself leaves it open what happened. An answer of the database's does not: it undid the transaction.
pub(super) fn leaves_doubt(error: &IndexError) -> bool {
    matches!(error, IndexError::Unavailable(_))
}

/// Finds out what became of the transaction with this mark.
pub(super) async fn settle(database: &Database, id: &str) -> Outcome {
    let begun = Instant::now();
    let mut pause = Duration::from_millis(20);
    while begun.elapsed() < PATIENCE {
        match again(database, id).await {
            Ok(()) => return Outcome::NotDone,
            Err(IndexError::Constraint(Constraint::Commit)) => return Outcome::Done,
            // Away, or the first transaction still holds its mark: until the server notices that its client is gone.
            Err(error) => tracing::warn!(%error, database = &*database.name, "a commit is in doubt"),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_secs(1));
    }
    Outcome::Unknown
}

/// Writes the mark as a transaction of its own, beside a second one that says who wrote it: should this commit's answer be lost too, the
/// next try still tells our mark from the first's.
async fn again(database: &Database, id: &str) -> Result<(), IndexError> {
    let mut connection = database.connection().await?;
    let mut transaction = connection.begin_with(database.begin()).await?;
    let ours = format!("{id} void");
    for mark in [id, &ours] {
        let written = sql(format!("INSERT INTO commits (id, at) VALUES ($1, {})", database.kind.clock())).bind(mark).execute(&mut transaction).await;
        if let Err(error) = written {
            transaction.rollback().await?;
            let void = sql("SELECT 1 AS one FROM commits WHERE id = $1").bind(&ours).row(&mut connection).await?;
            return if void.is_some() { Ok(()) } else { Err(error) };
        }
    }
    Ok(transaction.commit().await?)
}

/// Forgets old marks, and changes that every replica has heard of.
pub(super) async fn prune(connection: &mut AnyConnection) -> Result<(), IndexError> {
    for table in ["commits", "account_changes"] {
        sql(format!("DELETE FROM {table} WHERE at < {} - $1", Kind::of(connection).clock())).bind(KEPT).execute(connection).await?;
    }
    Ok(())
}
