//! The PDF reader and writer below the verbs: strict, byte-preserving, revision by revision (ISO 32000-2 §7).

pub(crate) mod appearance;
pub(crate) mod append;
mod budget;
mod chain;
pub(crate) mod content;
pub(crate) mod crypt;
pub mod date;
mod document;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod door;
pub mod field;
mod filter;
mod lexer;
mod object;
pub mod page;
mod repair;
pub(crate) mod revision;
pub(crate) mod text;
mod view;
pub(crate) mod write;
mod xref;

pub use document::{Indirect, Pdf, Revision};
pub(crate) use lexer::is_space;
pub use object::{Dictionary, Kind, Number, Reference, Stream, Value};
pub use view::View;
pub use xref::Entry;
