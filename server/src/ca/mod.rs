//! The built-in certificate authority: a root, issuing levels below it, what they issue, and what they revoke.

mod authority;
mod crl;
mod error;
mod folder;
mod issue;
mod key_file;
mod level;
mod outside;
mod passphrase;
mod rollover;

pub use authority::{Authority, Shown, certificates};
pub use crl::{Revocation, renew_root};
pub use error::AuthorityError;
pub use issue::new_serial;
pub use outside::Imported;
pub use passphrase::{change_passphrase, read_passphrase};
