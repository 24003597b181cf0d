//! A stored revision whose bytes are hashed once: its own SHA-256, what the next signature is over, and the next revision's SHA-256 all
//! begin with the same bytes.

use std::sync::OnceLock;

use sha2::{Digest, Sha256};

/// A revision as it is stored. Nothing is hashed before it is asked for.
#[derive(Debug)]
pub struct Stored<'a> {
    bytes: &'a [u8],
    hashed: OnceLock<Sha256>,
}

impl<'a> Stored<'a> {
    /// The revision of these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, hashed: OnceLock::new() }
    }

    /// The whole file.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// SHA-256 of the whole file: what the index must say of it.
    pub fn sha256(&self) -> [u8; 32] {
        self.followed_by(&[])
    }

    /// SHA-256 of the file with `parts` after it.
    pub fn followed_by(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut hasher = self.hashed.get_or_init(|| Sha256::new_with_prefix(self.bytes)).clone();
        for part in parts {
            hasher.update(part);
        }
        hasher.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_is_hashed_as_if_it_were_one_file() {
        let bytes: Vec<u8> = (0..200_u8).collect();
        for at in [0, 1, 63, 64, 65, 128, 200] {
            let stored = Stored::new(&bytes[..at]);
            for _ in 0..2 {
                assert_eq!(stored.followed_by(&[&bytes[at..]]), <[u8; 32]>::from(Sha256::digest(&bytes)));
                assert_eq!(stored.sha256(), <[u8; 32]>::from(Sha256::digest(&bytes[..at])));
            }
        }
    }
}
