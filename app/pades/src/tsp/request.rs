//! TimeStampReq (RFC 3161 §2.4.1), made and read.

use super::info::{Imprint, TRUE, VERSION_1, boolean, no_critical, nonce_der, policy_text};
use super::response::Failure;
use crate::asn1;

/// Longest request that is read.
const MAX_BYTES: usize = 16 * 1024;

/// What somebody wants stamped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeStampRequest {
    /// The digest.
    pub imprint: Imprint,
    /// What the answer must say again, as the bytes of its INTEGER.
    pub nonce: Option<Vec<u8>>,
    /// The policy asked for, an object identifier in dots.
    pub policy: Option<String>,
    /// Whether the answer is to carry the authority's certificates.
    pub certificates: bool,
}

/// Reads a request strictly.
///
/// # Errors
/// The failure that the answer names: `BadAlg`, `BadDataFormat`, `BadRequest` or `UnacceptedExtension`.
pub fn read_request(der: &[u8]) -> Result<TimeStampRequest, Failure> {
    if der.len() > MAX_BYTES {
        return Err(Failure::BadRequest);
    }
    let format = |_: &'static str| Failure::BadDataFormat;
    let mut fields = asn1::whole(der, asn1::SEQUENCE).map_err(format)?.inside();
    if fields.next(asn1::INTEGER).map_err(format)?.raw != VERSION_1 {
        return Err(Failure::BadRequest);
    }
    let imprint = Imprint::read(fields.next(asn1::SEQUENCE).map_err(format)?).map_err(format)?.map_err(|_| Failure::BadAlg)?;
    let policy = fields.optional(asn1::OID).map_err(format)?.map(|oid| policy_text(oid.raw)).transpose().map_err(format)?;
    let nonce = fields.optional(asn1::INTEGER).map_err(format)?.map(|nonce| nonce.value.to_vec());
    // what cannot be echoed is not taken: the empty and the endless
    nonce.as_deref().map(nonce_der).transpose().map_err(format)?;
    let certificates = boolean(fields.optional(asn1::BOOLEAN).map_err(format)?).map_err(format)?;
    if let Some(extensions) = fields.optional(0xa0).map_err(format)? {
        no_critical(extensions.inside()).map_err(|_| Failure::UnacceptedExtension)?;
    }
    fields.end().map_err(format)?;
    Ok(TimeStampRequest { imprint, nonce, policy, certificates })
}

/// A request for a stamp over `imprint` (SHA-256) that asks for the certificates. `nonce`: at least eight random bytes.
pub fn request(imprint: &[u8; 32], nonce: &[u8]) -> Vec<u8> {
    let imprint = Imprint::sha256(*imprint);
    asn1::encode(asn1::SEQUENCE, &[VERSION_1, &imprint.der(), &asn1::encode(asn1::INTEGER, &[&positive(nonce)]), TRUE])
}

/// Random bytes as an INTEGER's, never negative.
pub(super) fn positive(bytes: &[u8]) -> Vec<u8> {
    match crate::certificate::without_leading_zeros(bytes) {
        [] => vec![0],
        [first, rest @ ..] if *first >= 0x80 => [&[0, *first], rest].concat(),
        bytes => bytes.to_vec(),
    }
}
