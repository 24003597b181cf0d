//! Why the certificate authority cannot do what was asked: one line each, with what to do next.

use std::io;
use std::path::PathBuf;

/// Why the authority cannot be opened, changed, or cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// A file or folder cannot be read or written.
    #[error("the certificate authority's {path} cannot be used: {cause}; give the user that runs signet access to it")]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// A file that others belong to is not there.
    #[error("the certificate authority's {0} is missing; put it back from a backup, for what was signed is checked against it")]
    Missing(PathBuf),
    /// The root's key is kept elsewhere, and this act needs it.
    #[error("the root's key {0} is not here; bring it back for this command, and take it away again afterwards")]
    RootAway(PathBuf),
    /// Others may read a key.
    #[error("the certificate authority's key {0} may be read by others; run: chmod 600 {0}")]
    Exposed(PathBuf),
    /// A key is encrypted, and no passphrase is set.
    #[error("the certificate authority's key {0} is encrypted; set SIGNET_CA_PASSPHRASE_FILE to a file with its passphrase")]
    PassphraseMissing(PathBuf),
    /// The passphrase does not open a key.
    #[error("the passphrase does not open the certificate authority's key {0}; check the file that SIGNET_CA_PASSPHRASE_FILE names")]
    PassphraseWrong(PathBuf),
    /// A passphrase is set, but a key lies there in clear.
    #[error(
        "a passphrase is set, but the certificate authority's key {0} is not encrypted; encrypt it with `signet ca passphrase` or unset SIGNET_CA_PASSPHRASE_FILE"
    )]
    NotEncrypted(PathBuf),
    /// The passphrase is empty.
    #[error("the passphrase for the certificate authority's keys is empty; put at least one character into the file that SIGNET_CA_PASSPHRASE_FILE names")]
    PassphraseEmpty,
    /// A file does not hold what it should.
    #[error("the certificate authority's {0} does not hold a {1}; put it back from a backup")]
    Unreadable(PathBuf, &'static str),
    /// A key does not belong to its certificate.
    #[error("the certificate authority's key {0} does not belong to its certificate; put both back from the same backup")]
    Mismatch(PathBuf),
    /// The folder is not there or empty.
    #[error("there is no certificate authority in {0} yet; `signet serve` makes one at its first start")]
    None(PathBuf),
    /// A certificate from outside cannot be taken; the text says why and what to do.
    #[error("this certificate cannot be taken: {0}; nothing was changed")]
    Import(String),
    /// The act makes no sense for this authority as it is.
    #[error("{0}; nothing was changed")]
    NotNow(String),
    /// Something could not be built or signed.
    #[error("the certificate authority cannot make this: {0}")]
    Build(String),
}

pub(super) fn build(error: impl std::fmt::Display) -> AuthorityError {
    AuthorityError::Build(error.to_string())
}
