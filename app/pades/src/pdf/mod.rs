//! The PDF reader and writer below the verbs: strict, byte-preserving, revision by revision (ISO 32000-2 §7).

pub mod date;
mod document;
mod lexer;
mod object;

pub use document::{Pdf, Revision, View};
pub use object::{Dictionary, Kind, Reference, Stream, Value};
