//! What is on the server, without an index that says so: names in a folder, and files of whatever size and hash. For the check of the trail
//! and for making an index anew; nothing else lists.

use bytes::Bytes;

use super::error::StoreError;
use super::fault::Fault;
use super::name::{MAIN, VolumeName};
use super::path::StorePath;
use super::pool::out_of_time;
use super::receiver::Sink;
use super::routing::Store;
use super::volume::Volume;

/// Tries on fresh connections.
const ATTEMPTS: u8 = 3;

impl Store {
    /// What goes before a folder's name to list it on each of the volumes there are.
    pub fn places(&self) -> Vec<String> {
        self.names().map(|name| if *name == VolumeName::main() { String::new() } else { format!("{name}:") }).collect()
    }

    /// The names of files and folders in a folder below the base folder of a volume (`EXP/2026`, `archive2:EXP/2026`, empty for the base
    /// itself), in order; none where there is no such folder. Servers do not say which is which; what cannot be a name of ours, as an
    /// unfinished upload's, is left out.
    ///
    /// # Errors
    /// When the server does not answer, or no volume has this name.
    pub async fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        let (volume, folder) = folder.split_once(':').unwrap_or((MAIN, folder));
        let mut names: Vec<String> = self.volume(volume)?.list(folder).await?.iter().filter_map(|line| name(line)).collect();
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// A file of at most `most` bytes, whatever it holds; none where there is no such file.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] where it is longer, else when the server does not answer.
    pub async fn read(&self, path: &StorePath, most: u64) -> Result<Option<Bytes>, StoreError> {
        match self.volume(path.volume())?.read(path.below(), most).await? {
            Some(bytes) if bytes.len() as u64 > most => Err(StoreError::Corrupt { path: path.clone(), cause: format!("more than {most} bytes") }),
            found => Ok(found.map(Bytes::from)),
        }
    }
}

impl Volume {
    async fn list(&self, folder: &str) -> Result<Vec<String>, StoreError> {
        let target = self.config().absolute(folder);
        let target: &str = if target.len() > 1 { target.trim_end_matches('/') } else { &target };
        self.repeated(move || async move {
            let mut lease = self.pool().checkout().await?;
            let lines = lease.list(target).await;
            self.pool().give_back(lease);
            lines
        })
        .await
    }

    /// At most one byte more than `most`.
    async fn read(&self, path: &str, most: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let target: &str = &self.config().absolute(path);
        self.repeated(move || async move {
            let mut lease = self.pool().checkout().await?;
            let found = match lease.size(target).await {
                Ok(Some(size)) => lease.retrieve(target, size.min(most), Sink::Memory(Vec::new())).await,
                Ok(None) => Ok(None),
                Err(fault) => Err(fault),
            };
            self.pool().give_back(lease);
            Ok(found?.and_then(|(_, received)| match received.sink {
                Sink::Memory(bytes) => Some(bytes),
                Sink::Nowhere | Sink::Disk(_) => None,
            }))
        })
        .await
    }

    async fn repeated<T, F: Future<Output = Result<T, Fault>>>(&self, act: impl Fn() -> F) -> Result<T, StoreError> {
        let limit = self.config().limits.total;
        let attempts = async {
            let mut attempt = 1;
            loop {
                match act().await {
                    Err(fault) if fault.is_passing() && attempt < ATTEMPTS => self.pool().drop_idle(),
                    settled => return settled.map_err(StoreError::from),
                }
                attempt += 1;
            }
        };
        tokio::time::timeout(limit, attempts).await.unwrap_or_else(|_| Err(out_of_time(limit)))
    }
}

/// The last part of a line of NLST: some servers give whole paths, some `.` and `..` too.
fn name(line: &str) -> Option<String> {
    let name = line.trim_end_matches(['\r', '\n', '/']);
    let name = name.rsplit('/').next().unwrap_or(name);
    StorePath::new([name]).is_ok().then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn lines_of_all_servers_give_names() {
        for line in ["EXP-2026-000001", "/base/EXP/2026/EXP-2026-000001", "d/EXP-2026-000001", "EXP-2026-000001\r"] {
            assert_eq!(name(line).as_deref(), Some("EXP-2026-000001"), "{line}");
        }
        for line in ["", ".", "..", "d/.", "d/..", ".t-1-0-ab.pdf-1", "-la", "a b"] {
            assert_eq!(name(line), None, "{line}");
        }
    }
}
