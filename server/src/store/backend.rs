//! What the embedded server writes to disk: the library's file system behind bigger buffers, and on the disk before it is acknowledged.

use std::fmt::Debug;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use cap_std::fs::{Dir, OpenOptions};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::watch;
use unftp_core::auth::UserDetail;
use unftp_core::storage::{Error, ErrorKind, Fileinfo, Metadata, Result, StorageBackend};
use unftp_sbe_fs::{Filesystem, Meta};

use crate::crash::{self, Point};

/// The library's own 4 KiB make large files five times slower.
const BUFFER: usize = 256 * 1024;

/// A folder served over FTP. Paths are opened below its handle, so `..` and links cannot lead out.
#[derive(Clone, Debug)]
pub(super) struct Disk {
    files: Arc<Filesystem>,
    root: Arc<Dir>,
    /// Uploads being written; the server waits for them when it stops.
    writing: watch::Sender<usize>,
}

impl Disk {
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let root = Dir::open_ambient_dir(folder, cap_std::ambient_authority())?;
        Ok(Self { files: Arc::new(Filesystem::new(folder)?), root: Arc::new(root), writing: watch::Sender::new(0) })
    }

    /// Returns once no upload is being written.
    pub(super) async fn quiet(&self) {
        // The sender lives in self, so waiting cannot fail.
        let _ = self.writing.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Length and SHA-256 (lower-case hexadecimal) of a file as it is read back from the disk; none where there is no such file.
    pub(super) async fn digest(&self, path: &str) -> io::Result<Option<(u64, String)>> {
        let (root, path) = (self.root.clone(), relative(Path::new(path)).to_owned());
        let read = move || {
            let mut file = match root.open(path) {
                Err(problem) if problem.kind() == io::ErrorKind::NotFound => return Ok(None),
                opened => opened?,
            };
            let (mut hasher, mut buffer, mut size) = (Sha256::new(), vec![0; BUFFER], 0);
            loop {
                match file.read(&mut buffer)? {
                    0 => return Ok(Some((size, hex::encode(hasher.finalize())))),
                    count => {
                        hasher.update(&buffer[..count]);
                        size += count as u64;
                    }
                }
            }
        };
        tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
    }

    async fn reader(&self, path: &Path, start: u64) -> Result<BufReader<tokio::fs::File>> {
        // Signet reads whole files only.
        if start > 0 {
            return Err(ErrorKind::CommandNotImplemented.into());
        }
        let (root, path) = (self.root.clone(), relative(path).to_owned());
        let file = blocking(move || root.open(path)).await?;
        Ok(BufReader::with_capacity(BUFFER, tokio::fs::File::from_std(file.into_std())))
    }

    /// Makes the entries of the folder that holds `path` survive a power cut.
    async fn sync_folder(&self, path: &Path) -> Result<()> {
        let folder = relative(path).parent().map_or_else(PathBuf::new, Path::to_owned);
        let root = self.root.clone();
        // Opened as a file is: a folder's own handle is for finding names below it (O_PATH), and the kernel syncs nothing by that.
        blocking(move || root.open(if folder.as_os_str().is_empty() { Path::new(".") } else { &folder })?.into_std().sync_all()).await
    }
}

#[async_trait]
impl<User: UserDetail> StorageBackend<User> for Disk {
    type Metadata = Meta;

    async fn metadata<P: AsRef<Path> + Send + Debug>(&self, user: &User, path: P) -> Result<Meta> {
        self.files.metadata(user, path).await
    }

    async fn list<P: AsRef<Path> + Send + Debug>(&self, user: &User, path: P) -> Result<Vec<Fileinfo<PathBuf, Meta>>> {
        self.files.list(user, path).await
    }

    async fn get<P: AsRef<Path> + Send + Debug>(&self, _user: &User, path: P, start: u64) -> Result<Box<dyn AsyncRead + Send + Sync + Unpin>> {
        Ok(Box::new(self.reader(path.as_ref(), start).await?))
    }

    /// The library passes on 8 KiB at a time.
    async fn get_into<'a, P, W: ?Sized>(&self, _user: &User, path: P, start: u64, output: &'a mut W) -> Result<u64>
    where
        W: AsyncWrite + Unpin + Sync + Send,
        P: AsRef<Path> + Send + Debug,
    {
        let mut reader = self.reader(path.as_ref(), start).await?;
        Ok(tokio::io::copy_buf(&mut reader, output).await?)
    }

    async fn put<P, R>(&self, _user: &User, input: R, path: P, start: u64) -> Result<u64>
    where
        P: AsRef<Path> + Send + Debug,
        R: AsyncRead + Send + Sync + Unpin + 'static,
    {
        if start > 0 {
            return Err(ErrorKind::CommandNotImplemented.into());
        }
        let _writing = Writing::begin(&self.writing);
        let (root, path) = (self.root.clone(), relative(path.as_ref()).to_owned());
        let file = blocking(move || root.open_with(path, OpenOptions::new().write(true).create(true).truncate(true))).await?;
        let mut file = tokio::fs::File::from_std(file.into_std());
        let copied = crash::step(Point::DiskWrite, tokio::io::copy_buf(&mut BufReader::with_capacity(BUFFER, input), &mut file)).await?;
        file.flush().await?;
        crash::step(Point::DiskSync, file.sync_all()).await?;
        Ok(copied)
    }

    async fn del<P: AsRef<Path> + Send + Debug>(&self, user: &User, path: P) -> Result<()> {
        self.files.del(user, path).await
    }

    async fn mkd<P: AsRef<Path> + Send + Debug>(&self, user: &User, path: P) -> Result<()> {
        let made = path.as_ref().to_owned();
        self.files.mkd(user, path).await?;
        self.sync_folder(&made).await
    }

    async fn rename<P: AsRef<Path> + Send + Debug>(&self, user: &User, from: P, to: P) -> Result<()> {
        let (source, target) = (from.as_ref().to_owned(), to.as_ref().to_owned());
        crash::step(Point::DiskRename, self.files.rename(user, from, to)).await?;
        self.sync_folder(&target).await?;
        if source.parent() == target.parent() { Ok(()) } else { self.sync_folder(&source).await }
    }

    async fn rmd<P: AsRef<Path> + Send + Debug>(&self, user: &User, path: P) -> Result<()> {
        self.files.rmd(user, path).await
    }

    /// The library lists the whole folder here; looking is enough.
    async fn cwd<P: AsRef<Path> + Send + Debug>(&self, user: &User, path: P) -> Result<()> {
        let found: Meta = self.files.metadata(user, path).await?;
        if found.is_dir() { Ok(()) } else { Err(ErrorKind::PermanentDirectoryNotAvailable.into()) }
    }
}

/// Counts one upload for as long as it lives.
struct Writing(watch::Sender<usize>);

impl Writing {
    fn begin(count: &watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count.clone())
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

fn relative(path: &Path) -> &Path {
    path.strip_prefix("/").unwrap_or(path)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(Error::from),
        Err(_) => Err(ErrorKind::LocalError.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn folders_reach_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("EXP/2026")).unwrap();
        let disk = Disk::open(folder.path()).unwrap();
        for path in ["/made", "/EXP/made", "/EXP/2026/made"] {
            disk.sync_folder(Path::new(path)).await.unwrap();
        }
        assert!(disk.sync_folder(Path::new("/absent/made")).await.is_err());
    }
}
