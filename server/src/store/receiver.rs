//! The receiving end of a large file: hashed, and kept where it should be, one piece behind its reader and off the async threads.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use sha2::{Digest, Sha256 as Hasher};
use tokio::task::JoinHandle;

use super::fault::Fault;

/// Bytes in one piece.
pub(super) const PIECE: usize = 256 * 1024;

/// A file that was fetched and checked. It has no name on the disk, so it is gone with this value.
#[derive(Debug)]
pub struct Spooled {
    file: File,
    size: u64,
}

impl Spooled {
    /// Length in bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The open file, to be read at places (`read_at`).
    pub fn into_file(self) -> File {
        self.file
    }
}

/// Where the bytes are kept.
pub(super) enum Sink {
    /// Hashed only.
    Nowhere,
    Memory(Vec<u8>),
    Disk(File),
}

impl Sink {
    /// A nameless file in `folder`.
    pub(super) fn disk(folder: &Path) -> Result<Self, Fault> {
        tempfile::tempfile_in(folder).map(Self::Disk).map_err(|problem| Fault::Local(format!("no file can be made in {}: {problem}", folder.display())))
    }
}

/// What came in.
pub(super) struct Received {
    pub(super) sink: Sink,
    /// In lower-case hexadecimal.
    pub(super) digest: String,
}

impl Received {
    /// The file of a sink on the disk.
    pub(super) fn spooled(self, size: u64) -> Option<Spooled> {
        match self.sink {
            Sink::Disk(file) => Some(Spooled { file, size }),
            Sink::Nowhere | Sink::Memory(_) => None,
        }
    }
}

/// Takes pieces as they come.
pub(super) struct Receiver(State);

enum State {
    Idle(Box<Work>),
    Busy(JoinHandle<io::Result<Box<Work>>>),
    Broken,
}

struct Work {
    sink: Sink,
    hasher: Hasher,
    at: u64,
    /// The buffer not in the reader's hands.
    spare: Vec<u8>,
    /// So small that a thread of its own would cost more than the work.
    small: bool,
}

impl Receiver {
    /// For a file of about `expected` bytes.
    pub(super) fn new(sink: Sink, expected: u64) -> Self {
        let small = expected <= PIECE as u64;
        let spare = if small { Vec::new() } else { vec![0; PIECE] };
        Self(State::Idle(Box::new(Work { sink, hasher: Hasher::new(), at: 0, spare, small })))
    }

    /// Takes the first `count` bytes of `full` and gives another buffer for what comes next.
    pub(super) async fn take(&mut self, full: Vec<u8>, count: usize) -> Result<Vec<u8>, Fault> {
        let mut work = self.settled().await?;
        if work.small {
            let local = |problem: io::Error| Fault::Local(format!("the file on its way cannot be kept: {problem}"));
            work.take(&full[..count]).map_err(local)?;
            self.0 = State::Idle(work);
            return Ok(full);
        }
        let empty = std::mem::replace(&mut work.spare, full);
        self.0 = State::Busy(tokio::task::spawn_blocking(move || {
            let piece = std::mem::take(&mut work.spare);
            work.take(&piece[..count])?;
            work.spare = piece;
            Ok(work)
        }));
        Ok(empty)
    }

    /// What came in, once all of it is where it belongs.
    pub(super) async fn finish(mut self) -> Result<Received, Fault> {
        let work = self.settled().await?;
        Ok(Received { sink: work.sink, digest: hex::encode(work.hasher.finalize()) })
    }

    async fn settled(&mut self) -> Result<Box<Work>, Fault> {
        let local = |problem: String| Fault::Local(format!("the file on its way cannot be kept: {problem}"));
        match std::mem::replace(&mut self.0, State::Broken) {
            State::Idle(work) => Ok(work),
            State::Busy(working) => working.await.map_err(|problem| local(problem.to_string()))?.map_err(|problem| local(problem.to_string())),
            State::Broken => Err(local("an earlier piece was lost".to_owned())),
        }
    }
}

impl Work {
    fn take(&mut self, piece: &[u8]) -> io::Result<()> {
        self.hasher.update(piece);
        match &mut self.sink {
            Sink::Nowhere => {}
            Sink::Memory(bytes) => bytes.extend_from_slice(piece),
            Sink::Disk(file) => file.write_all_at(piece, self.at)?,
        }
        self.at += piece.len() as u64;
        Ok(())
    }
}
