//! A backup becomes a Signet again: into nothing, all of it checked before anything is written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use app::model::TypeCode;
use futures::{StreamExt, stream};

use super::{AT_ONCE, Listed, Manifest, folder, note, place, rows, unusable};
use crate::App;
use crate::config::Config;
use crate::error::{Result, internal};
use crate::index::{Cell, Cells, Change, MAIN};
use crate::service::reindex;
use crate::store::StorePath;

/// Rows inserted in one transaction.
const PAGE: usize = 500;

/// What was put back.
#[derive(Clone, Debug)]
pub struct Restored {
    /// When the backup was made, RFC 3339.
    pub at: String,
    /// Rows.
    pub rows: u64,
    /// Files.
    pub files: u64,
}

/// The newest whole snapshot of a backup, or the one that is named; checks it, and puts the authority into its place, which must be empty.
///
/// # Errors
/// A backup that is not whole or was changed; an authority that is there already.
pub fn prepare(config: &Config, from: &Path, snapshot: Option<&str>) -> Result<(PathBuf, Manifest)> {
    // 1. Which one.
    let snapshot = match snapshot {
        Some(name) => from.join(name),
        None => newest(from)?,
    };
    let bytes = std::fs::read(snapshot.join("manifest.json")).map_err(|error| unusable(format_args!("{} has no manifest ({error})", snapshot.display())))?;
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| unusable(format_args!("its manifest cannot be read ({error})")))?;
    // 2. Every file of the snapshot, and every stored file.
    for (name, sha256) in &manifest.sha256 {
        folder::check(&snapshot.join(name), sha256)?;
    }
    for file in listed(&snapshot)? {
        let file = file?;
        let found = std::fs::metadata(place(from, &file.sha256)).map_err(|error| unusable(format_args!("{} is missing ({error})", file.path)))?;
        if found.len() != file.size {
            return Err(unusable(format_args!("{} has {} bytes instead of {}", file.path, found.len(), file.size)));
        }
    }
    // 3. The authority.
    let ca = config.data.join("ca");
    if std::fs::read_dir(&ca).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(unusable(format_args!("there is an authority in {} already; set SIGNET_DATA to a new folder", ca.display())));
    }
    let _ = std::fs::remove_dir(&ca);
    folder::copy_all(&snapshot.join("ca"), &ca).inspect_err(|_| give_up(config))?;
    Ok((snapshot, manifest))
}

/// Takes the authority away again that [`prepare`] put into its place: nothing was restored with it.
pub fn give_up(config: &Config) {
    if let Err(error) = std::fs::remove_dir_all(config.data.join("ca")) {
        tracing::warn!(%error, "the authority of the backup stays in the data folder; remove its folder ca before the next try");
    }
}

/// Whether the backup may be put into this place: signed by the authority's trail key, and only into nothing. Writes nothing.
///
/// # Errors
/// What speaks against it; an outage.
pub async fn check(app: &App, snapshot: &Path, manifest: &Manifest) -> Result<()> {
    let bytes = std::fs::read(snapshot.join("manifest.json")).map_err(internal)?;
    let signed = std::fs::read_to_string(snapshot.join("manifest.note")).map_err(|error| unusable(format_args!("its manifest is not signed ({error})")))?;
    if app.trail_key.verifier().text(&signed).map_err(unusable)? != note(&bytes) {
        return Err(unusable("its manifest is not the one that was signed"));
    }
    for database in manifest.rows.keys() {
        if !app.index.has_database(database) {
            let variable = format!("SIGNET_DATABASE_{}_URL", database.to_uppercase());
            return Err(unusable(format_args!("it holds a database {database}, and none of this name is configured; set {variable}")));
        }
    }
    for database in app.index.database_names() {
        if let Some(table) = reindex::holds(app, &database).await? {
            return Err(unusable(format_args!("the database {database} is not empty: its table {table} holds rows; name a new one")));
        }
    }
    for place in app.store.places() {
        let ours = |name: &String| name == "records" || name.parse::<TypeCode>().is_ok();
        if app.store.list(&place).await?.iter().any(ours) {
            return Err(unusable(format_args!("the file store is not empty (volume {}); name a new folder", if place.is_empty() { "main:" } else { &place })));
        }
    }
    Ok(())
}

/// Puts rows and files back. The app is over the new, empty databases and the new, empty store.
///
/// # Errors
/// As [`check`].
pub async fn restore(app: &App, from: &Path, snapshot: &Path, manifest: &Manifest) -> Result<Restored> {
    // 1. Into nothing.
    check(app, snapshot, manifest).await?;
    // 2. Files first.
    let mut restored = Restored { at: manifest.at.clone(), rows: 0, files: 0 };
    let mut puts = stream::iter(listed(snapshot)?.map(|file| async { put(app, from, file?).await })).buffered(AT_ONCE);
    while let Some(done) = puts.next().await {
        done?;
        restored.files += 1;
    }
    drop(puts);
    // 3. Then the rows, the main database's first; each head last, for with it a trail counts.
    let mut names: Vec<&String> = manifest.rows.keys().collect();
    names.sort_by_key(|name| *name != MAIN);
    for database in names {
        for table in rows::tables(app, database) {
            restored.rows += rows_back(app, database, table.name, snapshot, manifest).await?;
        }
    }
    Ok(restored)
}

async fn rows_back(app: &App, database: &str, table: &'static str, snapshot: &Path, manifest: &Manifest) -> Result<u64> {
    let name = format!("{database}/{table}.jsonl");
    let Some(sha256) = manifest.sha256.get(&name) else { return Ok(0) };
    let path = snapshot.join(&name);
    folder::check(&path, sha256)?;
    let mut count = 0;
    let mut changes = Vec::new();
    for cells in folder::lines::<Cells>(&path)? {
        let cells = cells?;
        count += 1;
        // The head of a trail is there as soon as its database is.
        changes.push(if table == "trail_head" {
            Change::Update(table, BTreeMap::from([("id".to_owned(), Cell::Number(1))]), cells)
        } else {
            Change::Insert(table, cells)
        });
        if changes.len() == PAGE {
            app.index.change(database, std::mem::take(&mut changes)).await?;
        }
    }
    if !changes.is_empty() {
        app.index.change(database, changes).await?;
    }
    Ok(count)
}

async fn put(app: &App, from: &Path, file: Listed) -> Result<()> {
    let path: StorePath = file.path.parse().map_err(internal)?;
    let place = place(from, &file.sha256);
    let sha256 = file.sha256.clone();
    let bytes = tokio::task::spawn_blocking(move || folder::checked(&place, &sha256)).await.map_err(internal)??;
    Ok(app.store.put(&path, bytes::Bytes::from(bytes), &file.sha256.parse().map_err(internal)?).await?)
}

fn newest(from: &Path) -> Result<PathBuf> {
    let entries = std::fs::read_dir(from).map_err(|error| unusable(format_args!("{} cannot be read ({error})", from.display())))?;
    let mut whole: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(|path| path.join("manifest.json").is_file()).collect();
    whole.sort();
    whole.pop().ok_or_else(|| unusable(format_args!("{} holds no whole snapshot", from.display())))
}

fn listed(snapshot: &Path) -> Result<impl Iterator<Item = Result<Listed>> + use<>> {
    folder::lines(&snapshot.join("files.jsonl"))
}
