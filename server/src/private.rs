//! What is on this machine's disk is for who runs Signet alone: hashes, keys, documents.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use sqlx::sqlite::SqliteConnectOptions;

use crate::cannot_start;
use crate::error::{Error, Result};

/// Makes a folder, or closes one that others could look into.
///
/// # Errors
/// It cannot be made or closed, or is shared with others by its nature, as `/tmp` is.
pub fn folder(path: &Path) -> Result<()> {
    let failed = |what: &str, error: &io::Error| cannot_start(format!("the data folder {} cannot be {what}: {error}", path.display()));
    let mode = match fs::metadata(path) {
        Ok(about) => about.permissions().mode(),
        Err(_) => return fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(|error| failed("made", &error)),
    };
    if mode & OTHERS == 0 {
        return Ok(());
    }
    if mode & STICKY != 0 {
        return Err(shared(path));
    }
    fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(|error| failed("closed to other users", &error))?;
    tracing::warn!(folder = %path.display(), was = format!("{:04o}", mode & 0o7777), "other users of this machine could look into the data folder; it is closed to them now");
    Ok(())
}

/// Makes an empty file, or closes one that others could read. What cannot be made or closed is left to who opens it.
pub fn file(path: &Path) -> io::Result<()> {
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        made => return made.map(drop),
    }
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & OTHERS != 0 {
        fs::set_permissions(path, Permissions::from_mode(0o600))?;
        tracing::warn!(file = %path.display(), was = format!("{:04o}", mode & 0o7777), "other users of this machine could read this file; it is closed to them now");
    }
    Ok(())
}

/// The file of an SQLite address; none where it is another database, or one in memory.
pub fn database(url: &str) -> Option<PathBuf> {
    let named = url.starts_with("sqlite:") && !url.contains(":memory:") && !url.contains("mode=memory");
    let options = named.then(|| SqliteConnectOptions::from_str(url).ok()).flatten()?;
    // A name alone is one in the folder where the server was started.
    Some(Path::new(".").join(options.get_filename()))
}

/// Keeps what one server alone may have, beside it in a file of its own, until the process ends, however it ends.
///
/// # Errors
/// Another server has it.
pub fn alone(what: &Path) -> Result<fs::File> {
    let mut path = what.as_os_str().to_owned();
    path.push(".lock");
    let failed = |error: io::Error| cannot_start(format!("{} cannot be locked: {error}", what.display()));
    let file = fs::OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(cannot_start(format!(
            "another `signet serve` is at work on {}; stop it first. Several servers side by side need PostgreSQL and an FTP server outside",
            what.display()
        ))),
        Err(fs::TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn shared(path: &Path) -> Error {
    cannot_start(format!("the data folder {} is shared with other users of this machine; name one of Signet's own in SIGNET_DATA", path.display()))
}

const OTHERS: u32 = 0o077;
const STICKY: u32 = 0o1000;

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("there").permissions().mode() & 0o7777
    }

    #[test]
    fn what_one_server_has_no_other_gets() {
        let home = tempfile::tempdir().expect("a folder");
        let data = home.path().join("main.sqlite");
        let first = alone(&data).expect("nobody has it");
        assert!(alone(&data).expect_err("it is taken").to_string().contains("another `signet serve`"));
        drop(first);
        alone(&data).expect("it is free again");
        assert_eq!(database("sqlite:/a/b%20c.sqlite?mode=rwc"), Some("/a/b c.sqlite".into()));
        assert_eq!(database("sqlite://b.sqlite"), Some("./b.sqlite".into()));
        assert_eq!((database("sqlite::memory:"), database("postgres://x/y")), (None, None));
    }

    #[test]
    fn folders_and_files_are_made_closed_and_open_ones_are_closed() {
        let home = tempfile::tempdir().expect("a folder");
        let (fresh, open, common) = (home.path().join("a/b"), home.path().join("open"), home.path().join("common"));
        folder(&fresh).expect("made");
        assert_eq!((mode(&fresh), mode(&home.path().join("a"))), (0o700, 0o700));
        for (path, bits) in [(&open, 0o755), (&common, 0o1777)] {
            fs::create_dir(path).expect("a folder");
            fs::set_permissions(path, Permissions::from_mode(bits)).expect("ours");
        }
        folder(&open).expect("closed");
        assert_eq!(mode(&open), 0o700);
        assert!(folder(&common).expect_err("shared").to_string().contains("SIGNET_DATA"));
        assert_eq!(mode(&common), 0o1777, "nobody else's folder is touched");
        let (new, old) = (open.join("new"), open.join("old"));
        file(&new).expect("made");
        fs::write(&old, "kept").expect("written");
        fs::set_permissions(&old, Permissions::from_mode(0o644)).expect("ours");
        file(&old).expect("closed");
        assert_eq!((mode(&new), mode(&old), fs::read(&old).expect("there")), (0o600, 0o600, b"kept".to_vec()));
    }
}
