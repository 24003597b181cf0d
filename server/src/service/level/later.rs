//! What could not be had in the act itself: signed documents below the highest level are raised as soon as it can be done. Any number of
//! replicas may look; each document is in one hand at a time, and a crash leaves it due again.

use std::sync::Weak;
use std::time::Duration;

use app::model::{Level, Number};

use super::{Failure, Levelled, final_revision};
use crate::App;
use crate::error::{Result, internal};
use crate::index::{DocumentRow, Outcome, Raise};
use crate::service::keep;
use crate::store::StorePath;

/// How often it looks though nobody called.
const EVERY: Duration = Duration::from_secs(20);
/// How long one document is in hand at most, milliseconds; the file's own lease is as long.
const LEASE: i64 = 10 * 60 * 1000;
/// When an outage is looked at again, milliseconds.
const SOON: i64 = 60 * 1000;
/// When a file that could not be raised is looked at again: a later version may know how.
const MUCH_LATER: i64 = 24 * 60 * 60 * 1000;
/// Documents in one go.
const AT_ONCE: u32 = 20;

/// Looks when called and every twenty seconds until the app is gone.
pub async fn run(app: Weak<App>) {
    let Some(called) = app.upgrade().map(|app| app.raising.clone()) else { return };
    loop {
        let _ = tokio::time::timeout(EVERY, called.notified()).await;
        let Some(app) = app.upgrade() else { return };
        if app.closing() {
            return;
        }
        if let Err(error) = once(&app).await {
            tracing::warn!(%error, "signed documents are raised later");
        }
    }
}

/// Raises what is due; how many documents came to a higher level.
///
/// # Errors
/// When the index does not answer; what is left is tried again.
pub async fn once(app: &App) -> Result<usize> {
    let mut raised = 0;
    loop {
        let due = app.index.due_raises(app.clock.now(), AT_ONCE).await?;
        if due.is_empty() {
            return Ok(raised);
        }
        for number in due {
            if app.closing() {
                return Ok(raised);
            }
            match one(app, &number).await? {
                Tried::Raised => raised += 1,
                Tried::Not => {}
                // The next one would wait for the same authority in vain.
                Tried::NoStamp => return Ok(raised),
            }
        }
    }
}

/// What became of one document.
enum Tried {
    Raised,
    Not,
    NoStamp,
}

async fn one(app: &App, number: &Number) -> Result<Tried> {
    // 1. In hand, unless another replica has it.
    let now = app.clock.now();
    let Some(row) = app.index.take_raise(number, now, now + LEASE).await? else { return Ok(Tried::Not) };
    // 2. The file with evidence, as one more revision.
    match raise(app, &row).await {
        Ok(true) => Ok(Tried::Raised),
        Ok(false) => {
            app.index.plan_raise(number, row.revision, None).await?;
            Ok(Tried::Not)
        }
        Err(failure) => {
            let pause = if matches!(failure, Failure::Defect(_)) { MUCH_LATER } else { SOON };
            tracing::warn!(%number, %failure, "the level was not raised");
            app.index.plan_raise(number, row.revision, Some(app.clock.now() + pause)).await?;
            Ok(if matches!(failure, Failure::Authority(_)) { Tried::NoStamp } else { Tried::Not })
        }
    }
}

/// Makes, stores and commits; false where nothing higher is to be had.
async fn raise(app: &App, row: &DocumentRow) -> std::result::Result<bool, Failure> {
    if row.level == Level::Archival {
        return Ok(false);
    }
    let path: StorePath = row.store_path.parse().map_err(internal)?;
    let pdf = app.store.get(&path, row.size, &row.sha256).await.map_err(crate::error::Error::from)?;
    let serials = row.steps.iter().flat_map(|step| &step.decisions).filter_map(|decision| decision.serial.clone()).collect();
    let made = final_revision::make(app, &Levelled { pdf, level: row.level, more: true }, serials).await?;
    if made.level <= row.level {
        return Ok(false);
    }
    // File first, then one commit.
    let file = keep::keep(app, &row.number, row.edition, row.revision + 1, made.pdf).await?;
    let new = Raise { number: row.number.clone(), edition: row.edition, revision: row.revision, file: file.clone(), level: made.level, at: app.clock.now() };
    match app.index.raise(new).await {
        Ok(Outcome::Done(_)) => {
            tracing::info!(number = %row.number, level = made.level.as_str(), "raised");
            Ok(true)
        }
        Ok(_) => {
            keep::give_up(app, &row.type_code, &file).await;
            Ok(false)
        }
        Err(error) => Err(keep::after(app, &row.type_code, &file, error).await.into()),
    }
}
