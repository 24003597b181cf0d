//! Certificates as records hold them. When one signed last, and when it was replaced, is in the documents.

use app::model::Continuity;
use serde::{Deserialize, Serialize};

use crate::index::CertificateRow;

/// A certificate as it is from its last change on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRecord {
    /// Serial number, lower-case hexadecimal.
    pub serial: String,
    /// Account id.
    pub account: String,
    /// Subject common name.
    pub subject: String,
    /// The device or program it is for.
    pub device: String,
    /// The certificate, DER in hexadecimal.
    pub der: String,
    /// Mark of the key that issued it.
    pub issuer: String,
    /// SHA-256 of the certified key.
    pub key_sha256: String,
    /// When it was issued, unix milliseconds.
    pub issued_at: i64,
    /// Start of validity.
    pub not_before: i64,
    /// End of validity.
    pub not_after: i64,
    /// How it follows from the account's certificates before.
    pub continuity: Continuity,
    /// The certificate whose key signed the request.
    pub renews: Option<String>,
    /// When its owner said that a new key is his.
    pub confirmed_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// Why.
    pub revocation_reason: Option<String>,
    /// More about it.
    pub revocation_note: Option<String>,
    /// Name of whoever revoked it.
    pub revoked_by: Option<String>,
}

impl CertificateRecord {
    /// The record of a certificate as it is now.
    pub fn of(row: &CertificateRow) -> Self {
        Self {
            serial: row.serial.clone(),
            account: row.account.clone(),
            subject: row.subject.clone(),
            device: row.device.clone(),
            der: hex::encode(&row.der),
            issuer: row.issuer.clone(),
            key_sha256: row.key_sha256.clone(),
            issued_at: row.issued_at,
            not_before: row.not_before,
            not_after: row.not_after,
            continuity: row.continuity,
            renews: row.renews.clone(),
            confirmed_at: row.confirmed_at,
            revoked_at: row.revoked_at,
            revocation_reason: row.revocation_reason.clone(),
            revocation_note: row.revocation_note.clone(),
            revoked_by: row.revoked_by.clone(),
        }
    }
}
