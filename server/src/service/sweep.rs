//! Removes what unfinished acts left: files of intents whose lease is over, ended sessions, old offers. Every replica asks for its turn.

use std::collections::BTreeMap;
use std::sync::Weak;
use std::time::Duration;

use crate::App;
use crate::error::Result;
use crate::store::{StoreError, StorePath};

const EVERY: Duration = Duration::from_mins(1);
/// Where a file that could not be removed stands in the queue: behind those whose lease ends in this time, milliseconds.
const LATER: i64 = 60 * 1000;

/// Sweeps each minute until the app is gone.
pub async fn run(app: Weak<App>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(app) = app.upgrade() else { return };
        if app.closing() {
            return;
        }
        if let Err(error) = turn(&app).await {
            tracing::warn!(%error, "the sweep will try again in a minute");
        }
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
    let now = app.clock.now();
    let mut removed = 0;
    // A volume that does not answer must not keep what lies on the others.
    let mut away: BTreeMap<String, StoreError> = BTreeMap::new();
    // From here on no commit can use these intents, so their files can go, unless a row names one all the same.
    for intent in app.index.expired_intents(now, 100).await? {
        if !app.index.path_in_use(&intent.database, &intent.path).await?
            && let Ok(path) = intent.path.parse::<StorePath>()
        {
            if away.contains_key(path.volume()) || !discard(app, &path, &mut away).await {
                app.index.postpone_intent(&intent.database, &intent.id, now + LATER).await?;
                continue;
            }
            removed += 1;
        }
        app.index.delete_intent(&intent.database, &intent.id).await?;
    }
    app.index.prune(now).await?;
    match away.into_values().next() {
        Some(error) => Err(error.into()),
        None => Ok(removed),
    }
}

/// False when the file could not be removed; its volume is left alone for the rest of this sweep.
async fn discard(app: &App, path: &StorePath, away: &mut BTreeMap<String, StoreError>) -> bool {
    let Err(error) = app.store.discard(path).await else { return true };
    away.insert(path.volume().to_owned(), error);
    false
}
