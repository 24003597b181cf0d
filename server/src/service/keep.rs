//! File first, then one commit: the intent, the put, and giving up when the commit does not come.

use app::model::{Number, TypeCode};
use bytes::Bytes;

use crate::App;
use crate::clock::date;
use crate::error::{Error, Result, internal};
use crate::index::{IndexError, NewFile, NewIntent, new_id};
use crate::service::secret;
use crate::store::StorePath;

/// A commit comes within this time after the intent or never: longer than every time-out of the store together.
const LEASE: i64 = 10 * 60 * 1000;

/// Writes the intent and stores the file. The file means nothing until a commit names it.
///
/// # Errors
/// When the index or the store does not answer; then the sweep removes what is left.
pub async fn keep(app: &App, number: &Number, edition: u32, revision: u32, bytes: Bytes) -> Result<NewFile> {
    let code = number.type_code();
    let path = path(app.clock.now(), &code, number, edition, revision)?;
    let (size, at) = (bytes.len() as u64, app.clock.now());
    let hashed = bytes.clone();
    let sha256 = tokio::task::spawn_blocking(move || secret::file_digest(&hashed)).await.map_err(internal)?;
    let intent = new_id();
    let new = NewIntent { id: intent.clone(), path: path.to_string(), sha256: sha256.clone(), size, at, lease_until: at + LEASE };
    app.index.begin_intent(&code, new).await?;
    let file = NewFile { sha256, size, store_path: path.to_string(), intent };
    if let Err(error) = app.store.put(&path, bytes, &file.sha256).await {
        give_up(app, &code, &file).await;
        return Err(error.into());
    }
    Ok(file)
}

/// The commit was refused: the sweep may take the file away.
pub async fn give_up(app: &App, code: &TypeCode, file: &NewFile) {
    if let Err(error) = app.index.abandon_intent(code, &file.intent).await {
        tracing::debug!(%error, path = file.store_path, "the intent stays until its lease ends");
    }
}

/// After a failed commit: gives the file up, unless nobody knows whether the commit is true; then the lease decides.
pub async fn after(app: &App, code: &TypeCode, file: &NewFile, error: IndexError) -> Error {
    if !matches!(error, IndexError::Unknown(_)) {
        give_up(app, code, file).await;
    }
    error.into()
}

/// `EXP/2026/11/EXP-2026-000123/1-0-9f2c41d0a7b3.pdf`
fn path(now: i64, code: &TypeCode, number: &Number, edition: u32, revision: u32) -> Result<StorePath> {
    let today = date(now);
    let (year, month) = (format!("{:04}", today.year()), format!("{:02}", today.month()));
    let name = format!("{edition}-{revision}-{}.pdf", secret::suffix()?);
    StorePath::new([code.as_str(), &year, &month, number.as_str(), &name]).map_err(internal)
}
