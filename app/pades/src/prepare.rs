//! The next revision with room for a signature, made from parameters alone: the same bytes in the browser and on the server.

use std::ops::Range;

use crate::{Error, SignatureParameters};

/// A revision that waits for its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    pub(crate) tail: Vec<u8>,
    pub(crate) byte_range: [u64; 4],
    pub(crate) digest: [u8; 32],
    /// The hexadecimal digits of `/Contents` within the tail, without the brackets.
    pub(crate) contents: Range<usize>,
}

impl Prepared {
    /// The bytes that go after the original, `/Contents` all zeros.
    pub fn tail(&self) -> &[u8] {
        &self.tail
    }

    /// `/ByteRange`.
    pub fn byte_range(&self) -> [u64; 4] {
        self.byte_range
    }

    /// SHA-256 over the original and the tail without `/Contents`: what the CMS's messageDigest says.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The whole next revision, not signed yet, for showing.
    pub fn preview(&self, original: &[u8]) -> Vec<u8> {
        [original, &self.tail].concat()
    }
}

/// Makes the next revision of `original`: the signature dictionary, the seal's appearance, and the field that refers to both.
pub fn prepare(original: &[u8], parameters: &SignatureParameters) -> Result<Prepared, Error> {
    let _ = (original, parameters);
    Err(Error::malformed(0, "not read yet"))
}
