//! Time stamps (RFC 3161, ETSI EN 319 422): asking for one, giving one as stages, reading and checking one.
//!
//! An authority reads a request (`read_request`), says what it knows (`TstInfo`), signs it (`token`, then `TokenToBeSigned::signed`) and
//! answers (`granted`, `rejected`). Who asks makes the request (`request`) and takes the answer only when all of it fits (`check_response`).

mod check;
mod examine;
mod info;
mod request;
mod response;
mod token;

pub use check::{TimeStamp, check_response};
pub use info::{Accuracy, Imprint, TstInfo};
pub use request::{TimeStampRequest, read_request, request};
pub use response::{Failure, granted, rejected};
pub use token::{TokenToBeSigned, may_stamp, token};

pub(crate) use examine::{ExaminedToken, examine};
pub(crate) use token::check_purpose;

/// `id-ct-TSTInfo`, with tag and length.
pub(crate) const ID_TST_INFO: &[u8] = &[0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04];
