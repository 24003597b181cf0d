//! What reading one file may cost in all. Every part of the reader draws on the same amounts, so that nothing adds up behind a limit.

use std::cell::Cell;

use crate::{Error, Limits};

/// White space that an offset may point at.
const MAX_BLANK: usize = 64;

/// Amounts that are left of a file's limits.
pub struct Budget {
    limits: Limits,
    values: Cell<usize>,
    bytes: Cell<usize>,
    inflated: Cell<usize>,
    entries: Cell<usize>,
    steps: Cell<usize>,
    /// Whether an offset may point at white space before what it is the place of.
    patient: bool,
    /// Whether one did.
    pub misplaced: Cell<bool>,
}

/// Values that a file may hold for each object that the limits allow; one of some 90 bytes each, at worst.
const VALUES_PER_OBJECT: usize = 5;
/// Values that may be visited for each object that the limits allow, however often they are read again.
const STEPS_PER_OBJECT: usize = 20;
/// Objects stand beside each other, so that reading all of them once costs the length of the file; twice is generous.
const READINGS: usize = 2;

impl Budget {
    /// All that may be spent on a file of `length` bytes.
    pub fn new(limits: &Limits, length: usize) -> Self {
        Self {
            values: Cell::new(limits.max_objects.saturating_mul(VALUES_PER_OBJECT)),
            bytes: Cell::new(length.saturating_mul(READINGS).saturating_add(1 << 16)),
            inflated: Cell::new(limits.max_inflated),
            entries: Cell::new(limits.max_objects),
            steps: Cell::new(limits.max_objects.saturating_mul(STEPS_PER_OBJECT)),
            patient: false,
            misplaced: Cell::new(false),
            limits: limits.clone(),
        }
    }

    /// The same, where offsets may point at white space.
    pub fn patient(self) -> Self {
        Self { patient: true, ..self }
    }

    /// The limits it came from.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Values that are left: how many an object had is the difference.
    pub fn values_left(&self) -> usize {
        self.values.get()
    }

    /// Values are put into memory.
    pub fn values(&self, count: usize) -> Result<(), Error> {
        draw(&self.values, count, "values", self.limits.max_objects.saturating_mul(VALUES_PER_OBJECT))
    }

    /// Bytes are read, inflated ones too: objects that overlap are read again and again.
    pub fn bytes(&self, count: usize) -> Result<(), Error> {
        draw(&self.bytes, count, "bytes in objects that overlap", self.limits.max_bytes)
    }

    /// Bytes were inflated, which may now be read as often as those of the file.
    pub fn inflated(&self, count: usize) -> Result<(), Error> {
        draw(&self.inflated, count, INFLATED, self.limits.max_inflated)?;
        self.bytes.set(self.bytes.get().saturating_add(count.saturating_mul(READINGS)));
        Ok(())
    }

    /// Where an offset leads to: past white space, where that is allowed. No reader that takes such a file finds anything else there.
    pub fn place(&self, bytes: &[u8], offset: usize) -> usize {
        let blank = if self.patient { bytes.iter().skip(offset).take(MAX_BLANK).take_while(|&&byte| super::is_space(byte)).count() } else { 0 };
        self.misplaced.set(self.misplaced.get() || blank > 0);
        offset + blank
    }

    /// How many bytes may still be inflated.
    pub fn inflated_left(&self) -> usize {
        self.inflated.get()
    }

    /// Entries of cross-reference sections.
    pub fn entries(&self, count: usize) -> Result<(), Error> {
        draw(&self.entries, count, "objects", self.limits.max_objects)
    }

    /// Values are visited, in memory already.
    pub fn steps(&self, count: usize) -> Result<(), Error> {
        draw(&self.steps, count, "parts that refer to each other", self.limits.max_objects.saturating_mul(STEPS_PER_OBJECT))
    }
}

/// What `max_inflated` limits, in words.
pub const INFLATED: &str = "unpacked bytes";

/// Takes `count` away; all that is left where that is too little, so that whoever goes on after the error meets it again.
fn draw(left: &Cell<usize>, count: usize, what: &'static str, limit: usize) -> Result<(), Error> {
    let rest = left.get().checked_sub(count);
    left.set(rest.unwrap_or(0));
    rest.map(drop).ok_or(Error::TooLarge { what, limit })
}
