//! Files of a backup on the disk: whole or not there, for their owner alone.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::unusable;
use crate::error::{Error, Result};

/// Makes a folder that must not be there yet.
pub fn fresh(folder: &Path) -> Result<()> {
    make(folder.parent().unwrap_or(folder))?;
    fs::DirBuilder::new().mode(0o700).create(folder).map_err(|error| unusable(format_args!("{} cannot be made ({error})", folder.display())))
}

/// Makes a folder and those above it, unless they are there.
pub fn make(folder: &Path) -> Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|error| unusable(format_args!("{} cannot be made ({error})", folder.display())))
}

/// Writes a new file; its SHA-256.
pub fn write(path: &Path, bytes: &[u8]) -> Result<String> {
    let mut options = fs::OpenOptions::new();
    let written = options.write(true).create_new(true).mode(0o600).open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|error| unusable(format_args!("{} cannot be written ({error})", path.display())))?;
    Ok(crate::store::hash(bytes).to_string())
}

/// Puts a file in its place under a name that tells its hash: whoever sees the name sees the whole file.
pub fn place(path: &Path, bytes: &[u8]) -> Result<()> {
    make(path.parent().unwrap_or(path))?;
    let beside = path.with_extension(format!("new-{}", crate::index::new_id()));
    write(&beside, bytes)?;
    fs::rename(&beside, path).map_err(|error| unusable(format_args!("{} cannot be written ({error})", path.display())))
}

/// Copies all files of a folder into a new one, with who may read them; name and SHA-256 of each.
pub fn copy_all(from: &Path, to: &Path) -> Result<BTreeMap<String, String>> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| unusable(format_args!("{path} cannot be read ({error})"))
    };
    fresh(to)?;
    let mut copied = BTreeMap::new();
    for entry in fs::read_dir(from).map_err(failed(from))? {
        let path = entry.map_err(failed(from))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).map(str::to_owned) else { continue };
        let about = fs::metadata(&path).map_err(failed(&path))?;
        if !about.is_file() {
            continue;
        }
        let bytes = fs::read(&path).map_err(failed(&path))?;
        copied.insert(name.clone(), write(&to.join(&name), &bytes)?);
        fs::set_permissions(to.join(&name), fs::Permissions::from_mode(about.permissions().mode() & 0o777)).map_err(failed(&path))?;
    }
    Ok(copied)
}

/// Whether a file's SHA-256 is the one that the manifest tells, however long the file is.
pub fn check(path: &Path, sha256: &str) -> Result<()> {
    let found = hash(path).map_err(|error| unusable(format_args!("{} cannot be read ({error})", path.display())))?;
    if found == sha256 { Ok(()) } else { Err(changed(path, &found, sha256)) }
}

fn hash(path: &Path) -> std::io::Result<String> {
    let (mut file, mut hasher, mut buffer) = (fs::File::open(path)?, Sha256::new(), vec![0; 1 << 16]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(hasher.finalize())),
            count => hasher.update(&buffer[..count]),
        }
    }
}

/// The lines of a file, one at a time, with what each holds as JSON.
pub fn lines<T: serde::de::DeserializeOwned>(path: &Path) -> Result<impl Iterator<Item = Result<T>> + use<T>> {
    let name = path.display().to_string();
    let file = fs::File::open(path).map_err(|error| unusable(format_args!("{name} cannot be read ({error})")))?;
    Ok(std::io::BufReader::new(file).lines().map(move |line| {
        let line = line.map_err(|error| unusable(format_args!("{name} cannot be read ({error})")))?;
        serde_json::from_str(&line).map_err(|error| unusable(format_args!("{name} holds what Signet did not write ({error})")))
    }))
}

/// A file of a backup, when its SHA-256 is the one that the manifest tells.
pub fn checked(path: &Path, sha256: &str) -> Result<Vec<u8>> {
    let bytes = fs::read(path).map_err(|error| unusable(format_args!("{} cannot be read ({error})", path.display())))?;
    let found = crate::store::hash(&bytes);
    if found.as_str() == sha256 { Ok(bytes) } else { Err(changed(path, found.as_str(), sha256)) }
}

fn changed(path: &Path, found: &str, sha256: &str) -> Error {
    unusable(format_args!("{} was changed: it hashes to {found} instead of {sha256}", path.display()))
}
