//! The built-in certificate authority: its key and certificate, what it issues, and what it revokes.

mod authority;
mod crl;
mod issue;

pub use authority::{Authority, AuthorityError};
pub use crl::Revocation;
pub use issue::new_serial;
