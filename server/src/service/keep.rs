//! File first, then one commit: the intent, the put, and giving up when the commit does not come.

use app::model::{Number, TypeCode};
use bytes::Bytes;

use crate::App;
use crate::clock::date;
use crate::error::{Error, Result, internal};
use crate::index::{IndexError, NewFile, NewIntent, new_id};
use crate::service::{catalog, secret};
use crate::store::{StoreError, StorePath, VolumeName};

/// A commit comes within this time after the intent or never: longer than every time-out of the store together.
const LEASE: i64 = 10 * 60 * 1000;

/// Writes the intent and stores the file, on the first volume that takes it. The file means nothing until a commit names it.
///
/// # Errors
/// When the index or every volume of the store does not answer; then the sweep removes what is left.
pub async fn keep(app: &App, number: &Number, edition: u32, revision: u32, bytes: Bytes) -> Result<NewFile> {
    let code = number.type_code();
    let name = path(app.clock.now(), &code, number, edition, revision)?;
    let (size, hashed) = (bytes.len() as u64, bytes.clone());
    let sha256 = tokio::task::spawn_blocking(move || secret::file_digest(&hashed)).await.map_err(internal)?;
    let mut refusal: Option<StoreError> = None;
    for volume in app.store.order(wished(app, &code).await?.as_ref()) {
        let path = name.on(&volume);
        let (intent, at) = (new_id(), app.clock.now());
        let new = NewIntent { id: intent.clone(), path: path.to_string(), sha256: sha256.clone(), size, at, lease_until: at + LEASE };
        app.index.begin_intent(&code, new).await?;
        let file = NewFile { sha256: sha256.clone(), size, store_path: path.to_string(), intent };
        let Err(error) = app.store.put(&path, bytes.clone(), &file.sha256).await else { return Ok(file) };
        give_up(app, &code, &file).await;
        if !error.is_of_volume() {
            return Err(error.into());
        }
        tracing::warn!(%path, %error, "a volume did not take a file");
        // The first volume is the one that an administrator wanted, so its failure is the one to mend.
        refusal.get_or_insert(error);
    }
    Err(refusal.map_or_else(|| internal("a store without volumes"), Error::from))
}

/// The volume that the type names; asked only where there is a choice.
async fn wished(app: &App, code: &TypeCode) -> Result<Option<VolumeName>> {
    if !app.store.has_several() {
        return Ok(None);
    }
    let volume = catalog::known(app, code).await?.and_then(|known| known.definition.volume);
    Ok(volume.and_then(|volume| volume.parse().ok()))
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
