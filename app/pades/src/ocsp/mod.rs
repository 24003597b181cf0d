//! The state of certificates, asked and answered online (RFC 6960, nonces after RFC 9654).
//!
//! A responder reads the question (`read_request`), answers each certificate (`Answer`), signs (`response`, then `ResponseToBeSigned::signed`) or
//! refuses (`refused`). Whether its certificate is exempt from being asked about (id-pkix-ocsp-nocheck) is that certificate's matter.

mod read;
mod request;
mod response;

pub(crate) use read::OcspResponse;
pub use read::check_response;
pub use request::{CertificateId, OcspRequest, read_request, request};
pub(crate) use response::wrapped;
pub use response::{Answer, CertificateStatus, Refusal, ResponseToBeSigned, refused, response};

/// `id-pkix-ocsp-basic`, with tag and length.
const ID_BASIC: &[u8] = &[0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x01];
/// `id-pkix-ocsp-nonce`, with tag and length.
const ID_NONCE: &[u8] = &[0x06, 0x09, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x30, 0x01, 0x02];
