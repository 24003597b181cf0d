//! What a revision changed against the one before: filling one empty signature field is allowed, everything else is named.

use crate::pdf::{Pdf, Reference};
use crate::{Error, Finding};

/// A signature field that a revision filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Full name of the field.
    pub name: String,
    /// The field.
    pub field: Reference,
    /// The signature dictionary.
    pub signature: Reference,
    /// Whether the field itself came with this revision, too (allowed to a verifier, not to an approver).
    pub created: bool,
}

/// A revision against the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Signature fields that were filled.
    pub filled: Vec<Filled>,
    /// Whether validation data (`/DSS`) was added.
    pub validation_data: bool,
    /// Changes that nothing allows.
    pub forbidden: Vec<Finding>,
}

/// Compares revision `n` (index into `Pdf::revisions`, at least 1) with revision `n - 1`.
pub fn compare(pdf: &Pdf<'_>, n: usize) -> Result<Comparison, Error> {
    let _ = (pdf, n);
    Err(Error::malformed(0, "not read yet"))
}
