//! The catalogue, the form, validation data (`/DSS`, ISO 32000-2 §12.8.4.3) and extensions (§7.12).

use std::collections::BTreeSet;
use std::rc::Rc;

use super::{State, dictionaries, only_has, reference_of, same_but};
use crate::Error;
use crate::pdf::field::Field;
use crate::pdf::{Dictionary, Kind, Reference, Value, View, write};

/// Lists of streams in the DSS dictionary.
const DSS_LISTS: [&str; 3] = ["Certs", "CRLs", "OCSPs"];
/// Lists of streams for one signature.
const VRI_LISTS: [&str; 3] = ["Cert", "CRL", "OCSP"];

impl State<'_> {
    pub(super) fn catalog(&mut self, reference: Reference, before: &Value, after: &Value) -> Result<(), Error> {
        let Some((old, new)) = dictionaries(before, after) else {
            self.forbid("catalogue", reference, "The catalogue was replaced.");
            return Ok(());
        };
        let version = |catalog: &Dictionary| match catalog.get("Version") {
            None => Some(0),
            Some(version) => [&b"1.4"[..], b"1.5", b"1.6", b"1.7", b"2.0"].iter().position(|known| version.name() == Some(known)).map(|at| at + 1),
        };
        let raised = old.get("Version") == new.get("Version") || version(new).is_some_and(|new| version(old).is_none_or(|old| old < new));
        let first_packet = !old.has("Metadata") && new.has("Metadata");
        let judged: &[&str] =
            if first_packet { &["AcroForm", "DSS", "Extensions", "Version", "Metadata"] } else { &["AcroForm", "DSS", "Extensions", "Version"] };
        if !same_but(old, new, judged) || !raised {
            self.forbid("catalogue", reference, "The catalogue of the document was changed.");
        }
        if let Some(packet) = new.get("Metadata").filter(|_| first_packet) {
            self.first_packet(reference, packet)?;
        }
        if old.get("AcroForm") != new.get("AcroForm") {
            self.first_form(reference, old.get("AcroForm"), new.get("AcroForm"))?;
        }
        if old.get("DSS") != new.get("DSS") {
            self.validation_data(reference)?;
            new.get("DSS").iter().for_each(|value| write::references(value, &mut self.roots));
        }
        if old.get("Extensions") != new.get("Extensions") {
            let (old, new) = (self.old.get(old, "Extensions")?, new.get("Extensions").cloned().unwrap_or(Value::NULL));
            self.extensions(reference, &old, &new)?;
        }
        Ok(())
    }

    /// The form, where it stands in the catalogue or is the document's first.
    fn first_form(&mut self, catalog: Reference, before: Option<&Value>, after: Option<&Value>) -> Result<(), Error> {
        let (before, after) = (before.cloned().unwrap_or(Value::NULL), after.cloned().unwrap_or(Value::NULL));
        if before.reference().is_some() || !self.old.resolve(&before)?.is_null() {
            return self.form(catalog, &before, &after);
        }
        write::references(&after, &mut self.roots);
        let form = self.new.resolve(&after)?;
        let fields = form.dictionary().map_or(Ok(Value::NULL), |form| self.new.get(form, "Fields"))?;
        let brought = after.reference().is_none_or(|reference| self.brought_or_new(reference));
        let plain =
            form.stream().is_none() && form.dictionary().is_some_and(|form| only_has(form, &["Fields", "SigFlags", "DR", "DA"]) && sound_flags(None, form));
        let resources = form.dictionary().map_or(Ok(true), |form| self.resources(catalog, &Dictionary::default(), form))?;
        if !brought || !plain || !resources || !self.appended(&Value::NULL, &fields) {
            self.forbid("form", catalog, "The document was given a form that is more than the place of a signature.");
        }
        Ok(())
    }

    pub(super) fn brought_or_new(&self, reference: Reference) -> bool {
        matches!(super::current(self.old, reference.number), Ok(None))
    }

    /// The form may note that the document is signed, and list a new signature field.
    pub(super) fn form(&mut self, reference: Reference, before: &Value, after: &Value) -> Result<(), Error> {
        let same = match dictionaries(before, after) {
            Some((old, new)) => {
                let (was, is) = (self.old.get(old, "Fields")?, self.new.get(new, "Fields")?);
                let listed = old.get("Fields") == new.get("Fields") || self.appended(&was, &is);
                new.get("Fields").iter().for_each(|fields| write::references(fields, &mut self.roots));
                let renewed: &[&str] = if old.has("DA") { &["SigFlags", "Fields", "DR"] } else { &["SigFlags", "Fields", "DR", "DA"] };
                let style = old.has("DA") || !new.has("DA") || self.only_signatures();
                listed && style && same_but(old, new, renewed) && sound_flags(Some(old), new) && self.resources(reference, old, new)?
            }
            None => false,
        };
        if !same {
            self.forbid("form", reference, "The form was changed beyond its note that it is signed.");
        }
        Ok(())
    }

    /// The form's resources: as they were, or with more fonts in them, which seals are written with.
    fn resources(&mut self, reference: Reference, old: &Dictionary, new: &Dictionary) -> Result<bool, Error> {
        if old.get("DR") == new.get("DR") {
            return Ok(true);
        }
        let (was, is) = (self.old.get(old, "DR")?, self.new.get(new, "DR")?);
        // where nothing was, fields of text could change with it
        let nothing = Value { span: 0..0, kind: Kind::Dictionary(Rc::default()) };
        let first = |was: Value| if was.is_null() && self.only_signatures() { nothing.clone() } else { was };
        let was = first(was);
        let first_encodings = ["Font", "Encoding"];
        let may = if was.dictionary().is_some_and(|was| was.has("Encoding")) { &first_encodings[..1] } else { &first_encodings[..] };
        let Some((was, is)) = dictionaries(&was, &is).filter(|(was, is)| same_but(was, is, may)) else { return Ok(false) };
        let (fonts, more) = (first(self.old.get(was, "Font")?), self.new.get(is, "Font")?);
        let Some((fonts, more)) = dictionaries(&fonts, &more) else { return Ok(false) };
        let kept = fonts.entries.iter().all(|(key, font)| more.get(key) == Some(font));
        let added = more.entries.iter().filter(|(key, _)| fonts.get(key).is_none());
        let fresh = added.map(|(_, font)| font.reference()).all(|font| font.is_some_and(|font| self.brought_or_new(font)));
        new.get("DR").iter().for_each(|value| write::references(value, &mut self.roots));
        self.allow("form-fonts", reference, "A later revision added fonts to the form.");
        Ok(kept && fresh)
    }

    /// Whether the form had nothing but signature fields, so that its fonts and style show in nothing else.
    fn only_signatures(&self) -> bool {
        self.fields_before.values().all(Field::is_signature)
    }

    /// Extensions of PDF that later revisions use: only their names and levels, none taken out.
    pub(super) fn extensions(&mut self, reference: Reference, before: &Value, after: &Value) -> Result<(), Error> {
        write::references(after, &mut self.roots);
        let resolved = self.new.resolve(after)?;
        let known = before.dictionary().cloned().unwrap_or_default();
        let sound = resolved.dictionary().filter(|_| resolved.stream().is_none()).is_some_and(|new| {
            let kept = known.entries.iter().all(|(key, _)| new.get(key).is_some());
            kept && new.entries.iter().all(|(key, value)| **key == *b"Type" || self.extension(value))
        });
        if !sound {
            self.forbid("extensions", reference, "The list of PDF extensions was changed in a way that no signature needs.");
        }
        Ok(())
    }

    fn extension(&self, value: &Value) -> bool {
        let Ok(value) = self.new.resolve(value) else { return false };
        if let Some(items) = value.array() {
            return items.iter().all(|item| item.array().is_none() && self.extension(item));
        }
        let level = |dictionary: &Rc<Dictionary>| only_has(dictionary, &["Type", "BaseVersion", "ExtensionLevel", "URL", "ExtensionRevision"]);
        value.stream().is_none() && value.dictionary().is_some_and(level)
    }

    /// A part of the validation data that stands in an object of its own: changed as a part of it, and used for nothing else.
    pub(super) fn holds_validation_data(&mut self, reference: Reference, before: &Value, after: &Value) -> Result<bool, Error> {
        let mut holders = containers(self.old)?;
        if !holders.contains(&reference.number) || before.stream().is_some() || after.stream().is_some() {
            return Ok(false);
        }
        holders.extend(reference_of(self.old, "Root").map(|root| root.number));
        self.bound.push((reference, holders));
        write::references(after, &mut self.roots);
        self.validation_data(reference)?;
        Ok(true)
    }

    /// The new validation data is well-formed, and says all that the old one said.
    fn validation_data(&mut self, reference: Reference) -> Result<(), Error> {
        if std::mem::replace(&mut self.result.validation_data, true) {
            return Ok(());
        }
        let (old, new) = (evidence(self.old)?, evidence(self.new)?);
        match (old, new) {
            (_, None) => self.forbid("dss", reference, "The validation data is not built as it must be (/DSS)."),
            (Some(old), Some(new)) if !old.is_subset(&new) => self.forbid("dss", reference, "Validation data was taken out of the file (/DSS)."),
            _ => {}
        }
        Ok(())
    }
}

/// Streams' bytes, each under the name of its list.
type Evidence = BTreeSet<(Vec<u8>, Rc<[u8]>)>;

/// All that the validation data says: the streams' bytes under the names of their lists. `None` where it is not built as it must be, an empty
/// set where there is none.
fn evidence(view: View<'_>) -> Result<Option<Evidence>, Error> {
    let catalog = view.catalog()?;
    let mut found = BTreeSet::new();
    let dss = view.get(&catalog, "DSS")?;
    if dss.is_null() {
        return Ok(if catalog.has("DSS") { None } else { Some(found) });
    }
    let Some(dss) = dss.dictionary().filter(|dss| dss_keys(dss) && !matches!(view.get(&catalog, "DSS").map(|dss| dss.kind), Ok(Kind::Stream(_)))) else {
        return Ok(None);
    };
    for list in DSS_LISTS {
        if !streams(view, dss, list, list.as_bytes(), &mut found)? {
            return Ok(None);
        }
    }
    let related = view.get(dss, "VRI")?;
    match related.dictionary() {
        None if !related.is_null() => return Ok(None),
        None => {}
        Some(related) => {
            for (key, value) in related.entries.iter().filter(|(key, _)| **key != *b"Type") {
                let value = view.resolve(value)?;
                let Some(one) = value.dictionary().filter(|one| only_has(one, &["Type", "Cert", "CRL", "OCSP", "TU", "TS"])) else { return Ok(None) };
                for list in VRI_LISTS {
                    let name = [&key[..], b"/", list.as_bytes()].concat();
                    if !streams(view, one, list, &name, &mut found)? {
                        return Ok(None);
                    }
                }
            }
        }
    }
    Ok(Some(found))
}

fn dss_keys(dss: &Dictionary) -> bool {
    only_has(dss, &["Type", "Certs", "CRLs", "OCSPs", "VRI"])
}

/// Notes the streams of one list; `false` where it is no list of references to streams.
fn streams(view: View<'_>, holder: &Dictionary, key: &str, name: &[u8], found: &mut Evidence) -> Result<bool, Error> {
    let list = view.get(holder, key)?;
    if list.is_null() {
        return Ok(true);
    }
    let Some(items) = list.array() else { return Ok(false) };
    for item in items {
        let value = view.resolve(item)?;
        let Some(stream) = value.stream().filter(|stream| item.reference().is_some() && !stream.dictionary.has("F")) else { return Ok(false) };
        found.insert((name.to_vec(), stream.raw.clone()));
    }
    Ok(true)
}

/// Whether a value is the list of one signature's validation data: nothing but references to streams of such data, which nobody shows.
pub(super) fn is_related(view: View<'_>, value: &Value) -> Result<bool, Error> {
    let Some(one) = value.dictionary().filter(|one| value.stream().is_none() && one.get("Type").and_then(Value::name) == Some(b"VRI")) else {
        return Ok(false);
    };
    let known = evidence(view)?.unwrap_or_default();
    let mut own = BTreeSet::new();
    for list in VRI_LISTS {
        if !streams(view, one, list, list.as_bytes(), &mut own)? {
            return Ok(false);
        }
    }
    let stored = |bytes: &Rc<[u8]>| known.iter().any(|(_, known)| known == bytes);
    Ok(only_has(one, &["Type", "Cert", "CRL", "OCSP"]) && own.iter().all(|(_, bytes)| stored(bytes)))
}

/// The objects that hold the validation data together: dictionaries and lists below `/DSS`.
fn containers(view: View<'_>) -> Result<BTreeSet<u32>, Error> {
    let (mut found, mut waiting) = (BTreeSet::new(), Vec::new());
    let catalog = view.catalog()?;
    catalog.get("DSS").iter().for_each(|dss| write::references(dss, &mut waiting));
    while let Some(reference) = waiting.pop().filter(|_| found.len() <= view.pdf().limits().max_objects) {
        let value = view.object(reference)?;
        if (value.array().is_some() || value.dictionary().is_some()) && value.stream().is_none() && found.insert(reference.number) {
            write::references(&value, &mut waiting);
        }
    }
    Ok(found)
}

fn sound_flags(old: Option<&Dictionary>, new: &Dictionary) -> bool {
    let flags = |form: Option<&Dictionary>| form.and_then(|form| form.get("SigFlags")).map_or(Some(0), Value::integer);
    // §12.7.3: SignaturesExist and AppendOnly, set but never taken back
    matches!((flags(old), flags(Some(new))), (Some(old), Some(new)) if (0..=3).contains(&new) && old & !new == 0)
}
