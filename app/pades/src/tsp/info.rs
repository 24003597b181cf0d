//! What a time stamp says: TSTInfo (RFC 3161 §2.4.2), and the imprint that request and token share.

use der::asn1::ObjectIdentifier;
use der::{Decode, Encode};

use crate::Digest;
use crate::asn1::{self, Element, Read};
use crate::attributes::SHA256;
use crate::moment;

/// Version 1 as an INTEGER.
pub(super) const VERSION_1: &[u8] = &[asn1::INTEGER, 1, 1];
/// TRUE as a BOOLEAN.
pub(super) const TRUE: &[u8] = &[asn1::BOOLEAN, 1, 0xff];
/// Longest serial number and nonce that are read, bytes: RFC 3161 §2.4.2 wants 160 bits understood.
const MAX_NUMBER: usize = 64;

/// The digest of what is stamped, by SHA-256, SHA-384 or SHA-512.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imprint {
    /// The AlgorithmIdentifier as it was read, for echoing.
    algorithm: Vec<u8>,
    digest: Digest,
    hash: Vec<u8>,
}

impl Imprint {
    /// An imprint by SHA-256.
    pub fn sha256(hash: [u8; 32]) -> Self {
        Self { algorithm: SHA256.to_vec(), digest: Digest::Sha256, hash: hash.to_vec() }
    }

    /// The digest.
    pub fn hash(&self) -> &[u8] {
        &self.hash
    }

    /// What it was made with.
    pub fn algorithm(&self) -> Digest {
        self.digest
    }

    /// Whether this is the digest of `bytes`.
    pub fn is_of(&self, bytes: &[u8]) -> bool {
        self.digest.of(&[bytes]) == self.hash
    }

    /// Reads a MessageImprint. `Ok(Err(…))` is an algorithm that is not taken.
    pub(super) fn read(element: Element<'_>) -> Read<Result<Self, &'static str>> {
        let mut parts = element.inside();
        let algorithm = parts.next(asn1::SEQUENCE)?;
        let hash = parts.next(asn1::OCTET_STRING)?.value;
        parts.end()?;
        let digest = match Digest::from_identifier(algorithm.raw) {
            Ok(digest) => digest,
            Err(text) => return Ok(Err(text)),
        };
        if hash.len() != digest.length() {
            return Err("the digest of the time stamp has another length than its algorithm gives");
        }
        Ok(Ok(Self { algorithm: algorithm.raw.to_vec(), digest, hash: hash.to_vec() }))
    }

    pub(super) fn der(&self) -> Vec<u8> {
        asn1::encode(asn1::SEQUENCE, &[&self.algorithm, &asn1::encode(asn1::OCTET_STRING, &[&self.hash])])
    }
}

/// How far the true time may lie from the one that is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accuracy {
    /// Whole seconds.
    pub seconds: u32,
    /// Milliseconds more, 0 to 999.
    pub millis: u16,
    /// Microseconds more, 0 to 999.
    pub micros: u16,
}

/// What an authority says about an imprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TstInfo {
    /// The policy it was made under, an object identifier in dots.
    pub policy: String,
    /// The digest that existed.
    pub imprint: Imprint,
    /// Serial number, most significant byte first, unique for this authority.
    pub serial: Vec<u8>,
    /// When, unix seconds; fractions are cut off.
    pub at: i64,
    /// How exactly.
    pub accuracy: Option<Accuracy>,
    /// Whether two stamps of this authority are in order whatever their accuracy.
    pub ordering: bool,
    /// The request's nonce, as the bytes of its INTEGER.
    pub nonce: Option<Vec<u8>>,
}

impl TstInfo {
    /// Reads the DER content of a token.
    pub(super) fn read(der: &[u8]) -> Read<Self> {
        let mut fields = asn1::whole(der, asn1::SEQUENCE)?.inside();
        if fields.next(asn1::INTEGER)?.raw != VERSION_1 {
            return Err("the time stamp has another version than 1");
        }
        let policy = policy_text(fields.next(asn1::OID)?.raw)?;
        let imprint = Imprint::read(fields.next(asn1::SEQUENCE)?)??;
        let serial = number(fields.next(asn1::INTEGER)?)?.to_vec();
        let at = moment::read(fields.next(asn1::GENERALIZED_TIME)?)?;
        let accuracy = fields.optional(asn1::SEQUENCE)?.map(accuracy).transpose()?;
        let ordering = boolean(fields.optional(asn1::BOOLEAN)?)?;
        let nonce = fields.optional(asn1::INTEGER)?.map(number).transpose()?.map(<[u8]>::to_vec);
        // the authority's name is a hint: its certificate tells who it is
        fields.optional(0xa0)?;
        if let Some(extensions) = fields.optional(0xa1)? {
            no_critical(extensions.inside())?;
        }
        fields.end()?;
        Ok(Self { policy, imprint, serial, at, accuracy, ordering, nonce })
    }

    /// The DER content of a token.
    pub(super) fn der(&self) -> Read<Vec<u8>> {
        let policy = policy(&self.policy)?;
        let serial = asn1::encode(asn1::INTEGER, &[&signed_number(&self.serial)?]);
        let accuracy = self.accuracy.map(accuracy_der).transpose()?.unwrap_or_default();
        let nonce = self.nonce.as_deref().map(nonce_der).transpose()?.unwrap_or_default();
        let ordering: &[u8] = if self.ordering { TRUE } else { &[] };
        Ok(asn1::encode(asn1::SEQUENCE, &[VERSION_1, &policy, &self.imprint.der(), &serial, &moment::write(self.at), &accuracy, ordering, &nonce]))
    }
}

/// An object identifier in dots as DER.
pub(super) fn policy(text: &str) -> Read<Vec<u8>> {
    const WRONG: &str = "the policy is no object identifier";
    let oid: ObjectIdentifier = ObjectIdentifier::new(text).map_err(|_| WRONG)?;
    oid.to_der().map_err(|_| WRONG)
}

/// The same in dots.
pub(super) fn policy_text(der: &[u8]) -> Read<String> {
    let oid: ObjectIdentifier = ObjectIdentifier::from_der(der).map_err(|_| "the policy cannot be read")?;
    Ok(oid.to_string())
}

/// The bytes of an INTEGER that is neither negative nor padded, for echoing.
pub(super) fn number(element: Element<'_>) -> Read<&[u8]> {
    match element.value {
        [] => Err("a number is empty"),
        bytes if bytes.len() > MAX_NUMBER => Err("a number is longer than 64 bytes"),
        [0, second, ..] if *second < 0x80 => Err("a number is padded"),
        bytes => Ok(bytes),
    }
}

/// A nonce goes back as it came, negative ones too.
pub(super) fn nonce_der(bytes: &[u8]) -> Read<Vec<u8>> {
    if bytes.is_empty() || bytes.len() > MAX_NUMBER {
        return Err("the nonce has 1 to 64 bytes");
    }
    Ok(asn1::encode(asn1::INTEGER, &[bytes]))
}

/// A BOOLEAN with the default FALSE, which DER leaves out.
pub(super) fn boolean(element: Option<Element<'_>>) -> Read<bool> {
    match element.map(|element| element.value) {
        None => Ok(false),
        Some([0xff]) => Ok(true),
        // OpenSSL and others write the default, too
        Some([0x00]) => Ok(false),
        Some(_) => Err("a truth value is neither true nor false"),
    }
}

/// Extensions, none of them critical: an unknown condition cannot be kept.
pub(super) fn no_critical(mut extensions: asn1::Elements<'_>) -> Read<()> {
    while !extensions.is_empty() {
        let mut extension = extensions.next(asn1::SEQUENCE)?.inside();
        extension.next(asn1::OID)?;
        if boolean(extension.optional(asn1::BOOLEAN)?)? {
            return Err("a condition (critical extension) is set that is not understood here");
        }
        extension.next(asn1::OCTET_STRING)?;
        extension.end()?;
    }
    Ok(())
}

fn signed_number(bytes: &[u8]) -> Read<Vec<u8>> {
    let bytes = crate::certificate::without_leading_zeros(bytes);
    match bytes {
        [] => Ok(vec![0]),
        bytes if bytes.len() >= MAX_NUMBER => Err("the serial number is longer than 63 bytes"),
        [first, ..] if *first >= 0x80 => Ok([&[0], bytes].concat()),
        bytes => Ok(bytes.to_vec()),
    }
}

fn accuracy(element: Element<'_>) -> Read<Accuracy> {
    let mut parts = element.inside();
    let seconds = parts.optional(asn1::INTEGER)?.map(small).transpose()?.unwrap_or(0);
    let millis = parts.optional(0x80)?.map(small).transpose()?.unwrap_or(0);
    let micros = parts.optional(0x81)?.map(small).transpose()?.unwrap_or(0);
    parts.end()?;
    if millis > 999 || micros > 999 {
        return Err("the accuracy of the time stamp is out of range");
    }
    Ok(Accuracy { seconds, millis: millis as u16, micros: micros as u16 })
}

fn small(element: Element<'_>) -> Read<u32> {
    let bytes = number(element)?;
    if bytes.len() > 4 || bytes[0] >= 0x80 {
        return Err("the accuracy of the time stamp is out of range");
    }
    Ok(bytes.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte)))
}

fn accuracy_der(accuracy: Accuracy) -> Read<Vec<u8>> {
    if accuracy.millis > 999 || accuracy.micros > 999 || accuracy.seconds > u32::MAX >> 1 {
        return Err("the accuracy of the time stamp is out of range");
    }
    let part = |tag: u8, value: u32| match value {
        0 => Ok(Vec::new()),
        value => signed_number(&value.to_be_bytes()).map(|bytes| asn1::encode(tag, &[&bytes])),
    };
    let (seconds, millis, micros) = (part(asn1::INTEGER, accuracy.seconds)?, part(0x80, accuracy.millis.into())?, part(0x81, accuracy.micros.into())?);
    Ok(asn1::encode(asn1::SEQUENCE, &[&seconds, &millis, &micros]))
}
