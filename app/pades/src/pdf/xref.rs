//! Cross-reference sections: tables and streams (ISO 32000-2 §7.5.4 to §7.5.8), each with what stands after it up to `%%EOF`.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::budget::Budget;
use super::filter;
use super::lexer::Lexer;
use super::object::{Dictionary, Value};
use crate::Error;

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Not there.
    Free,
    /// In the file.
    Offset {
        /// Where `12 0 obj` stands.
        offset: usize,
        /// Its generation.
        generation: u16,
    },
    /// In an object stream.
    Compressed {
        /// The object stream's number.
        stream: u32,
        /// Its place in there.
        index: usize,
    },
}

/// One section.
pub struct Section {
    /// Where it stands.
    pub offset: usize,
    /// Whether it is a stream.
    pub is_stream: bool,
    /// Whether it is a table with a stream for newer readers.
    pub hybrid: bool,
    /// What it says.
    pub entries: BTreeMap<u32, Entry>,
    /// Its trailer.
    pub trailer: Rc<Dictionary>,
    /// `/Prev`
    pub previous: Option<usize>,
    /// The number after `startxref` behind it; none that there is where it is missing.
    pub startxref: usize,
    /// The byte after `%%EOF` and the end of that line.
    pub end: usize,
}

/// What reading sections needs.
pub struct Context<'a> {
    /// The file.
    pub bytes: &'a [u8],
    /// What reading it may cost.
    pub budget: &'a Budget,
    /// Who asks.
    pub reading: Reading,
}

/// What a file is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A document: nothing is repaired, guessed, searched for or decrypted.
    Document,
    /// A file that may become a document, as it stands; it may be encrypted.
    Upload,
    /// The same, damaged: what a table leaves out is looked for.
    Damaged,
}

/// Highest object number plus one (ISO 32000-1 annex C.2), and the bound for what is made new here.
pub const MAX_NUMBER: u32 = 8_388_608;

/// Reads the section at `offset` with its trailer and its end.
pub fn section(context: &Context<'_>, offset: usize) -> Result<Section, Error> {
    let mut lexer = context.lexer(offset)?;
    let mut section = if lexer.stands(b"xref") { table(context, &mut lexer)? } else { stream(context, &mut lexer)? };
    section.offset = offset;
    lexer.skip();
    if section.is_stream && !lexer.stands(b"startxref") {
        // qpdf ends only the second section of a linearised file; one that ends a revision is refused without its end
        (section.startxref, section.end) = (usize::MAX, lexer.at);
        context.budget.bytes(section.end - offset)?;
        return Ok(section);
    }
    lexer.keyword("startxref")?;
    lexer.skip();
    section.startxref = lexer.unsigned()? as usize;
    // not `skip`: `%%EOF` looks like a comment
    while lexer.peek().is_some_and(super::lexer::is_space) {
        lexer.at += 1;
    }
    if !lexer.stands(b"%%EOF") {
        return Err(lexer.wrong("“%%EOF” expected"));
    }
    lexer.at += 5;
    section.end = lexer.at + line_end(&context.bytes[lexer.at..]);
    context.budget.bytes(section.end - offset)?;
    Ok(section)
}

/// Length of the end of line that stands first.
pub fn line_end(bytes: &[u8]) -> usize {
    match bytes {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    }
}

impl Context<'_> {
    fn lexer(&self, offset: usize) -> Result<Lexer<'_>, Error> {
        if offset >= self.bytes.len() {
            return Err(Error::malformed(offset, "the cross-reference table is not where the file says"));
        }
        Ok(Lexer::new(self.bytes, self.budget.place(self.bytes, offset), self.budget))
    }

    fn count(&self, number: u64) -> Result<usize, Error> {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        self.budget.entries(number).map(|()| number)
    }

    fn inflate(&self, dictionary: &Dictionary, raw: &[u8]) -> Result<Vec<u8>, Error> {
        filter::decode(dictionary, raw, usize::MAX, self.budget)
    }
}

fn table(context: &Context<'_>, lexer: &mut Lexer<'_>) -> Result<Section, Error> {
    lexer.keyword("xref")?;
    let mut entries = BTreeMap::new();
    loop {
        lexer.skip();
        if lexer.stands(b"trailer") {
            break;
        }
        let first = lexer.unsigned()?;
        lexer.skip();
        let count = lexer.unsigned()?;
        let count = context.count(count)?;
        lexer.skip();
        for index in 0..count as u64 {
            let line = context.bytes.get(lexer.at..lexer.at + 20).ok_or_else(|| lexer.wrong("the cross-reference table is cut off"))?;
            let (offset, generation, used) = table_entry(line).ok_or_else(|| lexer.wrong("an entry of the cross-reference table is not of 20 bytes"))?;
            lexer.at += 20;
            let number = u32::try_from(first + index).map_err(|_| lexer.wrong("object number out of range"))?;
            let entry = match u16::try_from(generation) {
                Ok(generation) if used && offset != 0 => Entry::Offset { offset, generation },
                _ => Entry::Free,
            };
            if entries.insert(number, entry).is_some() {
                return Err(lexer.wrong(&format!("object {number} stands twice in one cross-reference table")));
            }
        }
    }
    lexer.keyword("trailer")?;
    let trailer = lexer.value()?.dictionary().cloned().ok_or_else(|| lexer.wrong("the trailer is no dictionary"))?;
    check_size(&trailer, &entries, lexer)?;
    let hybrid = trailer.has("XRefStm");
    if hybrid {
        let offset = position(&trailer, "XRefStm", lexer)?.unwrap_or(usize::MAX);
        let mut apart = context.lexer(offset)?;
        let hidden = stream(context, &mut apart)?;
        context.budget.bytes(apart.at - offset)?;
        for (number, entry) in hidden.entries {
            // the table goes first; what it calls free is what the stream hides from old readers
            let place = entries.entry(number).or_insert(entry);
            if *place == Entry::Free {
                *place = entry;
            }
        }
    }
    let previous = position(&trailer, "Prev", lexer)?;
    Ok(Section { offset: 0, is_stream: false, hybrid, entries, trailer, previous, startxref: 0, end: 0 })
}

/// `nnnnnnnnnn ggggg n` and two bytes of line end.
fn table_entry(line: &[u8]) -> Option<(usize, u32, bool)> {
    let number = |part: &[u8]| if part.iter().all(u8::is_ascii_digit) { std::str::from_utf8(part).ok()?.parse::<u64>().ok() } else { None };
    let used = match line[17] {
        b'n' => true,
        b'f' => false,
        _ => return None,
    };
    let sound = line[10] == b' ' && line[16] == b' ' && matches!(&line[18..], b" \n" | b" \r" | b"\r\n");
    if !sound {
        return None;
    }
    Some((usize::try_from(number(&line[..10])?).ok()?, u32::try_from(number(&line[11..16])?).ok()?, used))
}

pub(super) fn stream(context: &Context<'_>, lexer: &mut Lexer<'_>) -> Result<Section, Error> {
    lexer.object_header().map_err(|_| lexer.wrong("no cross-reference section stands here"))?;
    let value = lexer.value()?;
    let trailer = value.dictionary().cloned().ok_or_else(|| lexer.wrong("no cross-reference section stands here"))?;
    if trailer.get("Type").and_then(Value::name) != Some(b"XRef") {
        return Err(lexer.wrong("no cross-reference section stands here"));
    }
    let length = trailer.get("Length").and_then(Value::integer).and_then(|length| usize::try_from(length).ok());
    let raw = stream_bytes(lexer, context.bytes, length.ok_or_else(|| lexer.wrong("a cross-reference stream without its length"))?)?;
    lexer.skip();
    lexer.keyword("endobj")?;
    let data = context.inflate(&trailer, raw)?;
    let wrong = |text: &str| lexer.wrong(text);
    let numbers = |key: &str| -> Option<Vec<usize>> {
        trailer.get(key)?.array()?.iter().map(|value| value.integer().and_then(|value| usize::try_from(value).ok())).collect()
    };
    let widths = numbers("W").filter(|widths| widths.len() == 3 && widths[1] > 0 && widths.iter().all(|&width| width <= 8)).ok_or_else(|| wrong("bad /W"))?;
    let size = trailer.get("Size").and_then(Value::integer).and_then(|size| usize::try_from(size).ok()).ok_or_else(|| wrong("bad /Size"))?;
    let index = if trailer.has("Index") { numbers("Index").ok_or_else(|| wrong("bad /Index"))? } else { vec![0, size] };
    let mut entries = BTreeMap::new();
    let width: usize = widths.iter().sum();
    let mut lines = data.chunks_exact(width);
    for pair in index.chunks(2) {
        let &[first, count] = pair else { return Err(wrong("bad /Index")) };
        context.count(count as u64)?;
        for number in first..first.saturating_add(count) {
            let line = lines.next().ok_or_else(|| wrong("the cross-reference stream is cut off"))?;
            let entry = stream_entry(line, &widths).ok_or_else(|| wrong("bad entry in a cross-reference stream"))?;
            let number = u32::try_from(number).map_err(|_| wrong("object number out of range"))?;
            if entries.insert(number, entry).is_some() {
                return Err(wrong(&format!("object {number} stands twice in one cross-reference stream")));
            }
        }
    }
    if context.reading != Reading::Damaged {
        check_size(&trailer, &entries, lexer)?;
    }
    let previous = position(&trailer, "Prev", lexer)?;
    Ok(Section { offset: 0, is_stream: true, hybrid: false, entries, trailer, previous, startxref: 0, end: 0 })
}

fn stream_entry(line: &[u8], widths: &[usize]) -> Option<Entry> {
    let (kind, rest) = line.split_at(widths[0]);
    let (second, third) = rest.split_at(widths[1]);
    let number = |bytes: &[u8]| bytes.iter().try_fold(0_usize, |sum, &byte| Some(sum.checked_mul(256)? + usize::from(byte)));
    Some(match if kind.is_empty() { 1 } else { number(kind)? } {
        1 if number(second)? != 0 => Entry::Offset { offset: number(second)?, generation: u16::try_from(number(third)?).ok()? },
        2 => Entry::Compressed { stream: u32::try_from(number(second)?).ok()?, index: number(third)? },
        // type 0, and types of the future, which are null by §7.5.8.3
        _ => Entry::Free,
    })
}

/// The bytes of a stream whose dictionary was just read. Leaves the lexer after `endstream`.
pub fn stream_bytes<'a>(lexer: &mut Lexer<'_>, bytes: &'a [u8], length: usize) -> Result<&'a [u8], Error> {
    lexer.skip();
    lexer.keyword("stream")?;
    match bytes.get(lexer.at..).unwrap_or_default() {
        [b'\r', b'\n', ..] => lexer.at += 2,
        [b'\n', ..] => lexer.at += 1,
        _ => return Err(lexer.wrong("“stream” must be followed by an end of line")),
    }
    let end = lexer.at.checked_add(length).filter(|&end| end <= bytes.len()).ok_or_else(|| lexer.wrong("a stream is longer than the file"))?;
    let raw = &bytes[lexer.at..end];
    lexer.at = end;
    // an end of line that does not count (§7.3.8.1), and a little more that programs leave
    while lexer.at - end < MAX_AFTER_DATA && lexer.peek().is_some_and(super::lexer::is_space) {
        lexer.at += 1;
    }
    lexer.keyword("endstream").map_err(|_| lexer.wrong("a stream is not as long as it says"))?;
    Ok(raw)
}

/// White space between the data of a stream and `endstream`.
const MAX_AFTER_DATA: usize = 64;

fn check_size(trailer: &Dictionary, entries: &BTreeMap<u32, Entry>, lexer: &Lexer<'_>) -> Result<(), Error> {
    let size = trailer.get("Size").and_then(Value::integer).ok_or_else(|| lexer.wrong("the trailer has no /Size"))?;
    if size > i64::from(MAX_NUMBER) {
        return Err(Error::TooLarge { what: "object numbers", limit: MAX_NUMBER as usize });
    }
    match entries.last_key_value() {
        Some((&last, _)) if i64::from(last) >= size => Err(lexer.wrong(&format!("object {last} is beyond the /Size {size} of the table"))),
        _ => Ok(()),
    }
}

fn position(trailer: &Dictionary, key: &str, lexer: &Lexer<'_>) -> Result<Option<usize>, Error> {
    match trailer.get(key) {
        None => Ok(None),
        Some(value) => match value.integer().map(usize::try_from) {
            Some(Ok(offset)) => Ok(Some(offset)),
            _ => Err(lexer.wrong(&format!("bad /{key} in the trailer"))),
        },
    }
}
