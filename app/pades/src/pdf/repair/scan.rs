//! Everything in a damaged file that says of itself what it is: objects, trailers, cross-reference sections.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::super::budget::Budget;
use super::super::lexer::{Lexer, is_regular, is_space};
use super::super::object::{Dictionary, Value};
use super::data;
use crate::Error;

/// What was found, in the order of the file.
#[derive(Default)]
pub struct Scan {
    /// Every place where a number is defined.
    pub definitions: BTreeMap<u32, Vec<Definition>>,
    /// Trailers, and dictionaries of cross-reference streams.
    pub trailers: Vec<Rc<Dictionary>>,
    /// Where the last cross-reference section stands, if no object stands behind it.
    pub last_section: Option<usize>,
    /// Object streams: number and place.
    pub packs: Vec<(u32, usize)>,
    /// Objects that say they are the catalogue.
    pub catalogues: BTreeSet<u32>,
    /// Whether a signature is among the objects.
    pub signed: bool,
}

/// One definition of an object.
#[derive(Clone, Copy)]
pub struct Definition {
    /// Where its number stands.
    pub offset: usize,
    /// Where the white space before it begins.
    before: usize,
    /// Its generation.
    pub generation: u16,
    /// What it says.
    pub body: [u8; 32],
}

impl Definition {
    /// Whether one who looks at `at` finds it, if need be after white space.
    pub fn stands_at(&self, at: usize) -> bool {
        (self.before..=self.offset).contains(&at)
    }
}

impl Scan {
    /// Reads the whole file once.
    ///
    /// # Errors
    /// `Error::TooLarge` where it costs too much.
    pub fn of(bytes: &[u8], budget: &Budget) -> Result<Self, Error> {
        let mut scan = Self::default();
        let mut at = 0;
        while at < bytes.len() {
            let rest = &bytes[at..];
            let fresh = at == 0 || !is_regular(bytes[at - 1]);
            at = match rest[0] {
                b'o' if rest.starts_with(b"obj") => match header(bytes, at) {
                    Some((number, generation, offset)) => scan.object(bytes, budget, number, generation, offset)?,
                    None => at + 3,
                },
                b't' if fresh && rest.starts_with(b"trailer") => scan.trailer(bytes, budget, at)?,
                b'x' if fresh && rest.starts_with(b"xref") => {
                    scan.last_section = Some(at);
                    at + 4
                }
                b'%' if fresh => at + rest.iter().take_while(|&&byte| byte != b'\n' && byte != b'\r').count(),
                _ => at + 1,
            };
        }
        Ok(scan)
    }

    /// Reads the object whose header stands at `offset`; gives the place to go on from.
    fn object(&mut self, bytes: &[u8], budget: &Budget, number: u32, generation: u16, offset: usize) -> Result<usize, Error> {
        budget.entries(1)?;
        let mut lexer = Lexer::new(bytes, offset, budget);
        lexer.tolerant = true;
        let after = match lexer.object_header() {
            Ok(_) => lexer.at,
            Err(_) => return Ok(offset + 1),
        };
        let value = lexer.value();
        budget.bytes(lexer.at.min(bytes.len()) - offset)?;
        let mut end = lexer.at.min(bytes.len());
        if let Ok(value) = &value {
            lexer.skip();
            if value.dictionary().is_some() && lexer.stands(b"stream") {
                let length = value.dictionary().and_then(|own| own.get("Length")).and_then(Value::integer).and_then(|length| usize::try_from(length).ok());
                end = match data(bytes, lexer.at, length) {
                    Some(data) => data.end,
                    // its end was looked for as far as the file goes
                    None => {
                        budget.bytes(bytes.len() - lexer.at)?;
                        lexer.at + b"stream".len()
                    }
                };
                budget.bytes(end - offset)?;
            }
            self.judge(value, number, offset);
        } else if matches!(value, Err(Error::TooLarge { .. })) {
            return value.map(|_| end);
        } else {
            end = after;
        }
        // what cannot be read is like nothing else
        let body = if value.is_ok() { Sha256::digest(&bytes[after..end]) } else { Sha256::digest(offset.to_be_bytes()) }.into();
        let before = offset - bytes[..offset].iter().rev().take_while(|&&byte| is_space(byte)).count().min(offset);
        let definition = Definition { offset, before, generation, body };
        self.definitions.entry(number).or_default().push(definition);
        Ok(end)
    }

    fn judge(&mut self, value: &Value, number: u32, offset: usize) {
        self.last_section = None;
        let Some(dictionary) = value.dictionary() else { return };
        match dictionary.get("Type").and_then(Value::name) {
            Some(b"XRef") => {
                self.trailers.push(dictionary.clone());
                self.last_section = Some(offset);
            }
            Some(b"ObjStm") => self.packs.push((number, offset)),
            Some(b"Catalog") => drop(self.catalogues.insert(number)),
            Some(b"Sig" | b"DocTimeStamp") => self.signed = true,
            _ => {}
        }
        self.signed |= dictionary.get("ByteRange").is_some();
    }

    fn trailer(&mut self, bytes: &[u8], budget: &Budget, at: usize) -> Result<usize, Error> {
        let mut lexer = Lexer::new(bytes, at + b"trailer".len(), budget);
        lexer.tolerant = true;
        let value = lexer.value();
        budget.bytes(lexer.at.min(bytes.len()) - at)?;
        match value {
            Ok(value) => {
                self.trailers.extend(value.dictionary().cloned());
                Ok(lexer.at)
            }
            Err(error @ Error::TooLarge { .. }) => Err(error),
            Err(_) => Ok(at + b"trailer".len()),
        }
    }
}

/// Number, generation and beginning of the header whose `obj` stands at `at`.
fn header(bytes: &[u8], at: usize) -> Option<(u32, u16, usize)> {
    if bytes.get(at + 3).copied().is_some_and(is_regular) && !bytes.get(at + 3).is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let back = |mut at: usize, most: usize| {
        let spaces = bytes[..at].iter().rev().take(MAX_GAP).take_while(|&&byte| is_space(byte)).count();
        at -= spaces;
        let digits = bytes[..at].iter().rev().take(most).take_while(|byte| byte.is_ascii_digit()).count();
        let text = std::str::from_utf8(&bytes[at - digits..at]).ok()?;
        Some((spaces, text.parse::<u32>().ok()?, at - digits))
    };
    let (_, generation, from) = back(at, 5)?;
    let (spaces, number, offset) = back(from, 10)?;
    let apart = spaces > 0 && (offset == 0 || !bytes[offset - 1].is_ascii_digit());
    apart.then_some(())?;
    Some((number, u16::try_from(generation).ok()?, offset))
}

/// White space between the parts of a header.
const MAX_GAP: usize = 32;
