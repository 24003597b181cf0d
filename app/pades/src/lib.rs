//! PAdES signatures in PDF: deterministic, the same bytes in wasm and natively.
//!
//! No clock, randomness, network or key inside: bytes, times (unix seconds) and signatures come in as arguments.
//! Read in this order: `inspect` (may this become a document?), `issue` (revision 0), `prepare` (the next revision with room for
//! a signature), `sign` (the stages to a signed one), `embed`, `locate` (where the signatures are), `diff` (what a revision changed),
//! `examine` (a signature by itself), `trust` and `judge` (whom it leads to, now and in the past), `verify` and `accept`; then what raises a
//! signature's level: `tsp` and `ocsp` (time stamps, states of certificates), `time_stamp`, `dss` and `document_time_stamp`. `pdf` is the reader
//! below, `asn1` the one for CMS and certificates.

mod accept;
mod algorithm;
mod asn1;
mod attachment;
mod attributes;
mod authority;
mod ber;
#[cfg(test)]
mod census_tests;
mod certificate;
mod chain;
mod cms;
mod diff;
mod document_time_stamp;
mod drawn;
mod dss;
mod embed;
mod error;
mod examine;
#[cfg(test)]
mod examine_tests;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod inspect;
mod issue;
mod judge;
mod known;
mod locate;
mod mdp;
mod moment;
mod name;
mod new_field;
mod normal;
pub mod ocsp;
mod ordered;
#[cfg(test)]
mod outside_tests;
mod parameters;
pub mod pdf;
#[cfg(test)]
mod pkits_tests;
mod prepare;
mod report;
mod request;
mod revocation;
mod room;
mod seal_place;
mod sign;
mod stored;
mod time_stamp;
mod trust;
pub mod tsp;
mod verify;
#[cfg(feature = "wasm")]
pub mod wasm;

pub use accept::{Accepted, Before, Expected, accept, accept_outside, accept_outside_stored, accept_stored};
pub use algorithm::Digest;
pub use attachment::{Attachment, attachments};
pub use authority::{check_authority, is_issued_by, split_anchors};
pub use certificate::{Certificate, certificates_from_pem};
pub use diff::{Comparison, Filled, compare};
pub use document_time_stamp::{PreparedTimeStamp, prepare_time_stamp};
pub use dss::{Evidence, dss};
pub use error::{Error, Finding};
pub use inspect::{Inspection, inspect};
pub use issue::{issue, issue_with_data, issued_data};
pub use known::Known;
pub use locate::{Coverage, Located, SubFilter, locate_signatures, signed_digest};
pub use normal::normalized;
pub use parameters::{Appearance, EmptyField, Issue, Limits, NewField, PageGeometry, Rect, SignatureParameters, Stamp};
pub use pdf::date::date;
pub use prepare::{Prepared, prepare, prepare_stored};
pub use report::{EntryKind, Indication, ModifiedAfter, Report, SignatureReport, SubIndication};
pub use request::{Request, check_request, request, request_info};
pub use seal_place::{SealPlace, SealPlaces, seal_places};
pub use sign::{Signed, ToBeSigned};
pub use stored::{Marks, Stored};
pub use time_stamp::{add_time_stamp, signature_value};
pub use trust::Trust;
pub use verify::{verify, verify_stored};

// the test files of `tests/` call the crate by its name
#[cfg(test)]
extern crate self as pades;
#[cfg(test)]
pub(crate) use examine_tests::pki;
#[cfg(test)]
pub(crate) use outside_tests::file;
