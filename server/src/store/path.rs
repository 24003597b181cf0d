//! Names on the file server: only ones that every FTP server keeps as they are.

use std::fmt;
use std::str::FromStr;

use super::name::{MAIN, VolumeName, is_name};

/// Longest path below the base folder, in bytes. ProFTPD stops answering on very long ones.
const LONGEST_PATH: usize = 200;
/// Longest single component, in bytes.
const LONGEST_COMPONENT: usize = 100;
/// What a temporary name adds to the final one (`.t-` in front, `-9` behind).
const TEMPORARY_EXTRA: usize = 5;

/// A checked path below a volume's base folder, `EXP/2026/11/EXP-2026-000123/1-0-9f2c41d0a7b3.pdf`, on the volume `main`;
/// on another one its name stands before it, `archive2:EXP/2026/…`.
///
/// ASCII letters, digits, `.`, `_` and `-` in components of at most 100 bytes, 200 bytes in all. No component starts
/// with a dot (so `..` and temporary names are out) or a dash (which servers read as options). Such a name needs no quoting
/// and cannot leave the base folder or smuggle a second command.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StorePath {
    /// As the index keeps it.
    text: String,
    /// Where the path begins, behind the volume and its colon.
    start: usize,
}

/// Why a text is no store path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// No component at all, or an empty one.
    #[error("a store path has no empty part")]
    Empty,
    /// Longer than a server can be trusted with.
    #[error("a store path has at most 200 bytes and 95 in its file name, 100 in each folder")]
    TooLong,
    /// A byte outside the alphabet.
    #[error("a store path has only letters A to Z, digits, dots, dashes and underscores")]
    Alphabet,
    /// A part starts with a dot or a dash.
    #[error("no part of a store path starts with a dot or a dash")]
    FirstByte,
    /// What stands before the colon names no volume, or names `main`, which is never written.
    #[error("before the colon of a store path stands the name of a volume other than main")]
    Volume,
}

impl StorePath {
    /// Joins `parts` with slashes; the last one is the file's name. It lies on the volume `main`.
    ///
    /// # Errors
    /// The first rule a part breaks.
    pub fn new<I>(parts: I) -> Result<Self, PathError>
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut text = String::new();
        for part in parts {
            let part = part.as_ref();
            check_component(part)?;
            if !text.is_empty() {
                text.push('/');
            }
            text.push_str(part);
            if text.len() > LONGEST_PATH {
                return Err(PathError::TooLong);
            }
        }
        if text.is_empty() {
            return Err(PathError::Empty);
        }
        let path = Self { text, start: 0 };
        if path.name().len() + TEMPORARY_EXTRA > LONGEST_COMPONENT {
            return Err(PathError::TooLong);
        }
        Ok(path)
    }

    /// The same path on another volume.
    #[must_use]
    pub fn on(&self, volume: &VolumeName) -> Self {
        match volume.as_str() {
            MAIN => Self { text: self.below().to_owned(), start: 0 },
            other => Self { text: format!("{other}:{}", self.below()), start: other.len() + 1 },
        }
    }

    /// The path as it is kept in the index.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name of its volume.
    pub fn volume(&self) -> &str {
        if self.start == 0 { MAIN } else { &self.text[..self.start - 1] }
    }

    /// The path below the volume's base folder.
    pub fn below(&self) -> &str {
        &self.text[self.start..]
    }

    /// The folder, without the file's name; empty for a file in the base folder itself.
    pub fn folder(&self) -> &str {
        self.below().rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        self.below().rsplit_once('/').map_or(self.below(), |(_, name)| name)
    }

    /// The name an upload has until it is proven whole. In the same folder, so the rename stays on one file system, and
    /// derived from the final name, so the sweep finds what a crash left without listing anything.
    pub(super) fn temporary(&self, attempt: u8) -> String {
        let folder = self.folder();
        let slash = if folder.is_empty() { "" } else { "/" };
        format!("{folder}{slash}.t-{}-{attempt}", self.name())
    }
}

fn check_component(part: &str) -> Result<(), PathError> {
    if part.is_empty() {
        return Err(PathError::Empty);
    }
    if part.len() > LONGEST_COMPONENT {
        return Err(PathError::TooLong);
    }
    if !part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-')) {
        return Err(PathError::Alphabet);
    }
    if part.starts_with(['.', '-']) {
        return Err(PathError::FirstByte);
    }
    Ok(())
}

impl FromStr for StorePath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let Some((volume, path)) = text.split_once(':') else { return Self::new(text.split('/')) };
        if volume == MAIN || !is_name(volume) {
            return Err(PathError::Volume);
        }
        let path = Self::new(path.split('/'))?;
        Ok(Self { text: text.to_owned(), start: text.len() - path.text.len() })
    }
}

impl fmt::Display for StorePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
