//! Answers about revocation (RFC 6960): signed by a responder that each issuing level delegates, for what that level issued.

use pades::Certificate;
use pades::ocsp::{self, Answer, CertificateId, CertificateStatus, Refusal};

use super::authority::Authority;
use super::credential::{Kept, Purpose};
use super::error::{AuthorityError, build};

/// How long an answer counts, seconds: an hour.
const LIFE: i64 = 3600;

/// The responders of all levels whose keys are here.
pub struct Responder(Vec<Delegate>);

/// The responder of one level.
struct Delegate {
    mark: String,
    issuer: Certificate,
    kept: Kept,
}

/// What is known about a certificate that was asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Issued and not revoked.
    Good,
    /// Revoked at this time (unix seconds), for this reason (RFC 5280's word, or words of one's own, which the answer does not carry).
    Revoked(i64, String),
    /// Never issued here.
    Unknown,
}

impl Responder {
    /// Opens the responders in the authority's folder, or makes them there. `now` is unix seconds.
    ///
    /// # Errors
    /// One clear line, as for the authority itself.
    pub fn open(authority: &Authority, passphrase: Option<&str>, now: i64) -> Result<Self, AuthorityError> {
        let signing = authority.levels.iter().filter(|level| level.key.is_some());
        let delegates = signing.map(|level| {
            let kept = Kept::open(authority, passphrase, Purpose::Revocation, level, now)?;
            Ok(Delegate { mark: level.mark.clone(), issuer: Certificate::read(&level.der).map_err(build)?, kept })
        });
        delegates.collect::<Result<_, AuthorityError>>().map(Self)
    }

    /// Answers each question with what `standing` says about the serial number (lower-case hexadecimal); a certificate of another issuer
    /// than the first one's is unknown. `now` is unix seconds.
    ///
    /// # Errors
    /// When the responder's certificate has ended and cannot be renewed.
    pub fn answer(
        &self,
        authority: &Authority,
        questions: &[CertificateId],
        nonce: Option<&[u8]>,
        now: i64,
        standing: impl Fn(&str) -> Standing,
    ) -> Result<Vec<u8>, AuthorityError> {
        let first = questions.iter().find_map(|id| self.0.iter().find(|delegate| id.is_issued_by(&delegate.issuer)));
        // RFC 6960 §2.3: nothing that anyone here may speak about
        let Some(delegate) = first else { return Ok(ocsp::refused(Refusal::Unauthorized)) };
        let level = authority.levels.iter().find(|level| level.mark == delegate.mark).ok_or_else(|| build("a level went away"))?;
        let answers = questions.iter().map(|id| {
            let status = if id.is_issued_by(&delegate.issuer) { status(standing(&hex::encode(id.serial()))) } else { CertificateStatus::Unknown };
            Answer { id: id.clone(), status, this_update: now, next_update: Some(now + LIFE) }
        });
        let credential = delegate.kept.current(authority, level, now)?;
        let stage = ocsp::response(&answers.collect::<Vec<_>>(), now, nonce, &credential.certificate).map_err(build)?;
        let signature = credential.sign(stage.data());
        stage.signed(&signature, true).map_err(build)
    }
}

fn status(standing: Standing) -> CertificateStatus {
    match standing {
        Standing::Good => CertificateStatus::Good,
        Standing::Unknown => CertificateStatus::Unknown,
        Standing::Revoked(at, reason) => CertificateStatus::Revoked { at, reason: code(&reason) },
    }
}

/// CRLReason (RFC 5280 §5.3.1); "unspecified" is said by saying nothing.
fn code(reason: &str) -> Option<u8> {
    match reason {
        "keyCompromise" => Some(1),
        "affiliationChanged" => Some(3),
        "superseded" => Some(4),
        "cessationOfOperation" => Some(5),
        "privilegeWithdrawn" => Some(9),
        _ => None,
    }
}
