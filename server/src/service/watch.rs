//! Ends what rests on a right that is gone: open streams and running downloads, on every replica, within a second.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use app::model::Number;
use tokio::sync::broadcast::{Receiver, error::TryRecvError};

use crate::App;
use crate::caller::Caller;
use crate::error::Result;
use crate::index::Wake;
use crate::service::{identify, present};

/// How often the index is asked whose rights changed: one short question for all that is open.
const EVERY: Duration = Duration::from_millis(250);
/// Without an answer for so long, everything that is open asks for itself.
const BLIND: Duration = Duration::from_secs(5);
/// How often a right is looked at though nobody changed it: sessions also end by time.
pub(super) const LOOK: Duration = Duration::from_secs(10);

/// Asks until the app is gone.
pub async fn run(app: Weak<App>) {
    let (mut reached, mut answered) = (None, Instant::now());
    loop {
        let Some(app) = app.upgrade() else { return };
        if app.closing() {
            return;
        }
        match app.index.announce_changes(reached).await {
            Ok(position) => {
                if answered.elapsed() > BLIND {
                    app.index.announce_doubt();
                }
                (reached, answered) = (Some(position), Instant::now());
            }
            Err(error) if answered.elapsed() > BLIND => {
                tracing::warn!(%error, "nobody can say whose rights changed");
                app.index.announce_doubt();
            }
            Err(_) => {}
        }
        drop(app);
        tokio::time::sleep(EVERY).await;
    }
}

/// A caller's right to read a document, for as long as its file is on its way.
pub struct Reading {
    app: Arc<App>,
    caller: Caller,
    number: Number,
    wakes: Receiver<Wake>,
    looked: Instant,
}

impl Reading {
    /// Begins before the permission is asked, so that no change falls between.
    pub fn begin(app: Arc<App>, caller: Caller, number: Number) -> Self {
        let wakes = app.index.subscribe();
        Self { app, caller, number, wakes, looked: Instant::now() }
    }

    /// Whether it still holds: not after a sign-out, a deactivation, or the loss of the role or reading right it rests on. Asks the index
    /// only when the account's rights changed, and now and then.
    pub async fn holds(&mut self) -> bool {
        if !self.is_doubtful() {
            return true;
        }
        self.looked = Instant::now();
        may_read(&self.app, &self.caller, &self.number).await.unwrap_or_else(|error| {
            error.log("watch a download");
            false
        })
    }

    fn is_doubtful(&mut self) -> bool {
        let mut doubtful = self.looked.elapsed() >= LOOK;
        loop {
            match self.wakes.try_recv() {
                Ok(Wake::Rights(id)) => doubtful |= self.caller.account.as_ref().is_some_and(|person| person.id == id),
                Ok(Wake::All) | Err(TryRecvError::Lagged(_)) => doubtful = true,
                Ok(Wake::Account(_)) => {}
                Err(_) => return doubtful,
            }
        }
    }
}

async fn may_read(app: &App, caller: &Caller, number: &Number) -> Result<bool> {
    if !identify::still_there(app, caller).await? {
        return Ok(false);
    }
    let Some(person) = &caller.account else { return Ok(false) };
    let Some(row) = app.index.account(&person.id).await? else { return Ok(false) };
    Ok(app.index.find(number, &present::viewer(&present::person(row))).await?.is_some())
}
