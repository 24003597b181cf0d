//! The PDF reader and writer below the verbs: strict, byte-preserving, revision by revision (ISO 32000-2 §7).

pub mod date;
mod document;
mod filter;
mod lexer;
mod object;
mod xref;

pub use document::{Indirect, Pdf, Revision, View};
pub use object::{Dictionary, Kind, Number, Reference, Stream, Value};
pub use xref::Entry;
