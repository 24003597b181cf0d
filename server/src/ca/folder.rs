//! The authority's folder: which file is what, written so that a crash leaves the old or the new, never half of one.
//!
//! `root.pem` `root.key` the root (its key may be moved away), `root.crl` the root's revocation list (DER);
//! `issuing-1.pem` … the issuing levels' certificates, the highest number counts; `issuing-<mark>.key` their keys;
//! `ca.pem` `ca.key` an authority of one level, as folders from before have it.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use der::Encode;
use x509_cert::Certificate;

use super::error::AuthorityError;

/// The root's certificate, PEM.
pub(super) const ROOT: &str = "root.pem";
/// The root's key, PKCS#8 PEM.
pub(super) const ROOT_KEY: &str = "root.key";
/// The root's revocation list, DER.
pub(super) const ROOT_LIST: &str = "root.crl";
/// The certificate of an authority of one level, PEM.
pub(super) const SINGLE: &str = "ca.pem";
/// Its key.
pub(super) const SINGLE_KEY: &str = "ca.key";

/// Where an issuing level's certificate is.
pub(super) fn issuing(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("issuing-{number}.pem"))
}

/// Where an issuing level's key is; `mark` is the key's own.
pub(super) fn issuing_key(folder: &Path, mark: &str) -> PathBuf {
    folder.join(format!("issuing-{mark}.key"))
}

/// The numbers of the issuing levels, in order.
pub(super) fn numbers(folder: &Path) -> Result<Vec<u32>, AuthorityError> {
    let mut numbers: Vec<u32> =
        names(folder)?.iter().filter_map(|name| name.strip_prefix("issuing-")?.strip_suffix(".pem")?.parse().ok()).filter(|number| *number > 0).collect();
    numbers.sort_unstable();
    Ok(numbers)
}

/// Every key in the folder.
pub(super) fn keys(folder: &Path) -> Result<Vec<PathBuf>, AuthorityError> {
    Ok(names(folder)?
        .into_iter()
        .filter(|name| Path::new(name).extension().is_some_and(|extension| extension == "key"))
        .map(|name| folder.join(name))
        .collect())
}

/// Whether the folder is not there or empty.
pub(super) fn is_new(folder: &Path) -> Result<bool, AuthorityError> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(cause) => Err(AuthorityError::File { path: folder.to_owned(), cause }),
    }
}

/// The names of all files, in order.
fn names(folder: &Path) -> Result<Vec<String>, AuthorityError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        // a name that is no UTF-8 is none of ours
        names.extend(entry.map_err(failed(folder))?.file_name().into_string().ok());
    }
    names.sort();
    Ok(names)
}

/// The certificates of a PEM file, the first one its own.
pub(super) fn certificates(path: &Path) -> Result<Vec<Certificate>, AuthorityError> {
    let unreadable = || AuthorityError::Unreadable(path.to_owned(), "certificate");
    let chain = Certificate::load_pem_chain(read(path)?.as_bytes()).map_err(|_| unreadable())?;
    if chain.is_empty() || chain.iter().any(|certificate| certificate.to_der().is_err()) {
        return Err(unreadable());
    }
    Ok(chain)
}

/// A text file.
pub(super) fn read(path: &Path) -> Result<String, AuthorityError> {
    fs::read_to_string(path).map_err(|cause| match cause.kind() {
        io::ErrorKind::NotFound => AuthorityError::Missing(path.to_owned()),
        io::ErrorKind::InvalidData => AuthorityError::Unreadable(path.to_owned(), "PEM text"),
        _ => AuthorityError::File { path: path.to_owned(), cause },
    })
}

/// Writes a file that must not be there yet.
pub(super) fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), AuthorityError> {
    let mut options = fs::OpenOptions::new();
    let written = options.write(true).create_new(true).mode(mode).open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(failed(path))?;
    sync(path)
}

/// Writes a file in the place of one that may be there: the old or the new is there at any moment.
pub(super) fn replace(path: &Path, bytes: &[u8], mode: u32) -> Result<(), AuthorityError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".new-{}", std::process::id()));
    let beside = PathBuf::from(beside);
    let _ = fs::remove_file(&beside);
    let done = write(&beside, bytes, mode).and_then(|()| fs::rename(&beside, path).map_err(failed(path)));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done?;
    sync(path)
}

/// What was renamed or made in a folder is on the disk when this returns.
pub(super) fn sync(path: &Path) -> Result<(), AuthorityError> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(parent).and_then(|parent| parent.sync_all()).map_err(failed(path))
}

/// Holds the folder for one process until the file is dropped: replicas that start together over one folder make one authority and one
/// key for each of its services. The lock is beside the folder, which is moved into place as a whole.
///
/// # Errors
/// `File` when the lock cannot be made or taken.
pub fn alone(folder: &Path) -> Result<fs::File, AuthorityError> {
    let path = folder.with_extension("lock");
    let file = fs::OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(failed(&path))?;
    file.lock().map_err(failed(&path))?;
    Ok(file)
}

/// The error of this file.
pub(super) fn failed(path: &Path) -> impl FnOnce(io::Error) -> AuthorityError + use<> {
    let path = path.to_owned();
    move |cause| AuthorityError::File { path, cause }
}
