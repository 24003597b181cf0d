//! Tables `editions` and `revisions`: what a document was, and every file it has.

use std::collections::BTreeMap;

use app::model::{Number, Sha256};
use serde_json::Value;
use sqlx::any::AnyRow;

use super::batch::Batch;
use super::create::NewFile;
use super::error::IndexError;
use super::sql::{Columns, sql};
use super::{Index, intents};
use crate::crash::Point;

/// One edition's content.
#[derive(Clone, Debug, PartialEq)]
pub struct EditionRow {
    /// 1 is the first.
    pub edition: u32,
    /// Title.
    pub title: String,
    /// The matter.
    pub matter: String,
    /// Field values by key.
    pub fields: BTreeMap<String, Value>,
    /// When it was created.
    pub created_at: i64,
}

/// One stored file of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevisionRow {
    /// The document.
    pub number: Number,
    /// Its edition.
    pub edition: u32,
    /// 0 is what was created; each signature adds one.
    pub revision: u32,
    /// Digest.
    pub sha256: Sha256,
    /// Length in bytes.
    pub size: u64,
    /// Where it is stored.
    pub store_path: String,
    /// When it was stored.
    pub created_at: i64,
}

/// A stored file, with the database whose row names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileRow {
    /// The database.
    pub database: String,
    /// The file.
    pub file: RevisionRow,
}

impl Index {
    /// One edition of a document that the caller has found before.
    pub async fn edition(&self, number: &Number, edition: u32) -> Result<Option<EditionRow>, IndexError> {
        let Some(database) = self.home(&number.type_code()).await? else { return Ok(None) };
        let row = sql("SELECT * FROM editions WHERE number = $1 AND edition = $2")
            .bind(number.as_str())
            .bind(edition)
            .row(&mut *database.connection().await?)
            .await?;
        row.map(|row| {
            Ok(EditionRow {
                edition: row.small("edition")?,
                title: row.text("title")?,
                matter: row.text("matter")?,
                fields: row.json("fields")?,
                created_at: row.int("created_at")?,
            })
        })
        .transpose()
    }

    /// One revision of a document that the caller has found before.
    pub async fn revision(&self, number: &Number, edition: u32, revision: u32) -> Result<Option<RevisionRow>, IndexError> {
        let Some(database) = self.home(&number.type_code()).await? else { return Ok(None) };
        let row = sql("SELECT * FROM revisions WHERE number = $1 AND edition = $2 AND revision = $3")
            .bind(number.as_str())
            .bind(edition)
            .bind(revision)
            .row(&mut *database.connection().await?)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Every file any row names, in order of database and path, beginning after `after`. Administration only.
    pub async fn files(&self, after: Option<(String, String)>, limit: u32) -> Result<Vec<FileRow>, IndexError> {
        let mut files = Vec::new();
        let start = after.as_ref().and_then(|(name, _)| self.0.databases.iter().position(|database| *database.name == **name)).unwrap_or(0);
        for (place, database) in self.0.databases.iter().enumerate().skip(start) {
            let room = (limit as usize).saturating_sub(files.len());
            let path = if place == start { after.as_ref().map_or("", |(_, path)| path.as_str()) } else { "" };
            let bytes = database.kind.by_bytes();
            let rows = sql(format!("SELECT * FROM revisions WHERE store_path{bytes} > $1 ORDER BY store_path{bytes} LIMIT $2"))
                .bind(path)
                .bind(room as u64)
                .rows(&mut *database.connection().await?)
                .await?;
            for row in &rows {
                files.push(FileRow { database: database.name.to_string(), file: read(row)? });
            }
        }
        Ok(files)
    }
}

/// Makes a stored file part of its document, and ends the intent under which it was stored. An intent that was given up
/// meanwhile stops the transaction: its file may be gone.
pub(super) fn add(batch: &mut Batch, number: &Number, edition: u32, revision: u32, file: &NewFile, at: i64) {
    intents::end(batch, file);
    let row = sql("INSERT INTO revisions (number, edition, revision, sha256, size, store_path, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)")
        .bind(number.as_str())
        .bind(edition)
        .bind(revision)
        .bind(file.sha256.as_str())
        .bind(file.size)
        .bind(&file.store_path)
        .bind(at);
    batch.add(row);
    batch.at(Point::FileRow);
}

fn read(row: &AnyRow) -> Result<RevisionRow, IndexError> {
    Ok(RevisionRow {
        number: row.parsed("number")?,
        edition: row.small("edition")?,
        revision: row.small("revision")?,
        sha256: row.parsed("sha256")?,
        size: row.count("size")?,
        store_path: row.text("store_path")?,
        created_at: row.int("created_at")?,
    })
}
