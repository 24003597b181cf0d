//! One configured database: its pool, its session settings, its tables.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use sqlx::any::AnyPoolOptions;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, AssertSqlSafe, Connection, Row};
use tokio::sync::Mutex;

use super::error::{IndexError, is_busy};
use super::group::Queue;
use super::migrations;
use super::trail;
use crate::private;

/// How long anyone waits for a connection before the index counts as unavailable.
const ACQUIRE: Duration = Duration::from_secs(5);

/// Which of the two it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sqlite,
    Postgres,
}

/// An open database.
#[derive(Clone)]
pub(super) struct Database {
    pub name: Arc<str>,
    pub kind: Kind,
    pub pool: AnyPool,
    /// SQLite has one writer: queue for it here, in order, rather than by polling the file's lock.
    pub queue: Arc<Queue>,
    /// Held open and never used where the database is SQLite: whoever closes the last connection removes the write-ahead log, and on a full disk
    /// nobody could make it again, not even to read.
    anchor: Arc<Mutex<Option<AnyConnection>>>,
}

impl Database {
    /// Opens the database, creating an SQLite file where none is, and brings its tables up to date.
    pub fn open(name: String, url: String) -> BoxFuture<'static, Result<Self, IndexError>> {
        Box::pin(async move {
            let embedded = url.starts_with("sqlite:");
            // A file that cannot be opened now cannot be opened in a minute; a server may come up.
            Self::opened(name, url).await.map_err(|error| match error {
                IndexError::Unavailable(text) if embedded => IndexError::Refused(text),
                error => error,
            })
        })
    }

    async fn opened(name: String, url: String) -> Result<Self, IndexError> {
        let kind = match url.split(':').next() {
            Some("sqlite") => Kind::Sqlite,
            Some("postgres" | "postgresql") => Kind::Postgres,
            _ => return Err(IndexError::Unavailable(format!("the address of database {name} must begin with sqlite: or postgres:"))),
        };
        let url = match kind {
            Kind::Sqlite if !url.contains("mode=") => format!("{url}{}mode=rwc", if url.contains('?') { '&' } else { '?' }),
            _ => url,
        };
        if kind == Kind::Sqlite {
            close_to_others(&url);
        }
        migrate(kind, &name, url.clone()).await?;
        let pool = AnyPoolOptions::new()
            .max_connections(match kind {
                Kind::Sqlite => 8,
                Kind::Postgres => 16,
            })
            .acquire_timeout(ACQUIRE)
            .idle_timeout(Duration::from_mins(5))
            .after_connect(move |connection, _| Box::pin(prepare(kind, connection)))
            .after_release(move |connection, _| Box::pin(idle(kind, connection)))
            .connect(&url)
            .await?;
        let anchor = match kind {
            Kind::Sqlite => {
                let mut connection = AnyConnection::connect(&url).await?;
                prepare(kind, &mut connection).await?;
                Some(connection)
            }
            Kind::Postgres => None,
        };
        Ok(Self { name: name.into(), kind, pool, queue: Arc::default(), anchor: Arc::new(Mutex::new(anchor)) })
    }

    /// Ends all connections, the last one last.
    pub async fn close(&self) {
        self.pool.close().await;
        if let Some(anchor) = self.anchor.lock().await.take() {
            anchor.close().await.ok();
        }
    }

    /// A connection for a single statement that only reads.
    pub async fn connection(&self) -> Result<PoolConnection<Any>, IndexError> {
        Ok(self.pool.acquire().await?)
    }
}

impl Kind {
    /// What a connection leads to.
    pub fn of(connection: &AnyConnection) -> Self {
        if connection.backend_name() == "SQLite" { Self::Sqlite } else { Self::Postgres }
    }

    /// The database's own time, unix milliseconds: what must be old before it is forgotten is not left to the clock of one of several
    /// replicas.
    pub fn clock(self) -> &'static str {
        match self {
            Self::Sqlite => "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
            Self::Postgres => "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
        }
    }

    /// What to write right behind a text column to order it by its bytes, as the merge of several databases does. SQLite does so by itself.
    pub fn by_bytes(self) -> &'static str {
        match self {
            Self::Sqlite => "",
            Self::Postgres => " COLLATE \"C\"",
        }
    }
}

/// An SQLite file and what lies beside it are for their owner alone; SQLite gives new ones beside it the same mode.
fn close_to_others(url: &str) {
    let Some(path) = private::database(url) else { return };
    for beside in ["", "-wal", "-shm"] {
        let file = PathBuf::from(format!("{}{beside}", path.display()));
        if beside.is_empty() || file.exists() {
            // Opening it says what is wrong with it.
            private::file(&file).ok();
        }
    }
}

/// Runs the migrations on a connection of their own, under PostgreSQL's advisory lock; two SQLite processes meet on the file's lock.
async fn migrate(kind: Kind, name: &str, url: String) -> Result<(), IndexError> {
    let mut tries = 0;
    loop {
        let connecting = tokio::time::timeout(ACQUIRE, AnyConnection::connect(&url)).await;
        let mut connection = connecting.map_err(|_| IndexError::Unavailable("no answer within 5 seconds".to_owned()))??;
        let done = up_to_date(kind, name, &mut connection).await;
        connection.close().await.ok();
        match done {
            // Another process made the same tables first, or holds the file: look again.
            Err(_) if kind == Kind::Sqlite && tries < 20 => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            done => return done,
        }
    }
}

async fn up_to_date(kind: Kind, name: &str, connection: &mut AnyConnection) -> Result<(), IndexError> {
    if kind == Kind::Sqlite {
        prepare(kind, connection).await?;
    }
    // `run` would do the same, but its future cannot move between threads.
    migrations::of(kind).run_direct(None, connection, false).await?;
    let mut transaction = connection.begin().await?;
    trail::prepare(kind, name, &mut transaction).await?;
    Ok(transaction.commit().await?)
}

async fn prepare(kind: Kind, connection: &mut AnyConnection) -> Result<(), sqlx::Error> {
    let settings = match kind {
        // FULL: a commit that was answered is on the disk, also in write-ahead mode. The cache holds what a page of a list touches, 8 MB. SQLite
        // opens a file that it cannot open for writing for reading alone, without a word: such a connection is none (below).
        Kind::Sqlite => "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -8000",
        Kind::Postgres => {
            "SET idle_in_transaction_session_timeout = '8s'; SET statement_timeout = '20s'; SET lock_timeout = '10s'; SET synchronous_commit = on; SET client_min_messages = 'warning'; SET jit = off; SET max_parallel_workers_per_gather = 0"
        }
    };
    sqlx::raw_sql(AssertSqlSafe(settings.to_owned())).execute(&mut *connection).await?;
    if kind == Kind::Sqlite {
        // Without waiting: whoever writes just now proves nothing against this connection, and readers need none that writes.
        let tried = sqlx::raw_sql("PRAGMA busy_timeout = 0; BEGIN IMMEDIATE; ROLLBACK").execute(&mut *connection).await;
        if let Err(error) = tried
            && !is_busy(&error)
        {
            return Err(error);
        }
        sqlx::raw_sql("PRAGMA busy_timeout = 5000").execute(connection).await?;
    }
    Ok(())
}

/// Whether a returning connection may go back into the pool: never with a transaction still open (sqlx issues 4385 and 4393), nor when sqlx
/// believes one to be open that SQLite has undone by itself, as on a full disk: nothing could be begun on it any more.
async fn idle(kind: Kind, connection: &mut AnyConnection) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() || kind == Kind::Sqlite {
        return Ok(!connection.is_in_transaction());
    }
    // Inside a transaction now() stands still while statement_timestamp() goes on. One simple query, so that both are equal outside.
    let rows = sqlx::raw_sql("SELECT CASE WHEN now() = statement_timestamp() THEN 1 ELSE 0 END AS idle").fetch_all(connection).await?;
    Ok(rows.first().is_some_and(|row| row.try_get::<i64, _>("idle").unwrap_or(0) == 1))
}
