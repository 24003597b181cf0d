//! Validation data in the file (ISO 32000-2 §12.8.4.3, ETSI EN 319 142-1 §5.4): the document security store, written and read.

mod read;
mod related;
mod write;

pub(crate) use read::{Item, Kind, stored};
pub use write::{Evidence, dss};
