//! The next revision with room for a signature, made from parameters alone: the same bytes in the browser and on the server.

use std::fmt::Write as _;
use std::ops::Range;

use crate::mdp::Permissions;
use crate::pdf::field::{Field, fields};
use crate::pdf::page::{index, pages, rectangle};
use crate::pdf::revision::Update;
use crate::pdf::{Pdf, Reference, Value, View, appearance, write};
use crate::room::{self, Room};
use crate::{Error, Limits, NewField, SignatureParameters, Stored, date, new_field, seal_place};

/// A revision that waits for its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    pub(crate) tail: Vec<u8>,
    pub(crate) byte_range: [u64; 4],
    pub(crate) digest: [u8; 32],
    /// The hexadecimal digits of `/Contents` within the tail, without the brackets.
    pub(crate) contents: Range<usize>,
}

impl Prepared {
    /// The bytes that go after the original, `/Contents` all zeros.
    pub fn tail(&self) -> &[u8] {
        &self.tail
    }

    /// `/ByteRange`.
    pub fn byte_range(&self) -> [u64; 4] {
        self.byte_range
    }

    /// SHA-256 over the original and the tail without `/Contents`: what the CMS's messageDigest says.
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The whole next revision, not signed yet, for showing.
    pub fn preview(&self, original: &[u8]) -> Vec<u8> {
        [original, &self.tail].concat()
    }
}

/// Makes the next revision of `original`: the signature dictionary, the seal's appearance, and the field that refers to both. Of a field that is
/// there only `/V` and `/AP` are touched; a new one is listed by its page and by the form. Nothing else changes.
pub fn prepare(original: &[u8], parameters: &SignatureParameters) -> Result<Prepared, Error> {
    prepare_stored(&Stored::new(original), parameters)
}

/// The same for a revision that may be hashed already.
pub fn prepare_stored(stored: &Stored<'_>, parameters: &SignatureParameters) -> Result<Prepared, Error> {
    check(parameters)?;
    let original = stored.bytes();
    let pdf = Pdf::parse(original, &Limits::default())?;
    if !pdf.ends_cleanly() || pdf.revisions().iter().any(|revision| revision.hybrid) {
        return Err(Error::refused("structure", "file", "The end or the tables of this PDF are built in a way that validators read differently."));
    }
    let view = pdf.latest();
    let mut update = Update::new(&pdf);
    let (signature, seal) = (update.reserve(), update.reserve());
    let drawing = match &parameters.new_field {
        None => {
            let field = empty_field(view, &parameters.field)?;
            let indirect = view.indirect(field.reference)?.ok_or_else(|| Error::FieldMissing(parameters.field.clone()))?;
            let added = [("V", signature.to_string().into_bytes()), ("AP", format!("<</N {seal}>>").into_bytes())];
            update.put(field.reference, write::spliced(&pdf, &indirect, &[], &added));
            drawing(view, &field, parameters)?
        }
        Some(new) => made(view, &mut update, parameters, new, [signature, seal])?,
    };
    let (dictionary, room) = dictionary(parameters);
    update.put(signature, dictionary);
    update.put(seal, drawing);
    let mut tail = update.finish()?;

    let (byte_range, brackets) = room.close(original.len(), &mut tail.bytes, tail.bodies[&signature]);
    let digest = stored.followed_by(&[&tail.bytes[..brackets.start], &tail.bytes[brackets.end..]]);
    Ok(Prepared { tail: tail.bytes, byte_range, digest, contents: brackets.start + 1..brackets.end - 1 })
}

fn check(parameters: &SignatureParameters) -> Result<(), Error> {
    let wrong = |text: &str| Err(Error::Parameter(text.to_owned()));
    appearance::check(&parameters.appearance)?;
    if !(256..=65_536).contains(&parameters.contents_reserve) {
        return wrong("between 256 and 65536 bytes can be kept for a signature");
    }
    let texts = [Some(&parameters.signer_name), parameters.reason.as_ref(), parameters.location.as_ref()];
    if texts.into_iter().flatten().any(|text| text.chars().count() > 2_000) {
        return wrong("name, reason and place may have at most 2000 characters each");
    }
    if !(0..=253_402_214_400).contains(&parameters.signed_at) || parameters.utc_offset_minutes.abs() > 14 * 60 {
        return wrong("the time of the signature is out of range");
    }
    let [left, bottom, right, top] = parameters.placement;
    if left >= right || bottom >= top { wrong("the seal's rectangle is empty") } else { Ok(()) }
}

/// The field, if it is there, empty, for a signature, and nothing forbids to fill it.
fn empty_field(view: View<'_>, name: &str) -> Result<Field, Error> {
    let field = fields(view)?.into_iter().find(|field| field.name == name).ok_or_else(|| Error::FieldMissing(name.to_owned()))?;
    let refused = |rule, text: &str| Err(Error::refused(rule, field.reference.to_string(), text));
    if !field.is_signature() {
        return refused("field", "The field is not for a signature.");
    }
    if field.value.is_some() {
        return Err(Error::FieldTaken(name.to_owned()));
    }
    if !field.merged {
        return refused("field", "The signature field and its place on the page are two objects; only fields made in one piece can be filled here.");
    }
    permitted(view, name, false)?;
    Ok(field)
}

/// Whether the signatures so far let this field be filled.
fn permitted(view: View<'_>, name: &str, created: bool) -> Result<(), Error> {
    match Permissions::of(view)?.refuses(name, created, false) {
        Some(finding) => Err(Error::refused(if finding.rule == "doc-mdp" { "certified" } else { "locked" }, finding.object, finding.text)),
        None => Ok(()),
    }
}

/// Makes the field with its signature and its seal, and has it listed. Gives the drawing of the seal, which is as large as the field.
fn made(view: View<'_>, update: &mut Update<'_>, parameters: &SignatureParameters, new: &NewField, parts: [Reference; 2]) -> Result<Vec<u8>, Error> {
    let name = &parameters.field;
    new_field::check_name(name)?;
    new_field::check_free(&fields(view)?, name)?;
    permitted(view, name, true)?;
    let pages = pages(view)?;
    let at = index(new.page, pages.len())?;
    let rect = appearance::sides(parameters.placement);
    if let Some(finding) = seal_place::places(view, &pages)?.refuses_at(at as u32 + 1, rect) {
        return Err(Error::Parameter(finding.text));
    }
    let page = &pages[at];
    let ([signature, seal], widget) = (parts, update.reserve());
    let body = format!(
        "<</Type/Annot/Subtype/Widget/FT/Sig/T{}/TU{}/F 132/P {}/Rect[{}]/V {signature}/AP<</N {seal}>>>>",
        write::text(name),
        write::text(&new.tooltip),
        page.reference,
        rect.map(appearance::number).join(" ")
    );
    update.put(widget, body.into_bytes());
    new_field::list(view, update, &pages, page.reference, widget)?;
    let size = [rect[2] - rect[0], rect[3] - rect[1]];
    Ok(appearance::form(&parameters.appearance, size, [0.0, 0.0, size[0], size[1]], page.geometry.rotate))
}

/// The seal at its place in a form as large as the field, whose rectangle never changes: validators forbid it.
fn drawing(view: View<'_>, field: &Field, parameters: &SignatureParameters) -> Result<Vec<u8>, Error> {
    let wrong = || Error::refused("field", field.reference.to_string(), "The signature field has no place on a page.");
    let rect = rectangle(view, field.dictionary.get("Rect").ok_or_else(wrong)?).map_err(|_| wrong())?;
    let seal = appearance::sides(parameters.placement);
    if seal[0] < rect[0] - 0.5 || seal[1] < rect[1] - 0.5 || seal[2] > rect[2] + 0.5 || seal[3] > rect[3] + 0.5 {
        return Err(Error::Parameter("the seal does not lie inside its field".to_owned()));
    }
    let pages = pages(view)?;
    let named = field.dictionary.get("P").and_then(Value::reference);
    let page = pages.iter().find(|page| Some(page.reference) == named);
    let rotate = page.map_or(0, |page| page.geometry.rotate);
    let target = [seal[0] - rect[0], seal[1] - rect[1], seal[2] - rect[0], seal[3] - rect[1]];
    Ok(appearance::form(&parameters.appearance, [rect[2] - rect[0], rect[3] - rect[1]], target, rotate))
}

/// The signature dictionary (ETSI EN 319 142-1 §5.3) with room for `/ByteRange` and `/Contents`.
fn dictionary(parameters: &SignatureParameters) -> (Vec<u8>, Room) {
    let (mut out, room) = room::open("/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached", parameters.contents_reserve);
    let _ = write!(out, "/M({})", date(parameters.signed_at, parameters.utc_offset_minutes));
    let texts = [("Name", Some(&parameters.signer_name)), ("Reason", parameters.reason.as_ref()), ("Location", parameters.location.as_ref())];
    for (key, value) in texts {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let _ = write!(out, "/{key}{}", write::text(value));
        }
    }
    out.push_str(">>");
    (out.into_bytes(), room)
}
