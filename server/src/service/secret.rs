//! Random ids and secrets, and the digests under which secrets are kept.

use base64ct::{Base64UrlUnpadded, Encoding};
use sha2::{Digest, Sha256};

use crate::error::{Result, internal};

/// 128 random bits as hexadecimal: a row's id.
///
/// # Errors
/// Only when the system gives no randomness.
pub fn id() -> Result<String> {
    Ok(hex::encode(bytes::<16>()?))
}

/// 256 random bits, base64url: a session's or token's secret.
///
/// # Errors
/// Only when the system gives no randomness.
pub fn secret() -> Result<String> {
    Ok(Base64UrlUnpadded::encode_string(&bytes::<32>()?))
}

/// 48 random bits as hexadecimal: the end of a stored file's name.
///
/// # Errors
/// Only when the system gives no randomness.
pub fn suffix() -> Result<String> {
    Ok(hex::encode(bytes::<6>()?))
}

/// SHA-256 in hexadecimal, under which a secret is looked up.
pub fn digest(secret: &[u8]) -> String {
    hex::encode(Sha256::digest(secret))
}

/// SHA-256 of a file.
pub fn file_digest(bytes: &[u8]) -> app::model::Sha256 {
    digest(bytes).parse().expect("a hexadecimal SHA-256 is well-formed")
}

fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0u8; N];
    getrandom::fill(&mut bytes).map_err(internal)?;
    Ok(bytes)
}
