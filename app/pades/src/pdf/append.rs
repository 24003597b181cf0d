//! One more reference at the end of a list, wherever the list stands; its own items keep their text.

use super::document::Indirect;
use super::object::{Reference, Value};
use super::view::View;
use crate::Error;

/// A list with one more item.
pub enum Appended {
    /// The list stands in its holder: its new text.
    Inside(Vec<u8>),
    /// The list is an object of its own: which, and its new body.
    Apart(Reference, Vec<u8>),
}

/// Puts `more` at the end of the list that is the `value` of a key in `holder`.
pub fn appended(view: View<'_>, holder: &Indirect, value: Option<&Value>, more: Reference) -> Result<Appended, Error> {
    let wrong = |object: String| Error::refused("structure", object, "A list in the PDF is no list.");
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(Appended::Inside(format!("[{more}]").into_bytes())) };
    let Some(reference) = value.reference() else {
        if value.array().is_none() {
            return Err(wrong(holder.reference.to_string()));
        }
        return Ok(Appended::Inside(longer(&holder.source(view.pdf())[value.span.clone()], more)));
    };
    match view.indirect(reference)? {
        Some(list) if list.value.array().is_some() => Ok(Appended::Apart(reference, longer(&list.source(view.pdf())[list.value.span.clone()], more))),
        Some(list) if !list.value.is_null() => Err(wrong(reference.to_string())),
        _ => Ok(Appended::Inside(format!("[{more}]").into_bytes())),
    }
}

fn longer(list: &[u8], more: Reference) -> Vec<u8> {
    let open = list.strip_suffix(b"]").unwrap_or(list);
    // a line of its own, so that no comment before it swallows the item
    [open, format!("\n{more}]").as_bytes()].concat()
}
