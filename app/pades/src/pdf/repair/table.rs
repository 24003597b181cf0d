//! Cross-reference sections as viewers read them: from `startxref` back, white space before them and between their entries forgiven.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::budget::Budget;
use super::super::lexer::{Lexer, is_space};
use super::super::object::{Dictionary, Value};
use super::super::xref::{self, Context, Entry, Reading, Section};
use super::scan::Scan;

/// What the sections that could be read say together, the newest first.
#[derive(Default)]
pub struct Chain {
    /// Of each number.
    pub entries: BTreeMap<u32, Entry>,
    /// The newest trailer.
    pub trailer: Option<Rc<Dictionary>>,
    /// Whether every section was found.
    pub complete: bool,
}

/// As many sections as a file that is not damaged may have.
const MAX_SECTIONS: usize = 512;
/// Entries of one subsection: what its header claims is not believed further.
const MAX_NUMBER: u64 = xref::MAX_NUMBER as u64;

impl Chain {
    /// Follows the chain; `start` bytes stood before the PDF.
    pub fn of(bytes: &[u8], budget: &Budget, scan: &Scan, start: usize) -> Self {
        let context = Context { bytes, budget, reading: Reading::Damaged };
        let mut chain = Self::default();
        let mut seen = BTreeSet::new();
        let at = |offset: usize| [Some(offset), offset.checked_sub(start)].into_iter().flatten().find_map(|offset| section(&context, offset));
        let mut next = startxref(bytes).and_then(at).or_else(|| section(&context, scan.last_section?));
        while let Some(found) = next.take() {
            if !seen.insert(found.offset) || seen.len() > MAX_SECTIONS {
                return chain;
            }
            for (number, entry) in found.entries {
                chain.entries.entry(number).or_insert(entry);
            }
            chain.trailer.get_or_insert(found.trailer);
            match found.previous {
                None | Some(0) => chain.complete = true,
                Some(previous) => next = at(previous),
            }
        }
        chain
    }
}

/// The number after the last `startxref`, wherever that is.
fn startxref(bytes: &[u8]) -> Option<usize> {
    let word = b"startxref";
    let at = bytes.windows(word.len()).rposition(|window| window == word)? + word.len();
    let rest = &bytes[at..];
    let rest = &rest[rest.iter().take(32).take_while(|&&byte| is_space(byte)).count()..];
    let digits = rest.iter().take(12).take_while(|byte| byte.is_ascii_digit()).count();
    std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()
}

/// The section at `offset` or behind the white space there.
fn section(context: &Context<'_>, offset: usize) -> Option<Section> {
    let mut lexer = Lexer::new(context.bytes, offset, context.budget);
    lexer.tolerant = true;
    if offset >= context.bytes.len() {
        return None;
    }
    while lexer.peek().is_some_and(is_space) {
        lexer.at += 1;
    }
    let offset = lexer.at;
    if !lexer.stands(b"xref") {
        let mut section = xref::stream(context, &mut lexer).ok()?;
        section.offset = offset;
        return Some(section);
    }
    lexer.at += 4;
    let mut entries = BTreeMap::new();
    loop {
        lexer.skip();
        if lexer.stands(b"trailer") {
            break;
        }
        let mut first = lexer.unsigned().ok()?;
        lexer.skip();
        let count = lexer.unsigned().ok().filter(|&count| count <= MAX_NUMBER)?;
        for index in 0..count {
            lexer.skip();
            if lexer.stands(b"trailer") {
                break;
            }
            context.budget.entries(1).ok()?;
            let offset = lexer.unsigned().ok()?;
            lexer.skip();
            let generation = lexer.unsigned().ok()?;
            lexer.skip();
            let used = lexer.stands(b"n");
            if !used && !lexer.stands(b"f") {
                return None;
            }
            lexer.at += 1;
            if index == 0 && first == 1 && !used && generation == 65_535 {
                // the head of the list of the free is 0, as viewers know
                first = 0;
            }
            let entry = match (usize::try_from(offset), u16::try_from(generation)) {
                (Ok(offset), Ok(generation)) if used && offset != 0 => Entry::Offset { offset, generation },
                _ => Entry::Free,
            };
            let number = u32::try_from(first.checked_add(index)?).ok()?;
            if entries.insert(number, entry).is_some_and(|other| other != entry) {
                return None;
            }
        }
    }
    lexer.at += b"trailer".len();
    let trailer = lexer.value().ok()?.dictionary().cloned()?;
    context.budget.bytes(lexer.at - offset).ok()?;
    let position = |key: &str| trailer.get(key).and_then(Value::integer).and_then(|at| usize::try_from(at).ok());
    if let Some(hidden) = position("XRefStm") {
        let mut apart = Lexer::new(context.bytes, hidden.min(context.bytes.len()), context.budget);
        for (number, entry) in xref::stream(context, &mut apart).ok()?.entries {
            let place = entries.entry(number).or_insert(entry);
            if *place == Entry::Free {
                *place = entry;
            }
        }
    }
    let previous = position("Prev");
    Some(Section { offset, is_stream: false, hybrid: false, entries, trailer, previous, startxref: 0, end: 0 })
}
