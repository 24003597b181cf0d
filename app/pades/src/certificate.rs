//! One X.509 certificate as it was received: raw bytes for digests and signatures, read values for the rules.

mod time;
mod uses;

use std::ops::Range;
use std::sync::Arc;

use const_oid::ObjectIdentifier;
use sha2::{Digest, Sha256};

use crate::algorithm::PublicKey;
use crate::asn1::{self, Read};
use crate::report::{SubIndication, Verdict};
use crate::{Error, name};

pub(crate) use time::time;
pub(crate) use uses::{BasicConstraints, KeyUsage};

/// Longest certificate that is read.
const MAX_BYTES: usize = 16 * 1024;
/// Most extensions of one certificate.
const MAX_EXTENSIONS: usize = 64;
/// `id-ce` (RFC 5280 §4.2), to which a number is added.
const ID_CE: [u8; 2] = [0x55, 0x1d];
const KEY_USAGE: u8 = 15;
const BASIC_CONSTRAINTS: u8 = 19;
const EXTENDED_KEY_USAGE: u8 = 37;
const SUBJECT_KEY_IDENTIFIER: u8 = 14;
const AUTHORITY_KEY_IDENTIFIER: u8 = 35;

/// A certificate, read once.
#[derive(Clone, Debug)]
pub struct Certificate {
    der: Arc<[u8]>,
    tbs: Range<usize>,
    serial: Range<usize>,
    issuer: Range<usize>,
    subject: Range<usize>,
    spki: Range<usize>,
    algorithm: Range<usize>,
    signature: Range<usize>,
    not_before: i64,
    not_after: i64,
    extensions: Vec<Extension>,
    key_usage: Option<KeyUsage>,
    basic_constraints: Option<BasicConstraints>,
    purposes: Option<Vec<ObjectIdentifier>>,
}

/// Identifier and value (inside the OCTET STRING), as places in the certificate.
#[derive(Clone, Debug)]
struct Extension {
    id: Range<usize>,
    critical: bool,
    value: Range<usize>,
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
        let version = match fields.optional(0xa0)? {
            None => 1,
            Some(version) => match asn1::whole(version.value, asn1::INTEGER)?.value {
                [1] => 2,
                [2] => 3,
                _ => return Err("the certificate has an unknown version"),
            },
        };
        let serial = fields.next(asn1::INTEGER)?.value;
        if fields.next(asn1::SEQUENCE)?.raw != algorithm {
            return Err("the certificate names two different signature algorithms");
        }
        let issuer = fields.next(asn1::SEQUENCE)?.raw;
        let mut validity = fields.next(asn1::SEQUENCE)?.inside();
        let (not_before, not_after) = (time(&mut validity)?, time(&mut validity)?);
        validity.end()?;
        let subject = fields.next(asn1::SEQUENCE)?.raw;
        let spki = fields.next(asn1::SEQUENCE)?.raw;
        for unique_identifier in [0x81, 0x82] {
            if fields.optional(unique_identifier)?.is_some() && version < 2 {
                return Err("the certificate has parts that its version does not know");
            }
        }
        let extensions = match fields.optional(0xa3)? {
            None => Vec::new(),
            Some(_) if version < 3 => return Err("the certificate has parts that its version does not know"),
            Some(list) => extensions(der, list)?,
        };
        fields.end()?;
        name::walk(issuer, |_, _, _| ()).and(name::walk(subject, |_, _, _| ())).map_err(|_| "a name in the certificate cannot be read")?;
        let mut certificate = Self {
            tbs: place(der, tbs.raw),
            serial: place(der, serial),
            issuer: place(der, issuer),
            subject: place(der, subject),
            spki: place(der, spki),
            algorithm: place(der, algorithm),
            signature: place(der, signature),
            der: der.into(),
            not_before,
            not_after,
            extensions,
            key_usage: None,
            basic_constraints: None,
            purposes: None,
        };
        certificate.key_usage = certificate.extension(KEY_USAGE).map(KeyUsage::read).transpose()?;
        certificate.basic_constraints = certificate.extension(BASIC_CONSTRAINTS).map(BasicConstraints::read).transpose()?;
        certificate.purposes = certificate.extension(EXTENDED_KEY_USAGE).map(uses::purposes).transpose()?;
        Ok(certificate)
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
        without_leading_zeros(self.serial_integer())
    }

    /// The serial number as the INTEGER's content, with its sign.
    pub(crate) fn serial_integer(&self) -> &[u8] {
        &self.der[self.serial.clone()]
    }

    /// The serial number in lower-case hexadecimal.
    pub fn serial_hex(&self) -> String {
        hex(self.serial())
    }

    /// The subject's common name, or an empty text.
    pub fn common_name(&self) -> String {
        name::common_name(self.subject())
    }

    /// The issuer's common name, or an empty text.
    pub fn issuer_common_name(&self) -> String {
        name::common_name(self.issuer())
    }

    /// First second of validity, unix seconds.
    pub fn not_before(&self) -> i64 {
        self.not_before
    }

    /// Last second of validity, unix seconds.
    pub fn not_after(&self) -> i64 {
        self.not_after
    }

    /// Whether the certificate is valid at `at`, unix seconds.
    pub(crate) fn valid_at(&self, at: i64) -> bool {
        (self.not_before..=self.not_after).contains(&at)
    }

    /// The public key as DER SubjectPublicKeyInfo.
    pub fn spki(&self) -> &[u8] {
        &self.der[self.spki.clone()]
    }

    /// The issuer's name, DER.
    pub(crate) fn issuer(&self) -> &[u8] {
        &self.der[self.issuer.clone()]
    }

    /// The subject's name, DER.
    pub(crate) fn subject(&self) -> &[u8] {
        &self.der[self.subject.clone()]
    }

    /// Whether issuer and subject have the same name (RFC 5280 §6.1).
    pub(crate) fn self_issued(&self) -> bool {
        name::same(self.issuer(), self.subject())
    }

    /// The public key, when it is one that is accepted.
    pub(crate) fn key(&self) -> Read<PublicKey> {
        PublicKey::from_spki(self.spki())
    }

    /// Whether `issuer` signed this certificate; an algorithm that is not accepted is an error.
    pub(crate) fn signed_by(&self, issuer: &Self) -> Read<bool> {
        signed(&self.der[self.tbs.clone()], &self.der[self.algorithm.clone()], &self.der[self.signature.clone()], issuer)
    }

    /// What it costs to check a signature by this certificate's key, in checks with RSA-2048: long keys are an attacker's cheapest way to
    /// keep others computing.
    pub(crate) fn cost(&self) -> usize {
        // RSA-2048 takes 294 bytes; twice as long is four times the work
        self.spki.len().div_ceil(300).pow(2)
    }

    pub(crate) fn key_usage(&self) -> Option<KeyUsage> {
        self.key_usage
    }

    pub(crate) fn extended_key_usage(&self) -> Option<&[ObjectIdentifier]> {
        self.purposes.as_deref()
    }

    pub(crate) fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.basic_constraints
    }

    /// Whether this is an authority's certificate.
    pub(crate) fn is_authority(&self) -> bool {
        self.basic_constraints.is_some_and(|constraints| constraints.ca)
    }

    /// The subject's key identifier, when it is there and can be read.
    pub(crate) fn subject_key_identifier(&self) -> Option<&[u8]> {
        asn1::whole(self.extension(SUBJECT_KEY_IDENTIFIER)?, asn1::OCTET_STRING).ok().map(|element| element.value)
    }

    /// The issuer's key identifier, when it is there and can be read.
    pub(crate) fn authority_key_identifier(&self) -> Option<&[u8]> {
        asn1::whole(self.extension(AUTHORITY_KEY_IDENTIFIER)?, asn1::SEQUENCE).ok()?.inside().optional(0x80).ok()?.map(|element| element.value)
    }

    /// The value of the extension `id-ce` with this number.
    pub(crate) fn extension(&self, number: u8) -> Option<&[u8]> {
        let id = [ID_CE[0], ID_CE[1], number];
        self.extensions.iter().find(|extension| self.der[extension.id.clone()] == id).map(|extension| &self.der[extension.value.clone()])
    }

    /// Whether there are extensions that are critical and none of `known` (numbers under `id-ce`).
    pub(crate) fn unknown_critical(&self, known: &[u8]) -> bool {
        self.extensions.iter().filter(|extension| extension.critical).any(|extension| match &self.der[extension.id.clone()] {
            [a, b, number] => [*a, *b] != ID_CE || !known.contains(number),
            _ => true,
        })
    }

    /// Critical extensions, by identifier.
    pub(crate) fn critical(&self) -> impl Iterator<Item = ObjectIdentifier> + '_ {
        let critical = self.extensions.iter().filter(|extension| extension.critical);
        critical.filter_map(|extension| ObjectIdentifier::from_bytes(&self.der[extension.id.clone()]).ok())
    }
}

/// RFC 5280 §4.2. No extension more than once: a doubled one is a way to be read differently by two readers.
fn extensions(der: &[u8], list: asn1::Element<'_>) -> Read<Vec<Extension>> {
    let mut found: Vec<Extension> = Vec::new();
    let mut list = asn1::whole(list.value, asn1::SEQUENCE)?.inside();
    while !list.is_empty() {
        let mut parts = list.next(asn1::SEQUENCE)?.inside();
        let id = parts.next(asn1::OID)?.value;
        let critical = parts.optional(asn1::BOOLEAN)?.is_some_and(|truth| truth.value == [0xff]);
        let value = parts.next(asn1::OCTET_STRING)?.value;
        parts.end()?;
        if found.iter().any(|other| der[other.id.clone()] == *id) {
            return Err("the certificate has the same extension twice");
        }
        found.push(Extension { id: place(der, id), critical, value: place(der, value) });
        if found.len() > MAX_EXTENSIONS {
            return Err("the certificate has more than 64 extensions");
        }
    }
    if found.is_empty() { Err("the certificate has an empty list of extensions") } else { Ok(found) }
}

/// Where `part`, a slice of `whole`, is in it.
fn place(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr() as usize - whole.as_ptr() as usize;
    start..start + part.len()
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
    let value = asn1::encode(0x0c, &[text.as_bytes()]);
    let pair = asn1::encode(asn1::SEQUENCE, &[name::COMMON_NAME, &value]);
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
