//! The file as one revision left it: objects read when they are asked for, from the file or from object streams (ISO 32000-2 §7.5.7).

use std::rc::Rc;

use super::document::{Indirect, Pdf, Revision};
use super::filter;
use super::lexer::Lexer;
use super::object::{Dictionary, Kind, Reference, Stream, Value};
use super::repair::{self, TWO_READINGS};
use super::xref::{self, Entry};
use crate::Error;

/// The file as one revision left it.
#[derive(Clone, Copy)]
pub struct View<'p> {
    pub(super) pdf: &'p Pdf<'p>,
    pub(super) revision: usize,
}

/// An inflated object stream: numbers and places of its objects.
pub struct Pack {
    bytes: Rc<Vec<u8>>,
    places: Vec<(u32, usize)>,
}

/// Bytes of a description or a drawing that is looked into.
const MAX_STREAM: usize = 8 << 20;
/// Bytes of a stream that cost as much to look at as one value.
const BYTES_PER_STEP: usize = 32;
/// Objects that must be read to read an object: its length, its object stream and that one's length.
const MAX_READING: usize = 8;

impl<'p> View<'p> {
    /// The file.
    pub fn pdf(self) -> &'p Pdf<'p> {
        self.pdf
    }

    fn own(self) -> &'p Revision {
        &self.pdf.revisions()[self.revision]
    }

    /// The trailer.
    pub fn trailer(self) -> &'p Rc<Dictionary> {
        &self.own().trailer
    }

    /// One more than the greatest object number that is taken.
    pub fn size(self) -> u32 {
        self.pdf.sizes[self.revision]
    }

    /// Where an object is.
    pub fn entry(self, number: u32) -> Entry {
        self.placed(number).map_or(Entry::Free, |(entry, _)| entry)
    }

    fn placed(self, number: u32) -> Option<(Entry, usize)> {
        self.pdf.placed(number, self.revision)
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
        root.dictionary().cloned().ok_or_else(|| Error::malformed(self.own().xref, "the file has no catalogue"))
    }

    /// An object as it stands in the file. Costs as many steps as it has values and data, for whoever asks is going to look at them.
    pub fn indirect(self, reference: Reference) -> Result<Option<Rc<Indirect>>, Error> {
        self.pdf.budget.steps(1)?;
        if self.pdf.doubtful.contains(&reference.number) {
            return Err(Error::refused("two-readings", reference.to_string(), TWO_READINGS));
        }
        let (entry, listed_by) = match self.placed(reference.number) {
            None | Some((Entry::Free, _)) => return Ok(None),
            Some(found) => found,
        };
        let key = (listed_by, reference.number);
        let known = self.pdf.read.borrow().get(&key).cloned();
        let read = match known {
            Some(known) => known,
            None => {
                let read = Rc::new(self.read(key, entry)?);
                self.pdf.read.borrow_mut().insert(key, read.clone());
                read
            }
        };
        self.pdf.budget.steps(read.weight)?;
        self.unmoved(&read, listed_by)?;
        Ok((self.pdf.is_damaged() || read.reference == reference).then_some(read))
    }

    /// What an object relies on is still what it was in the revision that lists the object: else readers may see different things.
    fn unmoved(self, read: &Indirect, listed_by: usize) -> Result<(), Error> {
        let Some(on) = read.relies_on.filter(|_| listed_by != self.revision) else { return Ok(()) };
        if self.placed(on.number) == self.pdf.placed(on.number, listed_by) {
            return Ok(());
        }
        let then = self.pdf.view(listed_by).object(on)?;
        if then.integer().is_some() && self.object(on)? == then {
            return Ok(());
        }
        Err(Error::malformed(read.value.span.start, format!("a later revision replaced object {}, which object {} needs", on.number, read.reference.number)))
    }

    fn read(self, key: (usize, u32), entry: Entry) -> Result<Indirect, Error> {
        let (listed_by, number) = key;
        if self.pdf.reading_now.borrow().len() >= MAX_READING || !self.pdf.reading_now.borrow_mut().insert(key) {
            return Err(Error::malformed(0, format!("object {number} is needed to read itself")));
        }
        // as the revision that lists it saw it
        let then = self.pdf.view(listed_by);
        let values = self.pdf.budget.values_left();
        let read = match entry {
            Entry::Offset { offset, generation } => then.read_at(Reference { number, generation }, offset),
            Entry::Compressed { stream, index } => then.read_packed(number, stream, index),
            Entry::Free => Err(Error::malformed(0, format!("object {number} is not in use"))),
        };
        self.pdf.reading_now.borrow_mut().remove(&key);
        let read = read?;
        let data = read.value.stream().map_or(0, |stream| stream.raw.len() / BYTES_PER_STEP);
        Ok(Indirect { weight: values - self.pdf.budget.values_left() + data, ..read })
    }

    fn read_at(self, reference: Reference, offset: usize) -> Result<Indirect, Error> {
        let bytes = &self.pdf.bytes[..self.own().end];
        if offset >= bytes.len() {
            return Err(Error::malformed(offset, format!("object {} is said to stand outside its revision", reference.number)));
        }
        let mut lexer = Lexer::new(bytes, self.pdf.budget.place(bytes, offset), &self.pdf.budget);
        let read = self.lexed(reference, offset, &mut lexer);
        // paid for when it fails, too
        self.pdf.budget.bytes(lexer.at.min(bytes.len()) - offset)?;
        read
    }

    fn lexed(self, reference: Reference, start: usize, lexer: &mut Lexer<'_>) -> Result<Indirect, Error> {
        if self.pdf.is_damaged() {
            let (reference, value) = repair::object(self, reference, lexer)?;
            return self.decrypted(Indirect { reference, value, source: None, place: 0..0, weight: 0, relies_on: None });
        }
        if lexer.object_header().ok() != Some(reference) {
            return Err(Error::malformed(start, format!("object {} is not where the cross-reference table says", reference.number)));
        }
        let mut value = lexer.value()?;
        let mut relies_on = None;
        lexer.skip();
        if let (Kind::Dictionary(dictionary), true) = (&value.kind, lexer.stands(b"stream")) {
            relies_on = dictionary.get("Length").and_then(Value::reference);
            let length = self.get(dictionary, "Length")?.integer().and_then(|length| usize::try_from(length).ok());
            let length = length.ok_or_else(|| lexer.wrong("a stream without its length"))?;
            let raw = xref::stream_bytes(lexer, &self.pdf.bytes[..self.own().end], length)?;
            value.kind = Kind::Stream(Rc::new(Stream { dictionary: dictionary.clone(), raw: raw.into() }));
            lexer.skip();
        }
        lexer.keyword("endobj")?;
        self.decrypted(Indirect { reference, value, source: None, place: start..lexer.at, weight: 0, relies_on })
    }

    /// An object that stands in the file, decrypted; what stands in object streams is encrypted with them (§7.6.2).
    fn decrypted(self, read: Indirect) -> Result<Indirect, Error> {
        let Some(cipher) = &self.pdf.cipher else { return Ok(read) };
        let value = cipher.decrypted(self, read.reference, &read.value)?;
        Ok(Indirect { value, ..read })
    }

    fn read_packed(self, number: u32, stream: u32, index: usize) -> Result<Indirect, Error> {
        let pack = self.pack(stream)?;
        let wrong = || Error::malformed(0, format!("object {number} is not in object stream {stream} where the cross-reference says"));
        let &(found, at) = pack.places.get(index).ok_or_else(wrong)?;
        if found != number {
            return Err(wrong());
        }
        let mut lexer = Lexer::new(&pack.bytes, at, &self.pdf.budget);
        let value = lexer.value();
        self.pdf.budget.bytes(lexer.at.min(pack.bytes.len()) - at)?;
        let relies_on = Some(Reference { number: stream, generation: 0 });
        let reference = Reference { number, generation: 0 };
        Ok(Indirect { reference, value: value?, source: Some(pack.bytes.clone()), place: 0..0, weight: 0, relies_on })
    }

    /// The numbers that an object stream names.
    pub(super) fn packed_numbers(self, stream: u32) -> Result<Vec<u32>, Error> {
        Ok(self.pack(stream)?.places.iter().map(|(number, _)| *number).collect())
    }

    /// An object stream. `/Extends` only says which streams belong together (§7.5.7): the cross-reference names each object's own stream.
    fn pack(self, stream: u32) -> Result<Rc<Pack>, Error> {
        let wrong = |text: &str| Error::malformed(0, format!("object stream {stream}: {text}"));
        let Some((Entry::Offset { .. }, listed_by)) = self.placed(stream).filter(|(entry, _)| self.in_file(*entry)) else {
            return Err(wrong("it is not in the file itself"));
        };
        let key = (listed_by, stream);
        if let Some(pack) = self.pdf.packs.borrow().get(&key) {
            return Ok(pack.clone());
        }
        let value = self.object(Reference { number: stream, generation: 0 })?;
        let found = value.stream().filter(|found| found.dictionary.get("Type").and_then(Value::name) == Some(b"ObjStm")).ok_or_else(|| wrong("it is none"))?;
        let whole = |key: &str| -> Result<usize, Error> {
            let value = self.get(&found.dictionary, key)?;
            value.integer().and_then(|value| usize::try_from(value).ok()).ok_or_else(|| wrong("its dictionary is broken"))
        };
        let (count, first) = (whole("N")?, whole("First")?);
        let bytes = self.inflate_to(found, usize::MAX)?;
        // a number, an offset and two spaces for each object
        if first > bytes.len() || count > first / 3 + 1 {
            return Err(wrong("its dictionary is broken"));
        }
        self.pdf.budget.values(count / 4)?;
        let mut lexer = Lexer::new(&bytes[..first], 0, &self.pdf.budget);
        let mut places = Vec::with_capacity(count);
        for _ in 0..count {
            lexer.skip();
            let number = u32::try_from(lexer.unsigned()?).map_err(|_| wrong("object number out of range"))?;
            lexer.skip();
            let at = usize::try_from(lexer.unsigned()?).ok().and_then(|at| at.checked_add(first)).filter(|&at| at <= bytes.len());
            places.push((number, at.ok_or_else(|| wrong("an object outside of it"))?));
        }
        let pack = Rc::new(Pack { bytes: Rc::new(bytes), places });
        self.pdf.packs.borrow_mut().insert(key, pack.clone());
        Ok(pack)
    }

    /// Whether an object stream may stand there: §7.5.7 wants generation 0, which a damaged file's is not asked for.
    fn in_file(self, entry: Entry) -> bool {
        matches!(entry, Entry::Offset { generation, .. } if generation == 0 || self.pdf.is_damaged())
    }

    /// The decoded bytes of a stream, at most 8 MiB, counted against the limit of the whole file, too.
    pub fn inflate(self, stream: &Stream) -> Result<Vec<u8>, Error> {
        self.inflate_to(stream, MAX_STREAM)
    }

    /// The decoded bytes of a stream, at most `limit`.
    pub fn inflate_to(self, stream: &Stream, limit: usize) -> Result<Vec<u8>, Error> {
        let mut entries = Vec::new();
        for key in ["Filter", "DecodeParms"] {
            if stream.dictionary.has(key) {
                entries.push((key.as_bytes().into(), self.direct(&self.get(&stream.dictionary, key)?)?));
            }
        }
        let dictionary = Dictionary::new(entries).unwrap_or_default();
        filter::decode(&dictionary, &stream.raw, limit, &self.pdf.budget)
    }

    /// A filter or its parameters without references: a name, a dictionary of direct values, or a short list of them.
    fn direct(self, value: &Value) -> Result<Value, Error> {
        let kind = match &value.kind {
            Kind::Array(items) => Kind::Array(Rc::new(items.iter().take(16).map(|item| self.direct(&self.resolve(item)?)).collect::<Result<_, _>>()?)),
            Kind::Dictionary(dictionary) => {
                let entries = dictionary.entries.iter().take(16).map(|(key, value)| Ok((key.clone(), self.resolve(value)?))).collect::<Result<_, Error>>()?;
                Kind::Dictionary(Rc::new(Dictionary::new(entries).unwrap_or_default()))
            }
            other => other.clone(),
        };
        Ok(Value { span: value.span.clone(), kind })
    }
}
