//! The built-in certificate authority: a root, issuing levels below it, what they issue, and what they revoke.

mod authority;
mod client;
mod credential;
mod crl;
mod error;
mod folder;
mod issue;
mod key_file;
mod level;
mod ocsp;
mod outside;
mod outside_tsa;
mod passphrase;
mod rollover;
mod service;
mod trail_key;
mod tsa;

pub use authority::{Authority, Shown, certificates};
pub use crl::{Revocation, renew_root};
pub use error::AuthorityError;
pub use folder::alone;
pub use issue::new_serial;
pub use ocsp::{Responder, Standing};
pub use outside::Imported;
pub use outside_tsa::OutsideAuthority;
pub use passphrase::{change_passphrase, read_passphrase};
pub use trail_key::{TrailKey, Verifier};
pub use tsa::TimeStampAuthority;
