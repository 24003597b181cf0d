//! PKCS#10 certificate requests (RFC 2986): built for a key that signs elsewhere, and checked with proof of possession.

use crate::algorithm::{ECDSA_WITH_SHA256, der_from_raw, p256_spki};
use crate::asn1::{self, Read};
use crate::certificate::{Certificate, bits, common_name, p256_key};
use crate::{Error, name};

/// Longest request that is read.
const MAX_BYTES: usize = 16 * 1024;

/// A request whose sender has shown to hold the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The P-256 public key as DER SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
    /// The common name asked for, or an empty text. The issuer decides what the certificate says.
    pub subject: String,
    /// The request itself, DER.
    pub der: Vec<u8>,
}

impl Request {
    /// Checks that the key of `certificate` (DER) signed this request as a whole, with ECDSA over the SHA-256 of its DER: its holder stands
    /// behind the new key. The signature is r then s as WebCrypto gives them (64 bytes), or DER.
    ///
    /// # Errors
    /// `Error::Refused` with the rule `request-countersignature`.
    pub fn countersigned_by(&self, certificate: &[u8], signature: &[u8]) -> Result<(), Error> {
        let wrong = |text: &str| refused("request-countersignature", text);
        let certificate = Certificate::read(certificate)?;
        let key = p256_key(certificate.spki()).map_err(wrong)?;
        let signature = if signature.len() == 64 { der_from_raw(signature).unwrap_or_default() } else { signature.to_vec() };
        if key.verify(ECDSA_WITH_SHA256, None, &self.der, &signature).map_err(wrong)? {
            Ok(())
        } else {
            Err(wrong("the request was not signed by the old key"))
        }
    }
}

/// The DER CertificationRequestInfo to be signed by the key. `key` is a DER SubjectPublicKeyInfo or an uncompressed point of 65 bytes.
///
/// # Errors
/// `Error::Refused` when the key is not on P-256 or the name is empty or longer than 64 characters.
pub fn request_info(subject_common_name: &str, key: &[u8]) -> Result<Vec<u8>, Error> {
    let name = subject_common_name.trim();
    if name.is_empty() || name.chars().count() > 64 {
        return Err(refused("request-subject", "the name in a certificate request has 1 to 64 characters"));
    }
    let spki = if key.first() == Some(&4) { p256_spki(key) } else { key.to_vec() };
    p256_key(&spki).map_err(|text| refused("request-key", text))?;
    Ok(asn1::encode(asn1::SEQUENCE, &[&[asn1::INTEGER, 1, 0], &common_name(name), &spki, &[0xa0, 0]]))
}

/// The DER PKCS#10 request from its signed part and the signature as WebCrypto gives it (r then s, 32 bytes each).
///
/// # Errors
/// `Error::Refused` when the signature was not made by the key in `info`.
pub fn request(info: &[u8], raw_r_s: &[u8; 64]) -> Result<Vec<u8>, Error> {
    let signature = der_from_raw(raw_r_s).ok_or_else(|| refused("request-signature", "the signature is not a pair of numbers of P-256"))?;
    let bits = asn1::encode(asn1::BIT_STRING, &[&[0], &signature]);
    let request = asn1::encode(asn1::SEQUENCE, &[info, ECDSA_WITH_SHA256, &bits]);
    check_request(&request)?;
    Ok(request)
}

/// Reads a PKCS#10 request, PEM or DER, and checks that its sender holds the key.
///
/// # Errors
/// `Error::Refused` with a rule: `request-format`, `request-key`, `request-algorithm` or `request-signature`.
pub fn check_request(pem_or_der: &[u8]) -> Result<Request, Error> {
    if pem_or_der.len() > MAX_BYTES {
        return Err(refused("request-format", "the certificate request is longer than 16 KiB"));
    }
    let der = match pem_or_der.first() {
        Some(&asn1::SEQUENCE) => pem_or_der.to_vec(),
        _ => from_pem(pem_or_der)?,
    };
    let parts = parse(&der).map_err(|text| refused("request-format", text))?;
    let key = p256_key(parts.spki).map_err(|text| refused("request-key", text))?;
    if parts.algorithm != ECDSA_WITH_SHA256 {
        return Err(refused("request-algorithm", "the request is not signed with ECDSA and SHA-256"));
    }
    if !key.verify(parts.algorithm, None, parts.info, parts.signature).map_err(|text| refused("request-algorithm", text))? {
        return Err(refused("request-signature", "the request was not signed by the key it asks a certificate for"));
    }
    Ok(Request { spki: parts.spki.to_vec(), subject: parts.subject.clone(), der: der.clone() })
}

struct Parts<'a> {
    info: &'a [u8],
    spki: &'a [u8],
    subject: String,
    algorithm: &'a [u8],
    signature: &'a [u8],
}

fn parse(der: &[u8]) -> Read<Parts<'_>> {
    let mut outer = asn1::whole(der, asn1::SEQUENCE)?.inside();
    let info = outer.next(asn1::SEQUENCE)?;
    let algorithm = outer.next(asn1::SEQUENCE)?.raw;
    let signature = bits(outer.next(asn1::BIT_STRING)?.value)?;
    outer.end()?;
    let mut fields = info.inside();
    if fields.next(asn1::INTEGER)?.value != [0] {
        return Err("the certificate request has another version than 1");
    }
    let subject = fields.next(asn1::SEQUENCE)?.raw;
    let spki = fields.next(asn1::SEQUENCE)?.raw;
    // the attributes may ask for extensions; the issuer does not grant wishes, so they are only passed over
    fields.optional(0xa0)?;
    fields.end()?;
    name::walk(subject, |_, _, _| ()).map_err(|_| "the name in the certificate request cannot be read")?;
    let subject = name::common_name(subject);
    Ok(Parts { info: info.raw, spki, subject, algorithm, signature })
}

fn from_pem(text: &[u8]) -> Result<Vec<u8>, Error> {
    let unreadable = || refused("request-format", "this is no certificate request (PKCS#10) in PEM or DER");
    let text = std::str::from_utf8(text).map_err(|_| unreadable())?.trim();
    let (label, der) = der::pem::decode_vec(text.as_bytes()).map_err(|_| unreadable())?;
    match label {
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Ok(der),
        _ => Err(unreadable()),
    }
}

fn refused(rule: &'static str, text: &str) -> Error {
    Error::refused(rule, "certificate request", text)
}
