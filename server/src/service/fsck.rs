//! Rows against files and hashes: everything a row names must be in the store, byte for byte.

use app::model::Number;
use futures::{StreamExt, stream};

use crate::App;
use crate::error::Result;
use crate::index::FileRow;
use crate::store::{StoreError, StorePath};

/// Files read at a time.
const AT_ONCE: usize = 3;

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// `missing`, `corrupt`, `path`.
    pub what: &'static str,
    /// The document.
    pub number: Number,
    /// The stored file.
    pub path: String,
    /// What is wrong and what to do.
    pub text: String,
}

/// How much was looked at, and what was found.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Files read.
    pub files: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// Reads every file that a row names.
///
/// # Errors
/// An outage of index or store: what was not looked at is not called good.
pub async fn run(app: &App) -> Result<Findings> {
    let mut all = Findings::default();
    let mut after = None;
    loop {
        let rows = app.index.files(after, 200).await?;
        let Some(last) = rows.last() else { return Ok(all) };
        after = Some((last.database.clone(), last.file.store_path.clone()));
        let mut looked = stream::iter(rows).map(|row| look(app, row)).buffered(AT_ONCE);
        while let Some(finding) = looked.next().await {
            all.files += 1;
            all.findings.extend(finding?);
        }
    }
}

async fn look(app: &App, row: FileRow) -> Result<Option<Finding>> {
    let file = row.file;
    let finding = |what, text: String| Some(Finding { what, number: file.number.clone(), path: file.store_path.clone(), text });
    let Ok(path) = file.store_path.parse::<StorePath>() else {
        return Ok(finding("path", "the row's path is not one of ours; the index was changed by hand".to_owned()));
    };
    match app.store.verify(&path, file.size, &file.sha256).await {
        Ok(()) => Ok(None),
        Err(error @ StoreError::Missing { .. }) => Ok(finding("missing", format!("{error}; restore it from the backup"))),
        Err(error @ StoreError::Corrupt { .. }) => Ok(finding("corrupt", format!("{error}; restore it from the backup"))),
        Err(error) => Err(error.into()),
    }
}
