//! Annotations, fields, pages and the states of appearances into objects of their own: programs that judge later revisions know them by their
//! numbers, and some call a signed file broken whose `/Annots` holds dictionaries, or give up on an `/N` that is one (ISO 32000-2 §12.5.2 and
//! §12.5.5 allow them, §7.7.3.2 and §12.7.4 want references).

use std::collections::BTreeSet;
use std::rc::Rc;

use super::Draft;
use crate::Error;
use crate::pdf::{Dictionary, Kind, Reference, Stream, Value};

/// The lists of such things.
const LISTS: [&[u8]; 3] = [b"Annots", b"Fields", b"Kids"];
/// What an appearance dictionary holds (table 170).
const APPEARANCES: [&[u8]; 3] = [b"N", b"R", b"D"];

impl Draft<'_> {
    /// Lifts what stands directly in such a list.
    pub(super) fn lift(&mut self) -> Result<(), Error> {
        // a list or `/AP` that is an object of its own is known by who refers to it; many may share one
        let mut lists = BTreeSet::new();
        let mut holders: Vec<u32> = Vec::new();
        for (&number, value) in &self.objects {
            let direct = lists_of(value, &mut lists);
            if direct {
                holders.push(number);
            }
        }
        for number in lists {
            if let Some(Kind::Dictionary(appearances)) = self.objects.get(&number).map(|value| value.kind.clone()) {
                let kind = Kind::Dictionary(self.lifted_appearances(&appearances)?);
                self.objects.insert(number, Value { span: 0..0, kind });
            }
            let Some(items) = self.objects.get(&number).and_then(Value::array).filter(|items| items.iter().any(is_direct)) else { continue };
            let items = items.to_vec();
            let array = self.lifted(&items)?;
            self.objects.insert(number, array);
        }
        for number in holders {
            let value = self.objects[&number].clone();
            let new = self.lifted_in(&value)?;
            self.objects.insert(number, new);
        }
        Ok(())
    }

    /// The value with its lists lifted, the innermost first.
    fn lifted_in(&mut self, value: &Value) -> Result<Value, Error> {
        let kind = match &value.kind {
            Kind::Array(items) => Kind::Array(Rc::new(items.iter().map(|item| self.lifted_in(item)).collect::<Result<_, _>>()?)),
            Kind::Dictionary(dictionary) => Kind::Dictionary(self.lifted_entries(dictionary)?),
            Kind::Stream(stream) => Kind::Stream(Rc::new(Stream { dictionary: self.lifted_entries(&stream.dictionary)?, raw: stream.raw.clone() })),
            other => other.clone(),
        };
        Ok(Value { span: 0..0, kind })
    }

    fn lifted_entries(&mut self, dictionary: &Dictionary) -> Result<Rc<Dictionary>, Error> {
        let mut entries = Vec::with_capacity(dictionary.entries.len());
        for (key, value) in &dictionary.entries {
            let inside = self.lifted_in(value)?;
            let list = inside.array().filter(|_| LISTS.contains(&&**key)).map(<[Value]>::to_vec);
            let value = match (list, &inside.kind) {
                (Some(items), _) => self.lifted(&items)?,
                (None, Kind::Dictionary(appearances)) if has_loose_states(key, dictionary) => {
                    let kind = Kind::Dictionary(self.lifted_appearances(appearances)?);
                    Value { span: 0..0, kind }
                }
                _ => inside,
            };
            entries.push((key.clone(), value));
        }
        Ok(Rc::new(Dictionary::new(entries).expect("each key stood once before")))
    }

    fn lifted_appearances(&mut self, appearances: &Dictionary) -> Result<Rc<Dictionary>, Error> {
        let mut entries = Vec::with_capacity(appearances.entries.len());
        for (key, value) in &appearances.entries {
            let states = APPEARANCES.contains(&&**key) && is_direct(value);
            entries.push((key.clone(), if states { self.apart(value.clone())? } else { value.clone() }));
        }
        Ok(Rc::new(Dictionary::new(entries).expect("each key stood once before")))
    }

    /// The list with every dictionary in it as an object of its own.
    fn lifted(&mut self, items: &[Value]) -> Result<Value, Error> {
        let mut list = Vec::with_capacity(items.len());
        for item in items {
            list.push(if is_direct(item) { self.apart(item.clone())? } else { item.clone() });
        }
        Ok(Value { span: 0..0, kind: Kind::Array(Rc::new(list)) })
    }

    /// A value as an object of its own; gives the reference to it.
    fn apart(&mut self, value: Value) -> Result<Value, Error> {
        let limit = self.pdf.limits().max_objects;
        if self.objects.len() >= limit {
            return Err(Error::TooLarge { what: "objects", limit });
        }
        self.changed = true;
        let reference = Reference { number: self.next, generation: 0 };
        self.next += 1;
        self.objects.insert(reference.number, value);
        Ok(Value { span: 0..0, kind: Kind::Reference(reference) })
    }
}

/// Whether the appearances under this key have states without an `/AS` that says which of them is shown.
fn has_loose_states(key: &[u8], annotation: &Dictionary) -> bool {
    key == b"AP" && !annotation.has("AS")
}

fn is_direct(item: &Value) -> bool {
    matches!(item.kind, Kind::Dictionary(_))
}

/// Whether a list in `value` holds dictionaries; the numbers of lists that stand elsewhere are put into `apart`.
fn lists_of(value: &Value, apart: &mut BTreeSet<u32>) -> bool {
    let mut direct = false;
    match &value.kind {
        Kind::Array(items) => items.iter().for_each(|item| direct |= lists_of(item, apart)),
        Kind::Dictionary(_) | Kind::Stream(_) => {
            let Some(own) = value.dictionary() else { return false };
            for (key, value) in &own.entries {
                if LISTS.contains(&&**key) {
                    match (value.reference(), value.array()) {
                        (Some(reference), _) => drop(apart.insert(reference.number)),
                        (None, Some(items)) => direct |= items.iter().any(is_direct),
                        _ => {}
                    }
                }
                if has_loose_states(key, own) {
                    match (value.reference(), value.dictionary()) {
                        (Some(reference), _) => drop(apart.insert(reference.number)),
                        (None, Some(own)) => direct |= own.entries.iter().any(|(key, value)| APPEARANCES.contains(&&**key) && is_direct(value)),
                        _ => {}
                    }
                }
                direct |= lists_of(value, apart);
            }
        }
        _ => {}
    }
    direct
}
