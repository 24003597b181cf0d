//! Changing objects of a draft: only what is changed is made anew.

use std::rc::Rc;

use super::Draft;
use crate::Error;
use crate::pdf::{Dictionary, Kind, Stream, Value};

/// What becomes of an entry of a dictionary, or of an item of the array that is one.
pub(super) enum Act {
    /// It stays, and what is in it is asked for.
    Keep,
    /// It goes.
    Drop,
    /// Something else takes its place.
    Replace(Value),
}

/// Asked of every value, with the key that it stands under; an object by itself has none.
type Rule<'r, 'p> = &'r dyn Fn(&Draft<'p>, &[u8], &Value) -> Act;

impl<'p> Draft<'p> {
    /// Asks `rule` about every value of every object.
    pub(super) fn edit(&mut self, rule: impl Fn(&Draft<'p>, &[u8], &Value) -> Act) -> Result<(), Error> {
        let mut changes = Vec::new();
        for (&number, value) in &self.objects {
            match self.changed(b"", value, &rule)? {
                Act::Keep => {}
                Act::Drop => changes.push((number, Value::NULL)),
                Act::Replace(new) => changes.push((number, new)),
            }
        }
        self.changed |= !changes.is_empty();
        self.objects.extend(changes);
        Ok(())
    }

    fn changed(&self, key: &[u8], value: &Value, rule: Rule<'_, 'p>) -> Result<Act, Error> {
        match rule(self, key, value) {
            Act::Keep => {}
            act => return Ok(act),
        }
        let kind = match &value.kind {
            Kind::Array(items) => {
                let acts = items.iter().map(|item| self.changed(key, item, rule)).collect::<Result<Vec<_>, _>>()?;
                if acts.iter().all(|act| matches!(act, Act::Keep)) {
                    return Ok(Act::Keep);
                }
                Kind::Array(Rc::new(items.iter().zip(acts).filter_map(|(item, act)| act.upon(item)).collect()))
            }
            Kind::Dictionary(dictionary) => match self.changed_entries(dictionary, rule)? {
                Some(new) => Kind::Dictionary(Rc::new(new)),
                None => return Ok(Act::Keep),
            },
            Kind::Stream(stream) => match self.changed_entries(&stream.dictionary, rule)? {
                Some(new) => Kind::Stream(Rc::new(Stream { dictionary: Rc::new(new), raw: stream.raw.clone() })),
                None => return Ok(Act::Keep),
            },
            _ => return Ok(Act::Keep),
        };
        Ok(Act::Replace(Value { span: 0..0, kind }))
    }

    fn changed_entries(&self, dictionary: &Dictionary, rule: Rule<'_, 'p>) -> Result<Option<Dictionary>, Error> {
        let acts = dictionary.entries.iter().map(|(key, value)| self.changed(key, value, rule)).collect::<Result<Vec<_>, _>>()?;
        if acts.iter().all(|act| matches!(act, Act::Keep)) {
            return Ok(None);
        }
        let entries = dictionary.entries.iter().zip(acts).filter_map(|((key, value), act)| Some((key.clone(), act.upon(value)?)));
        Ok(Some(Dictionary::new(entries.collect()).expect("each key stood once before")))
    }
}

impl Act {
    fn upon(self, value: &Value) -> Option<Value> {
        match self {
            Self::Keep => Some(value.clone()),
            Self::Drop => None,
            Self::Replace(new) => Some(new),
        }
    }
}
