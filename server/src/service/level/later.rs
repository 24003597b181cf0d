//! What could not be had in the act itself: signed documents below the highest level are raised as soon as it can be done. Any number of
//! replicas may look; each document is in one hand at a time, and a crash leaves it due again.

use std::collections::BTreeSet;
use std::sync::Weak;
use std::time::Duration;

use app::error::Code;
use app::model::{Level, Number};

use super::{Failure, Levelled, final_revision};
use crate::App;
use crate::crash::{self, Point};
use crate::error::{Error, Result, internal};
use crate::index::{DocumentRow, Outcome, Raise};
use crate::service::keep;
use crate::store::StorePath;

/// How often it looks though nobody called.
const EVERY: Duration = Duration::from_secs(20);
/// How often after an outage: what waited is raised seconds after the part is back.
const AFTER_OUTAGE: Duration = Duration::from_secs(3);
/// How long one document is in hand at most, milliseconds; the file's own lease is as long.
const LEASE: i64 = 10 * 60 * 1000;
/// When an authority that gave no stamp is asked again, milliseconds.
const LATER: i64 = 60 * 1000;
/// Where a document goes for which index or store did not answer: back to the front, so that its volume's queue keeps its order.
const FRONT: i64 = 0;
/// When a file that could not be raised is looked at again: a later version may know how.
const MUCH_LATER: i64 = 24 * 60 * 60 * 1000;
/// Documents in one go.
const AT_ONCE: u32 = 20;

/// Looks when called and every few seconds until the app is gone.
pub async fn run(app: Weak<App>) {
    let Some(called) = app.upgrade().map(|app| app.raising.clone()) else { return };
    let mut pause = EVERY;
    loop {
        let _ = tokio::time::timeout(pause, called.notified()).await;
        let Some(app) = app.upgrade() else { return };
        if app.closing() {
            return;
        }
        pause = match look(&app).await {
            Ok(Look { outage: false, .. }) => EVERY,
            Ok(_) => AFTER_OUTAGE,
            Err(error) => {
                tracing::warn!(%error, "signed documents are raised later");
                AFTER_OUTAGE
            }
        };
    }
}

/// Raises what is due; how many documents came to a higher level.
///
/// # Errors
/// When the index does not answer; what is left is tried again.
pub async fn once(app: &App) -> Result<usize> {
    Ok(look(app).await?.raised)
}

/// What a look came to.
struct Look {
    raised: usize,
    outage: bool,
}

async fn look(app: &App) -> Result<Look> {
    let mut raised = 0;
    let mut away = BTreeSet::new();
    loop {
        let due = app.index.due_raises(app.clock.now(), &away, AT_ONCE).await?;
        if due.is_empty() {
            return Ok(Look { raised, outage: !away.is_empty() });
        }
        for number in due {
            if app.closing() {
                return Ok(Look { raised, outage: false });
            }
            match one(app, &number).await? {
                Tried::Raised => raised += 1,
                Tried::Not => {}
                // The next one there would wait in vain; those of other volumes need not wait for it.
                Tried::Away(volume) => {
                    away.insert(volume);
                    break;
                }
                Tried::Outage => return Ok(Look { raised, outage: true }),
            }
        }
    }
}

/// What became of one document.
enum Tried {
    Raised,
    Not,
    /// This volume, or the index, does not answer.
    Away(String),
    /// An authority does not answer, or nobody knows which part.
    Outage,
}

async fn one(app: &App, number: &Number) -> Result<Tried> {
    // 1. In hand, unless another replica has it.
    let now = app.clock.now();
    let Some(row) = crash::step(Point::RaiseTake, app.index.take_raise(number, now, now + LEASE)).await? else { return Ok(Tried::Not) };
    // 2. The file with evidence, as one more revision.
    match raise(app, &row).await {
        Ok(true) => Ok(Tried::Raised),
        Ok(false) => {
            app.index.plan_raise(number, row.revision, None).await?;
            Ok(Tried::Not)
        }
        Err(failure) => {
            let now = app.clock.now();
            let (again, tried) = match &failure {
                Failure::Outage(error) if is_outage(error) => {
                    (FRONT, row.store_path.parse::<StorePath>().map_or(Tried::Outage, |path| Tried::Away(path.volume().to_owned())))
                }
                Failure::Authority(_) => (now + LATER, Tried::Outage),
                Failure::Resting | Failure::Stamped | Failure::NoRoom => (now + LATER, Tried::Not),
                // Whatever else it is, it keeps no other document from anything.
                Failure::Outage(_) | Failure::Defect(_) => (now + MUCH_LATER, Tried::Not),
            };
            tracing::warn!(%number, %failure, "the level was not raised");
            app.index.plan_raise(number, row.revision, Some(again)).await?;
            Ok(tried)
        }
    }
}

/// Whether waiting helps.
fn is_outage(error: &Error) -> bool {
    matches!(error.code(), Code::StoreUnavailable | Code::IndexUnavailable)
}

/// Makes, stores and commits; false where nothing higher is to be had.
async fn raise(app: &App, row: &DocumentRow) -> std::result::Result<bool, Failure> {
    if row.level == Level::Archival {
        return Ok(false);
    }
    let path: StorePath = row.store_path.parse().map_err(internal)?;
    let pdf = app.store.get(&path, row.size, &row.sha256).await.map_err(|error| match error {
        // A file that is gone or wrong keeps the documents behind it from nothing.
        error if error.is_transient() => Failure::Outage(error.into()),
        other => Failure::Defect(other.to_string()),
    })?;
    let serials = row.steps.iter().flat_map(|step| &step.decisions).filter_map(|decision| decision.serial.clone()).collect();
    let held = Levelled { pdf, level: row.level, more: true };
    let made = crash::step(Point::RaiseMake, final_revision::make(app, &held, serials)).await?;
    if made.level <= row.level {
        return Ok(false);
    }
    // File first, then one commit.
    let file = keep::keep(app, &row.number, row.edition, row.revision + 1, made.pdf).await?;
    let new = Raise { number: row.number.clone(), edition: row.edition, revision: row.revision, file: file.clone(), level: made.level, at: app.clock.now() };
    let done = keep::commit(app, &row.type_code, &file, crash::step(Point::RaiseCommit, app.index.raise(new))).await;
    let raised = matches!(done.map_err(crate::error::Error::from)?, Outcome::Done(_));
    if raised {
        tracing::info!(number = %row.number, level = made.level.as_str(), "raised");
    }
    Ok(raised)
}
