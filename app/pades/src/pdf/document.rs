//! A parsed file: its revisions, and each revision's view of the objects.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::filter;
use super::lexer::{Lexer, VALUES_PER_OBJECT, is_space};
use super::object::{Dictionary, Kind, Reference, Stream, Value};
use super::xref::{self, Context, Entry, Section};
use crate::{Error, Limits};

/// A file, parsed strictly. Objects are read when they are asked for.
pub struct Pdf<'a> {
    bytes: &'a [u8],
    version: String,
    limits: Limits,
    revisions: Vec<Revision>,
    values: Cell<usize>,
    inflated: Cell<usize>,
    read: RefCell<BTreeMap<(usize, u32), Rc<Indirect>>>,
    reading: RefCell<BTreeSet<(usize, u32)>>,
    packs: RefCell<BTreeMap<(usize, u32), Rc<Pack>>>,
}

/// One revision: the original file, or one incremental update.
#[derive(Clone, Debug)]
pub struct Revision {
    /// Its first byte.
    pub start: usize,
    /// The byte after its `%%EOF` and the end of that line.
    pub end: usize,
    /// What its `startxref` says: where its cross-reference section stands.
    pub xref: usize,
    /// Whether that section is a stream.
    pub is_stream: bool,
    /// Whether it is a table with a second, hidden stream.
    pub hybrid: bool,
    /// Its trailer.
    pub trailer: Rc<Dictionary>,
    /// What its own section says of objects.
    pub entries: BTreeMap<u32, Entry>,
}

/// An object as it was read.
#[derive(Debug)]
pub struct Indirect {
    /// Its number.
    pub reference: Reference,
    /// Its value; spans count in `source`.
    pub value: Value,
    /// The object stream's bytes, where it stands in one; `None` where it stands in the file.
    pub source: Option<Rc<[u8]>>,
}

/// An inflated object stream: numbers and places of its objects.
struct Pack {
    bytes: Rc<[u8]>,
    places: Vec<(u32, usize)>,
}

/// The file as one revision left it.
#[derive(Clone, Copy)]
pub struct View<'p> {
    pdf: &'p Pdf<'p>,
    revision: usize,
}

/// Sections in one chain: more is no document but an attack.
const MAX_SECTIONS: usize = 512;

impl<'a> Pdf<'a> {
    /// Parses strictly: nothing is repaired, guessed or searched for.
    pub fn parse(bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        if bytes.len() > limits.max_bytes {
            return Err(Error::TooLarge { what: "bytes", limit: limits.max_bytes });
        }
        let version = header(bytes)?;
        let (values, inflated) = (Cell::new(limits.max_objects.saturating_mul(VALUES_PER_OBJECT)), Cell::new(limits.max_inflated));
        let entries = Cell::new(limits.max_objects);
        let context = Context { bytes, limits, values: &values, inflated: &inflated, entries: &entries };
        let revisions = revisions(&context)?;
        Ok(Self {
            bytes,
            version,
            limits: limits.clone(),
            revisions,
            values,
            inflated,
            read: RefCell::default(),
            reading: RefCell::default(),
            packs: RefCell::default(),
        })
    }

    /// The whole file.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The version of the header, `1.7`.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The limits it is read with.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Oldest first; never empty.
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// The file as revision `index` left it.
    pub fn view(&self, index: usize) -> View<'_> {
        View { pdf: self, revision: index.min(self.revisions.len() - 1) }
    }

    /// The file as it is.
    pub fn latest(&self) -> View<'_> {
        self.view(self.revisions.len() - 1)
    }

    /// Whether nothing stands after the last revision.
    pub fn ends_cleanly(&self) -> bool {
        self.revisions.last().is_some_and(|revision| revision.end == self.bytes.len())
    }
}

impl<'p> View<'p> {
    /// The file.
    pub fn pdf(self) -> &'p Pdf<'p> {
        self.pdf
    }

    /// The trailer.
    pub fn trailer(self) -> &'p Rc<Dictionary> {
        &self.pdf.revisions[self.revision].trailer
    }

    /// One more than the greatest object number that is taken.
    pub fn size(self) -> u32 {
        let revisions = &self.pdf.revisions[..=self.revision];
        let listed = revisions.iter().filter_map(|revision| revision.entries.last_key_value().map(|(&number, _)| number.saturating_add(1)));
        let said = revisions.iter().filter_map(|revision| u32::try_from(revision.trailer.get("Size")?.integer()?).ok());
        listed.chain(said).max().unwrap_or(1)
    }

    /// Where an object is.
    pub fn entry(self, number: u32) -> Entry {
        self.placed(number).map_or(Entry::Free, |(entry, _)| entry)
    }

    fn placed(self, number: u32) -> Option<(Entry, usize)> {
        (0..=self.revision).rev().find_map(|index| Some((*self.pdf.revisions[index].entries.get(&number)?, index)))
    }

    /// The object a value refers to, or the value itself. What is not there is null.
    pub fn resolve(self, value: &Value) -> Result<Value, Error> {
        let mut value = value.clone();
        for _ in 0..8 {
            let Kind::Reference(reference) = value.kind else { return Ok(value) };
            value = self.object(reference)?;
        }
        Err(Error::malformed(value.span.start, "references that only refer to references"))
    }

    /// The value of a key, resolved; null where it is not there.
    pub fn get(self, dictionary: &Dictionary, key: &str) -> Result<Value, Error> {
        dictionary.get(key).map_or(Ok(Value::NULL), |value| self.resolve(value))
    }

    /// An object's value; null where there is none.
    pub fn object(self, reference: Reference) -> Result<Value, Error> {
        Ok(self.indirect(reference)?.map_or(Value::NULL, |indirect| indirect.value.clone()))
    }

    /// The document catalogue.
    pub fn catalog(self) -> Result<Rc<Dictionary>, Error> {
        let root = self.get(self.trailer(), "Root")?;
        root.dictionary().cloned().ok_or_else(|| Error::malformed(self.pdf.revisions[self.revision].xref, "the file has no catalogue"))
    }

    /// An object as it stands in the file.
    pub fn indirect(self, reference: Reference) -> Result<Option<Rc<Indirect>>, Error> {
        let key = (self.revision, reference.number);
        if let Some(found) = self.pdf.read.borrow().get(&key) {
            return Ok((found.reference == reference).then(|| found.clone()));
        }
        let (entry, listed_by) = match self.placed(reference.number) {
            None | Some((Entry::Free, _)) => return Ok(None),
            Some(found) => found,
        };
        if !self.pdf.reading.borrow_mut().insert(key) || self.pdf.reading.borrow().len() > 16 {
            return Err(Error::malformed(0, format!("object {} is needed to read itself", reference.number)));
        }
        let read = match entry {
            Entry::Offset { offset, generation } => self.read_at(Reference { number: reference.number, generation }, offset, listed_by),
            Entry::Compressed { stream, index } => self.read_packed(reference.number, stream, index),
            Entry::Free => Err(Error::malformed(0, "unreachable: free entries were left above")),
        };
        self.pdf.reading.borrow_mut().remove(&key);
        let read = Rc::new(read?);
        self.pdf.read.borrow_mut().insert(key, read.clone());
        Ok((read.reference == reference).then_some(read))
    }

    fn read_at(self, reference: Reference, offset: usize, listed_by: usize) -> Result<Indirect, Error> {
        let bytes = &self.pdf.bytes[..self.pdf.revisions[listed_by].end];
        if offset >= bytes.len() {
            return Err(Error::malformed(offset, format!("object {} is said to stand outside its revision", reference.number)));
        }
        let mut lexer = Lexer::new(bytes, offset, self.pdf.limits.max_depth, &self.pdf.values);
        if lexer.object_header().ok() != Some(reference) {
            return Err(Error::malformed(offset, format!("object {} is not where the cross-reference table says", reference.number)));
        }
        let mut value = lexer.value()?;
        lexer.skip();
        if let (Kind::Dictionary(dictionary), true) = (&value.kind, lexer.stands(b"stream")) {
            let length = self.get(dictionary, "Length")?.integer().and_then(|length| usize::try_from(length).ok());
            let length = length.ok_or_else(|| lexer.wrong("a stream without its length"))?;
            let raw = xref::stream_bytes(&mut lexer, bytes, length)?;
            value.kind = Kind::Stream(Rc::new(Stream { dictionary: dictionary.clone(), raw: raw.into() }));
            lexer.skip();
        }
        lexer.keyword("endobj")?;
        Ok(Indirect { reference, value, source: None })
    }

    fn read_packed(self, number: u32, stream: u32, index: usize) -> Result<Indirect, Error> {
        let pack = self.pack(stream)?;
        let wrong = || Error::malformed(0, format!("object {number} is not in object stream {stream} where the cross-reference says"));
        let &(found, at) = pack.places.get(index).ok_or_else(wrong)?;
        if found != number {
            return Err(wrong());
        }
        let value = Lexer::new(&pack.bytes, at, self.pdf.limits.max_depth, &self.pdf.values).value()?;
        Ok(Indirect { reference: Reference { number, generation: 0 }, value, source: Some(pack.bytes.clone()) })
    }

    fn pack(self, stream: u32) -> Result<Rc<Pack>, Error> {
        let key = (self.revision, stream);
        if let Some(pack) = self.pdf.packs.borrow().get(&key) {
            return Ok(pack.clone());
        }
        let wrong = |text: &str| Error::malformed(0, format!("object stream {stream}: {text}"));
        if !matches!(self.entry(stream), Entry::Offset { generation: 0, .. }) {
            return Err(wrong("it is not in the file itself"));
        }
        let value = self.object(Reference { number: stream, generation: 0 })?;
        let found = value.stream().filter(|found| found.dictionary.get("Type").and_then(Value::name) == Some(b"ObjStm")).ok_or_else(|| wrong("it is none"))?;
        let bytes = self.inflate(found)?;
        let whole = |key: &str| -> Result<usize, Error> {
            let value = self.get(&found.dictionary, key)?;
            value.integer().and_then(|value| usize::try_from(value).ok()).ok_or_else(|| wrong("its dictionary is broken"))
        };
        let (count, first) = (whole("N")?, whole("First")?);
        if first > bytes.len() || count > self.pdf.limits.max_objects {
            return Err(wrong("its dictionary is broken"));
        }
        let mut lexer = Lexer::new(&bytes[..first], 0, 1, &self.pdf.values);
        let mut places = Vec::new();
        for _ in 0..count {
            lexer.skip();
            let number = u32::try_from(lexer.unsigned()?).map_err(|_| wrong("object number out of range"))?;
            lexer.skip();
            let at = usize::try_from(lexer.unsigned()?).ok().and_then(|at| at.checked_add(first)).filter(|&at| at <= bytes.len());
            places.push((number, at.ok_or_else(|| wrong("an object outside of it"))?));
        }
        let pack = Rc::new(Pack { bytes: bytes.into(), places });
        self.pdf.packs.borrow_mut().insert(key, pack.clone());
        Ok(pack)
    }

    /// The decoded bytes of a stream, counted against the limit of the whole file.
    pub fn inflate(self, stream: &Stream) -> Result<Vec<u8>, Error> {
        let mut dictionary = Dictionary::default();
        for key in ["Filter", "DecodeParms"] {
            if stream.dictionary.has(key) {
                dictionary.entries.push((key.as_bytes().into(), self.get(&stream.dictionary, key)?));
            }
        }
        let data = filter::decode(&dictionary, &stream.raw, self.pdf.inflated.get())?;
        self.pdf.inflated.set(self.pdf.inflated.get() - data.len());
        Ok(data)
    }
}

impl Indirect {
    /// The bytes its value's spans count in.
    pub fn source<'s>(&'s self, pdf: &Pdf<'s>) -> &'s [u8] {
        self.source.as_deref().unwrap_or(pdf.bytes)
    }
}

fn header(bytes: &[u8]) -> Result<String, Error> {
    match bytes.get(..8) {
        Some([b'%', b'P', b'D', b'F', b'-', major @ b'1'..=b'2', b'.', minor @ b'0'..=b'9']) => Ok(format!("{}.{}", char::from(*major), char::from(*minor))),
        _ => Err(Error::malformed(0, "the file does not begin as a PDF does")),
    }
}

/// Follows the chain from the end of the file, newest first, and turns it round.
fn revisions(context: &Context<'_>) -> Result<Vec<Revision>, Error> {
    let mut chain: Vec<Section> = Vec::new();
    let mut next = Some(last_startxref(context.bytes)?);
    while let Some(offset) = next {
        // strictly decreasing, but for the two sections of a linearised original (§F.3.4): the first stands before the second
        let pair = chain.len().checked_sub(2).map_or(usize::MAX, |before| chain[before].offset);
        if chain.last().is_some_and(|newer| offset == newer.offset || (offset > newer.offset && offset > pair)) || chain.len() >= MAX_SECTIONS {
            return Err(Error::malformed(offset, "the chain of cross-reference tables does not end"));
        }
        let section = xref::section(context, offset)?;
        if section.trailer.has("Encrypt") {
            return Err(Error::refused("encrypted", "trailer", "The PDF is encrypted. Save it without a password and without restrictions, then try again."));
        }
        if chain.last().is_some_and(|newer| offset > newer.offset) && section.previous.is_some() {
            return Err(Error::malformed(offset, "the chain of cross-reference tables goes forward"));
        }
        next = section.previous;
        chain.push(section);
    }
    chain.reverse();
    let mut revisions: Vec<Revision> = Vec::new();
    let mut sections = chain.into_iter().peekable();
    while let Some(section) = sections.next() {
        let start = revisions.last().map_or(0, |before| before.end);
        let mut revision = Revision {
            start,
            end: section.end,
            xref: section.offset,
            is_stream: section.is_stream,
            hybrid: section.hybrid,
            trailer: section.trailer,
            entries: section.entries,
        };
        let first_page = sections.next_if(|newer| start == 0 && newer.offset < section.offset);
        if let Some(first_page) = first_page {
            revision.xref = first_page.offset;
            revision.is_stream = first_page.is_stream;
            revision.hybrid |= first_page.hybrid;
            revision.trailer = first_page.trailer;
            revision.entries.extend(first_page.entries);
        }
        if section.startxref != revision.xref || section.offset < start || revision.end <= start {
            return Err(Error::malformed(section.offset, "a cross-reference table and its “startxref” do not agree"));
        }
        revisions.push(revision);
    }
    let end = revisions.last().map_or(0, |last| last.end);
    if !context.bytes[end..].iter().all(|&byte| is_space(byte)) {
        return Err(Error::malformed(end, "something stands after the end of the file"));
    }
    Ok(revisions)
}

fn last_startxref(bytes: &[u8]) -> Result<usize, Error> {
    let missing = || Error::malformed(bytes.len(), "the end of the file is missing or damaged");
    let trim = |bytes: &[u8]| bytes.iter().rposition(|&byte| !is_space(byte)).map_or(0, |last| last + 1);
    let rest = bytes[..trim(bytes)].strip_suffix(b"%%EOF").ok_or_else(missing)?;
    let rest = &rest[..trim(rest)];
    let digits = rest.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let (rest, number) = rest.split_at(rest.len() - digits);
    if !rest[..trim(rest)].ends_with(b"startxref") {
        return Err(missing());
    }
    std::str::from_utf8(number).ok().and_then(|number| number.parse().ok()).ok_or_else(missing)
}
