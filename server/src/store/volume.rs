//! One volume: a file server with its connections. Whole files go in under names used once.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::config::StoreConfig;
use super::connection::Connection;
use super::error::StoreError;
use super::fault::Fault;
use super::path::StorePath;
use super::pool::{Pool, out_of_time};
use super::put;
use crate::crash::{self, Point};

/// A file server with its connections.
pub(super) struct Volume {
    config: Arc<StoreConfig>,
    pool: Pool,
    /// Folders known to exist on the server.
    folders: Mutex<HashSet<String>>,
}

impl Volume {
    /// Nothing is sent before the first call.
    pub(super) fn new(config: StoreConfig) -> Self {
        let config = Arc::new(config);
        Self { pool: Pool::new(config.clone()), config, folders: Mutex::default() }
    }

    /// Does the server answer and let us in?
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        let limit = self.config().limits.command;
        self.once(Act::Noop(limit)).await.map(|_| ())
    }

    pub(super) async fn size(&self, path: &StorePath) -> Result<Option<u64>, StoreError> {
        let target = self.config().absolute(path.below());
        self.once(Act::Size(&target)).await
    }

    pub(super) async fn delete(&self, path: &StorePath) -> Result<(), StoreError> {
        let target = self.config().absolute(path.below());
        crash::step(Point::StoreDelete, self.once(Act::Remove(&target))).await.map(|_| ())
    }

    pub(super) async fn discard(&self, path: &StorePath) -> Result<(), StoreError> {
        self.delete(path).await?;
        self.remove_temporaries(path, 1..put::ATTEMPTS + 1).await
    }

    /// Removes what these attempts may have left.
    pub(super) async fn remove_temporaries(&self, path: &StorePath, attempts: Range<u8>) -> Result<(), StoreError> {
        for attempt in attempts {
            let temporary = self.config().absolute(&path.temporary(attempt));
            self.once(Act::Remove(&temporary)).await?;
        }
        Ok(())
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

    pub(super) fn config(&self) -> &StoreConfig {
        &self.config
    }

    pub(super) fn pool(&self) -> &Pool {
        &self.pool
    }

    pub(super) fn folders(&self) -> MutexGuard<'_, HashSet<String>> {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A short act: one or two commands and no transfer.
#[derive(Clone, Copy)]
enum Act<'a> {
    Noop(Duration),
    Size(&'a str),
    Remove(&'a str),
}

/// A refusal to delete is believed to mean "gone already" only when the file is gone.
async fn remove(connection: &mut Connection, target: &str) -> Result<(), Fault> {
    if connection.delete(target).await? || connection.size(target).await?.is_none() {
        return Ok(());
    }
    Err(Fault::Reply { status: suppaftp::Status::FileUnavailable, text: "the file cannot be deleted".to_owned() })
}
