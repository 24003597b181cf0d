//! The signed attributes of a PAdES baseline signature (EN 319 142-1 §6.3): contentType, messageDigest, signingCertificateV2.
//!
//! No signing-time: PAdES says the time in the dictionary's `/M`.

use crate::algorithm::Digest;
use crate::asn1::{self, Element, Elements, Read};
use crate::certificate::{Certificate, without_leading_zeros};

/// `id-data`, with tag and length.
pub(crate) const ID_DATA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
/// SHA-256 as an AlgorithmIdentifier, without parameters.
pub(crate) const SHA256: &[u8] = &[0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
const CONTENT_TYPE: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03];
const MESSAGE_DIGEST: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04];
const SIGNING_TIME: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05];
const SIGNING_CERTIFICATE_V2: &[u8] = &[0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f];
/// The signature time stamp (RFC 3161 appendix A), the one unsigned attribute that outside signers may add.
pub(crate) const SIGNATURE_TIME_STAMP: &[u8] = &[0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x0e];

/// The attributes over a document's digest and the signer's certificate, as the DER SET that is signed.
pub(crate) fn signed_attributes(digest: &[u8; 32], certificate_der: &[u8]) -> Vec<u8> {
    signed_attributes_over(ID_DATA, digest, certificate_der)
}

/// The same over content of another type (an OID with tag and length).
pub(crate) fn signed_attributes_over(content_type: &[u8], digest: &[u8; 32], certificate_der: &[u8]) -> Vec<u8> {
    let certificate_hash = Digest::Sha256.of(&[certificate_der]);
    // ESSCertIDv2 leaves out the hash algorithm when it is SHA-256 (RFC 5035 §4), and the issuer's name is only a hint
    let id = asn1::encode(asn1::SEQUENCE, &[&asn1::encode(asn1::OCTET_STRING, &[&certificate_hash])]);
    let ids = asn1::encode(asn1::SEQUENCE, &[&asn1::encode(asn1::SEQUENCE, &[&id])]);
    let mut attributes = [
        attribute(CONTENT_TYPE, content_type),
        attribute(MESSAGE_DIGEST, &asn1::encode(asn1::OCTET_STRING, &[digest])),
        attribute(SIGNING_CERTIFICATE_V2, &ids),
    ];
    asn1::order(&mut attributes);
    asn1::encode(asn1::SET, &[&attributes[0], &attributes[1], &attributes[2]])
}

/// What the signed attributes say.
#[derive(Debug)]
pub(crate) struct SignedAttributes<'a> {
    /// messageDigest.
    pub message_digest: &'a [u8],
    /// signingCertificateV2, where it is there.
    pub certificate: Option<CertificateId<'a>>,
    /// Whether the signing-time attribute is there, which PAdES forbids.
    pub signing_time: bool,
}

/// ESSCertIDv2 of the signer.
#[derive(Debug)]
pub(crate) struct CertificateId<'a> {
    digest: Digest,
    hash: &'a [u8],
    issuer_serial: Option<Element<'a>>,
}

impl CertificateId<'_> {
    /// Whether this names exactly `certificate`.
    pub fn names(&self, certificate: &Certificate) -> bool {
        self.hash == self.digest.of(&[certificate.der()])
            && self.issuer_serial.is_none_or(|element| issuer_serial_agrees(element, certificate).unwrap_or(false))
    }
}

/// Reads the value of a `SET OF Attribute`; each attribute that counts is there at most once and has one value.
pub(crate) fn read(set: Elements<'_>) -> Read<SignedAttributes<'_>> {
    in_order(set)?;
    read_over(set, ID_DATA)
}

/// The same where the content is of another type.
pub(crate) fn read_over<'a>(set: Elements<'a>, content: &[u8]) -> Read<SignedAttributes<'a>> {
    let (mut content_type, mut digest, mut certificate, mut signing_time) = (None, None, None, false);
    for (oid, values) in list(set)? {
        let slot = match oid {
            CONTENT_TYPE => &mut content_type,
            MESSAGE_DIGEST => &mut digest,
            SIGNING_CERTIFICATE_V2 => &mut certificate,
            SIGNING_TIME => {
                signing_time = true;
                continue;
            }
            _ => continue,
        };
        let mut values = values.inside();
        let value = values.any()?;
        values.end().map_err(|_| "a signed attribute has more than one value")?;
        if slot.replace(value).is_some() {
            return Err("a signed attribute is there twice");
        }
    }
    if content_type.ok_or("the signed attribute contentType is missing")?.raw != content {
        return Err("the signed attribute contentType does not say what the content is");
    }
    let digest = digest.filter(|d| d.tag == asn1::OCTET_STRING).ok_or("the signed attribute messageDigest is missing")?;
    Ok(SignedAttributes { message_digest: digest.value, certificate: certificate.map(certificate_id).transpose()?, signing_time })
}

/// DER sorts a set. What is signed must be DER (RFC 5652 §5.4): programs that sort it again before they check would see another signature.
fn in_order(mut set: Elements<'_>) -> Read<()> {
    let mut last: &[u8] = &[];
    while !set.is_empty() {
        let attribute = set.any()?.raw;
        if attribute < last {
            return Err("the signed attributes are not in the order of DER");
        }
        last = attribute;
    }
    Ok(())
}

/// The attributes of a set as identifier and set of values.
pub(crate) fn list(mut set: Elements<'_>) -> Read<Vec<(&[u8], Element<'_>)>> {
    let mut attributes = Vec::new();
    while !set.is_empty() {
        let mut attribute = set.next(asn1::SEQUENCE)?.inside();
        let oid = attribute.next(asn1::OID)?;
        let values = attribute.next(asn1::SET)?;
        attribute.end()?;
        attributes.push((oid.raw, values));
        if attributes.len() > 64 {
            return Err("there are more than 64 attributes");
        }
    }
    Ok(attributes)
}

/// The first ESSCertIDv2 is the signer's (RFC 5035 §3); more of them name the chain.
fn certificate_id(value: Element<'_>) -> Read<CertificateId<'_>> {
    if value.tag != asn1::SEQUENCE {
        return Err("the signed attribute signingCertificateV2 cannot be read");
    }
    let mut id = value.inside().next(asn1::SEQUENCE)?.inside().next(asn1::SEQUENCE)?.inside();
    let algorithm = id.optional(asn1::SEQUENCE)?;
    let hash = id.next(asn1::OCTET_STRING)?.value;
    let issuer_serial = id.optional(asn1::SEQUENCE)?;
    id.end()?;
    // RFC 5035 §4: the default is SHA-256
    let digest = algorithm.map_or(Ok(Digest::Sha256), |algorithm| Digest::from_identifier(algorithm.raw))?;
    Ok(CertificateId { digest, hash, issuer_serial })
}

fn issuer_serial_agrees(element: Element<'_>, certificate: &Certificate) -> Read<bool> {
    let mut parts = element.inside();
    let names = parts.next(asn1::SEQUENCE)?;
    let serial = parts.next(asn1::INTEGER)?;
    let directory_name = names.inside().next(0xa4)?;
    Ok(directory_name.value == certificate.issuer() && without_leading_zeros(serial.value) == certificate.serial())
}

fn attribute(oid: &[u8], value: &[u8]) -> Vec<u8> {
    asn1::encode(asn1::SEQUENCE, &[oid, &asn1::encode(asn1::SET, &[value])])
}
