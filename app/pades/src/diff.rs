//! What a revision changed against the one before: filling one empty signature field is allowed, everything else is named.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::pdf::field::{Field, fields};
use crate::pdf::{Dictionary, Entry, Indirect, Pdf, Reference, Value, View, write};
use crate::{Error, Finding};

/// A signature field that a revision filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Full name of the field.
    pub name: String,
    /// The field.
    pub field: Reference,
    /// The signature dictionary.
    pub signature: Reference,
    /// Whether the field itself came with this revision, too (allowed to a verifier, not to an approver).
    pub created: bool,
}

/// A revision against the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Signature fields that were filled.
    pub filled: Vec<Filled>,
    /// Whether validation data (`/DSS`) was added.
    pub validation_data: bool,
    /// Changes that nothing allows.
    pub forbidden: Vec<Finding>,
}

/// Compares revision `n` (index into `Pdf::revisions`, at least 1) with revision `n - 1`.
///
/// Allowed are: an empty signature field gets its value, appearance and flags; new objects that only those reach; `/SigFlags`;
/// `/DSS`, `/Extensions` and a higher `/Version` of the catalogue; what a signing program notes about itself in the information
/// dictionary and the XMP packet, as long as number, title and author stay.
pub fn compare(pdf: &Pdf<'_>, n: usize) -> Result<Comparison, Error> {
    if n == 0 || n >= pdf.revisions().len() {
        return Err(Error::Parameter(format!("there is no revision {n} with one before it")));
    }
    let (old, new) = (pdf.view(n - 1), pdf.view(n));
    let mut state = State { old, new, result: Comparison::default(), roots: Vec::new() };
    state.trailer();
    let catalog = reference_of(new, "Root");
    let form = old.catalog()?.get("AcroForm").and_then(Value::reference);
    let packet = old.catalog()?.get("Metadata").and_then(Value::reference);
    let info = reference_of(old, "Info").filter(|_| reference_of(new, "Info") == reference_of(old, "Info"));
    let fields_before: BTreeMap<Reference, Field> = fields(old)?.into_iter().map(|field| (field.reference, field)).collect();
    let names_after: BTreeMap<Reference, Field> = fields(new)?.into_iter().map(|field| (field.reference, field)).collect();
    let mut brought = BTreeSet::new();
    for &number in pdf.revisions()[n].entries.keys() {
        let (before, after) = (current(old, number)?, current(new, number)?);
        match (before, after) {
            (None, None) => {}
            (None, Some(after)) => {
                brought.insert(after.reference);
            }
            (Some(before), None) => state.forbid("freed", before.reference, "An object was taken out of the file."),
            (Some(before), Some(after)) if before.reference == after.reference && before.value == after.value => {}
            (Some(before), Some(after)) => {
                let reference = before.reference;
                if after.reference != reference {
                    state.forbid("replaced", reference, "An object was replaced by another of the same number.");
                } else if Some(reference) == catalog {
                    state.catalog(reference, &before.value, &after.value);
                } else if Some(reference) == form {
                    state.form(reference, &before.value, &after.value);
                } else if Some(reference) == info {
                    state.info(reference, &before.value, &after.value);
                } else if Some(reference) == packet {
                    state.packet(reference, &after.value)?;
                } else if let Some(field) = fields_before.get(&reference).filter(|field| field.is_signature()) {
                    state.field(field, &before.value, &after.value)?;
                } else {
                    state.forbid("changed", reference, "An object was changed that a signature does not need to change.");
                }
            }
        }
    }
    if let [_, second, ..] = &state.result.filled[..] {
        let reference = second.field;
        state.forbid("one-signature", reference, "More than one signature field was filled at once.");
    }
    state.brought(&brought, pdf.revisions()[n].xref)?;
    for (reference, field) in &names_after {
        if !fields_before.contains_key(reference) {
            state.forbid("new-field", *reference, &format!("A form field “{}” was added.", field.name));
        }
    }
    Ok(state.result)
}

/// A comparison under way.
struct State<'p> {
    old: View<'p>,
    new: View<'p>,
    result: Comparison,
    /// References that allowed changes brought: what may be new is reached from here.
    roots: Vec<Reference>,
}

impl State<'_> {
    fn forbid(&mut self, rule: &str, reference: Reference, text: &str) {
        self.result.forbidden.push(Finding::new(rule, reference.to_string(), text));
    }

    /// The trailer still names the same catalogue, and no other parts.
    fn trailer(&mut self) {
        let (old, new) = (self.old.trailer(), self.new.trailer());
        if old.get("Root") != new.get("Root") {
            self.result.forbidden.push(Finding::new("trailer", "trailer", "The file was given another catalogue."));
        }
        if old.get("Info") != new.get("Info") && new.has("Info") {
            self.result.forbidden.push(Finding::new("trailer", "trailer", "The file was given other information about itself."));
        }
    }

    /// One empty signature field may get `/V`, `/AP` and print flags.
    fn field(&mut self, field: &Field, before: &Value, after: &Value) -> Result<(), Error> {
        let (Some(old), Some(new)) = (before.dictionary(), after.dictionary()) else {
            self.forbid("field", field.reference, "A signature field was replaced by something else.");
            return Ok(());
        };
        if field.value.is_some() {
            self.forbid("field-signed", field.reference, &format!("The signed field “{}” was changed.", field.name));
            return Ok(());
        }
        if before.stream().is_some() || after.stream().is_some() || !same_but(old, new, &["V", "AP", "F", "AS"]) {
            self.forbid("field", field.reference, &format!("More than the signature of the field “{}” was changed.", field.name));
        }
        let flags = |dictionary: &Dictionary| dictionary.get("F").and_then(Value::integer).unwrap_or(0);
        // Print and Locked may be set; Hidden, NoView and the rest may not (§12.5.3)
        if flags(old) | 0b1000_0100 != flags(new) | 0b1000_0100 || new.has("AS") != old.has("AS") {
            self.forbid("field-flags", field.reference, &format!("The field “{}” was hidden or shown in another way.", field.name));
        }
        let signature = new.get("V").and_then(Value::reference);
        let Some(signature) = signature.filter(|signature| matches!(current(self.old, signature.number), Ok(None))) else {
            self.forbid("field-value", field.reference, &format!("The field “{}” was changed without a new signature.", field.name));
            return Ok(());
        };
        let dictionary = self.new.object(signature)?;
        let kind = dictionary.dictionary().and_then(|dictionary| dictionary.get("Type")).and_then(Value::name);
        if !matches!(kind, Some(b"Sig" | b"DocTimeStamp")) {
            self.forbid("field-value", signature, &format!("The field “{}” was filled with something that is no signature.", field.name));
        }
        self.roots.push(signature);
        if let Some(appearance) = new.get("AP").filter(|appearance| Some(*appearance) != old.get("AP")) {
            self.appearance(field.reference, appearance)?;
        }
        self.result.filled.push(Filled { name: field.name.clone(), field: field.reference, signature, created: false });
        Ok(())
    }

    /// A new appearance is made of new objects only: old ones may have waited there for their turn.
    fn appearance(&mut self, field: Reference, appearance: &Value) -> Result<(), Error> {
        let (mut waiting, mut seen) = (Vec::new(), BTreeSet::new());
        write::references(appearance, &mut waiting);
        self.roots.extend(&waiting);
        while let Some(reference) = waiting.pop().filter(|_| seen.len() <= self.new.pdf().limits().max_objects) {
            if current(self.old, reference.number)?.is_some() {
                self.forbid("appearance", field, "The seal shows something that was in the file before.");
                return Ok(());
            }
            if seen.insert(reference) {
                write::references(&self.new.object(reference)?, &mut waiting);
            }
        }
        Ok(())
    }

    fn form(&mut self, reference: Reference, before: &Value, after: &Value) {
        let same = before.dictionary().zip(after.dictionary()).is_some_and(|(old, new)| same_but(old, new, &["SigFlags"]) && sound_flags(new));
        if !same {
            self.forbid("form", reference, "The form was changed beyond its note that it is signed.");
        }
    }

    fn info(&mut self, reference: Reference, before: &Value, after: &Value) {
        let same = before.dictionary().zip(after.dictionary()).is_some_and(|(old, new)| same_but(old, new, &["ModDate", "Producer"]));
        if !same {
            self.forbid("info", reference, "Number, title or author of the document was changed.");
        }
    }

    /// The XMP packet still says the number, the title and the author, and refers to nothing.
    fn packet(&mut self, reference: Reference, after: &Value) -> Result<(), Error> {
        let packet = after.stream().map_or(Ok(Vec::new()), |stream| self.new.inflate(stream))?;
        let packet = String::from_utf8_lossy(&packet).replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
        let info = self.old.get(self.old.trailer(), "Info")?;
        let mut found = Vec::new();
        write::references(after, &mut found);
        let mut kept = after.stream().is_some() && found.is_empty();
        for key in ["DocumentNumber", "Title", "Author"] {
            let text = info.dictionary().map_or(Ok(Value::NULL), |info| self.old.get(info, key))?.text();
            kept &= text.is_none_or(|text| packet.contains(&text));
        }
        if !kept {
            self.forbid("metadata", reference, "Number, title or author of the document was changed in its description (XMP).");
        }
        Ok(())
    }

    fn catalog(&mut self, reference: Reference, before: &Value, after: &Value) {
        let (Some(old), Some(new)) = (before.dictionary(), after.dictionary()) else {
            self.forbid("catalogue", reference, "The catalogue was replaced.");
            return;
        };
        let version = |catalog: &Dictionary| catalog.get("Version").and_then(Value::name).unwrap_or(b"1.0").to_vec();
        if !same_but(old, new, &["AcroForm", "DSS", "Extensions", "Version"]) || !(version(old)..=b"2.0".to_vec()).contains(&version(new)) {
            self.forbid("catalogue", reference, "The catalogue of the document was changed.");
        }
        if old.get("AcroForm") != new.get("AcroForm") {
            let forms = old.get("AcroForm").and_then(Value::dictionary).zip(new.get("AcroForm").and_then(Value::dictionary));
            if !forms.is_some_and(|(old, new)| same_but(old, new, &["SigFlags"]) && sound_flags(new)) {
                self.forbid("form", reference, "The form was changed beyond its note that it is signed.");
            }
        }
        if old.get("DSS") != new.get("DSS") {
            self.result.validation_data = true;
            let mut found = Vec::new();
            new.get("DSS").iter().for_each(|value| write::references(value, &mut found));
            self.roots.append(&mut found);
        }
        if old.get("Extensions") != new.get("Extensions") {
            new.get("Extensions").iter().for_each(|value| write::references(value, &mut self.roots));
        }
    }

    /// New objects are reached from what was allowed, or carry the update itself.
    fn brought(&mut self, brought: &BTreeSet<Reference>, xref: usize) -> Result<(), Error> {
        let mut reached = BTreeSet::new();
        let mut waiting = std::mem::take(&mut self.roots);
        while let Some(reference) = waiting.pop() {
            // old objects are as they were, or were judged above
            if !brought.contains(&reference) || !reached.insert(reference) {
                continue;
            }
            write::references(&self.new.object(reference)?, &mut waiting);
        }
        for &reference in brought.iter().filter(|reference| !reached.contains(reference)) {
            let value = self.new.object(reference)?;
            let kind = value.stream().and_then(|stream| stream.dictionary.get("Type")).and_then(Value::name).map(<[u8]>::to_vec);
            let own = matches!(self.new.entry(reference.number), Entry::Offset { offset, .. } if offset == xref);
            if !own && kind.as_deref() != Some(b"ObjStm") {
                self.forbid("added", reference, "An object was added that the signature does not need.");
            }
        }
        Ok(())
    }
}

fn reference_of(view: View<'_>, key: &str) -> Option<Reference> {
    view.trailer().get(key).and_then(Value::reference)
}

/// The object that has this number, whatever its generation.
fn current(view: View<'_>, number: u32) -> Result<Option<Rc<Indirect>>, Error> {
    let generation = match view.entry(number) {
        Entry::Free => return Ok(None),
        Entry::Offset { generation, .. } => generation,
        Entry::Compressed { .. } => 0,
    };
    view.indirect(Reference { number, generation })
}

/// Whether two dictionaries agree but for some keys.
fn same_but(old: &Dictionary, new: &Dictionary, keys: &[&str]) -> bool {
    let counted = |key: &[u8]| !keys.iter().any(|name| name.as_bytes() == key);
    let all_in = |one: &Dictionary, other: &Dictionary| one.entries.iter().filter(|(key, _)| counted(key)).all(|(key, value)| other.get(key) == Some(value));
    all_in(old, new) && all_in(new, old)
}

fn sound_flags(form: &Dictionary) -> bool {
    form.get("SigFlags").is_none_or(|flags| matches!(flags.integer(), Some(1..=3)))
}
