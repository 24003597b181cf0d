//! Where the signatures of a file are, and whether each covers exactly a revision (signature forging, wrapping and saving attacks).

use std::collections::BTreeMap;

use crate::ber::to_der;
use crate::pdf::date::parse_date;
use crate::pdf::field::{Field, fields};
use crate::pdf::page::pages;
use crate::pdf::{Dictionary, Pdf, Reference, Value, View};
use crate::{Digest, Error, Finding, ordered};

/// How much of the file a signature's `/ByteRange` covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// All but its own `/Contents`.
    WholeFile,
    /// A whole earlier revision but for its own `/Contents`.
    Revision,
    /// Anything else: the signature cannot be relied on.
    Partial,
}

/// The kinds of `/SubFilter` that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubFilter {
    /// `ETSI.CAdES.detached`.
    CadesDetached,
    /// `adbe.pkcs7.detached`.
    Pkcs7Detached,
    /// `ETSI.RFC3161`, a document time stamp.
    DocTimeStamp,
}

/// One signature, in the order of the revisions.
#[derive(Clone, Debug)]
pub struct Located {
    /// Full name of its field.
    pub field: String,
    /// The field (merged with its widget).
    pub field_reference: Reference,
    /// The signature dictionary; `None` where it is direct (a fault).
    pub signature: Option<Reference>,
    /// Index into `Pdf::revisions` of the revision that the signature closes; `None` where it closes none (a fault).
    pub revision: Option<usize>,
    /// `/ByteRange`; all zeros where it cannot be read (a fault).
    pub byte_range: [u64; 4],
    /// How much it covers.
    pub coverage: Coverage,
    /// `/Contents` without the zeros after the DER value; empty where it cannot be read (a fault).
    pub cms: Vec<u8>,
    /// `/SubFilter`, where it is one that is read.
    pub sub_filter: Option<SubFilter>,
    /// `/M` as unix seconds.
    pub signed_at: Option<i64>,
    /// `/Name`.
    pub name: Option<String>,
    /// `/Reason`.
    pub reason: Option<String>,
    /// `/Location`.
    pub location: Option<String>,
    /// `/ContactInfo`.
    pub contact: Option<String>,
    /// Why it fails already here (`TOTAL-FAILED`, `FORMAT_FAILURE`); empty where its place is sound.
    pub faults: Vec<Finding>,
    /// What about the way it or its file is written keeps it from being judged, though nothing speaks against it (`INDETERMINATE`,
    /// `SIG_CONSTRAINTS_FAILURE`).
    pub unjudgeable: Vec<Finding>,
    /// What is odd about it but does not decide.
    pub remarks: Vec<Finding>,
}

/// Finds every signature through the newest cross-reference and the field tree, never by scanning. A field with a broken value is
/// still listed, with its faults: a signature that cannot be read is never "not signed".
pub fn locate_signatures(pdf: &Pdf<'_>) -> Result<Vec<Located>, Error> {
    let view = pdf.latest();
    let fields = fields(view)?;
    let mut found = Vec::new();
    for field in fields.iter().filter(|field| field.is_signature()) {
        if let Some(value) = &field.value {
            let mut located = Located::new(field.name.clone(), field.reference);
            read(view, field.reference, value, &mut located)?;
            found.push(located);
        }
    }
    for (reference, text) in outside(view, &fields)? {
        let mut located = Located::new(String::new(), reference);
        located.fault("field-tree", reference, text);
        found.push(located);
    }
    removed(pdf, &mut found);
    let mut uses: BTreeMap<Reference, usize> = BTreeMap::new();
    for signature in found.iter().filter_map(|located| located.signature) {
        *uses.entry(signature).or_default() += 1;
    }
    for located in found.iter_mut().filter(|located| located.signature.is_some_and(|own| uses[&own] > 1)) {
        located.fault("one-value", located.field_reference, "Two form fields share one signature.");
        located.coverage = Coverage::Partial;
    }
    found.sort_by_key(|located| (located.revision.unwrap_or(usize::MAX), located.byte_range[2]));
    Ok(found)
}

impl Located {
    fn new(field: String, field_reference: Reference) -> Self {
        Self {
            field,
            field_reference,
            signature: None,
            revision: None,
            byte_range: [0; 4],
            coverage: Coverage::Partial,
            cms: Vec::new(),
            sub_filter: None,
            signed_at: None,
            name: None,
            reason: None,
            location: None,
            contact: None,
            faults: Vec::new(),
            unjudgeable: Vec::new(),
            remarks: Vec::new(),
        }
    }

    fn fault(&mut self, rule: &str, object: Reference, text: &str) {
        self.faults.push(Finding::new(rule, object.to_string(), text));
    }

    /// Why nothing may be built on it: neither a further revision nor evidence.
    pub(crate) fn unsound(&self) -> Option<&Finding> {
        self.faults.first().or(self.unjudgeable.first())
    }

    fn remark(&mut self, rule: &str, object: Reference, text: &str) {
        self.remarks.push(Finding::new(rule, object.to_string(), text));
    }
}

/// Reads one signature; what is wrong becomes a fault, only a file that cannot be read an error.
fn read(view: View<'_>, field: Reference, value: &Value, located: &mut Located) -> Result<(), Error> {
    let Some(reference) = value.reference() else {
        located.fault("signature-object", field, "The signature stands inside its field instead of in an object of its own.");
        return Ok(());
    };
    located.signature = Some(reference);
    let Some(indirect) = view.indirect(reference)? else {
        located.fault("signature-object", reference, "The signature that the field refers to is missing.");
        return Ok(());
    };
    let (Some(dictionary), None, None) = (indirect.value.dictionary(), indirect.value.stream(), &indirect.source) else {
        located.fault("signature-object", reference, "The signature is no dictionary of its own in the file.");
        return Ok(());
    };
    if view.pdf().revisions().iter().any(|revision| revision.hybrid) {
        let text = "The file has two tables of contents, so that different readers may see different things (hybrid cross-references).";
        located.unjudgeable.push(Finding::new("hybrid", reference.to_string(), text));
    }
    let kind = dictionary.get("Type").and_then(Value::name);
    located.sub_filter = match dictionary.get("SubFilter").and_then(Value::name) {
        Some(b"ETSI.CAdES.detached") => Some(SubFilter::CadesDetached),
        Some(b"adbe.pkcs7.detached") => Some(SubFilter::Pkcs7Detached),
        Some(b"ETSI.RFC3161") => Some(SubFilter::DocTimeStamp),
        _ => None,
    };
    let expected: &[u8] = if located.sub_filter == Some(SubFilter::DocTimeStamp) { b"DocTimeStamp" } else { b"Sig" };
    if located.sub_filter.is_none() {
        located.fault("sub-filter", reference, "The signature is of a kind that is not read here.");
    } else if kind != Some(expected) {
        located.fault("type", reference, "The signature does not say that it is one (/Type).");
    }
    match dictionary.get("Filter").and_then(Value::name) {
        // table 255: required, though what counts is /SubFilter
        None => located.fault("filter", reference, "The signature does not say which program is to read it (/Filter)."),
        Some(b"Adobe.PPKLite" | b"Adobe.PPKMS") => {}
        Some(_) => located.remark("filter", reference, "The signature asks to be read by another program than usual (/Filter)."),
    }
    let text = |key: &str| dictionary.get(key).and_then(Value::text);
    located.signed_at = text("M").as_deref().and_then(parse_date);
    if located.signed_at.is_none() && located.sub_filter == Some(SubFilter::CadesDetached) {
        located.remark("time-missing", reference, "The signature does not say when it was made (/M).");
    }
    located.name = text("Name");
    located.reason = text("Reason");
    located.location = text("Location");
    located.contact = text("ContactInfo");
    match byte_range(dictionary) {
        Some(range) => located.byte_range = range,
        None => located.fault("byte-range", reference, "The signature does not say which bytes it covers, or not as it must (/ByteRange)."),
    }
    contents(view.pdf(), dictionary, reference, located);
    covered(view, field, reference, located)
}

/// Four direct integers, none negative.
fn byte_range(dictionary: &Dictionary) -> Option<[u64; 4]> {
    let items = dictionary.get("ByteRange")?.array()?;
    let range: Vec<u64> = items.iter().map(|item| item.integer().and_then(|item| u64::try_from(item).ok())).collect::<Option<_>>()?;
    range.try_into().ok()
}

/// `/Contents` is one hexadecimal string, and the gap of the byte range is exactly it.
fn contents(pdf: &Pdf<'_>, dictionary: &Dictionary, reference: Reference, located: &mut Located) {
    let Some(value) = dictionary.get("Contents") else {
        located.fault("contents", reference, "The signature is empty (/Contents is missing).");
        return;
    };
    let Some(string) = value.string() else {
        located.fault("contents", reference, "The signature is empty (/Contents is no string).");
        return;
    };
    let written = &pdf.bytes()[value.span.clone()];
    let digits = written.strip_prefix(b"<").and_then(|rest| rest.strip_suffix(b">")).map(Digits::of);
    if digits.as_ref().is_none_or(|digits| digits.others) || !written.len().is_multiple_of(2) {
        located.fault("contents", reference, "The signature is not written as one hexadecimal string.");
    }
    // nothing protects the case of the digits, and no program mixes it
    if digits.is_some_and(|digits| digits.upper && digits.lower) {
        located.remark("contents-case", reference, "The digits of the signature were rewritten after it was made (upper and lower case are mixed).");
    }
    let [zero, before, after, _] = located.byte_range;
    if zero != 0 || before != value.span.start as u64 || after != value.span.end as u64 {
        located.fault("byte-range", reference, "The bytes that the signature leaves out are not exactly its own value.");
    }
    // ISO 32000-2 §12.8.3.3.1 demands DER; some programs write BER, which says the same
    if let Some((der, taken)) = to_der(string).filter(|(der, taken)| **der != string[..*taken] && string[*taken..].iter().all(|byte| *byte == 0)) {
        let text = format!("The signature is encoded in another way than PDF demands: BER instead of DER, {taken} bytes.");
        located.unjudgeable.push(Finding::new("cms-encoding", reference.to_string(), text));
        located.cms = der;
        return;
    }
    match der_length(string) {
        Some(length) if string[length..].iter().fold(0, |seen, byte| seen | byte) == 0 => located.cms = string[..length].to_vec(),
        _ => located.fault("contents", reference, "The value of the signature is empty or not one DER object followed by zeros."),
    }
}

/// What hexadecimal digits look like, asked of all of them at once.
struct Digits {
    lower: bool,
    upper: bool,
    others: bool,
}

impl Digits {
    fn of(digits: &[u8]) -> Self {
        let [lower, upper, others] = digits.iter().fold([0, 0, 0], |[lower, upper, others]: [u8; 3], byte| {
            [lower | u8::from(byte.is_ascii_lowercase()), upper | u8::from(byte.is_ascii_uppercase()), others | u8::from(!byte.is_ascii_hexdigit())]
        });
        Self { lower: lower != 0, upper: upper != 0, others: others != 0 }
    }
}

/// Length of the DER sequence at the start.
fn der_length(bytes: &[u8]) -> Option<usize> {
    let (&[tag, first], rest) = bytes.split_first_chunk::<2>()?;
    if tag != 0x30 {
        return None;
    }
    let (header, length) = match first {
        0..=0x7F => (2, usize::from(first)),
        0x81..=0x84 => {
            let count = usize::from(first & 0x7F);
            (2 + count, rest.get(..count)?.iter().fold(0_usize, |sum, &byte| sum << 8 | usize::from(byte)))
        }
        _ => return None,
    };
    header.checked_add(length).filter(|&end| end <= bytes.len() && end > 2)
}

/// The byte range ends where a revision ends, the one that brought this signature into this field.
fn covered(view: View<'_>, field: Reference, reference: Reference, located: &mut Located) -> Result<(), Error> {
    let pdf = view.pdf();
    let bytes = pdf.bytes();
    let Some(end) = located.byte_range[2].checked_add(located.byte_range[3]).and_then(|end| usize::try_from(end).ok()) else {
        located.fault("byte-range", reference, "The signature claims to cover more than there is.");
        return Ok(());
    };
    // a signer may leave out the last end of line, which then belongs to the next revision
    let closes = |at: usize| at == end || (end < at && at != bytes.len() && at - end <= 2 && bytes[end..at].iter().all(|byte| matches!(byte, b'\r' | b'\n')));
    let Some(index) = pdf.revisions().iter().position(|revision| closes(revision.end)) else {
        located.fault("coverage", reference, "The signature does not cover the file up to the end of a revision.");
        return Ok(());
    };
    if !pdf.revisions()[index].entries.contains_key(&reference.number) || view.entry(reference.number) != pdf.view(index).entry(reference.number) {
        located.fault("coverage", reference, "The signature covers a revision that it does not belong to.");
        return Ok(());
    }
    let then = pdf.view(index).object(field)?;
    if then.dictionary().and_then(|field| field.get("V")).and_then(Value::reference) != Some(reference) {
        located.fault("coverage", field, "The signature was put into this field after it was made.");
        return Ok(());
    }
    located.revision = Some(index);
    if index + 1 == pdf.revisions().len() && end != bytes.len() {
        located.fault("after-end", reference, "Something was added behind the end of the file that the signature does not cover.");
    }
    if located.faults.is_empty() {
        located.coverage = if end == bytes.len() { Coverage::WholeFile } else { Coverage::Revision };
    }
    Ok(())
}

/// Signatures that earlier revisions had in their form and the newest one has not: taken out, or put into another field.
fn removed(pdf: &Pdf<'_>, found: &mut Vec<Located>) {
    for index in 0..pdf.revisions().len() - 1 {
        // a revision that cannot be read had no signature that could be relied on
        for field in fields(pdf.view(index)).unwrap_or_default().iter().filter(|field| field.is_signature()) {
            let Some(value) = &field.value else { continue };
            let same = |located: &Located| located.field_reference == field.reference && located.signature == value.reference();
            if !found.iter().any(same) {
                let mut located = Located::new(field.name.clone(), field.reference);
                located.signature = value.reference();
                located.fault("removed", field.reference, "A signature that an earlier revision had was taken out of its field.");
                found.push(located);
            }
        }
    }
}

/// Signature widgets with a value that the form does not know: on a page only, or on a widget that should leave the value to its field.
fn outside(view: View<'_>, fields: &[Field]) -> Result<Vec<(Reference, &'static str)>, Error> {
    let mut found = Vec::new();
    let known = ordered::set(fields.iter().flat_map(|field| field.widgets.iter().copied().chain([field.reference])));
    for page in pages(view)? {
        let annotations = view.get(&page.dictionary, "Annots")?;
        for item in annotations.array().unwrap_or_default() {
            let reference = item.reference();
            if reference.is_none_or(|reference| !known.contains(&reference)) && holds_signature(view, &view.resolve(item)?)? {
                found.push((reference.unwrap_or(page.reference), "A signature stands on a page but not in the form."));
            }
        }
    }
    for field in fields.iter().filter(|field| !field.merged) {
        for &widget in &field.widgets {
            let value = view.object(widget)?.dictionary().map_or(Ok(Value::NULL), |own| view.get(own, "V"))?;
            if value.dictionary().is_some() {
                found.push((widget, "A signature stands in the place of a field on the page instead of in the field."));
            }
        }
    }
    Ok(found)
}

/// Whether an annotation is a signature field with a value, both possibly inherited.
fn holds_signature(view: View<'_>, annotation: &Value) -> Result<bool, Error> {
    let (mut kind, mut filled) = (None, false);
    let mut node = annotation.clone();
    for _ in 0..32 {
        let Some(dictionary) = node.dictionary().cloned() else { break };
        if kind.is_none() {
            kind = view.get(&dictionary, "FT")?.name().map(<[u8]>::to_vec);
        }
        filled |= !view.get(&dictionary, "V")?.is_null();
        node = view.get(&dictionary, "Parent")?;
    }
    Ok(filled && kind.as_deref() == Some(b"Sig"))
}

/// The digest over the two ranges, 32 to 64 bytes; `None` where they leave the file.
pub fn signed_digest(bytes: &[u8], byte_range: [u64; 4], digest: Digest) -> Option<Vec<u8>> {
    let part = |start: u64, length: u64| {
        let start = usize::try_from(start).ok()?;
        bytes.get(start..start.checked_add(usize::try_from(length).ok()?)?)
    };
    let [start, length, again, rest] = byte_range;
    Some(digest.of(&[part(start, length)?, part(again, rest)?]))
}
