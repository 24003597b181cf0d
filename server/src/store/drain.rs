//! A volume that failed takes no new files for a while; each further failure doubles the while.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::error::StoreError;

/// Longest while.
const LONGEST: Duration = Duration::from_mins(5);

/// Why and how long a volume has been taking no new files.
#[derive(Clone, Debug)]
pub struct Drained {
    /// The failure that was met last.
    pub why: StoreError,
    /// When the first one was met.
    pub since: Instant,
    /// When it is tried again.
    pub next: Instant,
    pause: Duration,
}

/// Whether one volume is drained.
#[derive(Debug, Default)]
pub(super) struct Drain(Mutex<Option<Drained>>);

impl Drain {
    /// None while the volume takes files.
    pub(super) fn state(&self) -> Option<Drained> {
        self.lock().clone()
    }

    /// The volume failed; true when it had been taking files until now.
    pub(super) fn fail(&self, why: StoreError, first: Duration) -> bool {
        let now = Instant::now();
        let mut state = self.lock();
        let (since, pause) = match &*state {
            // Several callers meet one failure at about the same time: it counts once.
            Some(drained) if now < drained.next => (drained.since, drained.pause),
            Some(drained) => (drained.since, (drained.pause * 2).min(LONGEST.max(first))),
            None => (now, first),
        };
        let fresh = state.is_none();
        *state = Some(Drained { why, since, next: now + pause, pause });
        fresh
    }

    /// The volume took a file; true when it had been drained.
    pub(super) fn heal(&self) -> bool {
        self.lock().take().is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Drained>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_with_each_failure_and_ends_with_a_success() {
        let drain = Drain::default();
        let full = StoreError::Full { cause: "452".to_owned() };
        let first = Duration::from_millis(20);
        assert!(drain.fail(full.clone(), first) && !drain.fail(full.clone(), first));
        assert_eq!(drain.state().unwrap().pause, first, "two callers who meet one failure count once");
        std::thread::sleep(first);
        drain.fail(full.clone(), first);
        assert_eq!(drain.state().unwrap().pause, first * 2);
        assert!(drain.heal() && !drain.heal());
        drain.fail(full, first);
        assert_eq!(drain.state().unwrap().pause, first);
    }
}
