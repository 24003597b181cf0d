//! Doors into the reader for fuzzing.

use super::budget::Budget;
use super::filter;
use super::lexer::Lexer;
use super::xref::{self, Context, Reading};
use crate::Limits;

/// Reads a cross-reference section at the start of some bytes.
pub fn section(bytes: &[u8], limits: &Limits) {
    let budget = Budget::new(limits, bytes.len());
    let _ = xref::section(&Context { bytes, budget: &budget, reading: Reading::Document }, 0);
}

/// Decodes data as a dictionary says.
pub fn filtered(dictionary: &[u8], raw: &[u8], limits: &Limits) -> Option<Vec<u8>> {
    let budget = Budget::new(limits, dictionary.len());
    let value = Lexer::new(dictionary, 0, &budget).value().ok()?;
    filter::decode(value.dictionary()?, raw, limits.max_inflated, &budget).ok()
}
