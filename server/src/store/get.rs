//! Fetching a file: only bytes of the recorded size and hash ever leave this module.

use std::path::Path;

use app::model::Sha256;
use bytes::Bytes;

use super::error::StoreError;
use super::fault::Fault;
use super::path::StorePath;
use super::pool::out_of_time;
use super::receiver::{Received, Sink, Spooled};
use super::volume::Volume;
use crate::crash::{self, Point};

/// Tries on fresh connections. The second one tells a bad transfer from a bad file.
const ATTEMPTS: u8 = 2;
/// Room reserved before the first byte came; a wrong size in a row must not empty the memory.
const RESERVE: u64 = 32 * 1024 * 1024;

impl Volume {
    /// The file at `path` in memory.
    pub(super) async fn get(&self, path: &StorePath, size: u64, sha256: &Sha256) -> Result<Bytes, StoreError> {
        let sink = || Ok(Sink::Memory(Vec::with_capacity(size.min(RESERVE) as usize)));
        match self.checked(path, size, sha256, sink).await?.sink {
            Sink::Memory(bytes) => Ok(bytes.into()),
            Sink::Nowhere | Sink::Disk(_) => Err(lost(path)),
        }
    }

    /// The file at `path` in a nameless file of `folder`.
    pub(super) async fn fetch(&self, path: &StorePath, size: u64, sha256: &Sha256, folder: &Path) -> Result<Spooled, StoreError> {
        let received = self.checked(path, size, sha256, || Sink::disk(folder)).await?;
        received.spooled(size).ok_or_else(|| lost(path))
    }

    /// Reads the file at `path` and keeps nothing of it.
    pub(super) async fn verify(&self, path: &StorePath, size: u64, sha256: &Sha256) -> Result<(), StoreError> {
        self.checked(path, size, sha256, || Ok(Sink::Nowhere)).await.map(drop)
    }

    async fn checked(&self, path: &StorePath, size: u64, sha256: &Sha256, sink: impl Fn() -> Result<Sink, Fault>) -> Result<Received, StoreError> {
        let limit = self.config().limits.for_size(size);
        tokio::time::timeout(limit, self.with_retries(path, size, sha256, sink)).await.unwrap_or_else(|_| Err(out_of_time(limit)))
    }

    async fn with_retries(&self, path: &StorePath, size: u64, sha256: &Sha256, sink: impl Fn() -> Result<Sink, Fault>) -> Result<Received, StoreError> {
        let mut attempt = 1;
        loop {
            let error = match self.receive(path, size, sink()?).await {
                Ok(None) => return Err(StoreError::Missing { path: path.clone() }),
                Ok(Some((seen, _))) if seen != size => {
                    let more = if seen > size { "at least " } else { "" };
                    StoreError::Corrupt { path: path.clone(), cause: format!("{more}{seen} bytes instead of {size}") }
                }
                Ok(Some((_, received))) => {
                    if received.digest == sha256.as_str() {
                        return Ok(received);
                    }
                    StoreError::Corrupt { path: path.clone(), cause: format!("the bytes hash to {} instead of {sha256}", received.digest) }
                }
                Err(fault) if fault.is_passing() => fault.into(),
                Err(fault) => return Err(fault.into()),
            };
            if attempt == ATTEMPTS {
                return Err(error);
            }
            tracing::warn!(%path, %error, "fetching a file failed; trying once more on a fresh connection");
            self.pool().drop_idle();
            attempt += 1;
        }
    }

    async fn receive(&self, path: &StorePath, size: u64, sink: Sink) -> Result<Option<(u64, Received)>, Fault> {
        let mut lease = self.pool().checkout().await?;
        let target = self.config().absolute(path.below());
        let received = crash::step(Point::StoreRead, lease.retrieve(&target, size, sink)).await;
        self.pool().give_back(lease);
        received
    }
}

/// A sink never changes its kind.
fn lost(path: &StorePath) -> StoreError {
    StoreError::Local { cause: format!("{path} was fetched and not kept") }
}
