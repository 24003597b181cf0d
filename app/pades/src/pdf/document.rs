//! A parsed file: its revisions, and where each of them has its objects.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::budget::Budget;
use super::chain::revisions;
use super::crypt::Cipher;
use super::object::{Dictionary, Reference, Value};
use super::view::{Pack, View};
use super::xref::{Context, Entry, Reading};
use crate::{Error, Limits};

/// A file. Objects are read when they are asked for, and once.
pub struct Pdf<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) version: String,
    pub(super) budget: Budget,
    pub(super) reading: Reading,
    /// Numbers of a damaged file that two different objects have.
    pub(super) doubtful: BTreeSet<u32>,
    /// How the strings and streams of an upload are decrypted.
    pub(crate) cipher: Option<Cipher>,
    revisions: Vec<Revision>,
    /// Every entry of every revision, by number and revision.
    index: Vec<Place>,
    /// What `View::size` says of each revision.
    pub(super) sizes: Vec<u32>,
    /// Objects by the revision that lists them and their number: they are the same for every later view.
    pub(super) read: RefCell<BTreeMap<(usize, u32), Rc<Indirect>>>,
    pub(super) reading_now: RefCell<BTreeSet<(usize, u32)>>,
    pub(super) packs: RefCell<BTreeMap<(usize, u32), Rc<Pack>>>,
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
    pub source: Option<Rc<Vec<u8>>>,
    /// From `12 0 obj` to `endobj` in the file; empty where it stands in an object stream.
    pub place: std::ops::Range<usize>,
    /// How many values it has: what visiting all of them costs.
    pub(super) weight: usize,
    /// What says how long its stream is, or the object stream that holds it. Must mean the same in every view that reads it.
    pub(super) relies_on: Option<Reference>,
}

/// What a revision says of a number.
#[derive(Clone, Copy)]
struct Place {
    number: u32,
    revision: u32,
    entry: Entry,
}

impl<'a> Pdf<'a> {
    /// Parses strictly: nothing is repaired, guessed or searched for.
    pub fn parse(bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        Self::undamaged(bytes, Budget::new(limits, bytes.len()), Reading::Document)
    }

    /// The same for a file that is only judged: offsets may point at white space before what they are the places of, see `misplaced`.
    pub(crate) fn parse_patiently(bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        Self::undamaged(bytes, Budget::new(limits, bytes.len()).patient(), Reading::Document)
    }

    /// Parses an upload as strictly, but opens what is encrypted with the empty password.
    pub(crate) fn parse_upload(bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        let mut pdf = Self::undamaged(bytes, Budget::new(limits, bytes.len()), Reading::Upload)?;
        pdf.cipher = Cipher::of(pdf.latest())?;
        pdf.forget();
        Ok(pdf)
    }

    /// Objects are read again: until here they were not decrypted.
    pub(super) fn forget(&mut self) {
        (self.read, self.packs) = (RefCell::default(), RefCell::default());
    }

    fn undamaged(bytes: &'a [u8], budget: Budget, reading: Reading) -> Result<Self, Error> {
        let limit = budget.limits().max_bytes;
        if bytes.len() > limit {
            return Err(Error::TooLarge { what: "bytes", limit });
        }
        let version = header(bytes)?;
        let revisions = revisions(&Context { bytes, budget: &budget, reading })?;
        Ok(Self::of(bytes, version, budget, reading, revisions))
    }

    /// A file of these revisions.
    pub(super) fn of(bytes: &'a [u8], version: String, budget: Budget, reading: Reading, revisions: Vec<Revision>) -> Self {
        let mut index = Vec::with_capacity(revisions.iter().map(|revision| revision.entries.len()).sum());
        for (revision, place) in revisions.iter().enumerate() {
            index.extend(place.entries.iter().map(|(&number, &entry)| Place { number, revision: revision as u32, entry }));
        }
        index.sort_unstable_by_key(|place| (place.number, place.revision));
        let sizes = sizes(&revisions);
        let (doubtful, cipher) = (BTreeSet::new(), None);
        let (read, reading_now, packs) = (RefCell::default(), RefCell::default(), RefCell::default());
        Self { bytes, version, budget, reading, doubtful, cipher, revisions, index, sizes, read, reading_now, packs }
    }

    /// Whether it is damaged, and was put together again.
    pub(crate) fn is_damaged(&self) -> bool {
        self.reading == Reading::Damaged
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
        self.budget.limits()
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

    /// One more value is looked at.
    ///
    /// # Errors
    /// `Error::TooLarge` where it is more than the limits allow, and ever after.
    pub(crate) fn look(&self) -> Result<(), Error> {
        self.budget.steps(1)
    }

    /// Whether an offset that was followed so far pointed at white space.
    pub(crate) fn misplaced(&self) -> bool {
        self.budget.misplaced.get()
    }

    /// Whether nothing stands after the last revision.
    pub fn ends_cleanly(&self) -> bool {
        self.revisions.last().is_some_and(|revision| revision.end == self.bytes.len())
    }

    /// The newest entry of a number up to a revision, and the revision that it comes from.
    pub(super) fn placed(&self, number: u32, revision: usize) -> Option<(Entry, usize)> {
        let after = self.index.partition_point(|place| (place.number, place.revision as usize) <= (number, revision));
        let place = self.index[..after].last().filter(|place| place.number == number)?;
        Some((place.entry, place.revision as usize))
    }
}

impl Indirect {
    /// The bytes its value's spans count in.
    pub fn source<'s>(&'s self, pdf: &Pdf<'s>) -> &'s [u8] {
        self.source.as_deref().map_or(pdf.bytes, Vec::as_slice)
    }
}

/// ISO 32000-2 §7.5.2; the catalogue may say a higher version.
pub(super) fn header(bytes: &[u8]) -> Result<String, Error> {
    match bytes.get(..8) {
        Some([b'%', b'P', b'D', b'F', b'-', major @ b'1'..=b'2', b'.', minor @ b'0'..=b'9']) => Ok(format!("{}.{}", char::from(*major), char::from(*minor))),
        _ => Err(Error::malformed(0, "the file does not begin as a PDF does")),
    }
}

/// One more than the greatest object number that is taken or claimed up to each revision.
fn sizes(revisions: &[Revision]) -> Vec<u32> {
    let mut size = 1;
    let said = |revision: &Revision| u32::try_from(revision.trailer.get("Size").and_then(Value::integer).unwrap_or(0)).unwrap_or(0);
    let of_entries = |revision: &Revision| revision.entries.last_key_value().map_or(0, |(&number, _)| number.saturating_add(1));
    revisions
        .iter()
        .map(|revision| {
            size = size.max(said(revision)).max(of_entries(revision));
            size
        })
        .collect()
}
