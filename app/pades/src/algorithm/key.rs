//! Public keys that are accepted, from DER SubjectPublicKeyInfo (RFC 5480 §2, RFC 4055 §1.2).

use super::identifier::{PKCS1, RSA_ENCRYPTION, RSASSA_PSS, Scheme, pss, scheme};
use super::{Digest, ecdsa, portable};
use crate::asn1::{self, Read};
use crate::certificate::bits;

/// `id-ecPublicKey` with the named curve P-256, as an AlgorithmIdentifier.
const P256: &[u8] = &[0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// The same with P-384.
const P384: &[u8] = &[0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];
const NULL: &[u8] = &[0x05, 0x00];
/// Shortest and longest modulus that is accepted, bits.
const MODULUS_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// Longest public exponent, bits: a longer one only makes others compute.
const MAX_EXPONENT_BITS: usize = 33;

/// A public key whose numbers were checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicKey(pub(super) Kind);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The uncompressed point, 65 bytes, on the curve.
    P256(Vec<u8>),
    /// The uncompressed point, 97 bytes, on the curve.
    P384(Vec<u8>),
    /// Modulus and public exponent, most significant byte first, without leading zeros.
    Rsa { modulus: Vec<u8>, exponent: Vec<u8>, only: Only },
}

/// What an RSA key may be used for, as its own identifier says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Only {
    /// Both schemes.
    Any,
    /// RSASSA-PSS with any parameters.
    Pss,
    /// RSASSA-PSS with this digest and at least this salt (RFC 4055 §3.3).
    PssWith(Digest, usize),
}

impl PublicKey {
    /// Reads a DER SubjectPublicKeyInfo with a key that is accepted: P-256, P-384, or RSA of 2048 to 8192 bits.
    pub fn from_spki(spki: &[u8]) -> Read<Self> {
        let mut parts = asn1::whole(spki, asn1::SEQUENCE)?.inside();
        let algorithm = parts.next(asn1::SEQUENCE)?;
        let key = bits(parts.next(asn1::BIT_STRING)?.value)?;
        parts.end()?;
        match algorithm.raw {
            P256 => point(key, 65)
                .filter(|point| portable::on_p256(point))
                .map(|point| Self(Kind::P256(point)))
                .ok_or("the key's point is not on the curve P-256, or not in full"),
            P384 => point(key, 97)
                .filter(|point| portable::on_p384(point))
                .map(|point| Self(Kind::P384(point)))
                .ok_or("the key's point is not on the curve P-384, or not in full"),
            _ => rsa(key, only(algorithm.raw)?),
        }
    }

    /// Whether this is a key that Signet itself may sign with.
    pub fn is_p256(&self) -> bool {
        matches!(self.0, Kind::P256(_))
    }

    /// Whether the holder of this key made `signature` over `message`. `algorithm` is the AlgorithmIdentifier of the signature, `digest` the
    /// digest algorithm of the SignerInfo where there is one. What is not accepted, or not for this key, is an error. An ECDSA signature
    /// with a high s is as good as any.
    pub fn verify(&self, algorithm: &[u8], digest: Option<Digest>, message: &[u8], signature: &[u8]) -> Read<bool> {
        let scheme = scheme(algorithm, digest)?;
        self.fits(scheme)?;
        let size = match self.0 {
            Kind::P256(_) => 32,
            Kind::P384(_) => 48,
            Kind::Rsa { .. } => 0,
        };
        // the strict form is demanded here, whichever crate computes
        if size > 0 && ecdsa::raw_from_der(signature, size).is_none() {
            return Ok(false);
        }
        #[cfg(feature = "native")]
        if let Some(answer) = super::native::verify(self, scheme, message, signature) {
            return Ok(answer);
        }
        Ok(portable::verify(self, scheme, message, signature))
    }

    fn fits(&self, scheme: Scheme) -> Read<()> {
        match (&self.0, scheme) {
            (Kind::P256(_) | Kind::P384(_), Scheme::Ecdsa(_)) => Ok(()),
            (Kind::Rsa { only: Only::Any, .. }, Scheme::Pkcs1(_) | Scheme::Pss(..)) | (Kind::Rsa { only: Only::Pss, .. }, Scheme::Pss(..)) => Ok(()),
            (Kind::Rsa { only: Only::PssWith(digest, least), .. }, Scheme::Pss(used, salt)) if used == *digest && salt >= *least => Ok(()),
            _ => Err("the signature algorithm does not go with the key"),
        }
    }
}

/// The SubjectPublicKeyInfo of an uncompressed point on P-256, whatever it is.
pub(crate) fn p256_spki(point: &[u8]) -> Vec<u8> {
    asn1::encode(asn1::SEQUENCE, &[P256, &asn1::encode(asn1::BIT_STRING, &[&[0], point])])
}

fn point(key: &[u8], length: usize) -> Option<Vec<u8>> {
    (key.len() == length && key[0] == 4).then(|| key.to_vec())
}

fn only(algorithm: &[u8]) -> Read<Only> {
    const UNKNOWN: &str = "the key is not one on P-256 or P-384, nor an RSA key";
    let mut parts = asn1::whole(algorithm, asn1::SEQUENCE)?.inside();
    let oid = parts.next(asn1::OID)?.raw;
    let only = match oid.split_last() {
        Some((&RSA_ENCRYPTION, family)) if family == PKCS1 => {
            if parts.any().map_err(|_| UNKNOWN)?.raw != NULL {
                return Err(UNKNOWN);
            }
            Only::Any
        }
        Some((&RSASSA_PSS, family)) if family == PKCS1 => match parts.optional(asn1::SEQUENCE)? {
            None => Only::Pss,
            Some(parameters) => match pss(parameters.inside())? {
                Scheme::Pss(digest, salt) => Only::PssWith(digest, salt),
                _ => return Err(UNKNOWN),
            },
        },
        _ => return Err(UNKNOWN),
    };
    parts.end()?;
    Ok(only)
}

/// RSAPublicKey (RFC 8017 appendix A.1.1).
fn rsa(key: &[u8], only: Only) -> Read<PublicKey> {
    let mut numbers = asn1::whole(key, asn1::SEQUENCE)?.inside();
    let modulus = asn1::positive(numbers.next(asn1::INTEGER)?)?;
    let exponent = asn1::positive(numbers.next(asn1::INTEGER)?)?;
    numbers.end()?;
    let odd = |number: &[u8]| number.last().is_some_and(|last| last & 1 == 1);
    if !MODULUS_BITS.contains(&length(modulus)) || !odd(modulus) {
        return Err("the modulus of the RSA key is not an odd number of 2048 to 8192 bits");
    }
    if length(exponent) > MAX_EXPONENT_BITS || !odd(exponent) || exponent == [1] {
        return Err("the exponent of the RSA key is not an odd number from 3 to 33 bits");
    }
    Ok(PublicKey(Kind::Rsa { modulus: modulus.to_vec(), exponent: exponent.to_vec(), only }))
}

/// How many bits a number without leading zero bytes has.
fn length(number: &[u8]) -> usize {
    number.len() * 8 - number.first().map_or(0, |first| first.leading_zeros() as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::encode;
    use crate::pki;

    fn point() -> Vec<u8> {
        pki::key(2).verifying_key().to_sec1_point(false).as_bytes().to_vec()
    }

    #[test]
    fn points_are_on_the_curve_and_in_full() {
        assert!(PublicKey::from_spki(&p256_spki(&point())).is_ok_and(|key| key.is_p256()));
        let changed = |at: usize, to: u8| {
            let mut point = point();
            point[at] = to;
            point
        };
        let compressed = pki::key(2).verifying_key().to_sec1_point(true).as_bytes().to_vec();
        for (what, point) in [
            ("beside the curve", changed(64, point()[64] ^ 1)),
            ("another x", changed(20, point()[20] ^ 1)),
            ("compressed", compressed),
            ("hybrid", changed(0, 6)),
            ("the point at infinity", vec![0]),
            ("the point at infinity in full", [vec![4], vec![0; 64]].concat()),
            ("x beyond the field", [vec![4], vec![0xff; 32], point()[33..].to_vec()].concat()),
            ("a byte more", [point(), vec![0]].concat()),
            ("a byte less", point()[..64].to_vec()),
            ("nothing", vec![]),
        ] {
            assert!(PublicKey::from_spki(&p256_spki(&point)).is_err(), "{what}");
        }
    }

    #[test]
    fn keys_have_one_form() {
        let key = encode(asn1::BIT_STRING, &[&[0], &point()]);
        let oid = &P256[2..11];
        for (what, spki) in [
            ("an explicit curve", encode(asn1::SEQUENCE, &[&encode(asn1::SEQUENCE, &[oid, &[0x30, 0]]), &key])),
            ("no curve", encode(asn1::SEQUENCE, &[&encode(asn1::SEQUENCE, &[oid]), &key])),
            ("unused bits", encode(asn1::SEQUENCE, &[P256, &encode(asn1::BIT_STRING, &[&[1], &point()])])),
            ("bytes after the key", encode(asn1::SEQUENCE, &[P256, &key, &[5, 0]])),
            ("bytes after the end", [p256_spki(&point()), vec![0]].concat()),
        ] {
            assert!(PublicKey::from_spki(&spki).is_err(), "{what}");
        }
    }

    #[test]
    fn rsa_keys_within_bounds() {
        let identifier = encode(asn1::SEQUENCE, &[&PKCS1, &[RSA_ENCRYPTION], NULL]);
        let key = |modulus: &[u8], exponent: &[u8]| {
            let numbers = encode(asn1::SEQUENCE, &[&encode(asn1::INTEGER, &[modulus]), &encode(asn1::INTEGER, &[exponent])]);
            PublicKey::from_spki(&encode(asn1::SEQUENCE, &[&identifier, &encode(asn1::BIT_STRING, &[&[0], &numbers])]))
        };
        let modulus = |bytes: usize, first: u8, last: u8| [vec![0, first], vec![7; bytes - 2], vec![last]].concat();
        let usual = modulus(256, 0x80, 1);
        assert!(key(&usual, &[1, 0, 1]).is_ok() && key(&usual, &[3]).is_ok() && key(&usual, &[1, 0xff, 0xff, 0xff, 0xff]).is_ok());
        assert!(key(&modulus(1024, 0x80, 1), &[1, 0, 1]).is_ok());
        for (what, modulus, exponent) in [
            ("2047 bits", modulus(256, 0x7f, 1)[1..].to_vec(), vec![1, 0, 1]),
            ("8193 bits", [vec![1], vec![7; 1024]].concat(), vec![1, 0, 1]),
            ("an even modulus", modulus(256, 0x80, 2), vec![1, 0, 1]),
            ("a negative modulus", usual[1..].to_vec(), vec![1, 0, 1]),
            ("an even exponent", usual.clone(), vec![1, 0, 0]),
            ("the exponent one", usual.clone(), vec![1]),
            ("the exponent zero", usual.clone(), vec![0]),
            ("an exponent of 34 bits", usual.clone(), vec![2, 0, 0, 0, 1]),
            ("a padded exponent", usual.clone(), vec![0, 1, 0, 1]),
        ] {
            assert!(key(&modulus, &exponent).is_err(), "{what}");
        }
    }
}
