//! An upload as revision 0 may begin from it: repaired, decrypted, without what is empty, hides nothing or only helps to fill in a form,
//! every object of generation 0, annotations and fields in objects of their own. What then still may not be in a document is refused by
//! `inspect`; a file of which nothing has to be changed stays byte for byte.

mod actions;
mod edit;
mod layers;
mod lift;
mod link;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use self::edit::Act;
use crate::pdf::{Dictionary, Entry, Pdf, Reference, Value, write};
use crate::{Error, Limits};

/// The same document as an upload, well-formed. Deterministic.
///
/// # Errors
/// `Error::Malformed` where it cannot be repaired, `Error::Refused` where it has two readings, is signed and damaged, or takes a password.
pub fn normalized<'a>(upload: &'a [u8], limits: &Limits) -> Result<Cow<'a, [u8]>, Error> {
    let damage = match Pdf::parse_upload(upload, limits).and_then(|pdf| Draft::of(&pdf)?.finished()) {
        Ok(Some(written)) => return Ok(Cow::Owned(written)),
        Ok(None) => return Ok(Cow::Borrowed(upload)),
        Err(damage @ Error::Malformed { .. }) => damage,
        Err(error) => return Err(error),
    };
    match Pdf::repaired(upload, limits).and_then(|pdf| Draft::of(&pdf)?.written()) {
        Ok(written) => Ok(Cow::Owned(written)),
        // what was seen first is where the file goes wrong
        Err(Error::Malformed { .. }) => Err(damage),
        Err(error) => Err(error),
    }
}

/// The limits for what [`normalized`] wrote, which may be longer than the upload was: its object streams are unpacked.
pub(crate) fn unpacked(limits: &Limits) -> Limits {
    Limits { max_bytes: limits.max_bytes.saturating_add(limits.max_inflated), ..limits.clone() }
}

/// The objects that can be reached, while they are changed. References count by their numbers alone.
struct Draft<'p> {
    pdf: &'p Pdf<'p>,
    objects: BTreeMap<u32, Value>,
    root: u32,
    info: Option<u32>,
    next: u32,
    changed: bool,
}

impl<'p> Draft<'p> {
    fn of(pdf: &'p Pdf<'p>) -> Result<Self, Error> {
        let view = pdf.latest();
        view.catalog()?;
        let named = |key: &str| view.trailer().get(key).and_then(Value::reference);
        let root = named("Root").ok_or_else(|| Error::malformed(0, "the file has no catalogue"))?;
        let mut draft = Self { pdf, objects: BTreeMap::new(), root: root.number, info: None, next: view.size(), changed: false };
        let mut waiting: Vec<Reference> = [Some(root), named("Info")].into_iter().flatten().collect();
        while let Some(reference) = waiting.pop() {
            draft.next = draft.next.max(reference.number.saturating_add(1));
            if draft.objects.contains_key(&reference.number) && reference.generation == 0 {
                continue;
            }
            let Some(indirect) = view.indirect(reference)? else {
                if view.entry(reference.number) != Entry::Free {
                    let text = "The PDF refers to an outdated state of one of its parts; viewers may show different things. Print it into a new PDF.";
                    return Err(Error::refused("generations", reference.to_string(), text));
                }
                // it means null (§7.3.10), which strict readers want to see written
                draft.changed = true;
                continue;
            };
            draft.changed |= reference.generation != 0;
            if draft.objects.contains_key(&reference.number) {
                continue;
            }
            write::references(&indirect.value, &mut waiting);
            draft.objects.insert(reference.number, indirect.value.clone());
            if draft.objects.len() > pdf.limits().max_objects {
                return Err(Error::TooLarge { what: "objects", limit: pdf.limits().max_objects });
            }
        }
        draft.info = named("Info").map(|info| info.number).filter(|info| draft.objects.contains_key(info));
        Ok(draft)
    }

    /// The file written anew, or none where it may stay.
    fn finished(mut self) -> Result<Option<Vec<u8>>, Error> {
        self.clear()?;
        // `/Encrypt null` is no encryption, but a document says nothing of it
        let encrypted = self.pdf.revisions().iter().any(|revision| revision.trailer.has("Encrypt"));
        if self.changed || encrypted { self.whole().map(Some) } else { Ok(None) }
    }

    /// The file written anew.
    fn written(mut self) -> Result<Vec<u8>, Error> {
        self.clear()?;
        self.whole()
    }

    fn clear(&mut self) -> Result<(), Error> {
        let flat = self.flatten();
        self.edit(|draft, key, value| draft.spare(key, value, flat))?;
        // where it was too much to look at, what was found before it does not count
        self.pdf.look()?;
        self.lift()
    }

    /// What is to become of a value: what is null or empty is not there (ISO 32000-2 §7.3.7), what does nothing to what is seen goes.
    fn spare(&self, key: &[u8], value: &Value, flat: bool) -> Act {
        let target = self.resolve(value);
        let gone = match key {
            b"JavaScript" | b"EmbeddedFiles" => self.is_empty_tree(&target, 0),
            b"AA" => self.only_formats(&target),
            b"OpenAction" => self.only_turns(&target),
            b"Collection" => target.is_null() || target.dictionary().is_some_and(|own| own.entries.is_empty()),
            b"XFA" => self.is_empty(&target),
            b"OCProperties" => flat,
            b"OC" => flat && layers::is_layer(self, &target),
            b"JS" | b"EF" | b"ByteRange" | b"Alternates" | b"OPI" | b"Ref" => target.is_null(),
            _ => false,
        };
        if gone || self.is_strange_link(&target) {
            return Act::Drop;
        }
        // what marked content names
        if flat && value.reference().is_none() && layers::is_layer(self, value) { Act::Replace(Value::empty()) } else { Act::Keep }
    }

    fn is_empty(&self, value: &Value) -> bool {
        match (value.array(), value.string(), value.stream()) {
            (Some(items), ..) => items.iter().all(|item| matches!(self.resolve(item), item if item.is_null() || item.string().is_some_and(<[u8]>::is_empty))),
            (_, Some(string), _) => string.is_empty(),
            (_, _, Some(stream)) => stream.raw.is_empty(),
            _ => value.is_null(),
        }
    }

    /// A name tree without a name (§7.9.6).
    fn is_empty_tree(&self, value: &Value, depth: usize) -> bool {
        let Some(tree) = value.dictionary().filter(|_| value.stream().is_none()) else { return value.is_null() };
        let none = |key: &str, empty: &dyn Fn(&Value) -> bool| match self.get(tree, key) {
            list if list.is_null() => true,
            list => list.array().is_some_and(|items| items.iter().all(empty)),
        };
        depth < 8
            && tree.entries.iter().all(|(key, _)| matches!(&**key, b"Names" | b"Kids" | b"Limits"))
            && none("Names", &|_| false)
            && none("Kids", &|kid| self.is_empty_tree(&self.resolve(kid), depth + 1))
    }

    fn catalog(&self) -> Option<&Dictionary> {
        self.objects.get(&self.root)?.dictionary().map(AsRef::as_ref)
    }

    /// The object a value refers to, or the value itself; null where there is none, and where all that may be looked at was (see `clear`): trees
    /// that share their branches have no end.
    fn resolve(&self, value: &Value) -> Value {
        if self.pdf.look().is_err() {
            return Value::NULL;
        }
        let mut value = value;
        for _ in 0..8 {
            let Some(reference) = value.reference() else { return value.clone() };
            let Some(target) = self.objects.get(&reference.number) else { return Value::NULL };
            value = target;
        }
        Value::NULL
    }

    fn get(&self, dictionary: &Dictionary, key: &str) -> Value {
        dictionary.get(key).map_or(Value::NULL, |value| self.resolve(value))
    }

    /// What is still reached, each object of generation 0, with a table.
    fn whole(&self) -> Result<Vec<u8>, Error> {
        let (mut reached, mut waiting) = (BTreeSet::new(), vec![self.root]);
        waiting.extend(self.info);
        let mut found = Vec::new();
        while let Some(number) = waiting.pop() {
            let Some(value) = self.objects.get(&number) else { continue };
            if reached.insert(number) {
                write::references(value, &mut found);
                waiting.extend(found.drain(..).map(|reference| reference.number));
            }
        }
        let own = |number| Reference { number, generation: 0 };
        let known = |number| reached.contains(&number);
        let bodies = reached.iter().map(|&number| (own(number), write::anew(&self.objects[&number], &known))).collect();
        write::whole(self.pdf.version(), &bodies, own(self.root), self.info.map(own))
    }
}

#[cfg(test)]
mod tests;
