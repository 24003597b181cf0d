//! Who signs, who attacks, and whom a verifier trusts.

use common::pki::{DAY, NOW, authority, certificate, crl, key, person};
use p256::ecdsa::SigningKey;
use pades::{Expected, Trust};

/// A key and its certificate.
#[derive(Clone)]
pub struct Signer {
    pub certificate: Vec<u8>,
    pub seed: u8,
}

impl Signer {
    pub fn key(&self) -> SigningKey {
        key(self.seed)
    }
}

pub fn root() -> Vec<u8> {
    certificate(&authority("Signet Authority", 1, 1), "Signet Authority", 1)
}

/// The head.
pub fn ming() -> Signer {
    Signer { certificate: certificate(&person("Ming", 2, 9), "Signet Authority", 1), seed: 2 }
}

/// Finance.
pub fn fang() -> Signer {
    Signer { certificate: certificate(&person("Fang", 3, 10), "Signet Authority", 1), seed: 3 }
}

/// Ming's name on the attacker's key, signed by an authority of the attacker with the real one's name.
pub fn mallory() -> Signer {
    Signer { certificate: certificate(&person("Ming", 66, 9), "Signet Authority", 67), seed: 66 }
}

/// The attacker's authority in the real one's name.
pub fn false_root() -> Vec<u8> {
    certificate(&authority("Signet Authority", 67, 1), "Signet Authority", 67)
}

/// The real authority, and a list of it that revokes nobody here.
pub fn trust() -> Trust {
    Trust { anchors: vec![root()], crls: vec![crl(&root(), 1, NOW - DAY, NOW + DAY, &[(77, NOW - DAY)])], at: NOW, ..Trust::default() }
}

pub fn expected(signer: &Signer) -> Expected {
    Expected { certificates: vec![signer.certificate.clone()], issuer: root(), at: NOW, ..Expected::default() }
}
