//! New objects: reached only from what was allowed, awaited by nothing, and nothing beside them.

use std::collections::{BTreeMap, BTreeSet};

use super::{State, current};
use crate::pdf::{Entry, Pdf, Reference, Value, write};
use crate::{Error, Finding, ordered};

impl State<'_> {
    /// New objects are reached from what was allowed, or carry the update itself.
    pub(super) fn reached(&mut self) -> Result<(), Error> {
        let own = &self.pdf.revisions()[self.revision];
        let (mut reached, mut absent, mut waiting) = (BTreeSet::new(), BTreeSet::new(), std::mem::take(&mut self.roots));
        while let Some(reference) = waiting.pop() {
            // old objects are as they were, or were judged by themselves
            if self.brought.contains(&reference.number) && reached.insert(reference.number) {
                write::references(&self.new.object(reference)?, &mut waiting);
            } else if self.new.entry(reference.number) == Entry::Free && absent.insert(reference.number) {
                self.allow("awaiting", reference, "A new object refers to one that is not there yet.");
            }
        }
        let packed = |number: u32| own.entries.values().any(|entry| matches!(entry, Entry::Compressed { stream, .. } if *stream == number));
        for &number in self.brought.clone().difference(&reached) {
            let Some(indirect) = current(self.new, number)? else { continue };
            let kind = indirect.value.stream().and_then(|stream| stream.dictionary.get("Type")).and_then(Value::name);
            let section = matches!(self.new.entry(number), Entry::Offset { offset, .. } if offset == own.xref);
            let carries = section || (kind == Some(b"ObjStm") && packed(number));
            // some programs write the list of one signature anew, and leave the old one in its place
            let replaced = self.result.validation_data && super::catalog::is_related(self.new, &indirect.value)?;
            if !carries && !replaced {
                self.forbid("added", indirect.reference, "An object was added that the signature does not need.");
            }
        }
        Ok(())
    }

    /// Nothing may have waited for a new object, and what may change for one holder's sake has no other holder: else a page that was
    /// signed would show something else (shadow attacks).
    pub(super) fn waiting(&mut self) -> Result<(), Error> {
        let wanted = ordered::set(self.brought.iter().copied().chain(self.bound.iter().map(|(reference, _)| reference.number)));
        if wanted.is_empty() {
            return Ok(());
        }
        let holders = holders(self.pdf, self.revision, &wanted)?;
        for (number, holders) in holders.iter().filter(|(number, _)| self.brought.contains(number)) {
            let text = format!("Object {number} was added, for which an earlier part of the file waited (object {}).", first(holders));
            self.result.forbidden.push(Finding::new("awaited", Reference { number: *number, generation: 0 }.to_string(), text));
        }
        for (reference, may) in std::mem::take(&mut self.bound) {
            let others = ordered::set(holders.get(&reference.number).into_iter().flatten().copied().filter(|holder| !may.contains(holder)));
            if !others.is_empty() {
                let text = format!("An object was changed that another part of the file uses, too (object {}).", first(&others));
                self.forbid("shared", reference, &text);
            } else if self.used_otherwise(reference, &may)? {
                self.forbid("shared", reference, "An object was changed that its holder uses for something else, too.");
            }
        }
        Ok(())
    }

    /// Whether the one holder of an object, or the catalogue among several, refers to it under more than the one key.
    fn used_otherwise(&self, reference: Reference, may: &BTreeSet<u32>) -> Result<bool, Error> {
        let root = super::reference_of(self.old, "Root").map(|root| root.number);
        for &holder in may.iter().filter(|&&holder| holder != reference.number && (may.len() == 1 || Some(holder) == root)) {
            let mut found = Vec::new();
            if let Some(indirect) = current(self.old, holder)? {
                write::references(&indirect.value, &mut found);
            }
            if found.iter().filter(|found| found.number == reference.number).count() > 1 {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// What the revision lists stands in the revision itself, and nothing stands there beside it: other readers could find it.
    pub(super) fn loose(&mut self) -> Result<(), Error> {
        let own = &self.pdf.revisions()[self.revision];
        let mut places = Vec::new();
        for (&number, entry) in &own.entries {
            let (before, after) = (current(self.old, number)?, current(self.new, number)?);
            let Some(after) = after else { continue };
            let inside = match *entry {
                Entry::Offset { offset, .. } => offset >= own.start,
                Entry::Compressed { stream, .. } => own.entries.contains_key(&stream),
                Entry::Free => true,
            };
            let same = before.is_some_and(|before| before.reference == after.reference && before.value == after.value);
            if !inside && !same {
                self.forbid("elsewhere", after.reference, "An object of this revision stands in an earlier one.");
            } else if inside && after.source.is_none() && after.place.start != own.xref {
                places.push(after.place.clone());
            }
        }
        places.sort_by_key(|place| place.start);
        let bytes = self.pdf.bytes();
        let mut at = own.start;
        for place in places.iter().chain([&(own.xref..own.end)]) {
            let between = if place.start >= at { bytes.get(at..place.start) } else { None };
            if !between.is_some_and(blank) {
                let text = format!("Something stands at byte {at} that belongs to no object of the revision.");
                self.result.forbidden.push(Finding::new("loose-bytes", format!("revision {}", self.revision), text));
                return Ok(());
            }
            at = place.end;
        }
        Ok(())
    }
}

fn first(numbers: &BTreeSet<u32>) -> u32 {
    numbers.first().copied().unwrap_or(0)
}

/// White space, and comments in which nobody who searches a file would find structure.
fn blank(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r'));
    lines.all(|line| {
        let text = line.iter().position(|byte| !matches!(byte, 0 | 9 | 12 | b' ')).map_or(&[][..], |start| &line[start..]);
        let has = |word: &[u8]| text.windows(word.len()).any(|window| window == word);
        text.is_empty() || (text[0] == b'%' && text.len() <= 200 && ![&b"obj"[..], b"xref", b"trailer", b"stream", b"%%EOF"].into_iter().any(has))
    })
}

/// Which of the `wanted` objects the revisions before `end` refer to, and from which objects; 0 stands for a trailer.
fn holders(pdf: &Pdf<'_>, end: usize, wanted: &BTreeSet<u32>) -> Result<BTreeMap<u32, BTreeSet<u32>>, Error> {
    let mut holders: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    let mut found = Vec::new();
    let mut note = |found: &mut Vec<Reference>, holder: u32| {
        for reference in found.drain(..).filter(|reference| wanted.contains(&reference.number) && reference.number != holder) {
            holders.entry(reference.number).or_default().insert(holder);
        }
    };
    for index in 0..end {
        let revision = &pdf.revisions()[index];
        revision.trailer.entries.iter().filter(|(key, _)| matches!(&**key, b"Root" | b"Info")).for_each(|(_, value)| write::references(value, &mut found));
        note(&mut found, 0);
        for &number in revision.entries.keys() {
            let Some(indirect) = current(pdf.view(index), number)? else { continue };
            let section = indirect.value.stream().filter(|stream| stream.dictionary.get("Type").and_then(Value::name) == Some(b"XRef"));
            let Some(section) = section else {
                write::references(&indirect.value, &mut found);
                note(&mut found, number);
                continue;
            };
            // a cross-reference stream is a trailer, too
            let trailer = |key: &[u8]| matches!(key, b"Root" | b"Info");
            section.dictionary.entries.iter().filter(|(key, _)| trailer(key)).for_each(|(_, value)| write::references(value, &mut found));
            note(&mut found, 0);
            section.dictionary.entries.iter().filter(|(key, _)| !trailer(key)).for_each(|(_, value)| write::references(value, &mut found));
            note(&mut found, number);
        }
    }
    Ok(holders)
}
