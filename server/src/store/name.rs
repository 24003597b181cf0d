//! Names of volumes: what stands between `SIGNET_FTP_` and `_URL`, in a type's `volume`, and before the colon of a stored path.

use std::fmt;
use std::str::FromStr;

/// The volume that is always there.
pub const MAIN: &str = "main";
/// Longest name, in bytes.
const LONGEST: usize = 20;

/// A volume's name: 1 to 20 lower-case letters and digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VolumeName(String);

/// A text that names no volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a volume's name is 1 to 20 lower-case letters and digits")]
pub struct NameError;

impl VolumeName {
    /// `main`.
    pub fn main() -> Self {
        Self(MAIN.to_owned())
    }

    /// The name as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for VolumeName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if is_name(text) { Ok(Self(text.to_owned())) } else { Err(NameError) }
    }
}

impl fmt::Display for VolumeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether `text` is a volume's name.
pub(super) fn is_name(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}
