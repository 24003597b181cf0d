//! A new issuing level: a fresh key, certified by the root. What older levels issued still verifies, and their lists are still signed.

use std::path::Path;

use der::EncodePem;
use der::pem::LineEnding;

use super::authority::{self, Authority};
use super::crl;
use super::error::{AuthorityError, build};
use super::level::{Level, mark_of};
use super::{folder, issue, key_file};

impl Authority {
    /// Puts a new issuing level into `folder`. It counts from the server's next start; an authority of one level gets a root of two
    /// levels with it, and stays trusted for what it issued. Gives the new certificate as PEM.
    ///
    /// # Errors
    /// `RootAway` where the root's key is elsewhere, and everything that `open` may say.
    pub fn rollover(folder: &Path, passphrase: Option<&str>, public_url: &str, now: i64) -> Result<String, AuthorityError> {
        // Everything must be in order before anything is added.
        let before = Self::open_existing(folder, passphrase, public_url, now)?;
        let number = add_level(folder, passphrase, before.public_url.as_str(), now)?;
        authority::pem(&Level::shown(&folder::issuing(folder, number))?.der)
    }

    /// As `open`, but makes nothing.
    ///
    /// # Errors
    /// `None` where there is no authority yet.
    pub fn open_existing(folder: &Path, passphrase: Option<&str>, public_url: &str, now: i64) -> Result<Self, AuthorityError> {
        if folder::is_new(folder)? {
            return Err(AuthorityError::None(folder.to_owned()));
        }
        Self::open(folder, passphrase, public_url, now)
    }
}

/// Makes a key and its certificate by the root, which is made too where there is none. Gives the level's number.
pub(super) fn add_level(folder: &Path, passphrase: Option<&str>, public_url: &str, now: i64) -> Result<u32, AuthorityError> {
    let (root, root_key) = authority::root(folder, passphrase, now)?;
    let key = key_file::draw()?;
    let certificate = issue::issuing_certificate(&root, &root_key, &key, public_url, now)?;
    folder::write(&folder::issuing_key(folder, &mark_of(&key)?), key_file::pem(&key, passphrase)?.as_bytes(), key_file::MODE)?;
    crl::write_root_list(folder, &root, &root_key, now)?;
    // The certificate comes last: with it the level counts.
    let number = next(folder)?;
    let chain = certificate.to_pem(LineEnding::LF).map_err(build)? + &root.to_pem(LineEnding::LF).map_err(build)?;
    folder::write(&folder::issuing(folder, number), chain.as_bytes(), 0o644)?;
    Ok(number)
}

/// The number of the next level.
pub(super) fn next(folder: &Path) -> Result<u32, AuthorityError> {
    Ok(folder::numbers(folder)?.last().map_or(1, |last| last + 1))
}
