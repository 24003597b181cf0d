//! The form: its field tree, and the signature fields in it (ISO 32000-2 §12.7).

use std::collections::BTreeSet;
use std::rc::Rc;

use super::document::View;
use super::object::{Dictionary, Reference, Value};
use crate::Error;

/// A terminal field.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its object.
    pub reference: Reference,
    /// Names of the tree joined by full stops.
    pub name: String,
    /// Its own dictionary.
    pub dictionary: Rc<Dictionary>,
    /// `/FT`, inherited where it is.
    pub kind: Vec<u8>,
    /// `/V` as it stands in the field, not resolved; `None` where it is absent or `null`.
    pub value: Option<Value>,
    /// Whether field and widget are one dictionary.
    pub merged: bool,
    /// Its widgets: itself when merged.
    pub widgets: Vec<Reference>,
}

impl Field {
    /// Whether it is for a signature.
    pub fn is_signature(&self) -> bool {
        self.kind == b"Sig"
    }
}

/// Every terminal field, in the order of the tree. Two fields of one name, and a field that is reached twice, are refused.
pub fn fields(view: View<'_>) -> Result<Vec<Field>, Error> {
    let catalog = view.catalog()?;
    let form = view.get(&catalog, "AcroForm")?;
    let Some(form) = form.dictionary() else { return Ok(Vec::new()) };
    let roots = view.get(form, "Fields")?;
    let mut stack: Vec<(Reference, String, Vec<u8>, usize)> = Vec::new();
    for root in roots.array().unwrap_or_default().iter().rev() {
        stack.push((reference(root)?, String::new(), Vec::new(), 0));
    }
    let (mut fields, mut seen, mut names) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    while let Some((reference, parent, inherited, depth)) = stack.pop() {
        if !seen.insert(reference) {
            return Err(refused(reference, "A form field stands twice in the form, or the form runs in a circle."));
        }
        if depth > view.pdf().limits().max_depth {
            return Err(Error::TooLarge { what: "levels of form fields", limit: view.pdf().limits().max_depth });
        }
        let node = view.object(reference)?;
        let Some(dictionary) = node.dictionary() else { return Err(refused(reference, "A form field is missing.")) };
        let own = view.get(dictionary, "T")?.text();
        let name = match (&own, parent.is_empty()) {
            (Some(own), false) => format!("{parent}.{own}"),
            (Some(own), true) => own.clone(),
            (None, _) => parent,
        };
        let kind = view.get(dictionary, "FT")?.name().map_or(inherited, <[u8]>::to_vec);
        let kids = view.get(dictionary, "Kids")?;
        let (mut children, mut widgets) = (Vec::new(), Vec::new());
        for kid in kids.array().unwrap_or_default() {
            let kid = self::reference(kid)?;
            let is_field = view.object(kid)?.dictionary().is_some_and(|kid| kid.has("T"));
            if is_field { children.push(kid) } else { widgets.push(kid) }
        }
        if !children.is_empty() {
            for child in children.into_iter().rev() {
                stack.push((child, name.clone(), kind.clone(), depth + 1));
            }
            continue;
        }
        if !names.insert(name.clone()) {
            return Err(refused(reference, &format!("Two form fields have the same name “{name}”.")));
        }
        let merged = widgets.is_empty();
        if merged {
            widgets.push(reference);
        }
        let value = dictionary.get("V").cloned();
        let value = match value {
            Some(value) if !value.is_null() && (value.reference().is_some() || !view.resolve(&value)?.is_null()) => Some(value),
            _ => None,
        };
        fields.push(Field { reference, name, dictionary: dictionary.clone(), kind, value, merged, widgets });
    }
    Ok(fields)
}

fn reference(value: &Value) -> Result<Reference, Error> {
    value.reference().ok_or_else(|| Error::refused("form", "AcroForm", "A form field stands inside the form instead of in an object of its own."))
}

fn refused(reference: Reference, text: &str) -> Error {
    Error::refused("form", reference.to_string(), text)
}
