//! The one error that reaches a person or a program: what happened, what was kept, what to do next.

use std::collections::BTreeMap;

use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

use crate::api::wire::Text;
use crate::model::Number;

/// Stable codes, the same in pages, API (RFC 9457 `code`) and command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Sign in first (401).
    SignInRequired,
    /// Name or password is wrong (401).
    WrongCredentials,
    /// Too many tries; wait (429).
    TooManyTries,
    /// A state-changing request from another site (403).
    CrossSite,
    /// Does not exist, or the caller may not see it (404).
    NotFound,
    /// Visible, but this act is not the caller's (403).
    NotPermitted,
    /// The input is malformed; `fields` has the reasons (422).
    InvalidInput,
    /// The body is too large (413).
    TooLarge,
    /// The media type is not taken here (415).
    UnsupportedMediaType,
    /// A live document holds this matter; `number` names it (409).
    DuplicateMatter,
    /// The step was decided already (409).
    AlreadyDecided,
    /// The open step does not ask for the caller (403).
    NotYourStep,
    /// Another revision is current (409).
    StaleRevision,
    /// The document is in no state for this act (409).
    WrongState,
    /// The same idempotency key came with another body (422).
    IdempotencyMismatch,
    /// `If-Match` is missing (428).
    PreconditionRequired,
    /// The signature does not hold; `indication` says how (422).
    SignatureInvalid,
    /// The PDF cannot be taken: encrypted, broken, active … (422).
    DocumentRefused,
    /// The certificate request cannot be granted (422).
    CertificateRefused,
    /// The file store does not answer (503).
    StoreUnavailable,
    /// No time stamp can be had, and the document's type demands one (503).
    TimeStampUnavailable,
    /// The index does not answer (503).
    IndexUnavailable,
    /// A defect of Signet's; the request id finds it in the log (500).
    Internal,
    /// The browser could not reach the server (no HTTP status).
    Offline,
    /// The browser could not do its part: no key store, a file that cannot be read … (no HTTP status).
    Browser,
}

impl Code {
    /// The HTTP status this code travels with.
    pub fn status(self) -> u16 {
        match self {
            Self::SignInRequired | Self::WrongCredentials => 401,
            Self::CrossSite | Self::NotPermitted | Self::NotYourStep => 403,
            Self::NotFound => 404,
            Self::DuplicateMatter | Self::AlreadyDecided | Self::StaleRevision | Self::WrongState => 409,
            Self::TooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::InvalidInput | Self::IdempotencyMismatch | Self::SignatureInvalid | Self::DocumentRefused | Self::CertificateRefused => 422,
            Self::PreconditionRequired => 428,
            Self::TooManyTries => 429,
            Self::Internal | Self::Offline | Self::Browser => 500,
            Self::StoreUnavailable | Self::IndexUnavailable | Self::TimeStampUnavailable => 503,
        }
    }

    /// The code as it is written on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignInRequired => "sign_in_required",
            Self::WrongCredentials => "wrong_credentials",
            Self::TooManyTries => "too_many_tries",
            Self::CrossSite => "cross_site",
            Self::NotFound => "not_found",
            Self::NotPermitted => "not_permitted",
            Self::InvalidInput => "invalid_input",
            Self::TooLarge => "too_large",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::DuplicateMatter => "duplicate_matter",
            Self::AlreadyDecided => "already_decided",
            Self::NotYourStep => "not_your_step",
            Self::StaleRevision => "stale_revision",
            Self::WrongState => "wrong_state",
            Self::IdempotencyMismatch => "idempotency_mismatch",
            Self::PreconditionRequired => "precondition_required",
            Self::SignatureInvalid => "signature_invalid",
            Self::DocumentRefused => "document_refused",
            Self::CertificateRefused => "certificate_refused",
            Self::StoreUnavailable => "store_unavailable",
            Self::TimeStampUnavailable => "time_stamp_unavailable",
            Self::IndexUnavailable => "index_unavailable",
            Self::Internal => "internal",
            Self::Offline => "offline",
            Self::Browser => "browser",
        }
    }
}

/// An error as a person reads it, already in the caller's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{detail}")]
pub struct AppError {
    /// The kind.
    pub code: Code,
    /// What happened and what was kept, one or two sentences.
    pub detail: String,
    /// What to do next.
    #[serde(default)]
    pub next: Option<String>,
    /// The live document, for a duplicate matter.
    #[serde(default)]
    pub number: Option<Number>,
    /// Reasons by field key, for invalid input.
    #[serde(default)]
    pub fields: BTreeMap<String, String>,
    /// ETSI EN 319 102-1 indication, for signatures.
    #[serde(default)]
    pub indication: Option<String>,
    /// ETSI EN 319 102-1 sub-indication.
    #[serde(default)]
    pub sub_indication: Option<String>,
}

impl AppError {
    /// An error with only its kind and what happened.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), next: None, number: None, fields: BTreeMap::new(), indication: None, sub_indication: None }
    }

    /// A question in a shape that its call does not have.
    fn unreadable(why: &str) -> Self {
        Self::new(Code::InvalidInput, format!("The request could not be read; nothing was changed. 无法读取请求，未做任何更改。({why})"))
    }

    /// Adds what to do next.
    #[must_use]
    pub fn with_next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
}

impl FromServerFnError for AppError {
    type Encoder = Text;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Request(text) => Self::new(Code::Offline, text),
            ServerFnErrorErr::Args(text) | ServerFnErrorErr::MissingArg(text) => Self::unreadable(&text),
            // Here it is the question that could not be read, in the browser the answer.
            ServerFnErrorErr::Deserialization(text) if cfg!(feature = "ssr") => Self::unreadable(&text),
            other => Self::new(Code::Internal, other.to_string()),
        }
    }
}

/// The result of everything the desk does.
pub type AppResult<T> = Result<T, AppError>;
