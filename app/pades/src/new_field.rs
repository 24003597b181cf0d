//! A signature field that comes with its signature: what names it, and what lists it.

use crate::Error;
use crate::pdf::append::{Appended, appended};
use crate::pdf::field::Field;
use crate::pdf::page::Page;
use crate::pdf::revision::Update;
use crate::pdf::{Reference, Value, View, write};

/// Whether a field may have this name: letters, digits, `-` and `_`.
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    let sound = !name.is_empty() && name.len() <= 100 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if sound { Ok(()) } else { Err(Error::Parameter(format!("“{name}” cannot name a signature field"))) }
}

/// Whether no field has this name, nor any below it in the tree.
pub(crate) fn check_free(fields: &[Field], name: &str) -> Result<(), Error> {
    let taken = |field: &Field| field.name.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    if fields.iter().any(taken) { Err(Error::FieldTaken(name.to_owned())) } else { Ok(()) }
}

/// Lists `widget`, field and widget in one, on its page and in the form.
pub(crate) fn list(view: View<'_>, update: &mut Update<'_>, pages: &[Page], page: Reference, widget: Reference) -> Result<(), Error> {
    on_page(view, update, pages, page, widget)?;
    in_form(view, update, widget)
}

fn on_page(view: View<'_>, update: &mut Update<'_>, pages: &[Page], page: Reference, widget: Reference) -> Result<(), Error> {
    let indirect = view.indirect(page)?.ok_or_else(|| Error::malformed(0, "a page is missing"))?;
    let annotations = indirect.value.dictionary().and_then(|page| page.get("Annots"));
    match appended(view, &indirect, annotations, widget)? {
        Appended::Inside(list) => update.put(page, write::spliced(view.pdf(), &indirect, &[], &[("Annots", list)])),
        // a list that pages share would bring the field onto each of them: this page gets its own
        Appended::Apart(list, body) if pages.iter().filter(|page| page.dictionary.get("Annots").and_then(Value::reference) == Some(list)).count() > 1 => {
            update.put(page, write::spliced(view.pdf(), &indirect, &[], &[("Annots", body)]));
        }
        Appended::Apart(list, body) => update.put(list, body),
    }
    Ok(())
}

/// The form lists the field and says that the document is signed; where there is none, it gets one.
fn in_form(view: View<'_>, update: &mut Update<'_>, widget: Reference) -> Result<(), Error> {
    let missing = || Error::malformed(0, "the file has no catalogue");
    let root = view.trailer().get("Root").and_then(Value::reference).ok_or_else(missing)?;
    let catalog = view.indirect(root)?.ok_or_else(missing)?;
    let value = catalog.value.dictionary().and_then(|catalog| catalog.get("AcroForm")).cloned();
    let apart = match value.as_ref().and_then(Value::reference) {
        Some(reference) => view.indirect(reference)?.filter(|form| form.value.dictionary().is_some()),
        None => None,
    };
    let inside = value.as_ref().filter(|value| value.dictionary().is_some());
    let (holder, form) = match (&apart, inside) {
        (Some(form), _) => (form, &form.value),
        (None, Some(form)) => (&catalog, form),
        (None, None) => {
            let form = update.reserve();
            update.put(form, format!("<</Fields[{widget}]/SigFlags 3>>").into_bytes());
            update.put(root, write::spliced(view.pdf(), &catalog, &[], &[("AcroForm", form.to_string().into_bytes())]));
            return Ok(());
        }
    };
    let dictionary = form.dictionary().ok_or_else(missing)?;
    let mut added = Vec::new();
    match appended(view, holder, dictionary.get("Fields"), widget)? {
        Appended::Inside(list) => added.push(("Fields", list)),
        Appended::Apart(list, body) => update.put(list, body),
    }
    if view.get(dictionary, "SigFlags")?.integer() != Some(3) {
        added.push(("SigFlags", b"3".to_vec()));
    }
    if added.is_empty() {
        return Ok(());
    }
    let text = write::spliced_dictionary(holder.source(view.pdf()), form.span.clone(), dictionary, &[], &added);
    match apart {
        Some(form) => update.put(form.reference, text),
        None => update.put(root, write::spliced(view.pdf(), &catalog, &[], &[("AcroForm", text)])),
    }
    Ok(())
}
