//! What happened to the file after a signature.

use crate::locate::{Coverage, Located};
use crate::pdf::Pdf;
use crate::report::ModifiedAfter;
use crate::{Comparison, Error, Finding, compare};

/// What every revision after the first signature changed, compared once for all signatures.
pub(super) struct Changes {
    /// By revision; `None` before the first signature.
    revisions: Vec<Option<Result<Comparison, Error>>>,
}

impl Changes {
    pub fn after_first_signature(file: &Pdf<'_>, located: &[Located]) -> Self {
        let count = file.revisions().len();
        let first = located.iter().filter_map(|signature| signature.revision).min().unwrap_or(count);
        Self { revisions: (0..count).map(|n| (n > first).then(|| compare(file, n))).collect() }
    }

    /// What happened after this signature, every change that nothing allows, and those that are allowed but worth a word.
    pub fn after(&self, located: &Located) -> (ModifiedAfter, Vec<Finding>, Vec<Finding>) {
        let Some(revision) = located.revision else {
            let text = "the file goes on after what the signature covers, so what was changed cannot be told";
            return (ModifiedAfter::Forbidden, vec![Finding::new("byte-range", located.field.clone(), text)], Vec::new());
        };
        let later = self.revisions.get(revision + 1..).unwrap_or_default();
        let (mut forbidden, mut remarks) = (Vec::new(), Vec::new());
        for comparison in later.iter().flatten() {
            match comparison {
                Ok(comparison) => {
                    forbidden.extend(comparison.forbidden.iter().cloned());
                    remarks.extend(comparison.allowed.iter().cloned());
                    let covering = comparison.filled.iter().filter(|filled| filled.covers_page);
                    remarks.extend(covering.map(|filled| Finding::new("seal-size", filled.field.to_string(), "A later seal covers most of its page.")));
                }
                Err(error) => forbidden.push(Finding::new("revision-unreadable", "revision", error.to_string())),
            }
        }
        let modified_after = match (later.is_empty(), forbidden.is_empty()) {
            (true, _) if located.coverage == Coverage::WholeFile => ModifiedAfter::None,
            (true, _) => ModifiedAfter::Forbidden,
            (false, true) => ModifiedAfter::Allowed,
            (false, false) => ModifiedAfter::Forbidden,
        };
        (modified_after, forbidden, remarks)
    }
}
