//! One X.509 certificate as it was received: raw bytes for digests and signatures, read values for the rules.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc4519::COMMON_NAME;
use der::asn1::ObjectIdentifier as Oid;
use der::{Decode, Encode};
use sha2::{Digest, Sha256};
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage};

use crate::Error;
use crate::algorithm::PublicKey;
use crate::asn1::{self, Elements, Read};
use crate::report::{SubIndication, Verdict};

/// Longest certificate that is read.
const MAX_BYTES: usize = 16 * 1024;

/// A certificate, read once.
#[derive(Clone, Debug)]
pub struct Certificate {
    der: Vec<u8>,
    tbs: Vec<u8>,
    serial: Vec<u8>,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    spki: Vec<u8>,
    algorithm: Vec<u8>,
    signature: Vec<u8>,
    parsed: x509_cert::Certificate,
}

impl Certificate {
    /// Reads one DER certificate.
    ///
    /// # Errors
    /// `Error::Signature` with `FORMAT_FAILURE` when the bytes are no certificate.
    pub fn read(der: &[u8]) -> Result<Self, Error> {
        Ok(Self::parse(der).map_err(|text| Verdict::new(SubIndication::FormatFailure, "certificate-unreadable", "certificate", text))?)
    }

    pub(crate) fn parse(der: &[u8]) -> Read<Self> {
        if der.len() > MAX_BYTES {
            return Err("the certificate is longer than 16 KiB");
        }
        let mut outer = asn1::whole(der, asn1::SEQUENCE)?.inside();
        let tbs = outer.next(asn1::SEQUENCE)?;
        let algorithm = outer.next(asn1::SEQUENCE)?.raw;
        let signature = bits(outer.next(asn1::BIT_STRING)?.value)?;
        outer.end()?;
        let mut fields = tbs.inside();
        fields.optional(0xa0)?;
        let serial = fields.next(asn1::INTEGER)?.value;
        let inner_algorithm = fields.next(asn1::SEQUENCE)?.raw;
        let issuer = fields.next(asn1::SEQUENCE)?.raw;
        fields.next(asn1::SEQUENCE)?;
        let subject = fields.next(asn1::SEQUENCE)?.raw;
        let spki = fields.next(asn1::SEQUENCE)?.raw;
        if inner_algorithm != algorithm {
            return Err("the certificate names two different signature algorithms");
        }
        let parsed = x509_cert::Certificate::from_der(der).map_err(|_| "the certificate cannot be read")?;
        if parsed.to_der().ok().as_deref() != Some(der) {
            return Err("the certificate is not encoded as DER demands");
        }
        no_extension_twice(&parsed)?;
        Ok(Self {
            der: der.to_vec(),
            tbs: tbs.raw.to_vec(),
            serial: without_leading_zeros(serial).to_vec(),
            issuer: issuer.to_vec(),
            subject: subject.to_vec(),
            spki: spki.to_vec(),
            algorithm: algorithm.to_vec(),
            signature: signature.to_vec(),
            parsed,
        })
    }

    /// The certificate as it was read.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// SHA-256 of the certificate.
    pub fn fingerprint(&self) -> [u8; 32] {
        Sha256::digest(&self.der).into()
    }

    /// The serial number's bytes, most significant first, without leading zeros.
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// The serial number in lower-case hexadecimal.
    pub fn serial_hex(&self) -> String {
        hex(&self.serial)
    }

    /// The subject's common name, or an empty text.
    pub fn common_name(&self) -> String {
        self.parsed.tbs_certificate().subject().common_name().ok().flatten().map(String::from).unwrap_or_default()
    }

    /// First second of validity, unix seconds.
    pub fn not_before(&self) -> i64 {
        self.parsed.tbs_certificate().validity().not_before.to_unix_duration().as_secs() as i64
    }

    /// Last second of validity, unix seconds.
    pub fn not_after(&self) -> i64 {
        self.parsed.tbs_certificate().validity().not_after.to_unix_duration().as_secs() as i64
    }

    /// The public key as DER SubjectPublicKeyInfo.
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The issuer's name, DER.
    pub(crate) fn issuer(&self) -> &[u8] {
        &self.issuer
    }

    /// The subject's name, DER.
    pub(crate) fn subject(&self) -> &[u8] {
        &self.subject
    }

    /// The public key, when it is one that is accepted.
    pub(crate) fn key(&self) -> Read<PublicKey> {
        PublicKey::from_spki(&self.spki)
    }

    pub(crate) fn parsed(&self) -> &x509_cert::Certificate {
        &self.parsed
    }

    /// Whether `issuer` signed this certificate; an algorithm that is not accepted is an error.
    pub(crate) fn signed_by(&self, issuer: &Self) -> Read<bool> {
        signed(&self.tbs, &self.algorithm, &self.signature, issuer)
    }

    pub(crate) fn key_usage(&self) -> Option<KeyUsage> {
        self.parsed.tbs_certificate().get_extension::<KeyUsage>().ok().flatten().map(|(_, usage)| usage)
    }

    pub(crate) fn extended_key_usage(&self) -> Option<Vec<ObjectIdentifier>> {
        self.parsed.tbs_certificate().get_extension::<ExtendedKeyUsage>().ok().flatten().map(|(_, usage)| usage.0)
    }

    pub(crate) fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.parsed.tbs_certificate().get_extension::<BasicConstraints>().ok().flatten().map(|(_, constraints)| constraints)
    }

    /// Critical extensions, by identifier.
    pub(crate) fn critical(&self) -> impl Iterator<Item = ObjectIdentifier> + '_ {
        self.parsed.tbs_certificate().extensions().into_iter().flatten().filter(|e| e.critical).map(|e| e.extn_id)
    }
}

/// Reads every certificate of a PEM text, as DER; other blocks are passed over.
///
/// # Errors
/// `Error::Signature` when a block is broken or nothing is there.
pub fn certificates_from_pem(pem: &str) -> Result<Vec<Vec<u8>>, Error> {
    let broken = |text: &str| Error::from(Verdict::new(SubIndication::NoCertificateChainFound, "pem-unreadable", "PEM", text));
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let mut found = Vec::new();
    let mut rest = pem;
    while let Some(start) = rest.find(BEGIN) {
        let length = rest[start..].find(END).ok_or_else(|| broken("a certificate block has no end"))? + END.len();
        let (label, der) = der::pem::decode_vec(&rest.as_bytes()[start..start + length]).map_err(|_| broken("a certificate block cannot be decoded"))?;
        if label != "CERTIFICATE" || Certificate::parse(&der).is_err() {
            return Err(broken("a certificate block holds no certificate"));
        }
        found.push(der);
        rest = &rest[start + length..];
    }
    if found.is_empty() {
        return Err(broken("no certificate is in this text"));
    }
    Ok(found)
}

/// The P-256 key of a DER SubjectPublicKeyInfo, the only kind that Signet itself signs with.
pub(crate) fn p256_key(spki: &[u8]) -> Read<PublicKey> {
    PublicKey::from_spki(spki).ok().filter(PublicKey::is_p256).ok_or("the key is not an elliptic curve key on P-256 with its point in full")
}

/// Whether `issuer` signed `content`; an algorithm that is not accepted is an error.
pub(crate) fn signed(content: &[u8], algorithm: &[u8], signature: &[u8], issuer: &Certificate) -> Read<bool> {
    issuer.key()?.verify(algorithm, None, content, signature)
}

/// A name with one common name, DER.
pub(crate) fn common_name(text: &str) -> Vec<u8> {
    let oid = Oid::to_der(&COMMON_NAME).expect("an identifier from the database encodes");
    let value = asn1::encode(0x0c, &[text.as_bytes()]);
    let pair = asn1::encode(asn1::SEQUENCE, &[&oid, &value]);
    asn1::encode(asn1::SEQUENCE, &[&asn1::encode(asn1::SET, &[&pair])])
}

/// The content of a BIT STRING that is whole bytes.
pub(crate) fn bits(value: &[u8]) -> Read<&[u8]> {
    match value.split_first() {
        Some((0, bytes)) => Ok(bytes),
        _ => Err("a bit string is not made of whole bytes"),
    }
}

pub(crate) fn without_leading_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    &bytes[zeros..]
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, b| {
        let _ = write!(text, "{b:02x}");
        text
    })
}

/// RFC 5280 §4.2: no extension more than once; a doubled one is a way to be read differently by two readers.
fn no_extension_twice(certificate: &x509_cert::Certificate) -> Read<()> {
    let mut seen = std::collections::BTreeSet::new();
    for extension in certificate.tbs_certificate().extensions().into_iter().flatten() {
        if !seen.insert(extension.extn_id) {
            return Err("the certificate has the same extension twice");
        }
    }
    Ok(())
}

/// Whole bytes of a time element (UTCTime or GeneralizedTime) as unix seconds.
pub(crate) fn time(elements: &mut Elements<'_>) -> Read<i64> {
    let element = elements.any()?;
    if element.tag != asn1::UTC_TIME && element.tag != asn1::GENERALIZED_TIME {
        return Err("a time is missing");
    }
    let time = x509_cert::time::Time::from_der(element.raw).map_err(|_| "a time cannot be read")?;
    Ok(time.to_unix_duration().as_secs() as i64)
}
