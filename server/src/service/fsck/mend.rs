//! Mending: rows become what they were compared with, records that can be written again are.

use std::fmt::Write as _;

use bytes::Bytes;

use super::Finding;
use crate::App;
use crate::error::{Result, internal};
use crate::index::{Cell, Change, TABLES};
use crate::store::StorePath;

/// How often what could not be mended is tried.
const PASSES: u8 = 3;

/// What mends a finding.
#[derive(Clone, Debug)]
pub enum Mend {
    /// Changes of rows.
    Rows {
        /// The database.
        database: String,
        /// What to change.
        changes: Vec<Change>,
    },
    /// What lists and search read of a document, made anew.
    Lists {
        /// The database.
        database: String,
        /// The document.
        number: String,
    },
    /// Pieces of search that are no document's, removed.
    Place {
        /// The database.
        database: String,
        /// Where they are.
        place: i64,
    },
    /// The file, byte for byte.
    Put {
        /// Where.
        path: String,
        /// What.
        bytes: Bytes,
    },
    /// The guards of a trail.
    Guard {
        /// The database.
        database: String,
    },
}

impl Mend {
    /// Changes of rows.
    pub fn rows(database: &str, changes: Vec<Change>) -> Self {
        Self::Rows { database: database.to_owned(), changes }
    }
}

/// Mends what can be mended. A trail that does not hold proves nothing, so the rows of its database are left alone.
pub async fn all(app: &App, findings: &mut [Finding]) {
    let broken: Vec<String> =
        findings.iter().filter(|finding| finding.rule == "trail-chain" || finding.rule == "trail-truncated").map(|finding| finding.object.clone()).collect();
    let is_trusted = |database: &str| !broken.iter().any(|object| object.split_whitespace().next() == Some(database));
    // Rows first, all of one database's objects together: a row may be missing that others refer to.
    let mut order: Vec<usize> = (0..findings.len()).collect();
    order.sort_by_key(|place| rank(findings[*place].mend.as_ref()));
    // One may stand in another's way: what fails is tried again when the others are done.
    for pass in 1..=PASSES {
        for &place in &order {
            let Finding { mend: Some(mend), repair, text, .. } = &mut findings[place] else { continue };
            if *repair == "done" {
                continue;
            }
            let done = match mend.clone() {
                Mend::Rows { database, changes } if is_trusted(&database) => app.index.change(&database, changes).await.map_err(Into::into),
                Mend::Rows { .. } => continue,
                Mend::Lists { database, number } => app.index.list_anew(&database, &number).await.map_err(Into::into),
                Mend::Place { database, place } => app.index.clear_place(&database, place).await.map_err(Into::into),
                Mend::Put { path, bytes } => put(app, &path, bytes).await,
                Mend::Guard { database } => app.index.guard_trail(&database).await.map_err(Into::into),
            };
            match done {
                Ok(()) => *repair = "done",
                Err(error) if pass == PASSES => {
                    *repair = "failed";
                    let _ = write!(text, " (it could not be mended: {error})");
                }
                Err(_) => {}
            }
        }
    }
}

/// The order in which changes go through: what should not be there goes first, the last in the order of tables first; then what is missing;
/// then what differs, a step that opens after all others.
fn rank(mend: Option<&Mend>) -> (u8, usize) {
    let place = |name: &str| TABLES.iter().position(|table| table.name == name).unwrap_or_default();
    match mend {
        Some(Mend::Rows { changes, .. }) => match changes.first() {
            Some(Change::Delete(table, _)) => (0, TABLES.len() - place(table)),
            // A row that opens a step, or makes a document live, waits until no other one is in its way.
            Some(Change::Update(_, _, cells)) => (if cells.values().any(|cell| matches!(cell, Cell::Text(text) if text == "open")) { 3 } else { 1 }, 0),
            Some(Change::Insert(table, _)) => (2, place(table)),
            None => (4, 0),
        },
        _ => (5, 0),
    }
}

async fn put(app: &App, path: &str, bytes: Bytes) -> Result<()> {
    let path: StorePath = path.parse().map_err(internal)?;
    let sha256 = crate::store::hash(&bytes);
    Ok(app.store.put(&path, bytes, &sha256).await?)
}
