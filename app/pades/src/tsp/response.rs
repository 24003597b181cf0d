//! TimeStampResp (RFC 3161 §2.4.2): granted with a token, or rejected with the failure.

use crate::asn1::{self, Read};

/// Why a request is rejected (PKIFailureInfo); the number is the bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The digest algorithm is not taken.
    BadAlg = 0,
    /// What is asked for is not given here.
    BadRequest = 2,
    /// The request cannot be read.
    BadDataFormat = 5,
    /// The authority's clock is not to be had.
    TimeNotAvailable = 14,
    /// The policy asked for is not this authority's.
    UnacceptedPolicy = 15,
    /// An extension is not supported.
    UnacceptedExtension = 16,
    /// Something asked for is not to be had.
    AddInfoNotAvailable = 17,
    /// Anything else went wrong.
    SystemFailure = 25,
}

impl Failure {
    /// In words, for the answer.
    pub fn text(self) -> &'static str {
        match self {
            Self::BadAlg => "the digest algorithm is not SHA-256, SHA-384 or SHA-512",
            Self::BadRequest => "this cannot be asked of this authority",
            Self::BadDataFormat => "the request cannot be read",
            Self::TimeNotAvailable => "the time is not to be had now",
            Self::UnacceptedPolicy => "this authority has another policy",
            Self::UnacceptedExtension => "the request sets a condition that is not understood here",
            Self::AddInfoNotAvailable => "what is asked for besides is not to be had",
            Self::SystemFailure => "the authority failed",
        }
    }
}

/// The answer with a token.
pub fn granted(token: &[u8]) -> Vec<u8> {
    let status = asn1::encode(asn1::SEQUENCE, &[&[asn1::INTEGER, 1, 0]]);
    asn1::encode(asn1::SEQUENCE, &[&status, token])
}

/// The answer without one.
pub fn rejected(failure: Failure) -> Vec<u8> {
    let text = asn1::encode(asn1::SEQUENCE, &[&asn1::encode(asn1::UTF8_STRING, &[failure.text().as_bytes()])]);
    let bit = failure as usize;
    // a list of named bits ends with its last one (X.690 §11.2.2)
    let mut bits = vec![0; bit / 8 + 2];
    bits[0] = 7 - (bit % 8) as u8;
    bits[bit / 8 + 1] = 0x80 >> (bit % 8);
    let failure = asn1::encode(asn1::BIT_STRING, &[&bits]);
    let status = asn1::encode(asn1::SEQUENCE, &[&[asn1::INTEGER, 1, 2], &text, &failure]);
    asn1::encode(asn1::SEQUENCE, &[&status])
}

/// The token of an answer; `Ok(Err(…))` is what a rejection says.
pub(super) fn read_response(der: &[u8]) -> Read<Result<&[u8], String>> {
    let mut fields = asn1::whole(der, asn1::SEQUENCE)?.inside();
    let mut status = fields.next(asn1::SEQUENCE)?.inside();
    let code = status.next(asn1::INTEGER)?.value;
    let texts = status.optional(asn1::SEQUENCE)?;
    let failure = status.optional(asn1::BIT_STRING)?;
    status.end()?;
    // 0 is granted, 1 granted with changes, which the checks after this one judge
    if matches!(code, [0 | 1]) {
        let token = fields.next(asn1::SEQUENCE).map_err(|_| "the time stamp is missing in the answer")?.raw;
        fields.end()?;
        return Ok(Ok(token));
    }
    let mut words = Vec::new();
    if let Some(texts) = texts {
        let mut texts = texts.inside();
        while !texts.is_empty() && words.len() < 4 {
            words.push(String::from_utf8_lossy(texts.any()?.value).chars().filter(|c| !c.is_control()).take(200).collect());
        }
    }
    if let Some(failure) = failure {
        words.push(format!("failure {}", crate::certificate::hex(failure.value.get(1..).unwrap_or_default())));
    }
    Ok(Err(words.join("; ")))
}
