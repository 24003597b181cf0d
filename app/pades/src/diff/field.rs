//! Signature fields: filled, or made and filled at once, with the seal that they show.

use std::collections::BTreeSet;

use super::{State, current, dictionaries, only_has, same_but, seal};
use crate::pdf::field::Field;
use crate::pdf::page::pages;
use crate::pdf::{Dictionary, Reference, Value, write};
use crate::{Error, Filled, ordered};

/// Keys of a field and widget that a signing program makes.
const FIELD_KEYS: &[&str] = &["Type", "Subtype", "FT", "T", "TU", "TM", "F", "Ff", "P", "Rect", "AP", "V", "Lock", "SV", "MK", "DA", "BS", "Border", "M", "NM"];

/// Keys by which what is drawn could act, come from elsewhere or be switched (§8.8.2, §8.10.4, §8.11, §12.6).
const RESTLESS: &[&str] = &["A", "AA", "JS", "OC", "OCGs", "EF", "Ref", "OPI", "Alternates", "PS", "FFilter"];

impl State<'_> {
    /// One empty signature field may get `/V`, `/AP`, print flags and a lock.
    pub(super) fn field(&mut self, field: &Field, before: &Value, after: &Value) -> Result<(), Error> {
        let Some((old, new)) = dictionaries(before, after) else {
            self.forbid("field", field.reference, "A signature field was replaced by something else.");
            return Ok(());
        };
        if field.value.is_some() {
            self.forbid("field-signed", field.reference, &format!("The signed field “{}” was changed.", field.name));
            return Ok(());
        }
        if !same_but(old, new, &["V", "AP", "F", "Lock"]) {
            self.forbid("field", field.reference, &format!("More than the signature of the field “{}” was changed.", field.name));
        }
        if old.get("Lock") != new.get("Lock") {
            if old.has("Lock") || new.get("Lock").is_none_or(|lock| lock.dictionary().is_none() && lock.reference().is_none()) {
                self.forbid("field-lock", field.reference, &format!("The lock of the field “{}” was changed.", field.name));
            }
            new.get("Lock").iter().for_each(|lock| write::references(lock, &mut self.roots));
        }
        self.flags(field, old, new);
        self.fill(field, new, old.get("AP"), false)
    }

    /// A widget apart from its field may get the appearance and the flags.
    pub(super) fn widget(&mut self, reference: Reference, before: &Value, after: &Value) -> Result<(), Error> {
        let (Some((old, new)), Some(field)) =
            (dictionaries(before, after), self.fields_before.values().find(|field| field.widgets.contains(&reference)).cloned())
        else {
            self.forbid("field", reference, "The place of a signature field was replaced by something else.");
            return Ok(());
        };
        if !same_but(old, new, &["AP", "F"]) {
            self.forbid("field", reference, &format!("More than the seal of the field “{}” was changed.", field.name));
        }
        self.flags(&field, old, new);
        if new.get("AP") != old.get("AP") {
            self.appearance(reference, new.get("AP"))?;
        }
        self.loose_widgets.push(reference);
        Ok(())
    }

    /// Such a widget changes only together with its field.
    pub(super) fn widgets(&mut self) {
        for reference in std::mem::take(&mut self.loose_widgets) {
            let field = self.fields_before.values().find(|field| field.widgets.contains(&reference)).map(|field| field.reference);
            if !self.result.filled.iter().any(|filled| Some(filled.field) == field) {
                self.forbid("field", reference, "What a signature field shows was changed without a signature.");
            }
        }
    }

    /// Fields that are new: each one a signature field that is filled at once.
    pub(super) fn created(&mut self) -> Result<(), Error> {
        for field in std::mem::take(&mut self.new_fields).into_values() {
            let dictionary = &field.dictionary;
            let said = |key: &str| dictionary.get(key).and_then(Value::name);
            let new = self.brought.contains(&field.reference.number) && field.is_signature() && field.value.is_some();
            let plain = field.merged && said("FT") == Some(b"Sig") && said("Subtype") == Some(b"Widget") && only_has(dictionary, FIELD_KEYS);
            if !new || !plain || self.new.object(field.reference)?.stream().is_some() {
                self.forbid("new-field", field.reference, &format!("A form field “{}” was added.", field.name));
                continue;
            }
            self.roots.push(field.reference);
            self.fill(&field, dictionary, None, true)?;
            if self.result.filled.last().is_some_and(|filled| filled.field == field.reference && filled.covers_page) {
                self.forbid("appearance", field.reference, &format!("The added signature field “{}” covers the page.", field.name));
            }
        }
        Ok(())
    }

    /// The array of the fields, the array of a page's annotations, or a page with its annotations: nothing but the new field was put in.
    pub(super) fn lists_new_field(&mut self, reference: Reference, before: &Value, after: &Value) -> Result<bool, Error> {
        let catalog = self.old.catalog()?;
        let form = self.old.get(&catalog, "AcroForm")?;
        let is = |value: Option<&Value>| value.and_then(Value::reference) == Some(reference);
        if form.dictionary().is_some_and(|form| is(form.get("Fields"))) {
            let holder = catalog.get("AcroForm").and_then(Value::reference).or(super::reference_of(self.old, "Root"));
            self.bound.push((reference, ordered::set(holder.iter().map(|holder| holder.number))));
            return Ok(self.appended(before, after));
        }
        for page in pages(self.old)? {
            if is(page.dictionary.get("Annots")) {
                self.bound.push((reference, ordered::set([page.reference.number])));
                return Ok(self.appended(before, after));
            }
            if page.reference == reference
                && let Some((old, new)) = dictionaries(before, after)
            {
                let (was, is) = (self.old.get(old, "Annots")?, self.new.get(new, "Annots")?);
                new.get("Annots").iter().for_each(|annotations| write::references(annotations, &mut self.roots));
                return Ok(same_but(old, new, &["Annots"]) && self.appended(&was, &is));
            }
        }
        Ok(false)
    }

    /// Whether a list is as it was, with only new signature fields at its end.
    pub(super) fn appended(&self, before: &Value, after: &Value) -> bool {
        let (Some(old), Some(new)) = (before.array().or(before.is_null().then_some(&[])), after.array()) else { return false };
        let added: Vec<_> = new.get(old.len()..).unwrap_or_default().iter().map(Value::reference).collect();
        let distinct = ordered::set(&added);
        new.starts_with(old) && distinct.len() == added.len() && added.iter().all(|item| item.is_some_and(|item| self.new_fields.contains_key(&item)))
    }

    /// Print and Locked may be set; Hidden, NoView and the rest stay (§12.5.3).
    fn flags(&mut self, field: &Field, old: &Dictionary, new: &Dictionary) {
        let flags = |dictionary: &Dictionary| dictionary.get("F").map_or(Some(0), Value::integer);
        let sound = flags(old).zip(flags(new)).is_some_and(|(old, new)| old | 0b1000_0100 == new | 0b1000_0100 && old & !new == 0);
        if !sound {
            self.forbid("field-flags", field.reference, &format!("The field “{}” was hidden or shown in another way.", field.name));
        }
    }

    /// The field's new state: a new signature, and an appearance of its own.
    fn fill(&mut self, field: &Field, new: &Dictionary, appearance: Option<&Value>, created: bool) -> Result<(), Error> {
        let signature = new.get("V").and_then(Value::reference);
        let Some(signature) = signature.filter(|signature| matches!(current(self.old, signature.number), Ok(None))) else {
            self.forbid("field-value", field.reference, &format!("The field “{}” was changed without a new signature.", field.name));
            return Ok(());
        };
        let value = self.new.object(signature)?;
        let kind = value.dictionary().filter(|_| value.stream().is_none()).and_then(|dictionary| dictionary.get("Type")).and_then(Value::name);
        if !matches!(kind, Some(b"Sig" | b"DocTimeStamp")) {
            self.forbid("field-value", signature, &format!("The field “{}” was filled with something that is no signature.", field.name));
        }
        self.roots.push(signature);
        if new.get("AP") != appearance {
            self.appearance(field.reference, new.get("AP"))?;
        }
        let seal = seal::look(self.new, field, new.get("AP"))?;
        let time_stamp = kind == Some(b"DocTimeStamp");
        if let Some(mut finding) = self.permissions.refuses(&field.name, created, time_stamp && !seal.visible) {
            finding.object = field.reference.to_string();
            self.result.forbidden.push(finding);
        }
        if created && (seal.visible || !time_stamp) {
            self.allow("field-created", field.reference, &format!("The signature field “{}” was added together with its signature.", field.name));
        }
        self.result.filled.push(Filled { name: field.name.clone(), field: field.reference, signature, created, covers_page: seal.covers_page });
        Ok(())
    }

    /// The objects that the appearances of signature fields and the form's own fonts were made of before: programs share them among seals.
    fn sealed(&mut self) -> Result<&BTreeSet<u32>, Error> {
        if self.sealed.is_none() {
            let (mut waiting, mut seen) = (Vec::new(), BTreeSet::new());
            let signatures = self.fields_before.values().filter(|field| field.is_signature());
            for widget in signatures.flat_map(|field| &field.widgets) {
                let widget = self.old.object(*widget)?;
                widget.dictionary().and_then(|widget| widget.get("AP")).iter().for_each(|value| write::references(value, &mut waiting));
            }
            let form = self.old.get(&*self.old.catalog()?, "AcroForm")?;
            form.dictionary().and_then(|form| form.get("DR")).iter().for_each(|value| write::references(value, &mut waiting));
            while let Some(reference) = waiting.pop() {
                if seen.insert(reference.number) {
                    write::references(&self.old.object(reference)?, &mut waiting);
                }
            }
            self.sealed = Some(seen);
        }
        Ok(self.sealed.get_or_insert_default())
    }

    /// A new appearance is one plain form made of new objects, or of what seals were made of before: others may have waited for their turn.
    fn appearance(&mut self, field: Reference, appearance: Option<&Value>) -> Result<(), Error> {
        let Some(appearance) = appearance else {
            self.forbid("appearance", field, "The appearance of a signature field was taken away.");
            return Ok(());
        };
        let resolved = self.new.resolve(appearance)?;
        let normal = resolved.dictionary().filter(|dictionary| only_has(dictionary, &["N"])).map(|dictionary| self.new.get(dictionary, "N"));
        if normal.transpose()?.is_none_or(|normal| normal.stream().is_none()) {
            self.forbid("appearance", field, "The seal has more than one state, so that it can look different at different times.");
        }
        let (mut waiting, mut seen) = (Vec::new(), BTreeSet::new());
        write::references(appearance, &mut waiting);
        self.roots.extend(&waiting);
        while let Some(reference) = waiting.pop().filter(|_| seen.len() <= self.pdf.limits().max_objects) {
            if current(self.old, reference.number)?.is_some() {
                if self.sealed()?.contains(&reference.number) {
                    continue;
                }
                self.forbid("appearance", field, "The seal shows something that was in the file before.");
                return Ok(());
            }
            if seen.insert(reference) {
                let value = self.new.object(reference)?;
                if value.stream().is_some_and(|stream| stream.dictionary.has("F")) || restless(&value) {
                    self.forbid("appearance", reference, "The seal can act, change or show something from elsewhere.");
                }
                write::references(&value, &mut waiting);
            }
        }
        Ok(())
    }
}

/// Whether one of the dictionaries in a value has a key by which a drawing is more than a drawing.
fn restless(value: &Value) -> bool {
    if let Some(items) = value.array() {
        return items.iter().any(restless);
    }
    let Some(dictionary) = value.dictionary() else { return false };
    let postscript = dictionary.get("Subtype").and_then(Value::name) == Some(b"PS");
    postscript || RESTLESS.iter().any(|key| dictionary.has(key)) || dictionary.entries.iter().any(|(_, value)| restless(value))
}
