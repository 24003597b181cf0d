//! The index: the only code that knows SQL. One file per table or verb; the same text runs on SQLite and PostgreSQL.
//!
//! People, types and keys live in the database `main`, documents in the database that their type names.

mod accounts;
mod answers;
mod batch;
mod certificates;
mod changes;
mod connect;
mod correct;
mod create;
mod cursor;
mod decide;
mod deliveries;
mod devices;
mod documents;
mod doubt;
mod error;
mod events;
mod group;
mod idempotency;
mod intents;
mod list;
mod listings;
mod lists_check;
mod live;
mod login_tries;
mod migrations;
mod offers;
mod portable;
mod raise;
mod records;
mod revisions;
mod rows;
pub mod rules;
mod seals;
mod search;
mod sessions;
mod sql;
mod steps;
mod tokens;
mod trail;
mod types;
mod viewer;
mod walk;
mod withdraw;
mod write;

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use app::model::TypeCode;
use tokio::sync::broadcast;

use connect::Database;
use sql::sql;

pub use accounts::{AccountRow, AccountUpdate, NewAccount, Reserved};
pub use answers::{Answered, Claim};
pub use certificates::{CertificateRow, Issuance, Revoked, Revoking};
pub use correct::Correction;
pub use create::{EditionContent, NewDocumentRow, NewFile, NewStep, search_text};
pub use decide::{Act, NewDecision};
pub use deliveries::{DeliveryRow, MailboxRows};
pub use error::{Constraint, IndexError};
pub use events::EventRow;
pub use idempotency::{IdempotencyRow, NewIdempotency};
pub use intents::{IntentRow, MEMORY, NewIntent};
pub use list::{COUNTED, ListQuery, WaitingRow};
pub use lists_check::{ListFault, SearchFault};
pub use live::Wake;
pub use login_tries::Counted;
pub use offers::OfferRow;
pub use portable::{Cell, Cells, Change, Part, TABLES, Table, table};
pub use raise::Raise;
pub use records::{NewRecord, RecordRow};
pub use revisions::{EditionRow, FileRow, RevisionRow};
pub use rows::{DecisionRow, DocumentRow, Outcome, StepFieldRow, StepRow};
pub use sessions::{NewSession, SessionRow};
pub use tokens::{NewToken, TokenRow};
pub use trail::{CheckpointRow, NewCheckpoint, TrailHead, TrailRow, trail_link, trail_seed};
pub use types::TypeRow;
pub use viewer::Viewer;
pub use withdraw::Withdrawal;

/// The name of the database that holds people, types and keys.
pub const MAIN: &str = "main";

/// All configured databases. Cheap to clone.
#[derive(Clone)]
pub struct Index(Arc<Inner>);

struct Inner {
    databases: Vec<Database>,
    /// Which database a type's documents are in. A known type never moves, so what is here is never wrong.
    homes: RwLock<HashMap<TypeCode, String>>,
    live: live::Live,
}

impl Index {
    /// Opens every database, each under its name, and brings its tables up to date. One of them must be [`MAIN`].
    pub async fn open(databases: &[(String, String)]) -> Result<Self, IndexError> {
        sqlx::any::install_default_drivers();
        let mut open = Vec::with_capacity(databases.len());
        for (name, url) in databases {
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
                return Err(IndexError::Unavailable(format!("a database's name is lower-case letters, digits and underscores, not {name:?}")));
            }
            open.push(Database::open(name.clone(), url.clone()).await?);
        }
        if !open.iter().any(|database| &*database.name == MAIN) {
            return Err(IndexError::Unavailable("no database named main is configured".to_owned()));
        }
        let live = live::Live::start(databases);
        Ok(Self(Arc::new(Inner { databases: open, homes: RwLock::default(), live })))
    }

    /// The names of all configured databases.
    pub fn database_names(&self) -> Vec<String> {
        self.0.databases.iter().map(|database| database.name.to_string()).collect()
    }

    /// Whether a database of this name is configured.
    pub fn has_database(&self, name: &str) -> bool {
        self.database(name).is_some()
    }

    /// Asks every database whether it answers.
    pub async fn check(&self) -> Vec<(String, Result<(), IndexError>)> {
        futures::future::join_all(self.0.databases.iter().map(|database| async move {
            let answer = async {
                let mut connection = database.connection().await?;
                sql("SELECT 1 AS one").rows(&mut connection).await.map(drop)
            };
            let answer = match tokio::time::timeout(std::time::Duration::from_secs(6), answer).await {
                Ok(answer) => answer,
                Err(_) => Err(IndexError::Unavailable("no answer within 6 seconds".to_owned())),
            };
            (database.name.to_string(), answer)
        }))
        .await
    }

    /// The database that holds a type's documents; none where the type was never imported.
    pub async fn database_of(&self, code: &TypeCode) -> Result<Option<String>, IndexError> {
        if let Some(home) = self.known_home(code) {
            return Ok(Some(home));
        }
        let Some(row) = self.type_row(code).await? else { return Ok(None) };
        self.remember_home(code, &row.database);
        Ok(Some(row.database))
    }

    /// Wakes that say whose mailbox grew. What is missed here is still in the index.
    pub fn subscribe(&self) -> broadcast::Receiver<Wake> {
        self.0.live.subscribe()
    }

    /// Removes what has ended: sessions, offers, login tries, idempotency keys older than 30 days.
    pub async fn prune(&self, now: i64) -> Result<(), IndexError> {
        let mut failed = None;
        for database in &self.0.databases {
            let done = database
                .write(move |connection| {
                    Box::pin(async move {
                        let day = 24 * 60 * 60 * 1000;
                        sql("DELETE FROM sessions WHERE expires_at < $1").bind(now).execute(connection).await?;
                        sql("DELETE FROM offers WHERE expires_at < $1").bind(now - day).execute(connection).await?;
                        sql("DELETE FROM login_tries WHERE started_at < $1").bind(now - day).execute(connection).await?;
                        sql("DELETE FROM idempotency WHERE at < $1").bind(now - 30 * day).execute(connection).await?;
                        sql("DELETE FROM answers WHERE at < $1").bind(now - 30 * day).execute(connection).await?;
                        doubt::prune(connection).await
                    })
                })
                .await;
            failed = failed.or(done.err());
        }
        failed.map_or(Ok(()), Err)
    }

    /// Ends every connection; what runs comes to its end first.
    pub async fn close(&self) {
        self.0.live.stop();
        for database in &self.0.databases {
            database.close().await;
        }
    }

    fn main(&self) -> &Database {
        self.database(MAIN).expect("open() demands a database named main")
    }

    fn database(&self, name: &str) -> Option<&Database> {
        self.0.databases.iter().find(|database| &*database.name == name)
    }

    /// The open database of this name.
    fn named(&self, name: &str) -> Result<&Database, IndexError> {
        self.database(name).ok_or_else(|| IndexError::Unavailable(format!("no database named {name} is configured")))
    }

    /// The open database of a type, if the type is known and its database configured.
    async fn home(&self, code: &TypeCode) -> Result<Option<&Database>, IndexError> {
        match self.database_of(code).await? {
            None => Ok(None),
            Some(name) => match self.database(&name) {
                Some(database) => Ok(Some(database)),
                None => Err(IndexError::Unavailable(format!("type {code} is in database {name}, which is not configured"))),
            },
        }
    }

    /// As [`Self::home`], for writing: the type must be known.
    async fn home_for_writing(&self, code: &TypeCode) -> Result<&Database, IndexError> {
        self.home(code).await?.ok_or_else(|| IndexError::Defect(format!("type {code} was never imported")))
    }

    fn known_home(&self, code: &TypeCode) -> Option<String> {
        self.0.homes.read().unwrap_or_else(std::sync::PoisonError::into_inner).get(code).cloned()
    }

    fn remember_home(&self, code: &TypeCode, database: &str) {
        self.0.homes.write().unwrap_or_else(std::sync::PoisonError::into_inner).insert(code.clone(), database.to_owned());
    }
}

/// A new row id: 128 random bits in hexadecimal.
pub fn new_id() -> String {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    hex::encode(bytes)
}
