//! May this PDF become revision 0? Encrypted, broken, active or hiding files are refused, each with its rule.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::drawn::undrawn;
use crate::issue::is_issued;
use crate::normal::{normalized, unpacked};
use crate::pdf::field::{Field, fields};
use crate::pdf::page::{Page, pages};
use crate::pdf::{Dictionary, Entry, Indirect, Kind, Pdf, Reference, Value, View, write};
use crate::{Error, Limits, PageGeometry, attachment};

/// What an acceptable PDF is like.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// Every page, in order.
    pub pages: Vec<PageGeometry>,
    /// `1.7`.
    pub version: String,
    /// `/Title` of the information dictionary.
    pub title: Option<String>,
}

/// Reads the whole file and says whether it may become a document.
pub fn inspect(pdf: &[u8], limits: &Limits) -> Result<Inspection, Error> {
    let normal = normalized(pdf, limits)?;
    let pdf = Pdf::parse(&normal, &unpacked(limits))?;
    let read = read(&pdf)?;
    let view = pdf.latest();
    let info = view.get(view.trailer(), "Info")?;
    not_issued(view, info.dictionary(), &read.fields)?;
    let title = info.dictionary().map_or(Ok(Value::NULL), |info| view.get(info, "Title"))?.text();
    Ok(Inspection { pages: read.pages.iter().map(|page| page.geometry).collect(), version: pdf.version().to_owned(), title })
}

/// A document that was issued here already has its number, its stamp and the fields of its steps: it is refused for what it is.
fn not_issued(view: View<'_>, info: Option<&Rc<Dictionary>>, fields: &[Field]) -> Result<(), Error> {
    let number = info.map_or(Ok(Value::NULL), |info| view.get(info, "DocumentNumber"))?.text();
    let numbered = number.is_some() && fields.iter().any(Field::is_signature);
    if !numbered && !is_issued(view)? {
        return Ok(());
    }
    let number: String = number.unwrap_or_default().chars().filter(|character| !character.is_control()).take(60).collect();
    let text = format!(
        "The PDF comes from Signet: it is the document {number} with its number and the places for its signatures. \
         Upload the PDF that this document was made from, as it was before Signet took it."
    );
    Err(Error::refused("issued", "catalogue", text))
}

/// All of a file that counts: what can be reached from its trailer.
pub(crate) struct Read {
    pub pages: Vec<Page>,
    pub fields: Vec<Field>,
    pub objects: BTreeMap<Reference, Rc<Indirect>>,
    /// Above every number that is used or referred to.
    pub next: u32,
    /// How often objects refer to the information dictionary, and to the catalogue's description: more than not at all, and once, is a disguise.
    pub uses: [usize; 2],
}

/// Reads everything that can be reached, and refuses what may not be in a document.
pub(crate) fn read(pdf: &Pdf<'_>) -> Result<Read, Error> {
    let view = pdf.latest();
    let pages = pages(view)?;
    let catalog = view.catalog()?;
    check_catalog(view, &catalog)?;
    let mut objects = BTreeMap::new();
    let mut next = view.size();
    let described = [view.trailer().get("Info"), catalog.get("Metadata")].map(|value| value.and_then(Value::reference));
    let mut uses = [0; 2];
    let mut waiting: Vec<Reference> = ["Root", "Info"].iter().filter_map(|key| view.trailer().get(key)?.reference()).collect();
    let (mut found, mut files) = (Vec::new(), Vec::new());
    while let Some(reference) = waiting.pop() {
        if objects.contains_key(&reference) {
            continue;
        }
        next = next.max(reference.number.saturating_add(1));
        let Some(indirect) = view.indirect(reference)? else {
            if view.entry(reference.number) != Entry::Free {
                return Err(Error::refused(
                    "generations",
                    reference.to_string(),
                    "The PDF refers to an outdated state of one of its parts; viewers may show different things.",
                ));
            }
            continue;
        };
        check_value(&reference.to_string(), &indirect.value, &mut files)?;
        check_name(&reference.to_string(), &indirect.value)?;
        write::references(&indirect.value, &mut found);
        for (uses, described) in uses.iter_mut().zip(described) {
            *uses += found.iter().filter(|reference| Some(**reference) == described).count();
        }
        objects.insert(reference, indirect);
        if objects.len() > pdf.limits().max_objects {
            return Err(Error::TooLarge { what: "objects", limit: pdf.limits().max_objects });
        }
        waiting.append(&mut found);
    }
    attachment::check(view, &files)?;
    let fields = fields(view)?;
    if let Some(field) = fields.iter().find(|field| field.is_signature() && field.value.is_some()) {
        return Err(Error::refused(
            "signed",
            field.reference.to_string(),
            "The PDF is signed already. A new document starts without signatures: use the unsigned original.",
        ));
    }
    if let Some(field) = undrawn(view, &fields)? {
        return Err(Error::refused(
            "undrawn",
            field.to_string(),
            "The form in this PDF has values that are not drawn in it: each program shows them in its own way, or not at all. Print it into a new PDF, \
             as it is shown.",
        ));
    }
    if next > 8_000_000 {
        return Err(Error::TooLarge { what: "object numbers", limit: 8_000_000 });
    }
    Ok(Read { pages, fields, objects, next, uses })
}

fn check_catalog(view: View<'_>, catalog: &Dictionary) -> Result<(), Error> {
    let refused = |rule, text: &str| Err(Error::refused(rule, "catalogue", text));
    let there = |key: &str| view.get(catalog, key).map(|value| !value.is_null());
    if there("OCProperties")? {
        return refused("optional-content", "The PDF has layers that can be shown or hidden. Print it into a new PDF, so that everyone sees the same.");
    }
    if there("Collection")? {
        return refused("embedded-files", "The PDF is a portfolio of other files. Export the one document as a PDF of its own.");
    }
    if there("Perms")? || there("DSS")? {
        return refused("signed", "The PDF was signed or certified before. Use the unsigned original.");
    }
    // one object in two parts would be written as the one and lost as the other
    let named = |dictionary: &Dictionary| dictionary.get("Type").and_then(Value::name).map(<[u8]>::to_vec);
    if !matches!(named(catalog).as_deref(), None | Some(b"Catalog")) {
        return refused("structure", "The catalogue of the PDF is something else as well. Print it into a new PDF.");
    }
    let form = view.get(catalog, "AcroForm")?;
    if form.dictionary().is_some_and(|form| matches!(named(form).as_deref(), Some(b"Catalog" | b"Page" | b"Pages" | b"Annot"))) {
        return refused("structure", "The form of the PDF is something else as well. Print it into a new PDF.");
    }
    if let Some(form) = form.dictionary()
        && !view.get(form, "XFA")?.is_null()
    {
        return refused("xfa", "The PDF is an XFA form, whose content programs make anew each time. Print it into a new PDF.");
    }
    let action = view.get(catalog, "OpenAction")?;
    let kind = action.dictionary().map_or(Ok(Value::NULL), |action| view.get(action, "S"))?;
    if action.dictionary().is_some() && kind.name() != Some(b"GoTo") {
        return refused("open-action", "The PDF does something by itself when it is opened. Print it into a new PDF.");
    }
    Ok(())
}

/// Actions that run, send, fetch or change something. A link to a page or a web address is none.
const ACTIONS: &[&[u8]] = &[
    b"JavaScript",
    b"Launch",
    b"SubmitForm",
    b"ImportData",
    b"GoToR",
    b"GoToE",
    b"Rendition",
    b"Movie",
    b"Sound",
    b"Hide",
    b"SetOCGState",
    b"ResetForm",
    b"RichMediaExecute",
    b"GoTo3DView",
    b"Thread",
];

/// Annotations that play or carry something.
const ANNOTATIONS: &[&[u8]] = &[b"RichMedia", b"Movie", b"Sound", b"Screen", b"3D"];

/// A name in an object of its own: what kind of action or annotation refers to it cannot be seen from here, so the bad ones are refused.
fn check_name(object: &str, value: &Value) -> Result<(), Error> {
    match value.name() {
        Some(b"JavaScript") => Err(Error::refused("javascript", object, "The PDF carries a program (JavaScript). Print it into a new PDF.")),
        Some(name) if ACTIONS.contains(&name) => {
            Err(Error::refused("action", object, "The PDF carries an action that starts, sends or changes something. Print it into a new PDF."))
        }
        Some(name) if ANNOTATIONS.contains(&name) || name == b"FileAttachment" => {
            Err(Error::refused("multimedia", object, "The PDF plays film, sound or 3D. Print it into a new PDF."))
        }
        _ => Ok(()),
    }
}

/// File specifications that carry files, with the object that each stands in.
type Files = Vec<(String, Rc<Dictionary>)>;

fn check_value(object: &str, value: &Value, files: &mut Files) -> Result<(), Error> {
    match &value.kind {
        Kind::Array(items) => items.iter().try_for_each(|item| check_value(object, item, files)),
        Kind::Dictionary(dictionary) => check_dictionary(object, dictionary, files),
        Kind::Stream(stream) => {
            if stream.dictionary.has("F") {
                return Err(Error::refused("external", object, "A part of the PDF lies in another file."));
            }
            check_dictionary(object, &stream.dictionary, files)
        }
        _ => Ok(()),
    }
}

fn check_dictionary(object: &str, dictionary: &Rc<Dictionary>, files: &mut Files) -> Result<(), Error> {
    let refused = |rule, text: &str| Err(Error::refused(rule, object, text));
    let name = |key: &str| dictionary.get(key).and_then(Value::name).unwrap_or_default();
    let filled = |key: &str| dictionary.get(key).is_some_and(|value| !value.is_null());
    if filled("JS") || name("S") == b"JavaScript" || filled("JavaScript") {
        return refused("javascript", "The PDF carries a program (JavaScript). Print it into a new PDF.");
    }
    if ACTIONS.contains(&name("S")) && matches!(name("Type"), b"" | b"Action") {
        return refused("action", "The PDF carries an action that starts, sends or changes something. Print it into a new PDF.");
    }
    if filled("AA") {
        return refused("action", "The PDF does something by itself while it is read. Print it into a new PDF.");
    }
    // what is in the file is looked at when all is read
    if filled("EF") {
        files.push((object.to_owned(), dictionary.clone()));
    }
    if name("Subtype") == b"FileAttachment" && !filled("FS") {
        return refused("embedded-files", "The PDF shows an attached file that is not there. Remove the attachment, or print the PDF into a new one.");
    }
    if ANNOTATIONS.contains(&name("Subtype")) {
        return refused("multimedia", "The PDF plays film, sound or 3D. Print it into a new PDF.");
    }
    if filled("ByteRange") || matches!(name("Type"), b"Sig" | b"DocTimeStamp") {
        return refused("signed", "The PDF carries a signature already. Use the unsigned original.");
    }
    if filled("Alternates") || filled("OPI") || (filled("Ref") && name("Subtype") == b"Form") {
        return refused("alternates", "The PDF has content that looks different on paper, on screen or from another file. Print it into a new PDF.");
    }
    dictionary.entries.iter().try_for_each(|(_, value)| check_value(object, value, files))
}
