//! The rows of a database, as of one moment, into one file a table.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Listed, folder, unusable};
use crate::App;
use crate::error::{Result, internal};
use crate::index::{Cells, Part, TABLES, Table};

/// Tables whose rows count for nothing in another place: who is signed in, and what is under way.
const PASSING: [&str; 3] = ["sessions", "login_tries", "intents"];

/// What was written of a database.
pub(super) struct Exported {
    /// Rows by table.
    pub rows: BTreeMap<String, u64>,
    /// SHA-256 of each table's file.
    pub sha256: BTreeMap<String, String>,
    /// The stored files that the rows name.
    pub files: Vec<Listed>,
}

/// The tables of a backup.
pub(super) fn tables(app: &App, database: &str) -> Vec<&'static Table> {
    let here = |part: Part| app.index.databases_of(part).iter().any(|name| name == database);
    TABLES.iter().filter(|table| !PASSING.contains(&table.name) && here(table.part)).collect()
}

/// Writes them below `folder`.
pub(super) async fn export(app: &App, database: &str, into: &Path) -> Result<Exported> {
    folder::fresh(into)?;
    let (send, mut receive) = tokio::sync::mpsc::channel::<(&'static Table, Vec<Cells>)>(4);
    let into = into.to_owned();
    // The disk has its own thread; the transaction only waits while four pages are in hand.
    let written = tokio::task::spawn_blocking(move || -> Result<Exported> {
        let mut exported = Exported { rows: BTreeMap::new(), sha256: BTreeMap::new(), files: Vec::new() };
        let mut open: Option<(&'static str, BufWriter<File>, Sha256)> = None;
        while let Some((table, rows)) = receive.blocking_recv() {
            if open.as_ref().is_none_or(|(name, ..)| *name != table.name) {
                close(open.take(), &mut exported)?;
                let path = into.join(format!("{}.jsonl", table.name));
                let file = File::create_new(&path).map_err(|error| unusable(format_args!("{} cannot be written ({error})", path.display())))?;
                open = Some((table.name, BufWriter::new(file), Sha256::new()));
                exported.rows.insert(table.name.to_owned(), 0);
            }
            let Some((name, file, hasher)) = &mut open else { continue };
            for row in rows {
                let mut line = serde_json::to_vec(&row).map_err(internal)?;
                line.push(b'\n');
                hasher.update(&line);
                file.write_all(&line).map_err(|error| unusable(format_args!("{} cannot be written ({error})", into.display())))?;
                *exported.rows.entry((*name).to_owned()).or_default() += 1;
                exported.files.extend(listed(name, &row));
            }
        }
        close(open.take(), &mut exported)?;
        Ok(exported)
    });
    let read = app.index.export(database, tables(app, database), send).await;
    let written = written.await.map_err(internal)?;
    read?;
    written
}

fn close(open: Option<(&'static str, BufWriter<File>, Sha256)>, exported: &mut Exported) -> Result<()> {
    let Some((name, file, hasher)) = open else { return Ok(()) };
    let synced = file.into_inner().map_err(std::io::IntoInnerError::into_error).and_then(|file| file.sync_all());
    synced.map_err(|error| unusable(format_args!("the rows of {name} cannot be written ({error})")))?;
    exported.sha256.insert(name.to_owned(), hex::encode(hasher.finalize()));
    Ok(())
}

/// The stored file that a row names.
fn listed(table: &str, row: &Cells) -> Option<Listed> {
    matches!(table, "revisions" | "records").then(|| Listed {
        path: row["store_path"].text().to_owned(),
        sha256: row["sha256"].text().to_owned(),
        size: row["size"].number().unsigned_abs(),
    })
}
