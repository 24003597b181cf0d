//! The file store: the only code that knows FTP. Whole files go in under names used once; only checked bytes come out.

mod backend;
mod config;
mod connection;
mod content;
mod drain;
mod embedded;
mod error;
mod fault;
mod get;
mod list;
mod name;
mod path;
mod pool;
mod put;
mod receiver;
mod routing;
mod volume;

use app::model::Sha256;
use sha2::Digest;

pub use config::{ConfigError, Limits, StoreConfig};
pub use content::Content;
pub use drain::Drained;
pub use embedded::EmbeddedServer;
pub use error::{Refusal, StoreError};
pub use name::{MAIN, NameError, VolumeName};
pub use path::{PathError, StorePath};
pub use receiver::Spooled;
pub use routing::{Store, VolumeState};

/// Log directives that must always hold. At TRACE the FTP library prints the password it sends.
pub const LOG_CAPS: [&str; 4] = ["suppaftp=info", "libunftp=error", "unftp_sbe_fs=warn", "unftp_core=warn"];

/// The SHA-256 of `bytes`.
#[expect(clippy::missing_panics_doc, reason = "a digest in hexadecimal always is a Sha256")]
pub fn hash(bytes: &[u8]) -> Sha256 {
    hex::encode(sha2::Sha256::digest(bytes)).parse().expect("a hexadecimal SHA-256 is 64 lower-case digits")
}
