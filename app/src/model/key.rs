//! Keys and certificates as their owner sees them.

use serde::{Deserialize, Serialize};

/// A certificate that the authority issued to the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Certificate {
    /// Serial number, lower-case hexadecimal.
    pub serial: String,
    /// Subject common name.
    pub subject: String,
    /// The device or program it is for, in its owner's words.
    pub device: String,
    /// Start of validity, RFC 3339 UTC.
    pub not_before: String,
    /// End of validity, RFC 3339 UTC.
    pub not_after: String,
    /// When it was revoked.
    pub revoked_at: Option<String>,
    /// Why it was revoked.
    pub revocation_reason: Option<String>,
    /// SHA-256 of the DER certificate, lower-case hexadecimal.
    pub fingerprint: String,
}

/// The answer to an enrolment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Enrolment {
    /// Serial number, lower-case hexadecimal.
    pub serial: String,
    /// PEM, the issuer's after it.
    pub certificate: String,
    /// End of validity, RFC 3339 UTC.
    pub not_after: String,
}
