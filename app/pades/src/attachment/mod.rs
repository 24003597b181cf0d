//! Files inside a document (ISO 32000-2 §7.11.4, §14.13): those that are only looked at, such as the data of an invoice, stay as they are and
//! are listed; one that can run keeps the whole PDF from becoming a document.

mod passive;

use std::collections::BTreeSet;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::pdf::{Dictionary, Kind, Pdf, Reference, Value, View, write};
use crate::{Error, Limits};

/// A file inside a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Its name without folders, as the document says it.
    pub name: String,
    /// What the document says about it.
    pub description: Option<String>,
    /// Bytes.
    pub size: usize,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// What its content is, `application/xml`; `application/octet-stream` where that cannot be told. Never what the document claims.
    pub media_type: String,
    /// Number and generation of the object that holds it.
    object: (u32, u16),
}

/// Files in one document.
const MAX_FILES: usize = 100;
/// Bytes of one file.
const MAX_FILE: usize = 32 << 20;

/// The files inside a document, in the order of their names. What all of them inflate to is bounded by `Limits`.
///
/// # Errors
/// `Error::Malformed` where the document or a file in it cannot be read, `Error::TooLarge` where there is too much.
pub fn attachments(pdf: &[u8]) -> Result<Vec<Attachment>, Error> {
    let pdf = Pdf::parse(pdf, &Limits::default())?;
    let view = pdf.latest();
    let mut specifications = Vec::new();
    reached(view, &mut |value| specified(value, &mut specifications))?;
    let (mut found, mut seen) = (Vec::new(), BTreeSet::new());
    for specification in specifications {
        for (reference, bytes) in files(view, &specification)? {
            let name = name(view, &specification)?;
            if !seen.insert((reference, name.clone())) {
                continue;
            }
            if found.len() >= MAX_FILES {
                return Err(Error::TooLarge { what: "files inside", limit: MAX_FILES });
            }
            let description = view.get(&specification, "Desc")?.text().map(|text| text.chars().take(1_000).collect());
            let media_type = passive::media_type(&name, &bytes).unwrap_or("application/octet-stream").to_owned();
            let (size, sha256, object) = (bytes.len(), Sha256::digest(&bytes).into(), (reference.number, reference.generation));
            found.push(Attachment { name, description, size, sha256, media_type, object });
        }
    }
    found.sort_by(|one, other| (&one.name, one.object).cmp(&(&other.name, other.object)));
    Ok(found)
}

impl Attachment {
    /// Its bytes, out of the document that it was found in.
    ///
    /// # Errors
    /// As [`attachments`]; `Error::Parameter` where the document is another one.
    pub fn bytes(&self, pdf: &[u8]) -> Result<Vec<u8>, Error> {
        let pdf = Pdf::parse(pdf, &Limits::default())?;
        let value = pdf.latest().object(Reference { number: self.object.0, generation: self.object.1 })?;
        let bytes = value.stream().map(|stream| pdf.latest().inflate_to(stream, MAX_FILE)).transpose()?;
        let same = bytes.filter(|bytes| <[u8; 32]>::from(Sha256::digest(bytes)) == self.sha256);
        same.ok_or_else(|| Error::Parameter(format!("the document has no such file “{}”", self.name)))
    }
}

/// Whether every file that these specifications carry is one to look at.
pub(crate) fn check(view: View<'_>, specifications: &[(String, Rc<Dictionary>)]) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for (object, specification) in specifications {
        let refused = |text: String| Error::refused("embedded-files", object.clone(), text);
        let carried = files(view, specification)?;
        // related files, and places elsewhere, are not looked into
        if carried.is_empty() || specification.has("RF") || specification.has("FS") {
            return Err(refused("The PDF names a file inside it that is not there. Remove the attachment, or print the PDF into a new one.".to_owned()));
        }
        let name = name(view, specification)?;
        for (reference, bytes) in carried {
            if !seen.insert((reference, name.clone())) {
                continue;
            }
            if seen.len() > MAX_FILES {
                return Err(Error::TooLarge { what: "files inside", limit: MAX_FILES });
            }
            passive::check(&name, &bytes).map_err(|why| {
                let shown: String = name.chars().filter(|character| !character.is_control()).take(100).collect();
                refused(format!("The PDF carries the file “{shown}” inside, {why}. Remove that attachment, or print the PDF into a new one."))
            })?;
        }
    }
    Ok(())
}

/// The embedded files of a specification, decoded.
fn files(view: View<'_>, specification: &Dictionary) -> Result<Vec<(Reference, Vec<u8>)>, Error> {
    let embedded = view.get(specification, "EF")?;
    let (mut found, mut seen): (Vec<(Reference, Vec<u8>)>, _) = (Vec::new(), BTreeSet::new());
    for (_, value) in embedded.dictionary().iter().flat_map(|embedded| embedded.entries.iter().take(8)) {
        let Some(reference) = value.reference().filter(|reference| seen.insert(*reference)) else { continue };
        let value = view.object(reference)?;
        let Some(stream) = value.stream() else { continue };
        found.push((reference, view.inflate_to(stream, MAX_FILE)?));
    }
    Ok(found)
}

/// The name of a file, without the folders before it.
fn name(view: View<'_>, specification: &Dictionary) -> Result<String, Error> {
    let text = |key: &str| view.get(specification, key).map(|value| value.text().filter(|text| !text.is_empty()));
    let name = text("UF")?.or(text("F")?).unwrap_or_default();
    Ok(name.rsplit(['/', '\\']).next().unwrap_or_default().chars().take(255).collect())
}

/// File specifications in a value that carry files.
fn specified(value: &Value, found: &mut Vec<Rc<Dictionary>>) {
    match &value.kind {
        Kind::Array(items) => items.iter().for_each(|item| specified(item, found)),
        Kind::Dictionary(_) | Kind::Stream(_) => {
            if let Some(own) = value.dictionary() {
                if own.has("EF") {
                    found.push(own.clone());
                }
                own.entries.iter().for_each(|(_, value)| specified(value, found));
            }
        }
        _ => {}
    }
}

/// Shows every object that is reached from the catalogue.
fn reached(view: View<'_>, look: &mut dyn FnMut(&Value)) -> Result<(), Error> {
    let (mut seen, mut waiting) = (BTreeSet::new(), Vec::new());
    waiting.extend(view.trailer().get("Root").and_then(Value::reference));
    while let Some(reference) = waiting.pop() {
        if !seen.insert(reference) {
            continue;
        }
        if let Some(indirect) = view.indirect(reference)? {
            look(&indirect.value);
            write::references(&indirect.value, &mut waiting);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
