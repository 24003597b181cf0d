//! OCSPResponse (RFC 6960 §4.2) as stages: the answers, what the responder's key signs, the response.

use sha1::{Digest as _, Sha1};

use super::ID_BASIC;
use super::request::{CertificateId, nonce_extension, public_key};
use crate::Error;
use crate::algorithm::ECDSA_WITH_SHA256;
use crate::asn1;
use crate::certificate::{Certificate, p256_key};
use crate::moment;
use crate::report::{SubIndication, Verdict};
use crate::sign::checked_signature;

/// The state of one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateStatus {
    /// Issued and not revoked.
    Good,
    /// Revoked.
    Revoked {
        /// Since when, unix seconds.
        at: i64,
        /// CRLReason (RFC 5280 §5.3.1), 0 to 10 without 7; left out where it is 0 (unspecified).
        reason: Option<u8>,
    },
    /// Not one that this responder knows.
    Unknown,
}

/// What is said about one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Which.
    pub id: CertificateId,
    /// Its state.
    pub status: CertificateStatus,
    /// When this was known to be so, unix seconds.
    pub this_update: i64,
    /// When newer will be known; none means at any time.
    pub next_update: Option<i64>,
}

/// Why there is no answer (OCSPResponseStatus).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The request cannot be read.
    MalformedRequest = 1,
    /// Something failed here.
    InternalError = 2,
    /// Too much is asked just now.
    TryLater = 3,
    /// This responder cannot speak about those certificates.
    Unauthorized = 6,
}

/// A response whose data wait for the responder's key.
#[derive(Clone, Debug)]
pub struct ResponseToBeSigned {
    data: Vec<u8>,
    certificate: Certificate,
}

/// Puts the answers together under the responder's certificate, which is named by its key.
///
/// # Errors
/// `Error::Signature` when the certificate cannot be read or its key is not on P-256, `Error::Parameter` when there is no answer or a reason
/// that does not exist.
pub fn response(answers: &[Answer], produced_at: i64, nonce: Option<&[u8]>, responder_certificate: &[u8]) -> Result<ResponseToBeSigned, Error> {
    let certificate = Certificate::read(responder_certificate)?;
    let unusable = |text: &'static str| Verdict::new(SubIndication::CryptoConstraintsFailure, "key", certificate.serial_hex(), text);
    p256_key(certificate.spki()).map_err(unusable)?;
    let key_hash = asn1::encode(asn1::OCTET_STRING, &[&Sha1::digest(public_key(&certificate).map_err(unusable)?)]);
    if answers.is_empty() {
        return Err(Error::Parameter("a response answers at least one question".to_owned()));
    }
    let singles = answers.iter().map(single).collect::<Result<Vec<_>, _>>()?;
    let singles: Vec<&[u8]> = singles.iter().map(Vec::as_slice).collect();
    let extensions = nonce.map(|nonce| asn1::encode(0xa1, &[&asn1::encode(asn1::SEQUENCE, &[&nonce_extension(nonce)])])).unwrap_or_default();
    let data =
        asn1::encode(asn1::SEQUENCE, &[&asn1::encode(0xa2, &[&key_hash]), &moment::write(produced_at), &asn1::encode(asn1::SEQUENCE, &singles), &extensions]);
    Ok(ResponseToBeSigned { data, certificate })
}

impl ResponseToBeSigned {
    /// The DER ResponseData to be signed with ECDSA over SHA-256.
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The response with the responder's certificate (left out where `with_certificate` is false: the issuing authority itself answers).
    ///
    /// # Errors
    /// `Error::Signature` with `SIG_CRYPTO_FAILURE` when another key made the signature (r then s, 32 bytes each).
    pub fn signed(self, raw_r_s: &[u8; 64], with_certificate: bool) -> Result<Vec<u8>, Error> {
        let signature = checked_signature(&self.certificate, &self.data, raw_r_s)?;
        let value = asn1::encode(asn1::BIT_STRING, &[&[0], &signature]);
        let certificates = if with_certificate { asn1::encode(0xa0, &[&asn1::encode(asn1::SEQUENCE, &[self.certificate.der()])]) } else { Vec::new() };
        let basic = asn1::encode(asn1::SEQUENCE, &[&self.data, ECDSA_WITH_SHA256, &value, &certificates]);
        Ok(wrapped(&basic))
    }
}

/// A BasicOCSPResponse as the answer it comes in.
pub(crate) fn wrapped(basic: &[u8]) -> Vec<u8> {
    let bytes = asn1::encode(asn1::SEQUENCE, &[ID_BASIC, &asn1::encode(asn1::OCTET_STRING, &[basic])]);
    asn1::encode(asn1::SEQUENCE, &[&[asn1::ENUMERATED, 1, 0], &asn1::encode(0xa0, &[&bytes])])
}

/// The answer that gives none.
pub fn refused(refusal: Refusal) -> Vec<u8> {
    asn1::encode(asn1::SEQUENCE, &[&[asn1::ENUMERATED, 1, refusal as u8]])
}

fn single(answer: &Answer) -> Result<Vec<u8>, Error> {
    let status = match answer.status {
        CertificateStatus::Good => vec![0x80, 0],
        CertificateStatus::Unknown => vec![0x82, 0],
        CertificateStatus::Revoked { at, reason } => {
            let reason = match reason {
                None | Some(0) => Vec::new(),
                Some(reason @ (1..=6 | 8..=10)) => asn1::encode(0xa0, &[&[asn1::ENUMERATED, 1, reason]]),
                Some(_) => return Err(Error::Parameter("there is no such reason for a revocation".to_owned())),
            };
            asn1::encode(0xa1, &[&moment::write(at), &reason])
        }
    };
    let next = answer.next_update.map(|next| asn1::encode(0xa0, &[&moment::write(next)])).unwrap_or_default();
    Ok(asn1::encode(asn1::SEQUENCE, &[answer.id.raw(), &status, &moment::write(answer.this_update), &next]))
}

/// A serial number with its sign, as the certificate has it.
pub(super) fn serial_der(serial: &[u8]) -> Vec<u8> {
    match serial {
        [] => vec![asn1::INTEGER, 1, 0],
        [first, ..] if *first >= 0x80 => asn1::encode(asn1::INTEGER, &[&[0], serial]),
        serial => asn1::encode(asn1::INTEGER, &[serial]),
    }
}
