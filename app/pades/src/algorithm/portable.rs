//! Verification with the RustCrypto crates, and of RSA by `rsa`: in the browser always, on the server where ring does not compute, and as ring's check.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::elliptic_curve::point::AffineCoordinates;

use super::identifier::Scheme;
use super::key::{Kind, PublicKey};
use super::{ecdsa, rsa};

/// Whether this uncompressed point is on P-256.
pub(super) fn on_p256(point: &[u8]) -> bool {
    p256_key(point).is_some()
}

/// Whether this uncompressed point is on P-384.
pub(super) fn on_p384(point: &[u8]) -> bool {
    p384_key(point).is_some()
}

/// Whether `key` made `signature` over `message`; the scheme is one for this key.
pub(super) fn verify(key: &PublicKey, scheme: Scheme, message: &[u8], signature: &[u8]) -> bool {
    let hashed = scheme.digest().of(&[message]);
    match &key.0 {
        Kind::P256(point) => p256(point, &hashed, signature).unwrap_or(false),
        Kind::P384(point) => p384(point, &hashed, signature).unwrap_or(false),
        Kind::Rsa { modulus, exponent, .. } => rsa::verify(modulus, exponent, scheme, &hashed, signature),
    }
}

fn p256(point: &[u8], hashed: &[u8], signature: &[u8]) -> Option<bool> {
    let signature = p256::ecdsa::Signature::from_slice(&ecdsa::raw_from_der(signature, 32)?).ok()?;
    Some(p256_key(point)?.verify_prehash(hashed, &signature).is_ok())
}

fn p384(point: &[u8], hashed: &[u8], signature: &[u8]) -> Option<bool> {
    let signature = p384::ecdsa::Signature::from_slice(&ecdsa::raw_from_der(signature, 48)?).ok()?;
    Some(p384_key(point)?.verify_prehash(hashed, &signature).is_ok())
}

/// From the coordinates: the way over SEC 1 would bring the taking of roots along, for compressed points.
fn p256_key(point: &[u8]) -> Option<p256::ecdsa::VerifyingKey> {
    let (x, y) = (point.get(1..33)?.try_into().ok()?, point.get(33..)?.try_into().ok()?);
    p256::ecdsa::VerifyingKey::from_affine(p256::AffinePoint::from_coordinates(&x, &y).into_option()?).ok()
}

fn p384_key(point: &[u8]) -> Option<p384::ecdsa::VerifyingKey> {
    let (x, y) = (point.get(1..49)?.try_into().ok()?, point.get(49..)?.try_into().ok()?);
    p384::ecdsa::VerifyingKey::from_affine(p384::AffinePoint::from_coordinates(&x, &y).into_option()?).ok()
}
