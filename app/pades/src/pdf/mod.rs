//! The PDF reader and writer below the verbs: strict, byte-preserving, revision by revision (ISO 32000-2 §7).

pub(crate) mod appearance;
pub mod date;
mod document;
pub mod field;
mod filter;
mod lexer;
mod object;
pub mod page;
pub(crate) mod revision;
pub(crate) mod write;
mod xref;

pub use document::{Indirect, Pdf, Revision, View};
pub use object::{Dictionary, Kind, Number, Reference, Stream, Value};
pub use xref::Entry;
