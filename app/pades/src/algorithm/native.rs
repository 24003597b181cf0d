//! Verification with ring, on the server: several times faster on P-256.

use ring::signature::{self, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm};

use super::Digest;
use super::identifier::Scheme;
use super::key::{Kind, PublicKey};

/// Whether `key` made `signature` over `message`; `None` where ring does not compute this scheme.
pub(super) fn verify(key: &PublicKey, scheme: Scheme, message: &[u8], signature: &[u8]) -> Option<bool> {
    match &key.0 {
        Kind::P256(point) => {
            let algorithm: &dyn VerificationAlgorithm = match scheme {
                Scheme::Ecdsa(Digest::Sha256) => &signature::ECDSA_P256_SHA256_ASN1,
                Scheme::Ecdsa(Digest::Sha384) => &signature::ECDSA_P256_SHA384_ASN1,
                _ => return None,
            };
            Some(UnparsedPublicKey::new(algorithm, point).verify(message, signature).is_ok())
        }
        Kind::P384(point) => {
            let algorithm: &dyn VerificationAlgorithm = match scheme {
                Scheme::Ecdsa(Digest::Sha256) => &signature::ECDSA_P384_SHA256_ASN1,
                Scheme::Ecdsa(Digest::Sha384) => &signature::ECDSA_P384_SHA384_ASN1,
                _ => return None,
            };
            Some(UnparsedPublicKey::new(algorithm, point).verify(message, signature).is_ok())
        }
        Kind::Rsa { modulus, exponent, .. } => {
            let key = RsaPublicKeyComponents { n: modulus, e: exponent };
            Some(key.verify(parameters(scheme)?, message, signature).is_ok())
        }
    }
}

fn parameters(scheme: Scheme) -> Option<&'static RsaParameters> {
    match scheme {
        Scheme::Pkcs1(Digest::Sha256) => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        Scheme::Pkcs1(Digest::Sha384) => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        Scheme::Pkcs1(Digest::Sha512) => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
        // ring knows only salts as long as the digest
        Scheme::Pss(digest, salt) if salt != digest.length() => None,
        Scheme::Pss(Digest::Sha256, _) => Some(&signature::RSA_PSS_2048_8192_SHA256),
        Scheme::Pss(Digest::Sha384, _) => Some(&signature::RSA_PSS_2048_8192_SHA384),
        Scheme::Pss(Digest::Sha512, _) => Some(&signature::RSA_PSS_2048_8192_SHA512),
        Scheme::Ecdsa(_) => None,
    }
}
