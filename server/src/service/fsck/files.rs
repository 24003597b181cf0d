//! A stored file against what its row or its entry in the trail says.

use bytes::Bytes;

use super::Findings;
use super::mend::Mend;
use crate::App;
use crate::error::Result;
use crate::store::{StoreError, StorePath};

/// A file that should be there.
pub struct Wanted<'a> {
    /// What it is: `file` or `record`.
    pub what: &'static str,
    /// Where.
    pub path: &'a str,
    /// Digest.
    pub sha256: &'a str,
    /// Length in bytes.
    pub size: i64,
    /// Whose it is.
    pub object: &'a str,
    /// Whether its bytes are wanted, or only that they are right: a large file then passes without filling the memory.
    pub is_read: bool,
}

/// The file's bytes when they are as they should be; otherwise a finding. `again` writes the bytes once more where that can be done.
///
/// # Errors
/// An outage of the store.
pub async fn look(app: &App, wanted: Wanted<'_>, again: Option<Bytes>, all: &mut Findings) -> Result<Option<Bytes>> {
    let Wanted { what, path, sha256, size, object, is_read } = wanted;
    if what == "file" {
        all.files += 1;
    } else {
        all.records += 1;
    }
    let (Ok(place), Ok(digest), Ok(size)) = (path.parse::<StorePath>(), sha256.parse(), u64::try_from(size)) else {
        all.say(format!("{what}-path"), object, format!("{path} with the digest {sha256} names no file of ours; the index was changed by hand"), None);
        return Ok(None);
    };
    let found = if is_read { app.store.get(&place, size, &digest).await } else { app.store.verify(&place, size, &digest).await.map(|()| Bytes::new()) };
    let (rule, error) = match found {
        Ok(bytes) => return Ok(Some(bytes)),
        Err(error @ StoreError::Missing { .. }) => ("missing", error),
        Err(error @ StoreError::Corrupt { .. }) => ("corrupt", error),
        Err(error) => return Err(error.into()),
    };
    let again = again.filter(|bytes| crate::store::hash(bytes) == digest);
    let text = if again.is_some() { format!("{error}; it can be written again") } else { format!("{error}; bring it back from a backup of the file store") };
    all.say(format!("{what}-{rule}"), object, text, again.map(|bytes| Mend::Put { path: path.to_owned(), bytes }));
    Ok(None)
}
