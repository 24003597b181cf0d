//! The form: its field tree, and the signature fields in it (ISO 32000-2 §12.7).

use std::collections::BTreeSet;
use std::rc::Rc;

use super::object::{Dictionary, Reference, Value};
use super::view::View;
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
    /// `/V` as it stands in the field or above it, not resolved; `None` where it is absent or `null`.
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

/// Bytes of a partial name (`/T`); a full one may have twice as many. Longer ones name nothing that a person reads.
const MAX_NAME: usize = 1_000;
/// Bytes of all full names together.
const MAX_NAMES: usize = 8 << 20;

/// A node of the tree, the name, kind and value it inherits, and its level.
type Waiting = (Reference, Rc<str>, Rc<[u8]>, Option<Value>, usize);

/// Every terminal field, in the order of the tree. Two fields of one name, and a field that is reached twice, are refused.
pub fn fields(view: View<'_>) -> Result<Vec<Field>, Error> {
    let catalog = view.catalog()?;
    let form = view.get(&catalog, "AcroForm")?;
    let Some(form) = form.dictionary() else { return Ok(Vec::new()) };
    let roots = view.get(form, "Fields")?;
    let limits = view.pdf().limits();
    let (none, unknown): (Rc<str>, Rc<[u8]>) = (Rc::from(""), Rc::from([].as_slice()));
    let mut stack: Vec<Waiting> = Vec::new();
    let roots = roots.array().unwrap_or_default();
    if roots.len() > limits.max_objects {
        return Err(Error::TooLarge { what: "form fields", limit: limits.max_objects });
    }
    for root in roots.iter().rev() {
        stack.push((reference(root)?, none.clone(), unknown.clone(), None, 0));
    }
    let (mut fields, mut seen, mut names) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    let mut named = 0_usize;
    while let Some((reference, parent, inherited, above, depth)) = stack.pop() {
        if !seen.insert(reference) {
            return Err(refused(reference, "A form field stands twice in the form, or the form runs in a circle."));
        }
        if depth > limits.max_depth {
            return Err(Error::TooLarge { what: "levels of form fields", limit: limits.max_depth });
        }
        let node = view.object(reference)?;
        let Some(dictionary) = node.dictionary() else { return Err(refused(reference, "A form field is missing.")) };
        let own = view.get(dictionary, "T")?;
        if own.string().is_some_and(|own| own.len() > MAX_NAME) {
            return Err(Error::TooLarge { what: "letters in the name of a field", limit: MAX_NAME });
        }
        let name = match (own.text(), parent.is_empty()) {
            (Some(own), false) => format!("{parent}.{own}").into(),
            (Some(own), true) => own.into(),
            (None, _) => parent,
        };
        if name.len() > MAX_NAME * 2 {
            return Err(Error::TooLarge { what: "letters in the name of a field", limit: MAX_NAME });
        }
        let kind = view.get(dictionary, "FT")?;
        let kind = kind.name().map_or(inherited, |kind| kind[..kind.len().min(16)].into());
        let value = dictionary.get("V").cloned().or(above);
        let kids = view.get(dictionary, "Kids")?;
        let (mut children, mut widgets) = (Vec::new(), Vec::new());
        for kid in kids.array().unwrap_or_default() {
            let kid = self::reference(kid)?;
            let is_field = view.object(kid)?.dictionary().is_some_and(|kid| kid.has("T"));
            if is_field { children.push(kid) } else { widgets.push(kid) }
        }
        if !children.is_empty() {
            if stack.len() + children.len() > limits.max_objects {
                return Err(Error::TooLarge { what: "form fields", limit: limits.max_objects });
            }
            for child in children.into_iter().rev() {
                stack.push((child, name.clone(), kind.clone(), value.clone(), depth + 1));
            }
            continue;
        }
        named += name.len();
        if named > MAX_NAMES {
            return Err(Error::TooLarge { what: "letters in the names of fields", limit: MAX_NAMES });
        }
        if !names.insert(name.clone()) {
            return Err(refused(reference, &format!("Two form fields have the same name “{name}”.")));
        }
        let merged = widgets.is_empty();
        if merged {
            widgets.push(reference);
        }
        let value = match value {
            Some(value) if !value.is_null() && (value.reference().is_some() || !view.resolve(&value)?.is_null()) => Some(value),
            _ => None,
        };
        fields.push(Field { reference, name: name.to_string(), dictionary: dictionary.clone(), kind: kind.to_vec(), value, merged, widgets });
    }
    Ok(fields)
}

fn reference(value: &Value) -> Result<Reference, Error> {
    value.reference().ok_or_else(|| Error::refused("form", "AcroForm", "A form field stands inside the form instead of in an object of its own."))
}

fn refused(reference: Reference, text: &str) -> Error {
    Error::refused("form", reference.to_string(), text)
}
