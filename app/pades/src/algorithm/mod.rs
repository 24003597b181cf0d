//! The algorithms that signatures may use: an allow-list of digests, keys and schemes, and who computes them.
//!
//! Signet signs with ECDSA on P-256 over SHA-256 alone; everything else here is for reading what others signed. `portable` computes with the
//! RustCrypto crates and `rsa`, and is what the browser has; `native` computes with ring where ring can, on the server. Both read the same checked
//! keys, identifiers and signature values, so they differ in speed only; the vectors are run through both.

mod digest;
mod ecdsa;
mod identifier;
mod key;
#[cfg(feature = "native")]
mod native;
mod portable;
mod rsa;
#[cfg(test)]
mod wycheproof_tests;

pub use digest::Digest;
pub(crate) use ecdsa::{der_from_raw, raw_from_der};
pub(crate) use key::{PublicKey, p256_spki};

/// `ecdsa-with-SHA256` without parameters, as an AlgorithmIdentifier: what Signet signs with.
pub(crate) const ECDSA_WITH_SHA256: &[u8] = &[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
