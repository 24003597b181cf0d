//! Bytes into objects (ISO 32000-2 §7.2 and §7.3), strictly: no repair, bounded depth, bounded number of values.

use std::rc::Rc;

use super::budget::Budget;
use super::object::{Dictionary, Kind, Number, Reference, Value};
use crate::Error;

/// A place in some bytes.
pub struct Lexer<'a> {
    bytes: &'a [u8],
    /// The next byte to read.
    pub at: usize,
    /// Whether a key may stand twice with the same value, as it may in a damaged file.
    pub tolerant: bool,
    max_depth: usize,
    /// Shared by all that read one file.
    budget: &'a Budget,
}

impl<'a> Lexer<'a> {
    /// Reads from `at`.
    pub fn new(bytes: &'a [u8], at: usize, budget: &'a Budget) -> Self {
        Self { bytes, at, tolerant: false, max_depth: budget.limits().max_depth, budget }
    }

    /// The byte at the place.
    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Whether `word` stands here.
    pub fn stands(&self, word: &[u8]) -> bool {
        self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(word))
    }

    /// Steps over white space and comments.
    pub fn skip(&mut self) {
        while let Some(byte) = self.peek() {
            match byte {
                b'%' => {
                    while self.peek().is_some_and(|byte| byte != b'\n' && byte != b'\r') {
                        self.at += 1;
                    }
                }
                _ if is_space(byte) => self.at += 1,
                _ => break,
            }
        }
    }

    /// Steps over `word`, which must stand here and end here.
    pub fn keyword(&mut self, word: &str) -> Result<(), Error> {
        if !self.stands(word.as_bytes()) {
            return Err(self.wrong(&format!("“{word}” expected")));
        }
        self.at += word.len();
        if self.peek().is_some_and(is_regular) {
            return Err(self.wrong(&format!("“{word}” expected")));
        }
        Ok(())
    }

    /// An unsigned integer without sign or point.
    pub fn unsigned(&mut self) -> Result<u64, Error> {
        let start = self.at;
        let mut value: u64 = 0;
        while let Some(digit) = self.peek().filter(u8::is_ascii_digit) {
            value = value.checked_mul(10).and_then(|value| value.checked_add(u64::from(digit - b'0'))).ok_or_else(|| self.wrong("number too large"))?;
            self.at += 1;
        }
        if start == self.at { Err(self.wrong("number expected")) } else { Ok(value) }
    }

    /// `12 0 obj`
    pub fn object_header(&mut self) -> Result<Reference, Error> {
        let number = self.unsigned()?;
        self.skip();
        let generation = self.unsigned()?;
        self.skip();
        self.keyword("obj")?;
        match (u32::try_from(number), u16::try_from(generation)) {
            (Ok(number), Ok(generation)) => Ok(Reference { number, generation }),
            _ => Err(self.wrong("object number out of range")),
        }
    }

    /// The next value.
    pub fn value(&mut self) -> Result<Value, Error> {
        self.nested(0)
    }

    fn nested(&mut self, depth: usize) -> Result<Value, Error> {
        if depth > self.max_depth {
            return Err(Error::TooLarge { what: "levels of nesting", limit: self.max_depth });
        }
        self.budget.values(1)?;
        self.skip();
        let start = self.at;
        let kind = match self.peek() {
            Some(b'/') => Kind::Name(self.name()?),
            Some(b'(') => Kind::String(self.literal_string()?),
            Some(b'<') if self.stands(b"<<") => {
                // as dear as two, in memory
                self.budget.values(1)?;
                Kind::Dictionary(Rc::new(self.dictionary(depth)?))
            }
            Some(b'<') => Kind::String(self.hex_string()?),
            Some(b'[') => self.array(depth)?,
            Some(b'0'..=b'9' | b'+' | b'-' | b'.') => self.number_or_reference()?,
            Some(b't') => self.keyword("true").map(|()| Kind::Boolean(true))?,
            Some(b'f') => self.keyword("false").map(|()| Kind::Boolean(false))?,
            Some(b'n') => self.keyword("null").map(|()| Kind::Null)?,
            Some(_) => return Err(self.wrong("this is no value")),
            None => return Err(self.wrong("the file ends inside an object")),
        };
        Ok(Value { span: start..self.at, kind })
    }

    fn dictionary(&mut self, depth: usize) -> Result<Dictionary, Error> {
        self.at += 2;
        let mut entries: Vec<(Rc<[u8]>, Value)> = Vec::new();
        loop {
            self.skip();
            if self.stands(b">>") {
                self.at += 2;
                entries.shrink_to_fit();
                let key = |key: &[u8]| String::from_utf8_lossy(&key[..key.len().min(60)]).into_owned();
                return Dictionary::new(entries).map_err(|twice| self.wrong(&format!("the key /{} stands twice in one dictionary", key(&twice))));
            }
            if self.peek() != Some(b'/') {
                return Err(self.wrong("a key was expected in a dictionary"));
            }
            let key = self.name()?;
            self.budget.values(1)?;
            let value = self.nested(depth + 1)?;
            if self.tolerant && entries.len() < MAX_COMPARED && entries.iter().any(|(other, same)| *other == key && *same == value) {
                continue;
            }
            entries.push((key, value));
        }
    }

    fn array(&mut self, depth: usize) -> Result<Kind, Error> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip();
            if self.peek() == Some(b']') {
                self.at += 1;
                items.shrink_to_fit();
                return Ok(Kind::Array(Rc::new(items)));
            }
            items.push(self.nested(depth + 1)?);
        }
    }

    fn name(&mut self) -> Result<Rc<[u8]>, Error> {
        self.at += 1;
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let text = &rest[..rest.iter().position(|&byte| !is_regular(byte)).unwrap_or(rest.len())];
        self.at += text.len();
        if !text.contains(&b'#') {
            return Ok(text.into());
        }
        let mut name = Vec::with_capacity(text.len());
        let mut left = text;
        while let Some((&byte, after)) = left.split_first() {
            let escaped = match (byte, after) {
                (b'#', [high, low, ..]) => hex_digit(*high).zip(hex_digit(*low)).map(|(high, low)| high << 4 | low),
                _ => None,
            };
            if escaped == Some(0) {
                return Err(self.wrong("a name holds a zero byte"));
            }
            name.push(escaped.unwrap_or(byte));
            left = if escaped.is_some() { &after[2..] } else { after };
        }
        Ok(name.into())
    }

    fn literal_string(&mut self) -> Result<Rc<[u8]>, Error> {
        self.at += 1;
        let mut open = 1_usize;
        let mut string = Vec::new();
        loop {
            let byte = self.next("a string does not end")?;
            match byte {
                b'(' => open += 1,
                b')' => {
                    open -= 1;
                    if open == 0 {
                        return Ok(string.into());
                    }
                }
                b'\\' => {
                    self.escape(&mut string)?;
                    continue;
                }
                b'\r' => {
                    if self.peek() == Some(b'\n') {
                        self.at += 1;
                    }
                    string.push(b'\n');
                    continue;
                }
                _ => {}
            }
            string.push(byte);
        }
    }

    fn escape(&mut self, string: &mut Vec<u8>) -> Result<(), Error> {
        let byte = self.next("a string does not end")?;
        match byte {
            b'n' => string.push(b'\n'),
            b'r' => string.push(b'\r'),
            b't' => string.push(b'\t'),
            b'b' => string.push(8),
            b'f' => string.push(12),
            b'\n' => {}
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
            }
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit) = self.peek().filter(|byte| (b'0'..=b'7').contains(byte)) else { break };
                    code = code * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                string.push(code as u8);
            }
            other => string.push(other),
        }
        Ok(())
    }

    fn hex_string(&mut self) -> Result<Rc<[u8]>, Error> {
        self.at += 1;
        // a signature's thousands of digits, and the zeros that fill its room, are written without anything between
        let mut string = hex_blocks(self.bytes.get(self.at..).unwrap_or_default());
        self.at += 2 * string.len();
        let mut high = None;
        loop {
            let byte = self.next("a string does not end")?;
            if byte == b'>' {
                string.extend(high.map(|high: u8| high << 4));
                return Ok(string.into());
            }
            if is_space(byte) {
                continue;
            }
            let digit = hex_digit(byte).ok_or_else(|| self.wrong("this is no hexadecimal digit"))?;
            match high.take() {
                None => high = Some(digit),
                Some(high) => string.push(high << 4 | digit),
            }
        }
    }

    fn number_or_reference(&mut self) -> Result<Kind, Error> {
        let start = self.at;
        while self.peek().is_some_and(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.')) {
            self.at += 1;
        }
        let text = &self.bytes[start..self.at];
        let unsigned = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
        let digits = unsigned.iter().filter(|byte| byte.is_ascii_digit()).count();
        let points = unsigned.iter().filter(|&&byte| byte == b'.').count();
        if digits == 0 || points > 1 || digits + points != unsigned.len() || self.peek().is_some_and(is_regular) {
            return Err(self.wrong("this is no number"));
        }
        let text = std::str::from_utf8(text).map_err(|_| self.wrong("this is no number"))?;
        if digits == text.len()
            && digits <= 10
            && let Some(reference) = self.reference(text)
        {
            return Ok(Kind::Reference(reference));
        }
        Ok(Kind::Number(Number::new(text)))
    }

    /// Looks on for ` 0 R` after a number; stays where it is when it is not there.
    fn reference(&mut self, number: &str) -> Option<Reference> {
        let back = self.at;
        let found = self.generation_and_r().and_then(|generation| Some(Reference { number: number.parse().ok()?, generation }));
        if found.is_none() {
            self.at = back;
        }
        found
    }

    fn generation_and_r(&mut self) -> Option<u16> {
        self.skip();
        let start = self.at;
        while self.at - start < 6 && self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        let generation = std::str::from_utf8(&self.bytes[start..self.at]).ok()?.parse().ok()?;
        self.skip();
        let ends = self.peek() == Some(b'R') && !self.bytes.get(self.at + 1).copied().is_some_and(is_regular);
        self.at += 1;
        ends.then_some(generation)
    }

    fn next(&mut self, missing: &str) -> Result<u8, Error> {
        let byte = self.peek().ok_or_else(|| self.wrong(missing))?;
        self.at += 1;
        Ok(byte)
    }

    /// An error at this place.
    pub fn wrong(&self, text: &str) -> Error {
        Error::malformed(self.at, text)
    }
}

/// Entries of one dictionary among which the same one twice is looked for.
const MAX_COMPARED: usize = 64;

/// White space of ISO 32000-2 table 1.
pub fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

/// Neither white space nor a delimiter (ISO 32000-2 §7.2.3).
pub fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn hex_digit(byte: u8) -> Option<u8> {
    Some(HEX[usize::from(byte)]).filter(|&digit| digit < 16)
}

/// What the whole blocks of digits at the start say.
fn hex_blocks(text: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 64;
    let mut bytes = Vec::new();
    for block in text.chunks_exact(BLOCK) {
        let mut said = [0; BLOCK / 2];
        if block != [b'0'; BLOCK] {
            let mut digits = 0;
            for (byte, pair) in said.iter_mut().zip(block.chunks_exact(2)) {
                let (high, low) = (HEX[usize::from(pair[0])], HEX[usize::from(pair[1])]);
                digits |= high | low;
                *byte = high << 4 | low;
            }
            if digits > 15 {
                break;
            }
        }
        bytes.extend_from_slice(&said);
    }
    bytes
}

/// What each byte means as a hexadecimal digit; 255 where it is none.
const HEX: [u8; 256] = {
    let mut table = [255; 256];
    let mut digit = 0;
    while digit < 16 {
        table[b"0123456789abcdef"[digit] as usize] = digit as u8;
        table[b"0123456789ABCDEF"[digit] as usize] = digit as u8;
        digit += 1;
    }
    table
};
