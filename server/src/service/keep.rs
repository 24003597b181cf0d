//! File first, then one commit: the intent, the put, the commit, and giving up when the commit does not come.

use std::future::Future;

use app::model::{Number, TypeCode};
use bytes::Bytes;

use crate::App;
use crate::clock::date;
use crate::crash::{self, Point};
use crate::error::{Error, Result, internal};
use crate::index::{DocumentRow, IndexError, NewFile, NewIntent, Outcome};
use crate::service::seams::{Files, Intents, World};
use crate::store::{StoreError, StorePath, VolumeName};

/// A commit comes within this time after the intent or never, milliseconds: longer than every time-out of the store together.
pub const LEASE: i64 = 10 * 60 * 1000;

/// Writes the intent and stores the file, on the first volume that takes it. The file means nothing until a commit names it.
///
/// # Errors
/// When the index or every volume of the store does not answer; then the sweep removes what is left.
pub async fn keep<W: World>(world: &W, number: &Number, edition: u32, revision: u32, bytes: Bytes) -> Result<NewFile> {
    let code = number.type_code();
    let name = path(world.now(), &code, number, &format!("{edition}-{revision}-{}.pdf", world.suffix()?))?;
    let size = bytes.len() as u64;
    let sha256 = world.digest(bytes.clone()).await?;
    let mut refusal: Option<StoreError> = None;
    for volume in world.files().order(world.wished(&code).await?.as_ref()) {
        let path = name.on(&volume);
        let (intent, at) = (world.id(), world.now());
        let new = NewIntent { id: intent.clone(), path: path.to_string(), sha256: sha256.clone(), size, at, lease_until: at + LEASE };
        crash::step(Point::KeepIntent, world.intents().begin_intent(&code, new)).await?;
        let file = NewFile { sha256: sha256.clone(), size, store_path: path.to_string(), intent };
        let Err(error) = crash::step(Point::KeepPut, world.files().put(&path, bytes.clone(), &file.sha256)).await else { return Ok(file) };
        give_up(world, &code, &file).await;
        if !error.is_of_volume() {
            return Err(error.into());
        }
        tracing::warn!(%path, %error, "a volume did not take a file");
        // The first volume is the one that an administrator wanted, so its failure is the one to mend.
        refusal.get_or_insert(error);
    }
    Err(refusal.map_or_else(|| internal("a store without volumes"), Error::from))
}

/// The same for a record beside a document's files.
///
/// # Errors
/// As [`keep`].
pub async fn beside(app: &App, number: &Number, edition: u32, revision: u32, bytes: Bytes) -> Result<NewFile> {
    let code = number.type_code();
    let name = path(app.clock.now(), &code, number, &format!("{edition}-{revision}-{}.json", app.suffix()?))?;
    let database = app.index.database_of(&code).await?.ok_or_else(|| internal(format_args!("type {code} was never imported")))?;
    store(app, &database, name, bytes, app.wished(&code).await?).await
}

/// The same for any other record that a row of this database will name.
///
/// # Errors
/// As [`keep`].
pub async fn record(app: &App, database: &str, parts: &[&str], bytes: Bytes) -> Result<NewFile> {
    store(app, database, StorePath::new(parts).map_err(internal)?, bytes, None).await
}

async fn store(app: &App, database: &str, name: StorePath, bytes: Bytes, wished: Option<VolumeName>) -> Result<NewFile> {
    let size = bytes.len() as u64;
    let sha256 = app.digest(bytes.clone()).await?;
    let mut refusal: Option<StoreError> = None;
    for volume in app.store.order(wished.as_ref()) {
        let path = name.on(&volume);
        let (intent, at) = (app.id(), app.clock.now());
        let new = NewIntent { id: intent.clone(), path: path.to_string(), sha256: sha256.clone(), size, at, lease_until: at + LEASE };
        app.index.begin_intent_in(database, new).await?;
        let file = NewFile { sha256: sha256.clone(), size, store_path: path.to_string(), intent };
        let Err(error) = app.store.put(&path, bytes.clone(), &file.sha256).await else { return Ok(file) };
        give_up_in(app, database, &file).await;
        if !error.is_of_volume() {
            return Err(error.into());
        }
        tracing::warn!(%path, %error, "a volume did not take a record");
        refusal.get_or_insert(error);
    }
    Err(refusal.map_or_else(|| internal("a store without volumes"), Error::from))
}

/// Awaits the one commit that names a kept file. The file is given up when the commit was refused or undone; where nobody knows whether it
/// is true, the lease decides.
///
/// # Errors
/// The commit's own.
pub async fn commit<W: World, T: Taken>(
    world: &W,
    code: &TypeCode,
    file: &NewFile,
    commit: impl Future<Output = std::result::Result<T, IndexError>>,
) -> std::result::Result<T, IndexError> {
    let done = commit.await;
    let refused = match &done {
        Ok(taken) => !taken.taken(),
        Err(error) => !matches!(error, IndexError::Unknown(_)),
    };
    if refused {
        give_up(world, code, file).await;
    }
    done
}

/// Whether a commit that ended made the file real.
pub trait Taken {
    /// True when a row names the file now.
    fn taken(&self) -> bool;
}

impl Taken for DocumentRow {
    fn taken(&self) -> bool {
        true
    }
}

impl Taken for Outcome {
    fn taken(&self) -> bool {
        matches!(self, Self::Done(_))
    }
}

/// The sweep may take the file away.
pub async fn give_up<W: World>(world: &W, code: &TypeCode, file: &NewFile) {
    if let Err(error) = crash::step(Point::KeepGiveUp, world.intents().abandon_intent(code, file, world.now())).await {
        tracing::debug!(%error, path = file.store_path, "the intent stays until its lease ends");
    }
}

/// The same for a file that a row of this database was to name.
pub async fn give_up_in(app: &App, database: &str, file: &NewFile) {
    if let Err(error) = app.index.abandon_intent_in(database, file, app.clock.now()).await {
        tracing::debug!(%error, path = file.store_path, "the intent stays until its lease ends");
    }
}

/// `EXP/2026/11/EXP-2026-000123/1-0-9f2c41d0a7b3.pdf`
fn path(now: i64, code: &TypeCode, number: &Number, name: &str) -> Result<StorePath> {
    let today = date(now);
    let (year, month) = (format!("{:04}", today.year()), format!("{:02}", today.month()));
    StorePath::new([code.as_str(), &year, &month, number.as_str(), name]).map_err(internal)
}
