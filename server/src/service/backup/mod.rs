//! Backups: a snapshot of every database, the files that it names, and the authority's folder, while the server runs.
//!
//! ```text
//! DIR/files/ab/ab12…            every stored file and record under its hash; one that is there is not copied again
//! DIR/2026-11-23T100200.000Z/   one snapshot
//!     main/accounts.jsonl …     the rows of each table, the same for SQLite and PostgreSQL
//!     ca/…                      the authority's folder
//!     files.jsonl               path, hash and size of every file that the rows name
//!     manifest.json             hash of each of these
//!     manifest.note             signed by the trail's key
//! ```
//!
//! The databases are read one after the other, each as of one moment, the main one last: whatever the others refer to is in it. No file that a
//! row names is ever removed, so they can be copied afterwards.

mod folder;
mod restore;
mod rows;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use futures::{StreamExt, stream};
use serde::{Deserialize, Serialize};

use crate::App;
use crate::clock::rfc3339;
use crate::error::{Error, Result, internal};
use crate::index::MAIN;
use crate::store::StorePath;

pub use restore::{Restored, check, give_up, prepare, restore};

/// Files copied at a time.
const AT_ONCE: usize = 4;

/// What the manifest's note begins with.
const NOTE: &str = "signet/backup";

/// What a backup holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The version of this form.
    pub v: u32,
    /// When it was begun, RFC 3339.
    pub at: String,
    /// Rows of each table, by database.
    pub rows: BTreeMap<String, BTreeMap<String, u64>>,
    /// How many files its rows name.
    pub files: u64,
    /// SHA-256 of every file of the snapshot, by its path below it.
    pub sha256: BTreeMap<String, String>,
}

/// What a backup did.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Where the snapshot is.
    pub snapshot: PathBuf,
    /// How many files its rows name.
    pub files: u64,
    /// How many of them were copied now.
    pub copied: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// A stored file, as `files.jsonl` lists it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Listed {
    path: String,
    sha256: String,
    size: u64,
}

/// Makes a snapshot in `folder`, beside those that are there.
///
/// # Errors
/// A folder inside the data or the store; an outage of index or store, a folder that cannot be written; a snapshot that is not whole has no manifest and counts for nothing.
pub async fn backup(app: &App, folder: &Path) -> Result<Kept> {
    super::ownership::apart(app, folder).await?;
    let at = rfc3339(app.clock.now());
    let snapshot = folder.join(at.replace(':', ""));
    folder::fresh(&snapshot)?;
    // 1. The rows, each database as of one moment.
    let mut sha256 = BTreeMap::new();
    let mut rows = BTreeMap::new();
    let mut listed = Vec::new();
    let mut names = app.index.database_names();
    names.sort_by_key(|name| name == MAIN);
    for database in names {
        let exported = rows::export(app, &database, &snapshot.join(&database)).await?;
        for (table, digest) in exported.sha256 {
            sha256.insert(format!("{database}/{table}.jsonl"), digest);
        }
        rows.insert(database, exported.rows);
        listed.extend(exported.files);
    }
    // 2. The authority.
    for (name, digest) in folder::copy_all(&app.config.data.join("ca"), &snapshot.join("ca"))? {
        sha256.insert(format!("ca/{name}"), digest);
    }
    // 3. The files that the rows name, each once.
    listed.sort();
    listed.dedup();
    let mut kept = Kept { snapshot: snapshot.clone(), files: listed.len() as u64, copied: 0, bytes: 0 };
    let mut copies = stream::iter(listed.iter().map(|file| copy(app, folder, file))).buffered(AT_ONCE);
    while let Some(copied) = copies.next().await {
        if let Some(bytes) = copied? {
            kept.copied += 1;
            kept.bytes += bytes;
        }
    }
    drop(copies);
    let mut lines = Vec::new();
    for file in &listed {
        serde_json::to_writer(&mut lines, file).map_err(internal)?;
        lines.push(b'\n');
    }
    sha256.insert("files.jsonl".to_owned(), folder::write(&snapshot.join("files.jsonl"), &lines)?);
    // 4. The manifest makes it whole.
    let manifest = Manifest { v: 1, at, rows, files: kept.files, sha256 };
    let bytes = serde_json::to_vec_pretty(&manifest).map_err(internal)?;
    let note = app.trail_key.note(&note(&bytes));
    folder::write(&snapshot.join("manifest.note"), note.as_bytes())?;
    folder::write(&snapshot.join("manifest.json"), &bytes)?;
    Ok(kept)
}

/// What is signed of a manifest.
fn note(manifest: &[u8]) -> String {
    format!("{NOTE}\n{}\n", crate::store::hash(manifest))
}

/// Where a file of this hash is kept.
fn place(folder: &Path, sha256: &str) -> PathBuf {
    folder.join("files").join(sha256.get(..2).unwrap_or("xx")).join(sha256)
}

/// Copies a file unless it is there; its length when it was copied.
async fn copy(app: &App, folder: &Path, file: &Listed) -> Result<Option<u64>> {
    let place = place(folder, &file.sha256);
    if std::fs::metadata(&place).is_ok_and(|found| found.len() == file.size) {
        return Ok(None);
    }
    let path: StorePath = file.path.parse().map_err(internal)?;
    let bytes = app.store.get(&path, file.size, &file.sha256.parse().map_err(internal)?).await?;
    let size = bytes.len() as u64;
    tokio::task::spawn_blocking(move || folder::place(&place, &bytes)).await.map_err(internal)??;
    Ok(Some(size))
}

/// What a person is told of a folder that cannot be used.
fn unusable(what: impl std::fmt::Display) -> Error {
    crate::error::invalid(format!("The backup cannot be used: {what}. Nothing was changed."), format!("备份无法使用：{what}。没有任何更改。"))
}
