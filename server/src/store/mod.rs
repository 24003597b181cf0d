//! The file store: the only code that knows FTP. Whole files go in under names used once; only checked bytes come out.

mod backend;
mod config;
mod connection;
mod embedded;
mod error;
mod fault;
mod get;
mod path;
mod pool;
mod put;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use app::model::Sha256;
use sha2::Digest;

pub use config::{ConfigError, Limits, StoreConfig};
pub use embedded::EmbeddedServer;
pub use error::{Refusal, StoreError};
pub use path::{PathError, StorePath};

use connection::Connection;
use fault::Fault;
use pool::{Pool, out_of_time};

/// Log directives that must always hold. At TRACE the FTP library prints the password it sends.
pub const LOG_CAPS: [&str; 4] = ["suppaftp=info", "libunftp=error", "unftp_sbe_fs=warn", "unftp_core=warn"];

/// A file server with its connections. Cloning shares them.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    config: Arc<StoreConfig>,
    pool: Pool,
    /// Folders known to exist on the server.
    folders: Mutex<HashSet<String>>,
}

impl Store {
    /// A store on the server `config` names. Nothing is sent before the first call; [`Self::check`] tells whether it answers.
    pub fn connect(config: &StoreConfig) -> Self {
        let config = Arc::new(config.clone());
        Self { shared: Arc::new(Shared { pool: Pool::new(config.clone()), config, folders: Mutex::default() }) }
    }

    /// Where the files are, without user and password.
    pub fn address(&self) -> String {
        self.config().address()
    }

    /// Does the server answer and let us in?
    ///
    /// # Errors
    /// What keeps it from doing so.
    pub async fn check(&self) -> Result<(), StoreError> {
        let limit = self.config().limits.command;
        self.once(Act::Noop(limit)).await.map(|_| ())
    }

    /// The size of a file in bytes, None when there is none.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn size(&self, path: &StorePath) -> Result<Option<u64>, StoreError> {
        let target = self.config().absolute(path.as_str());
        self.once(Act::Size(&target)).await
    }

    /// Removes a file; one that is gone already is fine.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when it is still there afterwards.
    pub async fn delete(&self, path: &StorePath) -> Result<(), StoreError> {
        let target = self.config().absolute(path.as_str());
        self.once(Act::Remove(&target)).await.map(|_| ())
    }

    /// Removes what an unfinished [`Self::put`] may have left: the file and its temporary names. For the sweep.
    ///
    /// # Errors
    /// As [`Self::delete`].
    pub async fn discard(&self, path: &StorePath) -> Result<(), StoreError> {
        self.delete(path).await?;
        for attempt in 1..=put::ATTEMPTS {
            let temporary = self.config().absolute(&path.temporary(attempt));
            self.once(Act::Remove(&temporary)).await?;
        }
        Ok(())
    }

    async fn remove_temporaries(&self, path: &StorePath) {
        for attempt in 1..=put::ATTEMPTS {
            let temporary = self.config().absolute(&path.temporary(attempt));
            if let Err(error) = self.once(Act::Remove(&temporary)).await {
                tracing::debug!(%path, %error, "a temporary file could not be removed; the sweep will");
                return;
            }
        }
    }

    /// One short act within the total limit, repeated once on a fresh connection: a pooled one may have died unnoticed.
    async fn once(&self, act: Act<'_>) -> Result<Option<u64>, StoreError> {
        let limit = self.config().limits.total;
        let attempts = async {
            match self.attempt(act).await {
                Err(fault) if fault.is_passing() => self.attempt(act).await,
                settled => settled,
            }
        };
        match tokio::time::timeout(limit, attempts).await {
            Ok(result) => result.map_err(StoreError::from),
            Err(_) => Err(out_of_time(limit)),
        }
    }

    async fn attempt(&self, act: Act<'_>) -> Result<Option<u64>, Fault> {
        let mut lease = self.pool().checkout().await?;
        let result = match act {
            Act::Noop(limit) => lease.noop(limit).await.map(|()| None),
            Act::Size(target) => lease.size(target).await,
            Act::Remove(target) => remove(&mut lease, target).await.map(|()| None),
        };
        self.pool().give_back(lease);
        result
    }

    fn config(&self) -> &StoreConfig {
        &self.shared.config
    }

    fn pool(&self) -> &Pool {
        &self.shared.pool
    }

    fn folders(&self) -> MutexGuard<'_, HashSet<String>> {
        self.shared.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A short act: one or two commands and no transfer.
#[derive(Clone, Copy)]
enum Act<'a> {
    Noop(Duration),
    Size(&'a str),
    Remove(&'a str),
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Store").field(self.config()).finish()
    }
}

/// A refusal to delete is believed to mean "gone already" only when the file is gone.
async fn remove(connection: &mut Connection, target: &str) -> Result<(), Fault> {
    if connection.delete(target).await? || connection.size(target).await?.is_none() {
        return Ok(());
    }
    Err(Fault::Reply { status: suppaftp::Status::FileUnavailable, text: "the file cannot be deleted".to_owned() })
}

/// The SHA-256 of `bytes`.
#[expect(clippy::missing_panics_doc, reason = "a digest in hexadecimal always is a Sha256")]
pub fn hash(bytes: &[u8]) -> Sha256 {
    hex::encode(sha2::Sha256::digest(bytes)).parse().expect("a hexadecimal SHA-256 is 64 lower-case digits")
}
