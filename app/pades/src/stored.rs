//! A stored file whose bytes are hashed once, although many digests begin with the same ones: its own SHA-256, what each of its signatures
//! is over, what the next signature is over, and the next revision's SHA-256.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use crate::{Digest, signed_digest};

/// Places where the hashing is kept to go on from later. Some hundred bytes each; signatures are no more.
const MAX_MARKS: usize = 1_024;

/// A file as it is stored. Nothing is hashed before it is asked for.
#[derive(Debug)]
pub struct Stored<'a> {
    bytes: &'a [u8],
    /// How many bytes are hashed, and the state after them.
    marks: Mutex<BTreeMap<usize, Sha256>>,
}

/// How far a file was hashed, without the file: for those who cannot keep both together.
#[derive(Clone, Debug, Default)]
pub struct Marks(BTreeMap<usize, Sha256>);

impl<'a> Stored<'a> {
    /// The file of these bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, marks: Mutex::default() }
    }

    /// The same where somebody has hashed all of them already.
    pub fn hashed(bytes: &'a [u8], state: Sha256) -> Self {
        Self { bytes, marks: Mutex::new([(bytes.len(), state)].into()) }
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
        parts.iter().fold(self.until(self.bytes.len()), sha2::Digest::chain_update).finalize().into()
    }

    /// The digest over the two ranges of a signature; `None` where they leave the file.
    pub fn signed_digest(&self, byte_range: [u64; 4], digest: Digest) -> Option<Vec<u8>> {
        let [start, first, from, second] = byte_range.map(usize::try_from);
        let (first, from) = (first.ok()?, from.ok()?);
        let after = self.bytes.get(from..from.checked_add(second.ok()?)?)?;
        if digest != Digest::Sha256 || start != Ok(0) || first > self.bytes.len() {
            return signed_digest(self.bytes, byte_range, digest);
        }
        Some(self.until(first).chain_update(after).finalize().to_vec())
    }

    /// SHA-256 of the first `end` bytes, which are there.
    pub(crate) fn sha256_until(&self, end: usize) -> [u8; 32] {
        self.until(end).finalize().into()
    }

    /// What was hashed so far, for [`Self::resumed`].
    pub fn into_marks(self) -> Marks {
        Marks(self.marks.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// The same file again, with what was hashed of it before. Marks of other bytes give wrong digests.
    pub fn resumed(bytes: &'a [u8], Marks(mut marks): Marks) -> Self {
        marks.retain(|&end, _| end <= bytes.len());
        Self { bytes, marks: Mutex::new(marks) }
    }

    /// The state after the first `end` bytes, which are there.
    fn until(&self, end: usize) -> Sha256 {
        // whoever panicked while holding it left only true states
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, hasher) = marks.range(..=end).next_back().map_or_else(|| (0, Sha256::new()), |(&at, hasher)| (at, hasher.clone()));
        if at == end {
            return hasher;
        }
        let hasher = hasher.chain_update(&self.bytes[at..end]);
        if marks.len() < MAX_MARKS {
            marks.insert(end, hasher.clone());
        }
        hasher
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(bytes: &[u8]) -> [u8; 32] {
        Sha256::digest(bytes).into()
    }

    #[test]
    fn what_follows_is_hashed_as_if_it_were_one_file() {
        let bytes: Vec<u8> = (0..200_u8).collect();
        for at in [0, 1, 63, 64, 65, 128, 200] {
            for stored in [Stored::new(&bytes[..at]), Stored::hashed(&bytes[..at], Sha256::new_with_prefix(&bytes[..at]))] {
                for _ in 0..2 {
                    assert_eq!(stored.followed_by(&[&bytes[at..]]), plain(&bytes));
                    assert_eq!(stored.sha256(), plain(&bytes[..at]));
                    assert_eq!(stored.sha256_until(at / 2), plain(&bytes[..at / 2]));
                }
                let marks = stored.into_marks();
                let longer = Stored::resumed(&bytes, marks.clone());
                assert_eq!((longer.sha256(), longer.sha256_until(at)), (plain(&bytes), plain(&bytes[..at])));
                assert_eq!(Stored::resumed(&bytes[..at / 2], marks).sha256(), plain(&bytes[..at / 2]));
            }
        }
    }

    #[test]
    fn ranges_in_any_order_have_the_digest_that_they_have_alone() {
        let bytes: Vec<u8> = (0..=255_u8).cycle().take(1_000).collect();
        let stored = Stored::new(&bytes);
        for byte_range in [[0, 700, 750, 250], [0, 100, 200, 300], [0, 100, 100, 0], [0, 0, 0, 1_000], [0, 1_000, 1_000, 0], [5, 100, 200, 3], [0, 701, 702, 1]]
        {
            for digest in [Digest::Sha256, Digest::Sha384, Digest::Sha256] {
                assert_eq!(stored.signed_digest(byte_range, digest), signed_digest(&bytes, byte_range, digest), "{byte_range:?}");
                assert!(stored.signed_digest(byte_range, digest).is_some());
            }
        }
        for byte_range in [[0, 1_001, 0, 0], [0, 10, 900, 101], [0, u64::MAX, 0, 0], [0, 1, u64::MAX, u64::MAX], [0, 1, 2, u64::MAX], [1_000, 1, 0, 0]] {
            assert_eq!(stored.signed_digest(byte_range, Digest::Sha256), None, "{byte_range:?}");
        }
        assert_eq!(stored.sha256(), plain(&bytes));
    }
}
