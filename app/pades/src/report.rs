//! The validation report: ETSI EN 319 102-1 indications, and what was found about each signature.

use serde::{Serialize, Serializer};

use crate::locate::Coverage;
use crate::{Error, Finding};

/// The main indication of ETSI EN 319 102-1 §5.1.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Indication {
    /// The signature holds.
    #[serde(rename = "TOTAL-PASSED")]
    TotalPassed,
    /// What is there is not enough to say that it holds.
    #[serde(rename = "INDETERMINATE")]
    Indeterminate,
    /// The signature does not hold.
    #[serde(rename = "TOTAL-FAILED")]
    TotalFailed,
}

impl Indication {
    /// As it is written in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TotalPassed => "TOTAL-PASSED",
            Self::Indeterminate => "INDETERMINATE",
            Self::TotalFailed => "TOTAL-FAILED",
        }
    }
}

/// The sub-indications of ETSI EN 319 102-1 §5.1.3 that this crate gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SubIndication {
    /// The signature is not built as the formats demand.
    FormatFailure,
    /// The signed bytes are not the ones that are there.
    HashFailure,
    /// The signature value was not made by the certificate's key.
    SigCryptoFailure,
    /// The signature was made after its certificate was revoked.
    Revoked,
    /// The signature was made after its certificate had ended.
    Expired,
    /// The signature was made before its certificate began.
    NotYetValid,
    /// The signature breaks a rule about how signatures must be made.
    SigConstraintsFailure,
    /// A certificate of the chain breaks a rule about what it may be used for.
    ChainConstraintsFailure,
    /// An algorithm or key that is not accepted.
    CryptoConstraintsFailure,
    /// The signer's certificate is not there or not told apart.
    NoSigningCertificateFound,
    /// No chain leads from the certificate to a trusted authority.
    NoCertificateChainFound,
    /// The certificate is revoked, and nothing proves that the signature is older.
    RevokedNoPoe,
    /// An authority of the chain is revoked, and nothing proves that the signature is older.
    RevokedCaNoPoe,
    /// The certificate is outside its validity but was not revoked, and nothing proves that the signature was made within.
    OutOfBoundsNotRevoked,
    /// The certificate is outside its validity, and nothing proves that the signature was made within.
    OutOfBoundsNoPoe,
    /// The document's bytes that were signed are not there.
    SignedDataNotFound,
    /// An algorithm or key that is not accepted any more, and nothing proves that the signature is older.
    CryptoConstraintsFailureNoPoe,
    /// Nothing proves that the signature existed when it would have held.
    NoPoe,
    /// The time stamps contradict one another.
    TimestampOrderFailure,
    /// What is known about revocation is too old or not there; newer may decide.
    TryLater,
}

impl SubIndication {
    /// As it is written in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FormatFailure => "FORMAT_FAILURE",
            Self::HashFailure => "HASH_FAILURE",
            Self::SigCryptoFailure => "SIG_CRYPTO_FAILURE",
            Self::Revoked => "REVOKED",
            Self::Expired => "EXPIRED",
            Self::NotYetValid => "NOT_YET_VALID",
            Self::SigConstraintsFailure => "SIG_CONSTRAINTS_FAILURE",
            Self::ChainConstraintsFailure => "CHAIN_CONSTRAINTS_FAILURE",
            Self::CryptoConstraintsFailure => "CRYPTO_CONSTRAINTS_FAILURE",
            Self::NoSigningCertificateFound => "NO_SIGNING_CERTIFICATE_FOUND",
            Self::NoCertificateChainFound => "NO_CERTIFICATE_CHAIN_FOUND",
            Self::RevokedNoPoe => "REVOKED_NO_POE",
            Self::RevokedCaNoPoe => "REVOKED_CA_NO_POE",
            Self::OutOfBoundsNotRevoked => "OUT_OF_BOUNDS_NOT_REVOKED",
            Self::OutOfBoundsNoPoe => "OUT_OF_BOUNDS_NO_POE",
            Self::SignedDataNotFound => "SIGNED_DATA_NOT_FOUND",
            Self::CryptoConstraintsFailureNoPoe => "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
            Self::NoPoe => "NO_POE",
            Self::TimestampOrderFailure => "TIMESTAMP_ORDER_FAILURE",
            Self::TryLater => "TRY_LATER",
        }
    }

    /// The main indication this one belongs to.
    pub fn indication(self) -> Indication {
        match self {
            Self::FormatFailure | Self::HashFailure | Self::SigCryptoFailure | Self::Revoked | Self::Expired | Self::NotYetValid => Indication::TotalFailed,
            _ => Indication::Indeterminate,
        }
    }
}

/// What happened to the file after a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ModifiedAfter {
    /// Nothing.
    None,
    /// Only what may happen, as further signatures into their own fields.
    Allowed,
    /// Something that may not happen.
    Forbidden,
}

/// What an entry of the report is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// Somebody's signature.
    Signature,
    /// A time stamp over the document (`ETSI.RFC3161`): it says when, not who.
    DocumentTimeStamp,
}

/// What is to be said about one signature or document time stamp.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SignatureReport {
    /// Full name of the signature field.
    pub field: String,
    /// What it is.
    pub kind: EntryKind,
    /// Common name in the signer's certificate; empty when there is none to read.
    pub signer: String,
    /// Serial number of that certificate, lower-case hexadecimal.
    pub serial: String,
    /// The main indication.
    pub indication: Indication,
    /// Why, unless it is `TOTAL-PASSED`.
    pub sub_indication: Option<SubIndication>,
    /// `PAdES-B-B`, `PAdES-B-T`, `PAdES-B-LT` or `PAdES-B-LTA`: what is there and holds. `none` for a signature below, and for a time stamp.
    pub level: String,
    /// When it says that it was made, unix seconds.
    pub claimed_at: Option<i64>,
    /// The earliest time at which time stamps prove that it was there (best-signature-time), unix seconds.
    pub proven_at: Option<i64>,
    /// Common name of the authority that gave that time.
    pub time_stamped_by: Option<String>,
    /// Common name of the authority that issued the signer's certificate; empty when there is none to read.
    pub issuer: String,
    /// The signer's own words, which nobody checked: name, reason, place and how to reach the signer. None for a time stamp.
    pub name: Option<String>,
    /// Why it was signed, in the signer's words.
    pub reason: Option<String>,
    /// Where it was signed, in the signer's words.
    pub location: Option<String>,
    /// How to reach the signer, in the signer's words.
    pub contact: Option<String>,
    /// How much of the file it covers.
    pub coverage: Coverage,
    /// What happened to the file afterwards.
    pub modified_after: ModifiedAfter,
    /// Everything found, the reason for the indication first.
    pub findings: Vec<Finding>,
}

/// The report on one file, serialised as `signet verify --json` prints it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Name of the file; whoever read the file fills it in.
    pub file: String,
    /// The worst indication of all entries; at best `INDETERMINATE` when nobody signed.
    pub indication: Indication,
    /// One entry a signature or document time stamp, in the order in which they were made.
    pub signatures: Vec<SignatureReport>,
}

impl Report {
    pub(crate) fn new(signatures: Vec<SignatureReport>) -> Self {
        // time stamps alone say that something was there, not that anybody signed it
        let signed = signatures.iter().any(|entry| entry.kind == EntryKind::Signature);
        let worst = signatures.iter().map(|entry| entry.indication).chain((!signed).then_some(Indication::Indeterminate)).max();
        Self { file: String::new(), indication: worst.unwrap_or(Indication::Indeterminate), signatures }
    }

    /// Whether at least one signature is there and every one is `TOTAL-PASSED`.
    pub fn passed(&self) -> bool {
        self.indication == Indication::TotalPassed
    }
}

impl Serialize for Coverage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::WholeFile => "whole-file",
            Self::Revision => "revision",
            Self::Partial => "partial",
        })
    }
}

/// Why a signature is not accepted: the finding that decides, and its sub-indication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub sub_indication: SubIndication,
    pub finding: Finding,
}

impl Verdict {
    pub fn new(sub_indication: SubIndication, rule: &str, object: impl Into<String>, text: impl Into<String>) -> Self {
        Self { sub_indication, finding: Finding::new(rule, object, text) }
    }
}

impl From<Verdict> for Error {
    fn from(verdict: Verdict) -> Self {
        Self::Signature {
            indication: verdict.sub_indication.indication().as_str(),
            sub_indication: verdict.sub_indication.as_str(),
            rule: verdict.finding.rule,
            object: verdict.finding.object,
            text: verdict.finding.text,
        }
    }
}
