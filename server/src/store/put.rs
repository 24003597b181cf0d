//! Storing a file so that its final name only ever holds the whole, checked bytes.

use std::time::Duration;

use app::model::Sha256;
use suppaftp::Status;

use super::backend::Disk;
use super::connection::Connection;
use super::content::Content;
use super::error::{Refusal, StoreError};
use super::fault::Fault;
use super::hash;
use super::path::StorePath;
use super::pool::out_of_time;
use super::receiver::Sink;
use super::volume::Volume;
use crate::crash::{self, Point};

/// Uploads tried before giving up, each under its own temporary name.
pub(super) const ATTEMPTS: u8 = 3;
/// Between two tries, times the number of the try.
const PAUSE: Duration = Duration::from_millis(250);
/// How long a failed put may tidy up before it returns.
const TIDYING: Duration = Duration::from_secs(2);
/// Folders remembered as existing; forgetting them costs one command each.
const REMEMBERED: usize = 4096;

/// Why an attempt failed.
enum Failure {
    /// FTP said so.
    Fault(Fault),
    /// Every step succeeded and still the bytes are wrong.
    Wrong(String),
    /// The file on this machine's disk is not the one that was announced.
    Changed,
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl Volume {
    /// Stores `content` under `path`, a name that is used once and never again, within `limit`.
    ///
    /// Uploaded under a temporary name in the same folder, its hash computed by the server or from the bytes read back, then
    /// renamed: whoever sees the final name sees the whole file. Safe to repeat.
    pub(super) async fn put(&self, path: &StorePath, content: &Content, sha256: &Sha256, limit: Duration) -> Result<(), StoreError> {
        if let Content::Memory(bytes) = content
            && hash(bytes) != *sha256
        {
            return Err(changed(path, sha256));
        }
        let result = match tokio::time::timeout(limit, self.put_with_retries(path, content, sha256)).await {
            Ok(result) => result,
            Err(_) => Err(out_of_time(limit)),
        };
        let let_in = !matches!(result, Err(StoreError::Refused { refusal: Refusal::Login | Refusal::Tls, .. }));
        if result.is_err() && let_in {
            // Before returning, for the caller may repeat himself and would use the same names. What this misses, the sweep finds.
            let _ = tokio::time::timeout(TIDYING, self.remove_temporaries(path, 1..ATTEMPTS + 1)).await;
        }
        result
    }

    async fn put_with_retries(&self, path: &StorePath, content: &Content, sha256: &Sha256) -> Result<(), StoreError> {
        let target = self.config().absolute(path.below());
        let mut attempt = 1;
        loop {
            let temporary = self.config().absolute(&path.temporary(attempt));
            let failure = match self.upload(path, &temporary, content, sha256).await {
                Ok(()) => {
                    self.publish(&temporary, &target, content.size()).await?;
                    // The intent ends with the commit, and then nobody looks for what attempts before this one left.
                    return self.remove_temporaries(path, 1..attempt).await;
                }
                Err(failure) => failure,
            };
            let (again, error) = match failure {
                Failure::Fault(fault @ Fault::Reply { status: Status::FileUnavailable | Status::BadFilename, .. }) => {
                    // Somebody may have removed a folder behind our back: make them all again, once.
                    self.forget_folders();
                    (attempt == 1, StoreError::from(fault))
                }
                Failure::Fault(fault) => (fault.is_passing(), StoreError::from(fault)),
                Failure::Wrong(cause) => (true, StoreError::Corrupt { path: path.clone(), cause }),
                Failure::Changed => (false, changed(path, sha256)),
            };
            if !again || attempt == ATTEMPTS {
                return Err(error);
            }
            tracing::warn!(%path, attempt, %error, "storing a file failed; trying again");
            tokio::time::sleep(PAUSE * u32::from(attempt)).await;
            attempt += 1;
        }
    }

    /// One upload, proven whole under its temporary name.
    async fn upload(&self, path: &StorePath, temporary: &str, content: &Content, sha256: &Sha256) -> Result<(), Failure> {
        let mut lease = self.pool().checkout().await?;
        let result = self.upload_on(&mut lease, path.folder(), temporary, content, sha256).await;
        if matches!(result, Err(Failure::Wrong(_) | Failure::Changed)) {
            // Best effort: the next attempt has another name and the sweep knows this one.
            let _ = lease.delete(temporary).await;
        }
        self.pool().give_back(lease);
        result
    }

    async fn upload_on(&self, connection: &mut Connection, folder: &str, temporary: &str, content: &Content, sha256: &Sha256) -> Result<(), Failure> {
        crash::step(Point::StoreFolder, self.make_folders(connection, folder)).await?;
        let read = crash::step(Point::StoreUpload, connection.store(temporary, content)).await?;
        self.remember_folders(folder);
        if read.is_some_and(|digest| digest != sha256.as_str()) {
            return Err(Failure::Changed);
        }
        match &self.config().disk {
            Some(disk) => prove(seen_on(disk, temporary).await?, content.size(), sha256),
            None => prove(read_back(connection, temporary, content.size()).await?, content.size(), sha256),
        }
    }

    /// Renames the proven file. A lost reply is answered by looking: the name is unique, so a file of the right size there is ours.
    async fn publish(&self, temporary: &str, target: &str, size: u64) -> Result<(), StoreError> {
        let mut attempt = 1;
        loop {
            let fault = match self.publish_once(temporary, target, size, attempt > 1).await {
                Ok(()) => return Ok(()),
                Err(fault) => fault,
            };
            if attempt == ATTEMPTS || !fault.is_passing() {
                return Err(fault.into());
            }
            tokio::time::sleep(PAUSE * u32::from(attempt)).await;
            attempt += 1;
        }
    }

    async fn publish_once(&self, temporary: &str, target: &str, size: u64, look_first: bool) -> Result<(), Fault> {
        let mut lease = self.pool().checkout().await?;
        let connection: &mut Connection = &mut lease;
        let result = async {
            if look_first && connection.size(target).await? == Some(size) && connection.size(temporary).await?.is_none() {
                return Ok(());
            }
            crash::step(Point::StoreRename, connection.rename(temporary, target)).await?;
            // A reply proves nothing: what counts is that the file is there.
            match crash::step(Point::StoreSize, connection.size(target)).await? {
                Some(found) if found == size => Ok(()),
                found => Err(Fault::Doubt(format!("renamed, and then {found:?} bytes were there of {size}"))),
            }
        }
        .await;
        self.pool().give_back(lease);
        result
    }

    /// Makes the folders that are not known to exist, outermost first: servers make one level at a time.
    async fn make_folders(&self, connection: &mut Connection, folder: &str) -> Result<(), Fault> {
        for level in levels(&self.config().absolute(folder)) {
            if !self.knows_folder(&level) && connection.make_folder(&level).await? {
                self.remember_folder(level);
            }
        }
        Ok(())
    }

    fn remember_folders(&self, folder: &str) {
        for level in levels(&self.config().absolute(folder)) {
            if !self.knows_folder(&level) {
                self.remember_folder(level);
            }
        }
    }

    fn knows_folder(&self, folder: &str) -> bool {
        self.folders().contains(folder)
    }

    fn remember_folder(&self, folder: String) {
        let mut folders = self.folders();
        if folders.len() >= REMEMBERED {
            folders.clear();
        }
        folders.insert(folder);
    }

    fn forget_folders(&self) {
        self.folders().clear();
    }
}

/// By hash. A broken upload is acknowledged like a whole one by all servers tried, so this is no formality.
fn prove(seen: Option<(u64, String)>, size: u64, sha256: &Sha256) -> Result<(), Failure> {
    match seen {
        Some((seen, _)) if seen != size => Err(Failure::Wrong(format!("{seen} bytes arrived of {size}"))),
        Some((_, digest)) if digest != sha256.as_str() => Err(Failure::Wrong(format!("the stored bytes hash to {digest}"))),
        Some(_) => Ok(()),
        None => Err(Failure::Wrong("the file is gone at once".to_owned())),
    }
}

/// What the server has: its own hash, which says the length as well, or the bytes read back.
async fn read_back(connection: &mut Connection, temporary: &str, size: u64) -> Result<Option<(u64, String)>, Failure> {
    if let Some(digest) = connection.server_hash(temporary).await? {
        return Ok(Some((size, digest)));
    }
    let received = crash::step(Point::StoreHash, connection.retrieve(temporary, size, Sink::Nowhere)).await?;
    Ok(received.map(|(seen, received)| (seen, received.digest)))
}

/// What the disk of the server in this process has: the same bytes without the way back.
async fn seen_on(disk: &Disk, temporary: &str) -> Result<Option<(u64, String)>, Failure> {
    let seen = crash::step(Point::StoreHash, disk.digest(temporary)).await;
    seen.map_err(|problem| Failure::Fault(Fault::Doubt(format!("a stored file cannot be read back: {problem}"))))
}

fn changed(path: &StorePath, sha256: &Sha256) -> StoreError {
    StoreError::Refused { refusal: Refusal::Input, cause: format!("the bytes for {path} do not hash to {sha256}") }
}

/// `/a`, `/a/b`, `/a/b/c` for `/a/b/c`.
fn levels(folder: &str) -> Vec<String> {
    let folder = folder.trim_end_matches('/');
    let inner = folder.char_indices().skip(1).filter(|(_, c)| *c == '/').map(|(at, _)| folder[..at].to_owned());
    let mut levels: Vec<_> = inner.collect();
    if folder.len() > 1 {
        levels.push(folder.to_owned());
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::levels;

    #[test]
    fn levels_are_outermost_first() {
        assert_eq!(levels("/a/b/c"), ["/a", "/a/b", "/a/b/c"]);
        assert_eq!(levels("/a/"), ["/a"]);
        assert!(levels("/").is_empty());
    }
}
