//! Verification with the RustCrypto crates: in the browser always, on the server where ring does not compute, and as ring's check.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss};

use super::identifier::Scheme;
use super::key::{Kind, PublicKey};
use super::{Digest, ecdsa};

/// Whether this uncompressed point is on P-256.
pub(super) fn on_p256(point: &[u8]) -> bool {
    p256::ecdsa::VerifyingKey::from_sec1_bytes(point).is_ok()
}

/// Whether this uncompressed point is on P-384.
pub(super) fn on_p384(point: &[u8]) -> bool {
    p384::ecdsa::VerifyingKey::from_sec1_bytes(point).is_ok()
}

/// Whether `key` made `signature` over `message`; the scheme is one for this key.
pub(super) fn verify(key: &PublicKey, scheme: Scheme, message: &[u8], signature: &[u8]) -> bool {
    let hashed = scheme.digest().of(&[message]);
    match &key.0 {
        Kind::P256(point) => p256(point, &hashed, signature).unwrap_or(false),
        Kind::P384(point) => p384(point, &hashed, signature).unwrap_or(false),
        Kind::Rsa { modulus, exponent, .. } => rsa(modulus, exponent, scheme, &hashed, signature).unwrap_or(false),
    }
}

fn p256(point: &[u8], hashed: &[u8], signature: &[u8]) -> Option<bool> {
    let signature = p256::ecdsa::Signature::from_slice(&ecdsa::raw_from_der(signature, 32)?).ok()?;
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
    Some(key.verify_prehash(hashed, &signature).is_ok())
}

fn p384(point: &[u8], hashed: &[u8], signature: &[u8]) -> Option<bool> {
    let signature = p384::ecdsa::Signature::from_slice(&ecdsa::raw_from_der(signature, 48)?).ok()?;
    let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
    Some(key.verify_prehash(hashed, &signature).is_ok())
}

fn rsa(modulus: &[u8], exponent: &[u8], scheme: Scheme, hashed: &[u8], signature: &[u8]) -> Option<bool> {
    let number = |bytes: &[u8]| BoxedUint::from_be_slice(bytes, bytes.len() as u32 * 8).ok();
    let key = rsa::PublicKey::new(number(modulus)?, number(exponent)?).ok()?;
    let holds = match scheme {
        Scheme::Pkcs1(Digest::Sha256) => key.verify(Pkcs1v15Sign::new::<sha2::Sha256>(), hashed, signature),
        Scheme::Pkcs1(Digest::Sha384) => key.verify(Pkcs1v15Sign::new::<sha2::Sha384>(), hashed, signature),
        Scheme::Pkcs1(Digest::Sha512) => key.verify(Pkcs1v15Sign::new::<sha2::Sha512>(), hashed, signature),
        Scheme::Pss(Digest::Sha256, salt) => key.verify(Pss::<sha2::Sha256>::new_with_salt(salt), hashed, signature),
        Scheme::Pss(Digest::Sha384, salt) => key.verify(Pss::<sha2::Sha384>::new_with_salt(salt), hashed, signature),
        Scheme::Pss(Digest::Sha512, salt) => key.verify(Pss::<sha2::Sha512>::new_with_salt(salt), hashed, signature),
        Scheme::Ecdsa(_) => return None,
    };
    Some(holds.is_ok())
}
