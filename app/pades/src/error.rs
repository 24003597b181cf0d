//! The one error of this crate: which rule, which object, and why in words a clerk understands.

use serde::{Deserialize, Serialize};

/// One observation about a file: the rule it breaks, the object it is about and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Short stable name of the rule, `encrypted`, `byte-range` …
    pub rule: String,
    /// The object it is about, `12 0 R`, or a place such as `trailer`.
    pub object: String,
    /// Why, in a sentence.
    pub text: String,
}

impl Finding {
    /// A finding.
    pub fn new(rule: &str, object: impl Into<String>, text: impl Into<String>) -> Self {
        Self { rule: rule.to_owned(), object: object.into(), text: text.into() }
    }
}

/// Everything that can go wrong here. Nothing is changed by a call that fails.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes are not a well-formed PDF.
    #[error("the file is damaged at byte {offset}: {text}")]
    Malformed {
        /// Where in the file.
        offset: usize,
        /// What is wrong.
        text: String,
    },
    /// A well-formed PDF that may not become a document, or may not be signed.
    #[error("{text} (rule {rule}, {object})")]
    Refused {
        /// Short stable name of the rule.
        rule: &'static str,
        /// The object it is about.
        object: String,
        /// Why.
        text: String,
    },
    /// The file has no signature field of this name.
    #[error("the document has no signature field named “{0}”")]
    FieldMissing(String),
    /// The signature field is signed already.
    #[error("the signature field “{0}” is signed already")]
    FieldTaken(String),
    /// A limit is passed: bytes, pages, objects, inflated bytes or depth.
    #[error("the file has more {what} than the limit of {limit}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// The signature does not fit into the room kept for it.
    #[error("the signature needs {needed} bytes, but only {reserved} were reserved for it")]
    ContentsTooSmall {
        /// Length of the signature.
        needed: usize,
        /// Bytes reserved.
        reserved: usize,
    },
    /// A parameter is out of its range.
    #[error("{0}")]
    Parameter(String),
    /// A signature does not hold (ETSI EN 319 102-1).
    #[error("{text} ({indication}, {sub_indication}, rule {rule}, {object})")]
    Signature {
        /// `TOTAL-FAILED` or `INDETERMINATE`.
        indication: &'static str,
        /// `HASH_FAILURE`, `FORMAT_FAILURE` …
        sub_indication: &'static str,
        /// Short stable name of the rule.
        rule: String,
        /// The object it is about.
        object: String,
        /// Why.
        text: String,
    },
}

impl Error {
    /// Damage at a byte of the file.
    pub(crate) fn malformed(offset: usize, text: impl Into<String>) -> Self {
        Self::Malformed { offset, text: text.into() }
    }

    /// A refusal by rule.
    pub(crate) fn refused(rule: &'static str, object: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Refused { rule, object: object.into(), text: text.into() }
    }
}
