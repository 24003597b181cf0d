//! Fetching a file: only bytes of the recorded size and hash ever leave this module.

use app::model::Sha256;
use bytes::Bytes;

use super::error::StoreError;
use super::fault::Fault;
use super::path::StorePath;
use super::pool::out_of_time;
use super::{Store, hash};

/// Tries on fresh connections. The second one tells a bad transfer from a bad file.
const ATTEMPTS: u8 = 2;
/// Room reserved before the first byte came; a wrong size in a row must not empty the memory.
const RESERVE: u64 = 32 * 1024 * 1024;

impl Store {
    /// The file at `path`, when its size and hash are what the index recorded.
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::Corrupt`] when the bytes are wrong twice, else [`StoreError::Unavailable`] or
    /// [`StoreError::Refused`].
    pub async fn get(&self, path: &StorePath, size: u64, sha256: &Sha256) -> Result<Bytes, StoreError> {
        let limit = self.config().limits.total;
        tokio::time::timeout(limit, self.get_with_retries(path, size, sha256)).await.unwrap_or_else(|_| Err(out_of_time(limit)))
    }

    async fn get_with_retries(&self, path: &StorePath, size: u64, sha256: &Sha256) -> Result<Bytes, StoreError> {
        let mut attempt = 1;
        loop {
            let error = match self.get_once(path, size).await {
                Ok(None) => return Err(StoreError::Missing { path: path.clone() }),
                Ok(Some((seen, _))) if seen != size => {
                    let more = if seen > size { "at least " } else { "" };
                    StoreError::Corrupt { path: path.clone(), cause: format!("{more}{seen} bytes instead of {size}") }
                }
                Ok(Some((_, bytes))) => {
                    let digest = hash(&bytes);
                    if digest == *sha256 {
                        return Ok(bytes);
                    }
                    StoreError::Corrupt { path: path.clone(), cause: format!("the bytes hash to {digest} instead of {sha256}") }
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

    async fn get_once(&self, path: &StorePath, size: u64) -> Result<Option<(u64, Bytes)>, Fault> {
        let mut lease = self.pool().checkout().await?;
        let mut bytes = Vec::with_capacity(size.min(RESERVE) as usize);
        let seen = lease.retrieve(&self.config().absolute(path.as_str()), size, |piece| bytes.extend_from_slice(piece)).await;
        self.pool().give_back(lease);
        Ok(seen?.map(|seen| (seen, Bytes::from(bytes))))
    }
}
