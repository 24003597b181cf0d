//! What a revision changed against the one before: an allow-list after ISO 32000-2 §12.8.2.2 and EN 319 142-1 §5.4; the rest is named.
//!
//! Allowed is exactly:
//! - an empty signature field gets its value, an appearance (of new objects, or of what seals were made of before), the flags Print and
//!   Locked, and a lock; the form gets fonts for it;
//! - a signature field is made and filled at once, with what lists it (`/Fields`, `/Annots`, a first `/AcroForm`), unless the document
//!   was certified; a document time stamp that shows nothing always may;
//! - validation data (`/DSS`) is added, never taken out; `/Extensions` and a higher `/Version`;
//! - what a signing program notes about itself in the information dictionary and the XMP packet;
//! - new objects that only those reach, which nothing referred to before, written in the revision itself with nothing beside them.

mod alike;
mod catalog;
mod field;
mod metadata;
mod reach;
pub(crate) mod seal;
mod xmp;

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use crate::mdp::Permissions;
use crate::pdf::field::{Field, fields};
use crate::pdf::{Dictionary, Entry, Indirect, Pdf, Reference, Value, View};
use crate::{Error, Finding, ordered};
use alike::alike;

/// A signature field that a revision filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Full name of the field.
    pub name: String,
    /// The field.
    pub field: Reference,
    /// The signature dictionary.
    pub signature: Reference,
    /// Whether the field itself came with this revision, too: allowed to a verifier, to an approver where that was asked (`accept`).
    pub created: bool,
    /// Whether what it shows spreads over more than half of its page.
    pub covers_page: bool,
}

/// A revision against the one before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Signature fields that were filled.
    pub filled: Vec<Filled>,
    /// Whether validation data (`/DSS`) was added.
    pub validation_data: bool,
    /// Changes that are allowed but worth a word; filled fields and validation data are not among them.
    pub allowed: Vec<Finding>,
    /// Changes that nothing allows.
    pub forbidden: Vec<Finding>,
}

/// Compares revision `n` (index into `Pdf::revisions`, at least 1) with revision `n - 1`.
///
/// # Errors
/// `Error::Parameter` when there is no such pair, `Error::Malformed` or `Error::TooLarge` when an object of it cannot be read.
pub fn compare(pdf: &Pdf<'_>, n: usize) -> Result<Comparison, Error> {
    if n == 0 || n >= pdf.revisions().len() {
        return Err(Error::Parameter(format!("there is no revision {n} with one before it")));
    }
    let mut state = State::new(pdf, n)?;
    state.trailer()?;
    for &number in pdf.revisions()[n].entries.keys() {
        let (before, after) = (current(state.old, number)?, current(state.new, number)?);
        match (before, after) {
            (None, None) => {}
            (None, Some(after)) => {
                state.brought.insert(after.reference.number);
            }
            (Some(before), None) => state.forbid("freed", before.reference, "An object was taken out of the file."),
            (Some(before), Some(after)) if before.reference == after.reference && before.value == after.value => {}
            (Some(before), Some(after)) if after.reference != before.reference => {
                state.forbid("replaced", before.reference, "An object was replaced by another of the same number.");
            }
            (Some(before), Some(after)) => state.changed(before.reference, &before.value, &after.value)?,
        }
    }
    state.created()?;
    state.widgets();
    if let [_, second, ..] = &state.result.filled[..] {
        let reference = second.field;
        state.forbid("one-signature", reference, "More than one signature field was filled at once.");
    }
    state.reached()?;
    state.waiting()?;
    state.loose()?;
    let silent = state.result.filled.is_empty() && !state.result.validation_data && state.result.forbidden.is_empty() && state.result.allowed.is_empty();
    if silent {
        state.result.allowed.push(Finding::new("revision-empty", format!("revision {n}"), "A later revision was added that changes nothing."));
    }
    Ok(state.result)
}

/// A comparison under way.
struct State<'p> {
    pdf: &'p Pdf<'p>,
    revision: usize,
    old: View<'p>,
    new: View<'p>,
    result: Comparison,
    /// What the signatures so far permit.
    permissions: Permissions,
    fields_before: BTreeMap<Reference, Field>,
    /// Signature fields that are there now and were not before.
    new_fields: BTreeMap<Reference, Field>,
    /// References that allowed changes brought: what may be new is reached from here.
    roots: Vec<Reference>,
    /// Numbers of objects that were not there before.
    brought: BTreeSet<u32>,
    /// Changed objects that may only be changed because of what refers to them: number, and who may.
    bound: Vec<(Reference, BTreeSet<u32>)>,
    /// Widgets that stand apart from their field and were changed.
    loose_widgets: Vec<Reference>,
    /// What the seals so far are made of, once it was asked for.
    sealed: Option<BTreeSet<u32>>,
}

impl<'p> State<'p> {
    fn new(pdf: &'p Pdf<'p>, n: usize) -> Result<Self, Error> {
        let (old, new) = (pdf.view(n - 1), pdf.view(n));
        let fields_before = ordered::map(fields(old)?.into_iter().map(|field| (field.reference, field)));
        let new_fields = fields(new)?.into_iter().filter(|field| !fields_before.contains_key(&field.reference));
        Ok(Self {
            pdf,
            revision: n,
            old,
            new,
            result: Comparison::default(),
            permissions: Permissions::of(old)?,
            new_fields: ordered::map(new_fields.map(|field| (field.reference, field))),
            fields_before,
            roots: Vec::new(),
            brought: BTreeSet::new(),
            bound: Vec::new(),
            loose_widgets: Vec::new(),
            sealed: None,
        })
    }

    fn forbid(&mut self, rule: &str, reference: Reference, text: &str) {
        self.result.forbidden.push(Finding::new(rule, reference.to_string(), text));
    }

    fn allow(&mut self, rule: &str, reference: Reference, text: &str) {
        self.result.allowed.push(Finding::new(rule, reference.to_string(), text));
    }

    /// The trailer still names the same catalogue, and no other parts.
    fn trailer(&mut self) -> Result<(), Error> {
        let (old, new) = (self.old.trailer(), self.new.trailer());
        let mut wrong = |text| self.result.forbidden.push(Finding::new("trailer", "trailer", text));
        if old.get("Root") != new.get("Root") {
            wrong("The file was given another catalogue.");
        }
        if old.get("Info") != new.get("Info") && new.has("Info") {
            wrong("The file was given other information about itself.");
        }
        // keys that a cross-reference stream has besides (§7.5.8.2)
        let usual = ["Size", "Root", "Info", "ID", "Prev", "XRefStm", "Type", "W", "Index", "Length", "Filter", "DecodeParms"];
        let same = |key: &[u8]| old.get(key).is_some() && old.get(key) == new.get(key);
        if new.entries.iter().any(|(key, _)| !usual.iter().any(|usual| usual.as_bytes() == &**key) && !same(key)) {
            wrong("The file was given other parts (in the trailer).");
        }
        let first_identifier = |view: View<'_>| view.get(view.trailer(), "ID").map(|id| id.array().and_then(|parts| parts.first().cloned()));
        let (was, is) = (first_identifier(self.old)?, first_identifier(self.new)?);
        if was.is_some() && is.is_some() && was != is {
            wrong("The file was given another identity (/ID).");
        }
        // §7.5.5: objects beyond /Size are taken as missing, so a smaller one hides them from some readers
        let size = |trailer: &Dictionary| trailer.get("Size").and_then(Value::integer).unwrap_or(0);
        if size(new) < size(old) {
            wrong("The table of objects was cut short (/Size), so that readers may miss some.");
        }
        Ok(())
    }

    /// An object that was there and says something else now.
    fn changed(&mut self, reference: Reference, before: &Value, after: &Value) -> Result<(), Error> {
        let catalog = self.old.catalog()?;
        let named = |key: &str| catalog.get(key).and_then(Value::reference);
        let root = reference_of(self.old, "Root");
        let root_number = ordered::set(root.iter().map(|root| root.number));
        if Some(reference) == root {
            self.catalog(reference, before, after)
        } else if Some(reference) == named("AcroForm") {
            self.bound.push((reference, root_number));
            self.form(reference, before, after)
        } else if Some(reference) == reference_of(self.old, "Info") {
            self.bound.push((reference, ordered::set([0])));
            self.info(reference, before, after);
            Ok(())
        } else if Some(reference) == named("Metadata") {
            self.bound.push((reference, root_number));
            self.packet(reference, before, after)
        } else if Some(reference) == named("Extensions") {
            self.bound.push((reference, root_number));
            self.extensions(reference, before, after)
        } else if let Some(field) = self.fields_before.get(&reference).filter(|field| field.is_signature()).cloned() {
            self.field(&field, before, after)
        } else if self.fields_before.values().any(|field| field.is_signature() && field.widgets.contains(&reference)) {
            self.widget(reference, before, after)
        } else if self.lists_new_field(reference, before, after)? || self.holds_validation_data(reference, before, after)? {
            Ok(())
        } else {
            self.forbid("changed", reference, "An object was changed that a signature does not need to change.");
            Ok(())
        }
    }
}

/// Reads a packet twice: what it says does not depend on chance.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn fuzz_packet(packet: &[u8]) {
    assert_eq!(xmp::properties(packet), xmp::properties(packet));
    let _ = xmp::plain(packet);
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

/// Whether two dictionaries say the same but for some keys.
fn same_but(old: &Dictionary, new: &Dictionary, keys: &[&str]) -> bool {
    let counted = |key: &[u8]| !keys.iter().any(|name| name.as_bytes() == key);
    let has = |other: &Dictionary, key: &[u8], value: &Value| other.get(key).is_some_and(|other| alike(key, value, other));
    let all_in = |one: &Dictionary, other: &Dictionary| one.entries.iter().filter(|(key, _)| counted(key)).all(|(key, value)| has(other, key, value));
    all_in(old, new) && all_in(new, old)
}

/// Whether a dictionary has no other keys than these.
fn only_has(dictionary: &Dictionary, keys: &[&str]) -> bool {
    dictionary.entries.iter().all(|(key, _)| keys.iter().any(|name| name.as_bytes() == &**key))
}

/// Two values as dictionaries, neither of them a stream.
fn dictionaries<'v>(before: &'v Value, after: &'v Value) -> Option<(&'v Dictionary, &'v Dictionary)> {
    let plain = |value: &'v Value| value.dictionary().filter(|_| value.stream().is_none()).map(|dictionary| &**dictionary);
    plain(before).zip(plain(after))
}
