//! The digests of the SHA-2 family that are accepted (RFC 5754 §2).

use crate::asn1::{self, Read};

/// SHA-256, with tag and length; the last byte tells the others of the family apart.
const ID_SHA2: [u8; 10] = [0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02];
/// NULL, which RFC 5754 §2 wants accepted as parameters of a digest.
const NULL: &[u8] = &[0x05, 0x00];

/// A digest algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Digest {
    /// SHA-256, the one that Signet signs over.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Digest {
    /// The digest over `parts`, one after another: 32, 48 or 64 bytes.
    pub fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Sha256 => hash::<sha2::Sha256>(parts),
            Self::Sha384 => hash::<sha2::Sha384>(parts),
            Self::Sha512 => hash::<sha2::Sha512>(parts),
        }
    }

    /// How long the digest is, bytes.
    pub fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// Reads a DER AlgorithmIdentifier; its parameters are absent or NULL.
    pub(crate) fn from_identifier(algorithm: &[u8]) -> Read<Self> {
        const UNKNOWN: &str = "the digest algorithm is not SHA-256, SHA-384 or SHA-512";
        let mut parts = asn1::whole(algorithm, asn1::SEQUENCE)?.inside();
        let oid = parts.next(asn1::OID)?.raw;
        if !parts.is_empty() && parts.any()?.raw != NULL {
            return Err("the digest algorithm has parameters");
        }
        parts.end()?;
        match oid.split_last() {
            Some((1, family)) if family == ID_SHA2 => Ok(Self::Sha256),
            Some((2, family)) if family == ID_SHA2 => Ok(Self::Sha384),
            Some((3, family)) if family == ID_SHA2 => Ok(Self::Sha512),
            _ => Err(UNKNOWN),
        }
    }
}

fn hash<D: sha2::Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut hasher = D::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_read_strictly() {
        let known = |last: u8| [&[0x30, 0x0b][..], &ID_SHA2, &[last]].concat();
        assert_eq!(Digest::from_identifier(&known(1)), Ok(Digest::Sha256));
        assert_eq!(Digest::from_identifier(&known(2)), Ok(Digest::Sha384));
        assert_eq!(Digest::from_identifier(&known(3)), Ok(Digest::Sha512));
        let with = |parameters: &[u8]| asn1::encode(asn1::SEQUENCE, &[&ID_SHA2, &[1], parameters]);
        assert_eq!(Digest::from_identifier(&with(NULL)), Ok(Digest::Sha256));
        for parameters in [&[0x05, 0x01, 0x00][..], &[0x05, 0x00, 0x05, 0x00], &[0x30, 0x00], &[0x04, 0x00], &[0x05]] {
            assert!(Digest::from_identifier(&with(parameters)).is_err(), "{parameters:02x?}");
        }
        // SHA-224, SHA-512/256, SHA3-256, SHA-1
        for last in [4, 6, 8] {
            assert!(Digest::from_identifier(&known(last)).is_err());
        }
        assert!(Digest::from_identifier(&[0x30, 0x07, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a]).is_err());
    }

    #[test]
    fn parts_are_one_message() {
        for digest in [Digest::Sha256, Digest::Sha384, Digest::Sha512] {
            assert_eq!(digest.of(&[b"ab", b"", b"c"]), digest.of(&[b"abc"]));
            assert_eq!(digest.of(&[]).len(), digest.length());
        }
        assert_eq!(crate::certificate::hex(&Digest::Sha256.of(&[b"abc"])[..4]), "ba7816bf");
        assert_eq!(crate::certificate::hex(&Digest::Sha384.of(&[b"abc"])[..4]), "cb00753f");
        assert_eq!(crate::certificate::hex(&Digest::Sha512.of(&[b"abc"])[..4]), "ddaf35a1");
    }
}
