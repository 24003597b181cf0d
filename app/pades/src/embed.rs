//! The CMS goes into the room that `prepare` kept for it.

use crate::{Error, Prepared};

impl Prepared {
    /// The tail with `cms` in `/Contents`, zeros after it. Nothing else of the tail changes.
    pub fn embed(mut self, cms: &[u8]) -> Result<Vec<u8>, Error> {
        let reserved = self.contents.len() / 2;
        if cms.len() > reserved {
            return Err(Error::ContentsTooSmall { needed: cms.len(), reserved });
        }
        let room = &mut self.tail[self.contents];
        for (pair, byte) in room.chunks_exact_mut(2).zip(cms) {
            pair.copy_from_slice(&hex(*byte));
        }
        Ok(self.tail)
    }
}

/// Two lower-case hexadecimal digits.
fn hex(byte: u8) -> [u8; 2] {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]
}
