//! What is about to be stored: bytes in memory, or a file on this machine's disk that is never read whole.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use bytes::Bytes;
use sha2::{Digest, Sha256 as Hasher};
use tokio::task::JoinHandle;

use super::fault::Fault;

/// Bytes handed to the socket at a time; each must move within the stall limit.
const PIECE: usize = 1024 * 1024;

/// The whole of one file to store. Cloning copies nothing.
#[derive(Clone, Debug)]
pub enum Content {
    /// In memory.
    Memory(Bytes),
    /// The first so many bytes of a file, read piece by piece at their places, again for each attempt.
    Disk(Arc<File>, u64),
}

impl Content {
    /// Length in bytes.
    pub fn size(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::Disk(_, size) => *size,
        }
    }

    /// From the beginning on.
    pub(super) fn pieces(&self) -> Pieces {
        Pieces { content: self.clone(), at: 0, ahead: None, hasher: Some(Hasher::new()) }
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self::Memory(bytes)
    }
}

/// A content piece by piece; the next piece of a file is read and hashed while this one is on its way.
pub(super) struct Pieces {
    content: Content,
    at: u64,
    ahead: Option<JoinHandle<io::Result<(Bytes, Hasher)>>>,
    hasher: Option<Hasher>,
}

impl Pieces {
    /// The next piece; None at the end.
    pub(super) async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        if let Content::Memory(bytes) = &self.content {
            let (from, to) = (self.at as usize, bytes.len().min(self.at as usize + PIECE));
            self.at = to as u64;
            return Ok((from < to).then(|| bytes.slice(from..to)));
        }
        if self.ahead.is_none() {
            self.look_ahead();
        }
        let Some(reading) = self.ahead.take() else { return Ok(None) };
        let local = |problem: String| Fault::Local(format!("the file to store cannot be read: {problem}"));
        let read = reading.await.map_err(|problem| local(problem.to_string()))?;
        let (piece, hasher) = read.map_err(|problem| local(problem.to_string()))?;
        self.hasher = Some(hasher);
        self.look_ahead();
        Ok(Some(piece))
    }

    /// The digest of all pieces of a file, in lower-case hexadecimal; None for bytes in memory, which are hashed before.
    pub(super) fn digest(self) -> Option<String> {
        match self.content {
            Content::Memory(_) => None,
            Content::Disk(..) => self.hasher.map(|hasher| hex::encode(hasher.finalize())),
        }
    }

    fn look_ahead(&mut self) {
        let Content::Disk(file, size) = &self.content else { return };
        let (file, from) = (file.clone(), self.at);
        let length = usize::try_from(size - from).unwrap_or(PIECE).min(PIECE);
        let Some(mut hasher) = (length > 0).then(|| self.hasher.take()).flatten() else { return };
        self.at += length as u64;
        self.ahead = Some(tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; length];
            file.read_exact_at(&mut piece, from)?;
            hasher.update(&piece);
            Ok((Bytes::from(piece), hasher))
        }));
    }
}
