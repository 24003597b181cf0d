//! CMS SignedData (RFC 5652 §5) as PAdES uses it: one signer, no content inside, DER throughout.

use crate::algorithm::ECDSA_WITH_SHA256;
use crate::asn1::{self, Element, Read};
use crate::attributes::{ID_DATA, SHA256};
use crate::certificate::{Certificate, without_leading_zeros};

/// Longest CMS that is read.
const MAX_BYTES: usize = 256 * 1024;
/// Most certificates that are read from one CMS.
const MAX_CERTIFICATES: usize = 32;
/// `id-signedData`, with tag and length.
pub(crate) const ID_SIGNED_DATA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// Version 1 as an INTEGER.
const VERSION_1: &[u8] = &[asn1::INTEGER, 1, 1];

/// The pieces of a SignedData, as slices of what was read.
#[derive(Debug)]
pub(crate) struct Cms<'a> {
    /// The embedded certificates, each DER; equal ones once.
    pub certificates: Vec<&'a [u8]>,
    /// Revocation lists and the like that are embedded (RevocationInfoChoices).
    pub revocation: Option<Element<'a>>,
    /// digestAlgorithm, an AlgorithmIdentifier.
    pub digest_algorithm: &'a [u8],
    /// signatureAlgorithm, an AlgorithmIdentifier.
    pub signature_algorithm: &'a [u8],
    /// signedAttrs with their tag 0xA0.
    pub signed_attributes: Element<'a>,
    /// The signature value.
    pub signature: &'a [u8],
    /// unsignedAttrs.
    pub unsigned_attributes: Option<Element<'a>>,
    /// The content inside, where it carries one.
    pub content: Option<&'a [u8]>,
    signer: SignerIdentifier<'a>,
}

#[derive(Debug)]
enum SignerIdentifier<'a> {
    IssuerAndSerial { issuer: &'a [u8], serial: &'a [u8] },
    SubjectKeyIdentifier(&'a [u8]),
}

impl<'a> Cms<'a> {
    /// Reads a SignedData; every deviation from what PAdES allows is an error.
    pub fn parse(bytes: &'a [u8]) -> Read<Self> {
        Self::parse_over(bytes, None)
    }

    /// Reads a SignedData that carries content of this type (an OID with tag and length), as a time-stamp token does.
    pub fn parse_carrying(bytes: &'a [u8], content_type: &[u8]) -> Read<Self> {
        Self::parse_over(bytes, Some(content_type))
    }

    fn parse_over(bytes: &'a [u8], content_type: Option<&[u8]>) -> Read<Self> {
        if bytes.len() > MAX_BYTES {
            return Err("the signature is longer than 256 KiB");
        }
        let mut outer = asn1::whole(bytes, asn1::SEQUENCE)?.inside();
        if outer.next(asn1::OID)?.raw != ID_SIGNED_DATA {
            return Err("this is no CMS SignedData");
        }
        let explicit = outer.next(0xa0)?;
        outer.end()?;
        let mut data = asn1::whole(explicit.value, asn1::SEQUENCE)?.inside();
        let version = data.next(asn1::INTEGER)?.value;
        let digest_algorithms = data.next(asn1::SET)?;
        let mut content = data.next(asn1::SEQUENCE)?.inside();
        if content.next(asn1::OID)?.raw != content_type.unwrap_or(ID_DATA) {
            return Err("the signature is over something else than it should be");
        }
        let carried = match content_type {
            Some(_) => Some(asn1::whole(content.next(0xa0)?.value, asn1::OCTET_STRING)?.value),
            None => None,
        };
        content.end().map_err(|_| "the signature carries its own content instead of covering the document")?;
        let certificates = data.optional(0xa0)?;
        let revocation = data.optional(0xa1)?;
        let mut signers = data.next(asn1::SET)?.inside();
        data.end()?;
        let signer = signers.next(asn1::SEQUENCE).map_err(|_| "there is no signer in the signature")?;
        signers.end().map_err(|_| "there is more than one signer in one signature")?;
        // RFC 5652 §5.1: with nothing but data, plain certificates and one signer, the version is the signer's; other content makes it 3
        let fits = if content_type.is_some() { version == [3] } else { signer.inside().next(asn1::INTEGER)?.value == version };
        if !fits {
            return Err("the version of the signature does not fit its signer");
        }
        Self::parse_signer(signer, digest_algorithms, list(certificates)?, revocation, carried)
    }

    fn parse_signer(
        signer: Element<'a>,
        digest_algorithms: Element<'a>,
        certificates: Vec<&'a [u8]>,
        revocation: Option<Element<'a>>,
        content: Option<&'a [u8]>,
    ) -> Read<Self> {
        let mut fields = signer.inside();
        let version = fields.next(asn1::INTEGER)?.value;
        let identifier = fields.any()?;
        let signer = match identifier.tag {
            asn1::SEQUENCE => {
                let mut parts = identifier.inside();
                let issuer = parts.next(asn1::SEQUENCE)?.raw;
                let serial = without_leading_zeros(parts.next(asn1::INTEGER)?.value);
                parts.end()?;
                SignerIdentifier::IssuerAndSerial { issuer, serial }
            }
            0x80 => SignerIdentifier::SubjectKeyIdentifier(identifier.value),
            _ => return Err("the signature does not say which certificate it belongs to"),
        };
        // RFC 5652 §5.3: version 1 goes with issuer and serial number, 3 with the key identifier
        if version != if identifier.tag == asn1::SEQUENCE { [1] } else { [3] } {
            return Err("the signer's version does not fit");
        }
        let digest_algorithm = fields.next(asn1::SEQUENCE)?.raw;
        let signed_attributes = fields.next(0xa0).map_err(|_| "the signed attributes are missing")?;
        let signature_algorithm = fields.next(asn1::SEQUENCE)?.raw;
        let signature = fields.next(asn1::OCTET_STRING)?.value;
        let unsigned_attributes = fields.optional(0xa1)?;
        fields.end()?;
        if digest_algorithms.value != digest_algorithm {
            return Err("the digest algorithms of the signature do not agree");
        }
        Ok(Self { certificates, revocation, digest_algorithm, signature_algorithm, signed_attributes, signature, unsigned_attributes, content, signer })
    }

    /// The bytes that were signed: the attributes as they arrived, under the tag SET (RFC 5652 §5.4).
    pub fn signed_bytes(&self) -> Vec<u8> {
        let mut bytes = self.signed_attributes.raw.to_vec();
        bytes[0] = asn1::SET;
        bytes
    }

    /// Whether the signature says that it belongs to this certificate.
    pub fn names(&self, certificate: &Certificate) -> bool {
        match self.signer {
            SignerIdentifier::IssuerAndSerial { issuer, serial } => issuer == certificate.issuer() && serial == certificate.serial(),
            SignerIdentifier::SubjectKeyIdentifier(identifier) => certificate.subject_key_identifier() == Some(identifier),
        }
    }
}

/// Builds the SignedData of one signer; the certificates go in the order that DER demands of a set.
pub(crate) fn signed_data(signed_attributes: &[u8], signature: &[u8], certificate: &Certificate, chain: &[Certificate]) -> Vec<u8> {
    let mut certificates: Vec<&[u8]> = std::iter::once(certificate).chain(chain).map(Certificate::der).collect();
    asn1::order(&mut certificates);
    certificates.dedup();
    let signer = signer_info(signed_attributes, signature, certificate);
    let data = asn1::encode(
        asn1::SEQUENCE,
        &[
            VERSION_1,
            &asn1::encode(asn1::SET, &[SHA256]),
            &asn1::encode(asn1::SEQUENCE, &[ID_DATA]),
            &asn1::encode(0xa0, &certificates),
            &asn1::encode(asn1::SET, &[&signer]),
        ],
    );
    asn1::encode(asn1::SEQUENCE, &[ID_SIGNED_DATA, &asn1::encode(0xa0, &[&data])])
}

/// SignerInfo by issuer and serial number, SHA-256 and ECDSA.
pub(crate) fn signer_info(signed_attributes: &[u8], signature: &[u8], certificate: &Certificate) -> Vec<u8> {
    // a serial number with its sign, as the certificate has it
    let serial = match certificate.serial() {
        [] => vec![0],
        [first, ..] if *first >= 0x80 => [&[0], certificate.serial()].concat(),
        serial => serial.to_vec(),
    };
    let identifier = asn1::encode(asn1::SEQUENCE, &[certificate.issuer(), &asn1::encode(asn1::INTEGER, &[&serial])]);
    let mut attributes = signed_attributes.to_vec();
    attributes[0] = 0xa0;
    let signature = asn1::encode(asn1::OCTET_STRING, &[signature]);
    asn1::encode(asn1::SEQUENCE, &[VERSION_1, &identifier, SHA256, &attributes, ECDSA_WITH_SHA256, &signature])
}

fn list(certificates: Option<Element<'_>>) -> Read<Vec<&[u8]>> {
    let mut found: Vec<&[u8]> = Vec::new();
    let Some(set) = certificates else { return Ok(found) };
    let mut set = set.inside();
    let mut count = 0;
    while !set.is_empty() {
        let certificate = set.next(asn1::SEQUENCE).map_err(|_| "the signature carries a certificate of an unknown kind")?.raw;
        count += 1;
        if count > MAX_CERTIFICATES {
            return Err("the signature carries more than 32 certificates");
        }
        // programs that gather a chain from several places put the same one in again: that says nothing new
        if !found.contains(&certificate) {
            found.push(certificate);
        }
    }
    Ok(found)
}
