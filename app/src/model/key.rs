//! Keys and certificates as their owner and administrators see them.

use serde::{Deserialize, Serialize};

/// How a certificate follows from the account's certificates before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub enum Continuity {
    /// The account's first.
    #[default]
    First,
    /// The key of the certificate in `renews` signed the request for this one.
    Renewed,
    /// A new key that nothing but the sign-in stands behind: its owner is asked whether it is his.
    New,
}

/// What a certificate is worth now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub enum CertificateState {
    /// It may sign.
    Valid,
    /// A certificate that renews it has signed; it signs nothing more.
    Replaced,
    /// It was revoked.
    Revoked,
    /// Its time is over.
    Ended,
}

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
    /// When it was issued, RFC 3339 UTC.
    pub issued_at: String,
    /// Start of validity, RFC 3339 UTC.
    pub not_before: String,
    /// End of validity, RFC 3339 UTC.
    pub not_after: String,
    /// What it is worth now.
    pub state: CertificateState,
    /// How it follows from the certificates before.
    pub continuity: Continuity,
    /// Serial number of the certificate whose key signed the request for this one.
    pub renews: Option<String>,
    /// When a certificate that renews this one signed first; this one signs nothing from then on.
    pub replaced_at: Option<String>,
    /// When it signed last, to the minute.
    pub used_at: Option<String>,
    /// When its owner said that a new key is his.
    pub confirmed_at: Option<String>,
    /// When it was revoked.
    pub revoked_at: Option<String>,
    /// Why it was revoked: RFC 5280's word or its owner's.
    pub revocation_reason: Option<String>,
    /// More about it.
    pub revocation_note: Option<String>,
    /// Name of whoever revoked it; none where it ended with the account.
    pub revoked_by: Option<String>,
    /// SHA-256 of the DER certificate, lower-case hexadecimal.
    pub fingerprint: String,
}

impl Certificate {
    /// Whether its owner should be asked about it: a new key that counts and that nobody spoke for.
    pub fn is_unproven(&self) -> bool {
        self.continuity == Continuity::New && self.confirmed_at.is_none() && self.state == CertificateState::Valid
    }
}

/// A certificate with its owner, as administrators see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// The owner's sign-in name.
    pub login: String,
    /// The owner's name.
    pub name: String,
    /// The certificate.
    pub certificate: Certificate,
}

/// What makes an enrolment a renewal: the old key signs the new request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewal {
    /// Serial number of the certificate that is renewed.
    pub serial: String,
    /// Its key's ECDSA signature with SHA-256 over the new request (DER): r then s as WebCrypto gives them, or DER; lower-case hexadecimal.
    pub countersignature: String,
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
    /// How it follows from the certificates before.
    pub continuity: Continuity,
}
