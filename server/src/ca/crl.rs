//! The revocation list (RFC 5280 §5), made anew whenever it is asked for.

use der::Encode;
use p256::ecdsa::DerSignature;
use x509_cert::builder::{Builder, CrlBuilder};
use x509_cert::crl::RevokedCert;
use x509_cert::ext::ToExtension;
use x509_cert::ext::pkix::{CrlNumber, CrlReason};
use x509_cert::serial_number::SerialNumber;

use super::authority::{Authority, AuthorityError, build};
use super::issue::time;

/// How long a list counts, seconds: a week.
const LIFE: i64 = 7 * 86_400;

/// A revoked certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The certificate's serial number, most significant byte first.
    pub serial: Vec<u8>,
    /// When, unix seconds.
    pub at: i64,
    /// Why, in RFC 5280's word (`keyCompromise`, `superseded` …) or in words of one's own, which the list does not carry.
    pub reason: String,
}

impl Authority {
    /// The list of everything revoked, DER, as of `now` (unix seconds).
    ///
    /// # Errors
    /// `Build` when a serial number or time does not fit into the list.
    pub fn crl(&self, revoked: &[Revocation], now: i64) -> Result<Vec<u8>, AuthorityError> {
        let number = CrlNumber::try_from(now.unsigned_abs()).map_err(build)?;
        let mut builder = CrlBuilder::new_with_this_update(&self.certificate, number, time(now)?).map_err(build)?;
        builder = builder.with_next_update(Some(time(now + LIFE)?));
        // RFC 5280 §5.1.2.6: an empty list is left out
        if !revoked.is_empty() {
            let entries = revoked.iter().map(|entry| self.entry(entry)).collect::<Result<Vec<_>, _>>()?;
            builder = builder.with_certificates(entries.into_iter());
        }
        builder.build::<_, DerSignature>(&self.key).map_err(build)?.to_der().map_err(build)
    }

    fn entry(&self, revocation: &Revocation) -> Result<RevokedCert, AuthorityError> {
        let issuer = self.certificate.tbs_certificate().subject();
        let extensions = match reason(&revocation.reason) {
            Some(reason) => Some(vec![(&reason).to_extension(issuer, &[]).map_err(build)?]),
            None => None,
        };
        Ok(RevokedCert {
            serial_number: SerialNumber::new(&revocation.serial).map_err(build)?,
            revocation_date: time(revocation.at)?,
            crl_entry_extensions: extensions,
        })
    }
}

/// RFC 5280 §5.3.1: "unspecified" is said by saying nothing.
fn reason(text: &str) -> Option<CrlReason> {
    match text {
        "keyCompromise" => Some(CrlReason::KeyCompromise),
        "affiliationChanged" => Some(CrlReason::AffiliationChanged),
        "superseded" => Some(CrlReason::Superseded),
        "cessationOfOperation" => Some(CrlReason::CessationOfOperation),
        "privilegeWithdrawn" => Some(CrlReason::PrivilegeWithdrawn),
        _ => None,
    }
}
