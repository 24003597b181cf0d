//! Revision 0: the original written anew with its number, its stamp and an empty signature field for each approver whose seal has its place.
//!
//! Only what the original's pages reach is written, each object with its own bytes where `normalized` had nothing to change. Earlier states, unused
//! objects and a linearised or hybrid order, in which contents can hide, stay behind.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::inspect::{Read, read};
use crate::normal::{normalized, unpacked};
use crate::pdf::content::{Balance, MAX_UNBALANCED};
use crate::pdf::page::{Page, index};
use crate::pdf::{Indirect, Pdf, Reference, Value, View, appearance, write};
use crate::{EmptyField, Error, Issue, Limits, PageGeometry, Rect, new_field};

mod metadata;
mod piece;
mod stamp;

pub(crate) use piece::is_issued;
pub use piece::issued_data;

/// Makes revision 0. Deterministic.
pub fn issue(original: &[u8], issue: &Issue) -> Result<Vec<u8>, Error> {
    issue_with_data(original, issue, None)
}

/// Makes revision 0 with data in it that [`issued_data`] gives back. Deterministic.
pub fn issue_with_data(original: &[u8], issue: &Issue, data: Option<&[u8]>) -> Result<Vec<u8>, Error> {
    let original = normalized(original, &Limits::default())?;
    let pdf = Pdf::parse(&original, &unpacked(&Limits::default()))?;
    let read = read(&pdf)?;
    let view = pdf.latest();
    check(issue, &read)?;
    let mut draft = Draft { pdf: &pdf, view, next: read.next, bodies: BTreeMap::new() };
    for (reference, indirect) in &read.objects {
        draft.bodies.insert(*reference, write::raw(&pdf, indirect));
    }
    let root = view.trailer().get("Root").and_then(Value::reference).ok_or_else(|| Error::malformed(0, "the file has no catalogue"))?;
    let fields = draft.fields(issue, &read)?;
    draft.pages(issue, &read, &fields)?;
    let form = draft.form(&fields)?;
    let (info, packet) = metadata::metadata(view, issue)?;
    // in the place of the old ones, unless those are something else as well: then a page would become the description
    let [of_info, of_packet] = read.uses;
    let metadata = view.catalog()?.get("Metadata").and_then(Value::reference).filter(|old| of_packet == 1 && *old != root);
    let metadata = metadata.unwrap_or_else(|| draft.reserve());
    draft.bodies.insert(metadata, packet);
    let info_reference = view.trailer().get("Info").and_then(Value::reference).filter(|old| of_info == 0 && *old != root);
    let info_reference = info_reference.unwrap_or_else(|| draft.reserve());
    draft.bodies.insert(info_reference, info);
    let catalog = draft.indirect(root)?;
    let mut added = vec![("AcroForm", form.to_string().into_bytes()), ("Metadata", metadata.to_string().into_bytes())];
    if let Some(data) = data {
        let private = draft.reserve();
        draft.bodies.insert(private, piece::body(data));
        added.push(("PieceInfo", piece::dictionary(issue.created_at, private)));
    }
    draft.bodies.insert(root, write::spliced(&pdf, &catalog, &[], &added));
    let version = if pdf.version() < "1.7" { "1.7" } else { pdf.version() };
    write::whole(version, &draft.bodies, root, Some(info_reference))
}

fn check(issue: &Issue, read: &Read) -> Result<(), Error> {
    let wrong = |text: String| Err(Error::Parameter(text));
    let mut names = BTreeSet::new();
    for field in &issue.fields {
        new_field::check_name(&field.name)?;
        if new_field::check_free(&read.fields, &field.name).is_err() || !names.insert(&field.name) {
            return wrong(format!("the document has a field named “{}” already", field.name));
        }
    }
    if issue.number.is_empty() || issue.number.len() > 200 || issue.title.len() > 8_000 || issue.author.len() > 2_000 {
        return wrong("number, title or author is empty or too long".to_owned());
    }
    match &issue.stamp {
        Some(stamp) if stamp.rect[0] >= stamp.rect[2] || stamp.rect[1] >= stamp.rect[3] => wrong("the stamp's rectangle is empty".to_owned()),
        Some(stamp) if stamp.strip < 0 => wrong("a strip is added to the page, not taken from it".to_owned()),
        Some(stamp) => appearance::check(&stamp.appearance),
        None => Ok(()),
    }
}

/// Bytes of one stream of the stamped page's content.
const MAX_CONTENT: usize = 32 << 20;

/// The objects of revision 0 while it is put together.
struct Draft<'p> {
    pdf: &'p Pdf<'p>,
    view: View<'p>,
    next: u32,
    bodies: BTreeMap<Reference, Vec<u8>>,
}

impl Draft<'_> {
    fn reserve(&mut self) -> Reference {
        self.next += 1;
        Reference { number: self.next - 1, generation: 0 }
    }

    fn indirect(&self, reference: Reference) -> Result<Rc<Indirect>, Error> {
        self.view.indirect(reference)?.ok_or_else(|| Error::malformed(0, format!("object {reference} is missing")))
    }

    /// One empty field for each that has its place, with an appearance that shows nothing (PDF/A asks for one). Gives the page index and the field.
    fn fields(&mut self, issue: &Issue, read: &Read) -> Result<Vec<(usize, Reference)>, Error> {
        let mut fields = Vec::new();
        for (field, rect) in issue.fields.iter().filter_map(|field| Some((field, field.rect?))) {
            let at = index(field.page, read.pages.len())?;
            let page = &read.pages[at];
            let strip =
                issue.stamp.as_ref().filter(|stamp| index(stamp.page, read.pages.len()).is_ok_and(|stamped| stamped == at)).map_or(0, |stamp| stamp.strip);
            let rect = place(field, rect, &page.geometry.with_strip(strip))?;
            let (reference, nothing) = (self.reserve(), self.reserve());
            let size = format!(
                "/Type/XObject/Subtype/Form/FormType 1/BBox[0 0 {} {}]/Resources<<>>",
                appearance::number(rect[2] - rect[0]),
                appearance::number(rect[3] - rect[1])
            );
            self.bodies.insert(nothing, write::stream(&size, b""));
            let body = format!(
                "<</Type/Annot/Subtype/Widget/FT/Sig/T{}/TU{}/F 132/P {}/Rect[{}]/AP<</N {nothing}>>>>",
                write::text(&field.name),
                write::text(&field.tooltip),
                page.reference,
                rect.map(appearance::number).join(" ")
            );
            self.bodies.insert(reference, body.into_bytes());
            fields.push((at, reference));
        }
        Ok(fields)
    }

    /// Fields into `/Annots`, the stamp into `/Contents`.
    fn pages(&mut self, issue: &Issue, read: &Read, fields: &[(usize, Reference)]) -> Result<(), Error> {
        let stamped = issue.stamp.as_ref().map(|stamp| index(stamp.page, read.pages.len())).transpose()?;
        for (at, page) in read.pages.iter().enumerate() {
            let mut added = Vec::new();
            let new: Vec<Reference> = fields.iter().filter(|(index, _)| *index == at).map(|(_, field)| *field).collect();
            let indirect = self.indirect(page.reference)?;
            if !new.is_empty() {
                added.push(("Annots", self.appended(&indirect, "Annots", &new)?));
            }
            if let (true, Some(stamp)) = (stamped == Some(at), &issue.stamp) {
                added.extend(self.stamp(stamp, page, &indirect)?);
            }
            if !added.is_empty() {
                self.bodies.insert(page.reference, write::spliced(self.pdf, &indirect, &[], &added));
            }
        }
        Ok(())
    }

    /// The streams of a page's content.
    fn contents(&self, page: &Page) -> Result<Vec<Reference>, Error> {
        let wrong = || Error::refused("page-content", page.reference.to_string(), "The content of a page is not stored as it must be.");
        let Some(value) = page.dictionary.get("Contents") else { return Ok(Vec::new()) };
        let resolved = self.view.resolve(value)?;
        if resolved.is_null() {
            return Ok(Vec::new());
        }
        match (resolved.array(), resolved.stream(), value.reference()) {
            (Some(parts), ..) => parts.iter().map(|part| part.reference().ok_or_else(wrong)).collect(),
            (None, Some(_), Some(reference)) => Ok(vec![reference]),
            _ => Err(wrong()),
        }
    }

    /// How the page's content leaves the graphics state. Content that cannot be read cannot be stamped either.
    fn balance(&self, page: &Page, content: &[Reference]) -> Result<Balance, Error> {
        let refused = |text| Error::refused("page-content", page.reference.to_string(), text);
        let mut found = Balance::default();
        for part in content {
            let part = self.view.object(*part)?;
            let Some(stream) = part.stream() else { continue };
            let decoded = self.view.inflate_to(stream, MAX_CONTENT);
            found.count(&decoded.map_err(|_| refused("The content of the page for the number cannot be read. Print the PDF into a new one."))?);
        }
        if found.saves.max(found.restores) > MAX_UNBALANCED {
            return Err(refused("The content of the page for the number is out of order. Print the PDF into a new one."));
        }
        Ok(found)
    }

    /// An array of a dictionary with more references at its end; its own items keep their text.
    fn appended(&self, holder: &Indirect, key: &str, more: &[Reference]) -> Result<Vec<u8>, Error> {
        let dictionary = holder.value.dictionary().ok_or_else(|| Error::malformed(0, "a dictionary is none"))?;
        self.appended_to(holder.source(self.pdf), dictionary.get(key), more)
    }

    fn appended_to(&self, source: &[u8], value: Option<&Value>, more: &[Reference]) -> Result<Vec<u8>, Error> {
        let text = match value {
            None => Vec::new(),
            Some(value) => match value.reference() {
                Some(reference) => match self.view.indirect(reference)? {
                    Some(array) if array.value.array().is_some() => array.source(self.pdf)[array.value.span.clone()].to_vec(),
                    Some(array) if !array.value.is_null() => return Err(Error::refused("structure", reference.to_string(), "A list in the PDF is no list.")),
                    _ => Vec::new(),
                },
                None if value.array().is_some() => source[value.span.clone()].to_vec(),
                None if value.is_null() => Vec::new(),
                None => return Err(Error::refused("structure", "page", "A list in the PDF is no list.")),
            },
        };
        let mut out = match text.strip_suffix(b"]") {
            Some(open) => open.to_vec(),
            None => b"[".to_vec(),
        };
        for reference in more {
            out.extend_from_slice(format!("\n{reference}").as_bytes());
        }
        out.push(b']');
        Ok(out)
    }

    /// The form, which later fields go into: `/SigFlags 3` once there are some, and never `/NeedAppearances`, by which readers would draw anew what was signed.
    fn form(&mut self, fields: &[(usize, Reference)]) -> Result<Reference, Error> {
        let new: Vec<Reference> = fields.iter().map(|(_, field)| *field).collect();
        let catalog =
            self.indirect(self.view.trailer().get("Root").and_then(Value::reference).ok_or_else(|| Error::malformed(0, "the file has no catalogue"))?)?;
        let value = catalog.value.dictionary().and_then(|catalog| catalog.get("AcroForm")).cloned();
        let (reference, holder) = match value.as_ref().and_then(Value::reference) {
            Some(reference) if self.view.indirect(reference)?.is_some() => (reference, Some(self.indirect(reference)?)),
            _ => (self.reserve(), None),
        };
        let (source, old) = match &holder {
            Some(holder) => (holder.source(self.pdf), Some(&holder.value)),
            None => (catalog.source(self.pdf), value.as_ref()),
        };
        let old = old.and_then(|old| Some((old.span.clone(), old.dictionary()?)));
        let listed = self.appended_to(source, old.as_ref().and_then(|(_, form)| form.get("Fields")), &new)?;
        let mut added = vec![("Fields", listed)];
        if !new.is_empty() {
            added.push(("SigFlags", b"3".to_vec()));
        }
        let body = match old {
            Some((span, form)) => write::spliced_dictionary(source, span, form, &["NeedAppearances"], &added),
            None => write::spliced_dictionary(b"<<>>", 0..4, &crate::pdf::Dictionary::default(), &[], &added),
        };
        self.bodies.insert(reference, body);
        Ok(reference)
    }
}

fn list(references: &[Reference]) -> Vec<u8> {
    let texts: Vec<String> = references.iter().map(Reference::to_string).collect();
    format!("[{}]", texts.join(" ")).into_bytes()
}

/// Where a field goes.
fn place(field: &EmptyField, rect: Rect, page: &PageGeometry) -> Result<[f64; 4], Error> {
    let media = page.media;
    let rect = appearance::sides(rect);
    if rect[0] >= rect[2] || rect[1] >= rect[3] || rect[2] <= media[0] || rect[3] <= media[1] || rect[0] >= media[2] || rect[1] >= media[3] {
        return Err(Error::Parameter(format!("the place of the field “{}” is not on its page", field.name)));
    }
    Ok(rect)
}
