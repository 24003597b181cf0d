//! A document as what happened to it: the acts that the trail, the PDFs and the records tell of, and the rows that follow from them.
//!
//! The rows are derived here a second time, from nothing but the acts. The check compares them with those of the index; a new index is made
//! of them.

mod act;
mod rows;

pub use act::{Act, ActKind, Told};
pub use rows::{Derived, Key, derive, key_of, word};
