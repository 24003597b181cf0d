//! Removes what unfinished acts left: files of intents whose lease is over, ended sessions, old offers. Every replica asks for its turn.

use std::collections::BTreeMap;
use std::sync::Weak;
use std::time::Duration;

use crate::App;
use crate::crash::{self, Point};
use crate::error::Result;
use crate::index::IntentRow;
use crate::service::record;
use crate::service::seams::{Files, Intents, World};
use crate::store::{StoreError, StorePath};

const EVERY: Duration = Duration::from_mins(1);
/// After an outage: what waited is swept seconds after the part is back.
const SOON: Duration = Duration::from_secs(3);
/// Where a file that could not be removed stands in the queue: behind those whose lease ends in this time, milliseconds.
const LATER: i64 = 60 * 1000;
/// Intents in one go.
const AT_ONCE: u32 = 100;

/// Sweeps each minute, and when called, until the app is gone.
pub async fn run(app: Weak<App>) {
    let Some(called) = app.upgrade().map(|app| app.sweeping.clone()) else { return };
    let mut pause = EVERY;
    loop {
        let was_called = tokio::time::timeout(pause, called.notified()).await.is_ok();
        let Some(app) = app.upgrade() else { return };
        if app.closing() {
            return;
        }
        let swept = if was_called || pause == SOON { once(&app).await.map(drop) } else { turn(&app).await.map(drop) };
        pause = match swept {
            Ok(()) => EVERY,
            Err(error) => {
                tracing::warn!(%error, "the sweep will try again in a few seconds");
                SOON
            }
        };
    }
}

/// A sweep, unless another replica swept this minute; whether it was this one's turn.
///
/// # Errors
/// As [`once`].
pub async fn turn(app: &App) -> Result<bool> {
    let now = app.clock.now();
    // A little less than a minute, so that clocks that differ do not skip one.
    let ours = app.index.take_turn("sweep", now, now + 50_000).await?;
    if ours {
        once(app).await?;
    }
    Ok(ours)
}

/// One sweep; how many files it removed.
///
/// # Errors
/// An outage, after all that could be done was done; what is left is swept next time.
pub async fn once(app: &App) -> Result<usize> {
    let removed = files(app).await?;
    app.index.prune(app.clock.now()).await?;
    record::catch_up(app).await?;
    Ok(removed)
}

/// Removes the files of intents that are over; how many.
///
/// # Errors
/// An outage, after all that could be done was done; what is left is swept next time.
pub async fn files<W: World>(world: &W) -> Result<usize> {
    let now = world.now();
    let mut removed = 0;
    // A volume that does not answer must not keep what lies on the others.
    let mut away: BTreeMap<String, StoreError> = BTreeMap::new();
    loop {
        // From here on no commit can use these intents, so their files can go, unless a row names one all the same.
        let expired = crash::step(Point::SweepExpired, world.intents().expired_intents(now, AT_ONCE)).await?;
        let mut swept = 0;
        for intent in &expired {
            match remove(world, intent, now, &mut away).await? {
                Swept::Removed => (removed, swept) = (removed + 1, swept + 1),
                Swept::Kept => swept += 1,
                Swept::Later => world.intents().postpone_intent(&intent.database, &intent.id, now + LATER).await?,
            }
        }
        if swept == 0 || expired.len() < AT_ONCE as usize {
            break;
        }
    }
    match away.into_values().next() {
        Some(error) => Err(error.into()),
        None => Ok(removed),
    }
}

/// What became of one intent.
enum Swept {
    Removed,
    /// A row names its file, or it never had a name of ours.
    Kept,
    /// Its file cannot be removed now.
    Later,
}

async fn remove<W: World>(world: &W, intent: &IntentRow, now: i64, away: &mut BTreeMap<String, StoreError>) -> Result<Swept> {
    let mut swept = Swept::Kept;
    if !world.intents().path_in_use(&intent.database, &intent.path).await?
        && let Ok(path) = intent.path.parse::<StorePath>()
    {
        if away.contains_key(path.volume()) {
            return Ok(Swept::Later);
        }
        match crash::step(Point::SweepFile, world.files().discard(&path)).await {
            Ok(()) => swept = Swept::Removed,
            // One file that may not be deleted keeps the others from nothing.
            Err(error @ StoreError::Refused { .. }) => {
                tracing::warn!(%error, %path, "a file that no row names cannot be removed");
                return Ok(Swept::Later);
            }
            Err(error) => {
                away.insert(path.volume().to_owned(), error);
                return Ok(Swept::Later);
            }
        }
    }
    crash::step(Point::SweepForget, world.intents().swept_intent(&intent.database, &intent.id, now)).await?;
    Ok(swept)
}
