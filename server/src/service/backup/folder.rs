//! Files of a backup on the disk: whole or not there, for their owner alone.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use super::unusable;
use crate::error::Result;

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

/// A file of a backup, when its SHA-256 is the one that the manifest tells.
pub fn checked(path: &Path, sha256: &str) -> Result<Vec<u8>> {
    let bytes = fs::read(path).map_err(|error| unusable(format_args!("{} cannot be read ({error})", path.display())))?;
    let found = crate::store::hash(&bytes);
    if found.as_str() == sha256 { Ok(bytes) } else { Err(unusable(format_args!("{} was changed: it hashes to {found} instead of {sha256}", path.display()))) }
}
