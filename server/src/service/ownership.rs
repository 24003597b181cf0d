//! Whose the store is: every volume names the one index that its files belong to. Two servers with indexes of their own over one folder would
//! each take the other's files for left-overs, and give the same numbers twice.

use std::path::Path;
use std::sync::Weak;
use std::time::Duration;

use crate::App;
use crate::error::{Error, Result, internal, invalid};
use crate::index::MAIN;
use crate::store::{self, StoreError, StorePath};

/// The mark in a volume's base folder. It holds the name of the main database's trail, which is drawn when an index is made, and which
/// `signet reindex` and `signet restore` bring back.
pub const MARK: &str = "signet-index.txt";
/// Longest mark that is read, bytes.
const MOST: u64 = 1024;
/// How long a start waits for the volumes; what has not answered by then is asked again later.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often it is asked again.
const AGAIN: Duration = Duration::from_secs(10);

/// Reads every volume's mark, and marks those that have none, before anything is written there.
///
/// # Errors
/// A volume that belongs to another index. One that does not answer is none: it is asked again by [`run`].
pub async fn begin(app: &std::sync::Arc<App>) -> Result<()> {
    match tokio::time::timeout(PATIENCE, all(app)).await {
        Ok(Ok(true)) => {}
        Ok(Err(error)) => return Err(error),
        Ok(Ok(false)) | Err(_) => drop(tokio::spawn(run(std::sync::Arc::downgrade(app)))),
    }
    Ok(())
}

/// Asks until every volume has answered, and ends the server where one belongs to another index.
async fn run(app: Weak<App>) {
    loop {
        tokio::time::sleep(AGAIN).await;
        let Some(app) = app.upgrade() else { return };
        if app.closing() {
            return;
        }
        match all(&app).await {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => {
                tracing::error!(%error, "the server ends");
                return app.refused.cancel();
            }
        }
    }
}

/// Whether every volume is known to belong to this index.
async fn all(app: &App) -> Result<bool> {
    let origin = app.index.trail_head(MAIN).await?.origin;
    let mut settled = true;
    for place in app.store.places() {
        let path: StorePath = format!("{place}{MARK}").parse().map_err(internal)?;
        match app.store.read(&path, MOST).await {
            Ok(Some(mark)) if said(&mark) == origin => {}
            Ok(Some(_)) | Err(StoreError::Corrupt { .. }) => return Err(foreign(&path)),
            Ok(None) => {
                if let Err(error) = write(app, &path, &origin).await {
                    tracing::warn!(%error, volume = path.volume(), "the volume could not be marked");
                    settled = false;
                }
            }
            Err(error) => {
                tracing::debug!(%error, volume = path.volume(), "the volume's mark could not be read");
                settled = false;
            }
        }
    }
    Ok(settled)
}

/// Makes the store this index's own: after the index was made anew from it.
///
/// # Errors
/// When index or store does not answer.
pub async fn take(app: &App) -> Result<()> {
    let origin = app.index.trail_head(MAIN).await?.origin;
    for place in app.store.places() {
        let path: StorePath = format!("{place}{MARK}").parse().map_err(internal)?;
        match app.store.read(&path, MOST).await {
            Ok(Some(mark)) if said(&mark) == origin => continue,
            Ok(None) => {}
            Ok(Some(_)) | Err(StoreError::Corrupt { .. }) => app.store.delete(&path).await?,
            Err(error) => return Err(error.into()),
        }
        write(app, &path, &origin).await?;
    }
    Ok(())
}

/// Refuses a folder for backups that lies in the data folder or in the store, or around them: it would hold itself, and fall with them.
///
/// # Errors
/// Such a folder; an index that does not answer.
pub async fn apart(app: &App, folder: &Path) -> Result<()> {
    let refuse = |en: &str, zh: &str| {
        let folder = folder.display();
        let error = invalid(format!("{folder} {en}; nothing was written."), format!("{folder} {zh}，未写入任何内容。"));
        Err(error.next("Name a folder elsewhere, best on another disk.", "请指定其他位置的文件夹，最好在另一块磁盘上。"))
    };
    let (whole, data) = (whole(folder), whole(&app.config.data));
    if whole.starts_with(&data) || data.starts_with(&whole) {
        return refuse("and the data folder lie in one another", "与数据目录互相包含");
    }
    let origin = app.index.trail_head(MAIN).await?.origin;
    if whole.ancestors().any(|one| std::fs::read(one.join(MARK)).is_ok_and(|mark| said(&mark) == origin)) {
        return refuse("lies in the file store itself", "位于文件存储之内");
    }
    Ok(())
}

/// A path without detours, whether its last parts are there yet or not.
fn whole(path: &Path) -> std::path::PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let there = path.ancestors().find_map(|one| Some((one, one.canonicalize().ok()?)));
    there.map_or_else(|| path.clone(), |(one, real)| path.strip_prefix(one).map_or_else(|_| path.clone(), |rest| real.join(rest)))
}

async fn write(app: &App, path: &StorePath, origin: &str) -> std::result::Result<(), StoreError> {
    let mark = bytes::Bytes::from(format!("{origin}\n"));
    let sha256 = store::hash(&mark);
    app.store.put(path, mark, &sha256).await
}

fn said(mark: &[u8]) -> &str {
    std::str::from_utf8(mark).unwrap_or_default().trim_end()
}

fn foreign(path: &StorePath) -> Error {
    crate::cannot_start(format!(
        "the file store (volume {}) belongs to another index, as {MARK} in its base folder says. Point SIGNET_FTP_URL to a folder of its own, or \
         SIGNET_DATABASE_URL to the index that the files belong to; where that index is lost, run `signet reindex` over an empty one",
        path.volume()
    ))
}
