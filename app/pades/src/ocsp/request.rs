//! OCSPRequest (RFC 6960 §4.1), made and read. The names of certificates in it may be made with SHA-1: they only tell which one is meant.

use sha1::{Digest as _, Sha1};

use super::ID_NONCE;
use crate::Error;
use crate::asn1::{self, Element, Elements, Read};
use crate::attributes::SHA256;
use crate::certificate::{Certificate, bits, without_leading_zeros};

/// Longest request that is read.
const MAX_BYTES: usize = 16 * 1024;
/// Most certificates that one request may ask about.
const MAX_QUESTIONS: usize = 32;
/// SHA-1 as an AlgorithmIdentifier with NULL, as everybody writes it.
const SHA1: &[u8] = &[0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00];
/// The content of SHA-1's identifier.
const ID_SHA1: &[u8] = &[0x2b, 0x0e, 0x03, 0x02, 0x1a];

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OcspRequest {
    /// The certificates asked about, at least one.
    pub questions: Vec<CertificateId>,
    /// What the answer must say again.
    pub nonce: Option<Vec<u8>>,
}

/// Which certificate is meant (CertID): digests of its issuer's name and key, and its serial number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateId {
    /// As it was read, for echoing.
    raw: Vec<u8>,
    digest: IdDigest,
    name: Vec<u8>,
    key: Vec<u8>,
    serial: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum IdDigest {
    Sha1,
    Sha2(crate::Digest),
}

impl IdDigest {
    fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha2(digest) => digest.of(&[bytes]),
        }
    }
}

impl CertificateId {
    /// The serial number, most significant byte first, without leading zeros.
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// Whether the certificate asked about is one of this issuer's.
    pub fn is_issued_by(&self, issuer: &Certificate) -> bool {
        public_key(issuer).is_ok_and(|key| self.digest.of(issuer.subject()) == self.name && self.digest.of(key) == self.key)
    }

    /// Whether exactly this certificate of this issuer is meant.
    pub fn names(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        self.serial == certificate.serial() && self.is_issued_by(issuer)
    }

    pub(super) fn raw(&self) -> &[u8] {
        &self.raw
    }

    pub(super) fn read(element: Element<'_>) -> Read<Self> {
        let mut parts = element.inside();
        let algorithm = parts.next(asn1::SEQUENCE)?;
        let name = parts.next(asn1::OCTET_STRING)?.value;
        let key = parts.next(asn1::OCTET_STRING)?.value;
        let serial = parts.next(asn1::INTEGER)?.value;
        parts.end()?;
        let digest = if is_sha1(algorithm)? { IdDigest::Sha1 } else { IdDigest::Sha2(crate::Digest::from_identifier(algorithm.raw)?) };
        if serial.is_empty() || serial.len() > 64 {
            return Err("a serial number in the request is empty or too long");
        }
        Ok(Self { raw: element.raw.to_vec(), digest, name: name.to_vec(), key: key.to_vec(), serial: without_leading_zeros(serial).to_vec() })
    }

    /// The name of a certificate by SHA-256, or by SHA-1 where the responder knows no other.
    fn new(certificate: &Certificate, issuer: &Certificate, sha1: bool) -> Read<Self> {
        let digest = if sha1 { IdDigest::Sha1 } else { IdDigest::Sha2(crate::Digest::Sha256) };
        let (name, key) = (digest.of(issuer.subject()), digest.of(public_key(issuer)?));
        let serial = super::response::serial_der(certificate.serial());
        let raw = asn1::encode(
            asn1::SEQUENCE,
            &[if sha1 { SHA1 } else { SHA256 }, &asn1::encode(asn1::OCTET_STRING, &[&name]), &asn1::encode(asn1::OCTET_STRING, &[&key]), &serial],
        );
        Ok(Self { raw, digest, name, key, serial: certificate.serial().to_vec() })
    }
}

/// Reads a request strictly. Its signature, where it has one, is passed over: anybody may ask.
///
/// # Errors
/// `Error::Refused` with the rule `ocsp-format`; the answer is `Refusal::MalformedRequest`.
pub fn read_request(der: &[u8]) -> Result<OcspRequest, Error> {
    if der.len() > MAX_BYTES {
        return Err(refused("the request is longer than 16 KiB"));
    }
    read(der).map_err(refused)
}

fn read(der: &[u8]) -> Read<OcspRequest> {
    let mut outer = asn1::whole(der, asn1::SEQUENCE)?.inside();
    let mut fields = outer.next(asn1::SEQUENCE)?.inside();
    outer.optional(0xa0)?;
    outer.end()?;
    if fields.optional(0xa0)?.is_some_and(|version| version.value != [asn1::INTEGER, 1, 0]) {
        return Err("the request has another version than 1");
    }
    fields.optional(0xa1)?;
    let mut list = fields.next(asn1::SEQUENCE)?.inside();
    let extensions = fields.optional(0xa2)?;
    fields.end()?;
    let mut questions = Vec::new();
    while !list.is_empty() {
        let mut question = list.next(asn1::SEQUENCE)?.inside();
        questions.push(CertificateId::read(question.next(asn1::SEQUENCE)?)?);
        question.optional(0xa0)?;
        question.end()?;
        if questions.len() > MAX_QUESTIONS {
            return Err("the request asks about more than 32 certificates");
        }
    }
    if questions.is_empty() {
        return Err("the request asks about nothing");
    }
    Ok(OcspRequest { questions, nonce: extensions.map(|list| nonce(list.value)).transpose()?.flatten() })
}

/// A question about one certificate of `issuer`, named by SHA-256 (`sha1`: by SHA-1, for responders that know no other).
///
/// # Errors
/// `Error::Refused` when a certificate cannot be read.
pub fn request(certificate_der: &[u8], issuer_der: &[u8], nonce: &[u8], sha1: bool) -> Result<Vec<u8>, Error> {
    let (certificate, issuer) = (Certificate::read(certificate_der)?, Certificate::read(issuer_der)?);
    let id = CertificateId::new(&certificate, &issuer, sha1).map_err(refused)?;
    let list = asn1::encode(asn1::SEQUENCE, &[&asn1::encode(asn1::SEQUENCE, &[&id.raw])]);
    let extensions = if nonce.is_empty() { Vec::new() } else { asn1::encode(0xa2, &[&asn1::encode(asn1::SEQUENCE, &[&nonce_extension(nonce)])]) };
    Ok(asn1::encode(asn1::SEQUENCE, &[&asn1::encode(asn1::SEQUENCE, &[&list, &extensions])]))
}

/// The nonce extension; its value is an OCTET STRING within the OCTET STRING of every extension.
pub(super) fn nonce_extension(nonce: &[u8]) -> Vec<u8> {
    let value = asn1::encode(asn1::OCTET_STRING, &[&asn1::encode(asn1::OCTET_STRING, &[nonce])]);
    asn1::encode(asn1::SEQUENCE, &[ID_NONCE, &value])
}

/// The nonce of a list of extensions. RFC 9654 §2.1: 1 to 128 bytes; a critical extension that is not known cannot be kept.
pub(super) fn nonce(extensions: &[u8]) -> Read<Option<Vec<u8>>> {
    let mut list: Elements<'_> = asn1::whole(extensions, asn1::SEQUENCE)?.inside();
    let mut found = None;
    while !list.is_empty() {
        let mut extension = list.next(asn1::SEQUENCE)?.inside();
        let oid = extension.next(asn1::OID)?.raw;
        let critical = extension.optional(asn1::BOOLEAN)?.is_some_and(|critical| critical.value != [0]);
        let value = extension.next(asn1::OCTET_STRING)?.value;
        extension.end()?;
        if oid == ID_NONCE {
            // before RFC 6960 §4.4.1 some wrote the bytes without the inner OCTET STRING
            let nonce = asn1::whole(value, asn1::OCTET_STRING).map_or(value, |inner| inner.value);
            if nonce.is_empty() || nonce.len() > 128 || found.replace(nonce.to_vec()).is_some() {
                return Err("the nonce is there twice, empty, or longer than 128 bytes");
            }
        } else if critical {
            return Err("a condition (critical extension) is set that is not understood here");
        }
    }
    Ok(found)
}

/// The bits of a certificate's public key, which key hashes are over.
pub(super) fn public_key(certificate: &Certificate) -> Read<&[u8]> {
    let mut parts = asn1::whole(certificate.spki(), asn1::SEQUENCE)?.inside();
    parts.next(asn1::SEQUENCE)?;
    bits(parts.next(asn1::BIT_STRING)?.value)
}

fn is_sha1(algorithm: Element<'_>) -> Read<bool> {
    let mut parts = algorithm.inside();
    let known = parts.next(asn1::OID)?.value == ID_SHA1;
    if known {
        parts.optional(asn1::NULL)?;
        parts.end()?;
    }
    Ok(known)
}

fn refused(text: &'static str) -> Error {
    Error::refused("ocsp-format", "OCSP request", text)
}
