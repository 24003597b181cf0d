//! PAdES signatures in PDF: deterministic, the same bytes in wasm and natively.
//!
//! No clock, randomness, network or key inside: bytes, times (unix seconds) and signatures come in as arguments.
//! Read in this order: `inspect` (may this become a document?), `issue` (revision 0), `prepare` (the next revision with room for
//! a signature), `embed`, `locate` (where the signatures are) and `diff` (what a revision changed). `pdf` is the reader below.

mod diff;
mod embed;
mod error;
mod inspect;
mod issue;
mod locate;
mod parameters;
pub mod pdf;
mod prepare;

pub use diff::{Comparison, Filled, compare};
pub use error::{Error, Finding};
pub use inspect::{Inspection, inspect};
pub use issue::issue;
pub use locate::{Coverage, Located, SubFilter, locate_signatures, signed_digest};
pub use parameters::{Appearance, EmptyField, Issue, Limits, PageGeometry, Rect, SignatureParameters, Stamp};
pub use pdf::date::date;
pub use prepare::{Prepared, prepare};
