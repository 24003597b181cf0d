//! A field that another program made together with its signature: one, on one page, where a seal may be, and nothing besides.

use crate::diff::seal::area;
use crate::pdf::page::{pages, rectangle};
use crate::pdf::{Pdf, Value};
use crate::report::{SubIndication, Verdict};
use crate::{Comparison, Error, Filled, Finding, seal_place};

/// What a program notes about itself while it signs.
const NOTES: [&str; 3] = ["field-created", "info-renewed", "metadata-renewed"];
/// Print and Locked (ISO 32000-2 §12.5.3): a seal is seen on every screen and on paper.
const PRINT: i64 = 1 << 2;
const LOCKED: i64 = 1 << 7;

/// Looks at the field that `revision` brought.
pub(super) fn check(file: &Pdf<'_>, revision: usize, filled: &Filled, comparison: &Comparison) -> Result<(), Error> {
    let wrong = |finding: Finding| Err(Verdict { sub_indication: SubIndication::FormatFailure, finding }.into());
    let refused = |rule: &str, text: &str| wrong(Finding::new(rule, filled.name.as_str(), text));
    if let Some(finding) = comparison.allowed.iter().find(|finding| !NOTES.contains(&finding.rule.as_str())) {
        return wrong(finding.clone());
    }
    let (old, new) = (file.view(revision - 1), file.view(revision));
    let pages_after = pages(new)?;
    let mut listed = Vec::new();
    for (at, page) in pages_after.iter().enumerate() {
        let annotations = new.get(&page.dictionary, "Annots")?;
        let own = annotations.array().unwrap_or_default().iter().filter(|item| item.reference() == Some(filled.field));
        listed.extend(own.map(|_| at));
    }
    let object = new.object(filled.field)?;
    let Some(dictionary) = object.dictionary() else { return refused("new-field", "the field is no field") };
    let [at] = listed[..] else { return refused("new-field", "the new field must be listed by exactly one page (/Annots)") };
    if dictionary.get("P").is_some_and(|page| page.reference() != Some(pages_after[at].reference)) {
        return refused("new-field", "the new field names another page than the one that lists it (/P)");
    }
    let Some(Ok(rect)) = dictionary.get("Rect").map(|rect| rectangle(new, rect)) else {
        return refused("seal-place", "the new field has no place on its page (/Rect)");
    };
    let flags = dictionary.get("F").map_or(Some(0), Value::integer);
    let shown = flags.is_some_and(|flags| flags & !(PRINT | LOCKED) == 0 && (flags & PRINT != 0 || area(rect) == 0.0));
    if !shown {
        return refused("field-flags", "the new field must be shown and printed (/F 132)");
    }
    match seal_place::places(old, &pages(old)?)?.refuses_at(at as u32 + 1, rect) {
        Some(finding) => wrong(finding),
        None => Ok(()),
    }
}
