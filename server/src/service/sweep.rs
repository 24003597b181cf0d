//! Removes what unfinished acts left: files of intents whose lease is over, ended sessions, old offers. Every replica asks for its turn.

use std::sync::Weak;
use std::time::Duration;

use crate::App;
use crate::error::Result;
use crate::store::StorePath;

const EVERY: Duration = Duration::from_mins(1);

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
/// An outage; what is left is swept next time.
pub async fn once(app: &App) -> Result<usize> {
    let now = app.clock.now();
    let mut removed = 0;
    // From here on no commit can use these intents, so their files can go, unless a row names one all the same.
    for intent in app.index.expired_intents(now, 100).await? {
        if !app.index.path_in_use(&intent.database, &intent.path).await?
            && let Ok(path) = intent.path.parse::<StorePath>()
        {
            app.store.discard(&path).await?;
            removed += 1;
        }
        app.index.delete_intent(&intent.database, &intent.id).await?;
    }
    app.index.prune(now).await?;
    Ok(removed)
}
