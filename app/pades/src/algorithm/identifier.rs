//! Signature algorithms by their AlgorithmIdentifier (RFC 5754 §3, RFC 5758 §3.2, RFC 4055), with strict parameters.

use super::Digest;
use crate::asn1::{self, Elements, Read};

/// `ecdsa-with-SHA2`, without the last byte, which says the digest.
const ECDSA: [u8; 9] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03];
/// PKCS#1, without the last byte, which says what of it.
pub(super) const PKCS1: [u8; 10] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01];
/// `rsaEncryption`, the last byte.
pub(super) const RSA_ENCRYPTION: u8 = 0x01;
/// `id-mgf1`, the last byte.
const MGF1: u8 = 0x08;
/// `id-RSASSA-PSS`, the last byte.
pub(super) const RSASSA_PSS: u8 = 0x0a;
const NULL: &[u8] = &[0x05, 0x00];
/// The salt of RSASSA-PSS where the parameters leave its length out, bytes.
const DEFAULT_SALT: usize = 20;

/// How a signature value is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// ECDSA; the curve is the key's.
    Ecdsa(Digest),
    /// RSASSA-PKCS1-v1_5.
    Pkcs1(Digest),
    /// RSASSA-PSS with MGF1 over the same digest and a salt of so many bytes.
    Pss(Digest, usize),
}

impl Scheme {
    /// What is hashed with.
    pub fn digest(self) -> Digest {
        match self {
            Self::Ecdsa(digest) | Self::Pkcs1(digest) | Self::Pss(digest, _) => digest,
        }
    }
}

/// Reads a signature AlgorithmIdentifier, DER. `digest` is the digest algorithm that a SignerInfo names beside it: the two must agree, and
/// plain `rsaEncryption` (RFC 3370 §3.2) is only a scheme together with one.
pub(crate) fn scheme(algorithm: &[u8], digest: Option<Digest>) -> Read<Scheme> {
    let mut parts = asn1::whole(algorithm, asn1::SEQUENCE)?.inside();
    let oid = parts.next(asn1::OID)?.raw;
    let (last, family) = oid.split_last().ok_or("the signature algorithm cannot be read")?;
    let scheme = if family == ECDSA {
        parts.end().map_err(|_| "the signature algorithm has parameters that it must not have")?;
        Scheme::Ecdsa(ecdsa_digest(*last)?)
    } else if family == PKCS1 && *last == RSASSA_PSS {
        let parameters = parts.next(asn1::SEQUENCE).map_err(|_| "RSASSA-PSS is named without its parameters")?;
        parts.end()?;
        pss(parameters.inside())?
    } else if family == PKCS1 {
        // RFC 4055 §5: NULL, and absent is to be accepted
        if !parts.is_empty() && parts.any()?.raw != NULL {
            return Err("the signature algorithm has parameters that it must not have");
        }
        parts.end()?;
        Scheme::Pkcs1(pkcs1_digest(*last, digest)?)
    } else {
        return Err("the signature algorithm is none of ECDSA, RSASSA-PKCS1-v1_5 and RSASSA-PSS over SHA-2");
    };
    if digest.is_some_and(|digest| digest != scheme.digest()) {
        return Err("the signature algorithm uses another digest than the signature says");
    }
    Ok(scheme)
}

fn ecdsa_digest(last: u8) -> Read<Digest> {
    match last {
        2 => Ok(Digest::Sha256),
        3 => Ok(Digest::Sha384),
        4 => Ok(Digest::Sha512),
        _ => Err("the signature algorithm is ECDSA over another digest than SHA-256, SHA-384 and SHA-512"),
    }
}

fn pkcs1_digest(last: u8, beside: Option<Digest>) -> Read<Digest> {
    match last {
        RSA_ENCRYPTION => beside.ok_or("the signature algorithm does not say its digest"),
        0x0b => Ok(Digest::Sha256),
        0x0c => Ok(Digest::Sha384),
        0x0d => Ok(Digest::Sha512),
        _ => Err("the signature algorithm is RSA over another digest than SHA-256, SHA-384 and SHA-512"),
    }
}

/// RSASSA-PSS-params (RFC 4055 §3.1). Their defaults mean SHA-1, so both digests must be there, and be the same.
pub(super) fn pss(mut parameters: Elements<'_>) -> Read<Scheme> {
    const SHA1: &str = "RSASSA-PSS is used with SHA-1";
    let hash = parameters.optional(0xa0)?.ok_or(SHA1)?;
    let digest = Digest::from_identifier(asn1::whole(hash.value, asn1::SEQUENCE)?.raw)?;
    let mask = parameters.optional(0xa1)?.ok_or(SHA1)?;
    let mut mask = asn1::whole(mask.value, asn1::SEQUENCE)?.inside();
    if mask.next(asn1::OID)?.raw.split_last() != Some((&MGF1, &PKCS1)) {
        return Err("RSASSA-PSS is used with another mask than MGF1");
    }
    if Digest::from_identifier(mask.next(asn1::SEQUENCE)?.raw)? != digest {
        return Err("RSASSA-PSS is used with two different digests");
    }
    mask.end()?;
    let salt = match parameters.optional(0xa2)? {
        Some(element) => salt_length(element.value)?,
        None => DEFAULT_SALT,
    };
    // RFC 4055 §3.1: those who verify must know the trailer both present as 1 and absent
    if let Some(trailer) = parameters.optional(0xa3)?
        && trailer.value != [asn1::INTEGER, 1, 1]
    {
        return Err("RSASSA-PSS is used with another trailer than 1");
    }
    parameters.end()?;
    Ok(Scheme::Pss(digest, salt))
}

fn salt_length(der: &[u8]) -> Read<usize> {
    match asn1::whole(der, asn1::INTEGER)?.value {
        [first] if *first < 0x80 => Ok(usize::from(*first)),
        [first, second] if *first < 0x80 => Ok(usize::from(*first) << 8 | usize::from(*second)),
        _ => Err("RSASSA-PSS is used with an impossible length of the salt"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::encode;

    fn identifier(family: &[u8], last: u8, parameters: &[u8]) -> Vec<u8> {
        encode(asn1::SEQUENCE, &[family, &[last], parameters])
    }

    #[test]
    fn the_allow_list() {
        assert_eq!(scheme(super::super::ECDSA_WITH_SHA256, None), Ok(Scheme::Ecdsa(Digest::Sha256)));
        for (last, digest) in [(2, Digest::Sha256), (3, Digest::Sha384), (4, Digest::Sha512)] {
            assert_eq!(scheme(&identifier(&ECDSA, last, &[]), Some(digest)), Ok(Scheme::Ecdsa(digest)));
            assert!(scheme(&identifier(&ECDSA, last, NULL), None).is_err());
            for parameters in [NULL, &[]] {
                assert_eq!(scheme(&identifier(&PKCS1, last + 9, parameters), None), Ok(Scheme::Pkcs1(digest)));
                assert_eq!(scheme(&identifier(&PKCS1, RSA_ENCRYPTION, parameters), Some(digest)), Ok(Scheme::Pkcs1(digest)));
            }
        }
        assert!(scheme(&identifier(&PKCS1, RSA_ENCRYPTION, NULL), None).is_err());
        assert!(scheme(&identifier(&ECDSA, 2, &[]), Some(Digest::Sha512)).is_err());
        assert!(scheme(&identifier(&PKCS1, 0x0b, NULL), Some(Digest::Sha384)).is_err());
        // ECDSA with SHA-224, RSA with MD5, SHA-1 and SHA-224, and PSS without parameters
        assert!(scheme(&identifier(&ECDSA, 1, &[]), None).is_err());
        for last in [0x04, 0x05, 0x0e, RSASSA_PSS] {
            assert!(scheme(&identifier(&PKCS1, last, NULL), Some(Digest::Sha256)).is_err());
        }
        assert!(scheme(&[], None).is_err());
        assert!(scheme(&identifier(&PKCS1, 0x0b, &[5, 0, 5, 0]), None).is_err());
    }

    #[test]
    fn parameters_of_pss() {
        let sha = |last: u8| encode(asn1::SEQUENCE, &[&[0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last]]);
        let mgf = |last: u8| encode(asn1::SEQUENCE, &[&PKCS1, &[MGF1], &sha(last)]);
        let params = |parts: &[(u8, &[u8])]| {
            let parts: Vec<_> = parts.iter().map(|(tag, value)| encode(*tag, &[value])).collect();
            let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
            scheme(&identifier(&PKCS1, RSASSA_PSS, &encode(asn1::SEQUENCE, &parts)), None)
        };
        let (hash, mask) = (sha(2), mgf(2));
        let both: [(u8, &[u8]); 2] = [(0xa0, &hash), (0xa1, &mask)];
        let with = |more: &[(u8, &[u8])]| params(&[&both, more].concat());
        assert_eq!(with(&[(0xa2, &[2, 1, 48])]), Ok(Scheme::Pss(Digest::Sha384, 48)));
        assert_eq!(with(&[(0xa2, &[2, 1, 0]), (0xa3, &[2, 1, 1])]), Ok(Scheme::Pss(Digest::Sha384, 0)));
        assert_eq!(with(&[(0xa2, &[2, 2, 1, 0])]), Ok(Scheme::Pss(Digest::Sha384, 256)));
        assert_eq!(with(&[]), Ok(Scheme::Pss(Digest::Sha384, 20)));
        for salt in [&[2, 1, 0x80][..], &[2, 0], &[2, 2, 0, 32], &[2, 3, 1, 0, 0], &[4, 1, 32], &[2, 1, 32, 0]] {
            assert!(with(&[(0xa2, salt)]).is_err(), "{salt:02x?}");
        }
        assert!(with(&[(0xa3, &[2, 1, 2])]).is_err());
        assert!(with(&[(0xa3, &[2, 1, 1]), (0xa2, &[2, 1, 48])]).is_err());
        assert!(params(&[(0xa0, &hash), (0xa1, &mgf(1))]).is_err());
        assert!(params(&[(0xa1, &mask)]).is_err());
        assert!(params(&[(0xa0, &hash)]).is_err());
        assert!(params(&[]).is_err());
    }
}
