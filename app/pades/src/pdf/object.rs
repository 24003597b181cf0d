//! Objects that remember where they stood, so that what is not changed is copied byte for byte, numbers as text.

use std::fmt;
use std::ops::Range;
use std::rc::Rc;

use super::text;

/// Object number and generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// Object number.
    pub number: u32,
    /// Generation.
    pub generation: u16,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} R", self.number, self.generation)
    }
}

/// A value and where its text stands in its source (the file, or the inflated object stream that holds it).
/// Two values are equal when they mean the same, wherever they stand.
#[derive(Clone, Debug)]
pub struct Value {
    /// Where the text stands.
    pub span: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// The kinds of ISO 32000-2 §7.3. Cheap to clone.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `null`, and what a reference to nothing is.
    Null,
    /// `true`, `false`
    Boolean(bool),
    /// An integer or a real, as it is written.
    Number(Number),
    /// `(…)` or `<…>`, decoded.
    String(Rc<[u8]>),
    /// `/…`, decoded, without the slash.
    Name(Rc<[u8]>),
    /// `[…]`
    Array(Rc<Vec<Value>>),
    /// `<<…>>`
    Dictionary(Rc<Dictionary>),
    /// A dictionary with bytes.
    Stream(Rc<Stream>),
    /// `1 0 R`
    Reference(Reference),
}

/// A number as it is written. Equal when the value is, `1.0` and `1`.
#[derive(Clone)]
pub struct Number(Digits);

/// The text of a number; the usual short ones need no memory of their own.
#[derive(Clone)]
enum Digits {
    Short(u8, [u8; 22]),
    Long(Rc<str>),
}

/// Keys are unique; their order is that of the file. Made by `Dictionary::new` only.
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    /// Key (decoded, without the slash) and value.
    pub entries: Vec<(Rc<[u8]>, Value)>,
    /// The entries by their keys, where there are too many to look through.
    order: Box<[u32]>,
}

/// A stream: its dictionary, and where its bytes stand in the file, still filtered.
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// The dictionary.
    pub dictionary: Rc<Dictionary>,
    /// Its bytes, as they stand in the file.
    pub raw: Rc<[u8]>,
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

impl PartialEq for Dictionary {
    fn eq(&self, other: &Self) -> bool {
        self.entries.len() == other.entries.len() && self.entries.iter().all(|(key, value)| other.get(key) == Some(value))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text() || self.normal() == other.normal()
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl Number {
    /// A number of this text, digits with at most one sign and one point.
    pub fn new(text: &str) -> Self {
        let mut short = [0; 22];
        Self(match short.get_mut(..text.len()) {
            Some(room) => {
                room.copy_from_slice(text.as_bytes());
                Digits::Short(text.len() as u8, short)
            }
            None => Digits::Long(text.into()),
        })
    }

    /// As it is written.
    pub fn text(&self) -> &str {
        match &self.0 {
            Digits::Short(length, bytes) => std::str::from_utf8(&bytes[..usize::from(*length)]).unwrap_or_default(),
            Digits::Long(text) => text,
        }
    }

    /// Sign, digits before and digits after the point, without what does not count.
    fn normal(&self) -> (bool, &str, &str) {
        let unsigned = self.text().trim_start_matches(['+', '-']);
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        (self.text().starts_with('-') && !(whole.is_empty() && fraction.is_empty()), whole, fraction)
    }
}

/// From this many entries on, keys are looked up in order.
const ORDERED: usize = 17;

impl Dictionary {
    /// A dictionary of these entries, or a key that stands in it twice.
    pub fn new(entries: Vec<(Rc<[u8]>, Value)>) -> Result<Self, Rc<[u8]>> {
        if entries.len() < ORDERED {
            let twice = entries.iter().enumerate().find(|(index, (key, _))| entries[..*index].iter().any(|(other, _)| other == key));
            return match twice {
                Some((_, (key, _))) => Err(key.clone()),
                None => Ok(Self { entries, order: Box::default() }),
            };
        }
        let mut order: Box<[u32]> = (0..entries.len() as u32).collect();
        order.sort_unstable_by(|&one, &other| entries[one as usize].0.cmp(&entries[other as usize].0));
        match order.windows(2).find(|pair| entries[pair[0] as usize].0 == entries[pair[1] as usize].0) {
            Some(pair) => Err(entries[pair[0] as usize].0.clone()),
            None => Ok(Self { entries, order }),
        }
    }

    /// The value of a key, if it is there. Not resolved.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<&Value> {
        let key = key.as_ref();
        if self.order.is_empty() {
            return self.entries.iter().find(|(name, _)| **name == *key).map(|(_, value)| value);
        }
        let found = self.order.binary_search_by(|&index| (*self.entries[index as usize].0).cmp(key)).ok()?;
        Some(&self.entries[self.order[found] as usize].1)
    }

    /// Whether the key is there.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }
}

impl Value {
    /// The `null` that stands nowhere.
    pub const NULL: Self = Self { span: 0..0, kind: Kind::Null };

    /// A dictionary without an entry.
    pub(crate) fn empty() -> Self {
        Self { span: 0..0, kind: Kind::Dictionary(Rc::default()) }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// The reference it is.
    pub fn reference(&self) -> Option<Reference> {
        if let Kind::Reference(reference) = self.kind { Some(reference) } else { None }
    }

    /// The dictionary it is, or that of the stream it is.
    pub fn dictionary(&self) -> Option<&Rc<Dictionary>> {
        match &self.kind {
            Kind::Dictionary(dictionary) => Some(dictionary),
            Kind::Stream(stream) => Some(&stream.dictionary),
            _ => None,
        }
    }

    /// The stream it is.
    pub fn stream(&self) -> Option<&Rc<Stream>> {
        if let Kind::Stream(stream) = &self.kind { Some(stream) } else { None }
    }

    /// The array it is.
    pub fn array(&self) -> Option<&[Self]> {
        if let Kind::Array(array) = &self.kind { Some(array) } else { None }
    }

    /// The name it is.
    pub fn name(&self) -> Option<&[u8]> {
        if let Kind::Name(name) = &self.kind { Some(name) } else { None }
    }

    /// The bytes of the string it is.
    pub fn string(&self) -> Option<&[u8]> {
        if let Kind::String(string) = &self.kind { Some(string) } else { None }
    }

    /// The number it is, as a float.
    pub fn number(&self) -> Option<f64> {
        if let Kind::Number(number) = &self.kind { number.text().parse().ok().filter(|number: &f64| number.is_finite()) } else { None }
    }

    /// The integer it is.
    pub fn integer(&self) -> Option<i64> {
        if let Kind::Number(number) = &self.kind { number.text().parse().ok() } else { None }
    }

    /// The string it is as text; what is none becomes U+FFFD or `?`.
    pub fn text(&self) -> Option<String> {
        let bytes = self.string()?;
        Some(match bytes {
            [0xFE, 0xFF, rest @ ..] => {
                let units: Vec<u16> = rest.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)])).collect();
                String::from_utf16_lossy(&units)
            }
            [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
            _ => bytes.iter().map(|&byte| text::character(byte).unwrap_or('?')).collect(),
        })
    }
}
