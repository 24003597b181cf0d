//! The passphrase of the authority's keys: set, changed, taken off.

use std::path::{Path, PathBuf};

use der::zeroize::Zeroizing;

use super::error::AuthorityError;
use super::{folder, key_file};

/// Brings every key of the folder under the passphrase `new` (none: in clear); `old` opens those that are under another one. A run that
/// was cut short is finished by the next: keys that are as they should be are left alone. Gives the keys that were written anew.
///
/// # Errors
/// The first key that neither passphrase opens, before anything is written; `None` where there is no authority yet.
pub fn change_passphrase(folder: &Path, old: Option<&str>, new: Option<&str>) -> Result<Vec<PathBuf>, AuthorityError> {
    if [old, new].into_iter().flatten().any(str::is_empty) {
        return Err(AuthorityError::PassphraseEmpty);
    }
    if folder::is_new(folder)? {
        return Err(AuthorityError::None(folder.to_owned()));
    }
    let keys = folder::keys(folder)?;
    for path in &keys {
        key_file::open_any(path, old, new)?;
    }
    let mut written = Vec::new();
    for path in keys {
        if key_file::seal_again(&path, old, new)? {
            written.push(path);
        }
    }
    Ok(written)
}

/// The first line of the file that holds a passphrase; none where no file is named.
///
/// # Errors
/// `File` when it cannot be read.
pub fn read_passphrase(file: Option<&Path>) -> Result<Option<Zeroizing<String>>, AuthorityError> {
    let Some(path) = file else { return Ok(None) };
    let text = Zeroizing::new(folder::read(path)?);
    Ok(Some(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())))
}
