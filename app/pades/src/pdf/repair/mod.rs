//! An upload that is damaged, put together again as viewers do: its table decides where it can be relied on, and what it leaves out is looked
//! for. Where two readings are possible nothing is chosen. No file with a signature in it is ever repaired: what was signed would be a guess.

mod scan;
mod table;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::rc::Rc;

use self::scan::Scan;
use self::table::Chain;
use super::budget::Budget;
use super::crypt::Cipher;
use super::document::{Pdf, Revision, header};
use super::lexer::{Lexer, is_space};
use super::object::{Dictionary, Kind, Reference, Stream, Value};
use super::view::View;
use super::xref::{Entry, Reading};
use crate::{Error, Limits};

/// Why a damaged file is not repaired.
pub(super) const TWO_READINGS: &str =
    "The PDF is damaged, and it can be read in two ways that show different things. Open it in the program that made it and save or export it anew.";

/// How far into the file its beginning is looked for, bytes: as far as viewers do.
const MAX_BEFORE: usize = 1_024;

impl<'a> Pdf<'a> {
    /// Reads a damaged upload.
    ///
    /// # Errors
    /// `Error::Refused` where it bears a signature or has two readings, `Error::Malformed` where nothing can be made of it.
    pub(crate) fn repaired(bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        if bytes.len() > limits.max_bytes {
            return Err(Error::TooLarge { what: "bytes", limit: limits.max_bytes });
        }
        let start = find(&bytes[..bytes.len().min(MAX_BEFORE)], b"%PDF-").ok_or_else(|| Error::malformed(0, "the file does not begin as a PDF does"))?;
        let bytes = &bytes[start..];
        // its own amounts, for all is read twice
        let scan = Scan::of(bytes, &Budget::new(limits, bytes.len()))?;
        if scan.signed || find(bytes, b"/ByteRange").is_some() {
            let text = "The PDF is damaged and bears a signature. It is not repaired, for nobody could say what was signed: ask for the file as it was sent.";
            return Err(Error::refused("signed", "file", text));
        }
        let budget = Budget::new(limits, bytes.len());
        let chain = Chain::of(bytes, &budget, &scan, start);
        let Places { entries, doubtful, decided } = places(&scan, &chain, start);
        let trailer = trailer(&scan, &chain)?;
        let version = header(bytes).unwrap_or_else(|_| "1.7".to_owned());
        let revision = |entries, trailer| {
            let (end, xref, is_stream, hybrid) = (bytes.len(), 0, false, false);
            vec![Revision { start: 0, end, xref, is_stream, hybrid, trailer, entries }]
        };
        let mut pdf = Self::of(bytes, version, budget, Reading::Damaged, revision(entries.clone(), trailer.clone()));
        pdf.doubtful = doubtful;
        pdf.cipher = Cipher::of(pdf.latest())?;
        pdf.forget();
        let (entries, doubtful) = unpacked(&pdf, entries, &scan, &decided)?;
        let trailer = with_catalogue(&pdf, &scan, trailer)?;
        let Self { version, budget, cipher, doubtful: mut known, .. } = pdf;
        known.extend(doubtful);
        let mut pdf = Self::of(bytes, version, budget, Reading::Damaged, revision(entries, trailer));
        (pdf.doubtful, pdf.cipher) = (known, cipher);
        Ok(pdf)
    }
}

/// What is decided of the numbers that stand in the file itself.
struct Places {
    entries: BTreeMap<u32, Entry>,
    doubtful: BTreeSet<u32>,
    /// Numbers of which the table says what is so.
    decided: BTreeSet<u32>,
}

fn places(scan: &Scan, chain: &Chain, start: usize) -> Places {
    let found = |number: u32, offset: usize| {
        let places = scan.definitions.get(&number)?;
        // counted from the beginning of the PDF, or of the file with what stands before it
        let at = [Some(offset), offset.checked_sub(start)].into_iter().flatten();
        let mut at = at.filter_map(|at| places.iter().find(|place| place.stands_at(at)));
        at.next().copied()
    };
    let misses = |(&number, entry): (&u32, &Entry)| matches!(*entry, Entry::Offset { offset, .. } if found(number, offset).is_none());
    let reliable = chain.complete && !chain.entries.iter().any(misses);
    let mut places = Places { entries: BTreeMap::new(), doubtful: BTreeSet::new(), decided: BTreeSet::new() };
    for (&number, &entry) in &chain.entries {
        match entry {
            Entry::Offset { offset, .. } => {
                if let Some(place) = found(number, offset) {
                    places.decided.insert(number);
                    places.entries.insert(number, Entry::Offset { offset: place.offset, generation: place.generation });
                }
            }
            Entry::Compressed { .. } => {
                places.entries.insert(number, entry);
                places.decided.insert(number);
            }
            Entry::Free if reliable => {
                places.decided.insert(number);
            }
            Entry::Free => {}
        }
    }
    for (&number, defined) in &scan.definitions {
        if places.decided.contains(&number) {
            continue;
        }
        match defined.as_slice() {
            // gone, if the table is right, and there, if it is not
            _ if chain.entries.get(&number) == Some(&Entry::Free) && number != 0 => drop(places.doubtful.insert(number)),
            [first, others @ ..] if others.iter().all(|other| other.body == first.body) => {
                places.entries.insert(number, Entry::Offset { offset: first.offset, generation: first.generation });
            }
            _ => drop(places.doubtful.insert(number)),
        }
    }
    places
}

/// Objects in object streams that no table names: each must be the only one of its number.
fn unpacked(pdf: &Pdf<'_>, mut entries: BTreeMap<u32, Entry>, scan: &Scan, decided: &BTreeSet<u32>) -> Result<(BTreeMap<u32, Entry>, BTreeSet<u32>), Error> {
    let (mut doubtful, mut new) = (BTreeSet::new(), BTreeSet::new());
    for &(stream, offset) in &scan.packs {
        if !matches!(entries.get(&stream), Some(Entry::Offset { offset: at, .. }) if *at == offset) {
            continue;
        }
        // one that cannot be read holds nothing
        let Ok(numbers) = pdf.latest().packed_numbers(stream) else { continue };
        for (index, number) in numbers.into_iter().enumerate() {
            if decided.contains(&number) || pdf.doubtful.contains(&number) {
                continue;
            }
            pdf.budget.entries(1)?;
            if entries.insert(number, Entry::Compressed { stream, index }).is_some() || !new.insert(number) {
                doubtful.insert(number);
            }
        }
    }
    Ok((entries, doubtful))
}

/// The newest trailer that leads to a catalogue. Without a table that can be followed, all that there are must agree.
fn trailer(scan: &Scan, chain: &Chain) -> Result<Rc<Dictionary>, Error> {
    let root = |trailer: &Dictionary| trailer.get("Root").and_then(Value::reference).map(|root| root.number);
    if let Some(trailer) = &chain.trailer
        && root(trailer).is_some()
    {
        return Ok(trailer.clone());
    }
    let mut found: Vec<&Rc<Dictionary>> = scan.trailers.iter().filter(|trailer| root(trailer).is_some()).collect();
    let Some(last) = found.pop() else { return Ok(Rc::default()) };
    let same = |key: &str| found.iter().all(|other| other.get(key) == last.get(key));
    if !found.iter().all(|other| root(other) == root(last)) || !same("Encrypt") {
        return Err(Error::refused("two-readings", "trailer", TWO_READINGS));
    }
    Ok(last.clone())
}

/// A trailer that names the catalogue, if need be the only one that there is.
fn with_catalogue(pdf: &Pdf<'_>, scan: &Scan, trailer: Rc<Dictionary>) -> Result<Rc<Dictionary>, Error> {
    if pdf.latest().catalog().is_ok() {
        return Ok(trailer);
    }
    match scan.catalogues.iter().collect::<Vec<_>>().as_slice() {
        [only] => {
            let root = Value { span: 0..0, kind: Kind::Reference(Reference { number: **only, generation: 0 }) };
            let kept = trailer.entries.iter().filter(|(key, _)| **key != *b"Root").cloned();
            Ok(Rc::new(Dictionary::new(kept.chain([(b"Root".as_slice().into(), root)]).collect()).unwrap_or_default()))
        }
        [] => Ok(trailer),
        _ => Err(Error::refused("two-readings", "trailer", TWO_READINGS)),
    }
}

/// An object where it stands, with what viewers forgive: white space before it, a wrong `/Length`, a missing `endobj`.
pub(super) fn object(view: View<'_>, reference: Reference, lexer: &mut Lexer<'_>) -> Result<(Reference, Value), Error> {
    lexer.tolerant = true;
    lexer.skip();
    let found = lexer.object_header()?;
    if found.number != reference.number {
        return Err(lexer.wrong(&format!("object {} is not where it should be", reference.number)));
    }
    lexer.skip();
    if lexer.stands(b"endobj") {
        return Ok((found, Value::NULL));
    }
    let mut value = lexer.value()?;
    lexer.skip();
    if let (Kind::Dictionary(dictionary), true) = (&value.kind, lexer.stands(b"stream")) {
        let length = view.get(dictionary, "Length").ok().and_then(|length| length.integer()).and_then(|length| usize::try_from(length).ok());
        let bytes = view.pdf().bytes();
        let Some(data) = data(bytes, lexer.at, length) else {
            view.pdf().budget.bytes(bytes.len() - lexer.at)?;
            return Err(lexer.wrong("a stream does not end"));
        };
        lexer.at = data.end;
        value.kind = Kind::Stream(Rc::new(Stream { dictionary: dictionary.clone(), raw: bytes[data].into() }));
    }
    Ok((found, value))
}

/// Where the data of a stream stand whose keyword is at `keyword`: as long as it says where `endstream` comes then, else up to the next one.
fn data(bytes: &[u8], keyword: usize, length: Option<usize>) -> Option<Range<usize>> {
    let mut start = keyword + b"stream".len();
    start += bytes.get(start..)?.iter().take_while(|&&byte| byte == b' ').count();
    start += super::xref::line_end(bytes.get(start..)?);
    let ends = |end: usize| {
        let rest = bytes.get(end..)?;
        let gap = rest.iter().take(64).take_while(|&&byte| is_space(byte)).count();
        rest[gap..].starts_with(b"endstream").then_some(start..end)
    };
    if let Some(found) = length.and_then(|length| ends(start.checked_add(length)?)) {
        return Some(found);
    }
    let end = start + find(&bytes[start..], b"endstream")?;
    let line = match &bytes[start..end] {
        [.., b'\r', b'\n'] => 2,
        [.., b'\r' | b'\n'] => 1,
        _ => 0,
    };
    Some(start..end - line)
}

fn find(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}
