//! Small things of the page: a pause before doing something, saving bytes as a file.

use std::time::Duration;

use leptos::prelude::*;

/// Runs `act` once nothing new was asked for `pause`. `Copy`.
#[derive(Clone, Copy)]
pub struct Calm {
    pause: Duration,
    waiting: StoredValue<Option<TimeoutHandle>>,
}

impl Calm {
    /// Waits for `milliseconds` of calm. What is asked for ends with the part of the page that asks: its values are gone then.
    pub fn new(milliseconds: u64) -> Self {
        let calm = Self { pause: Duration::from_millis(milliseconds), waiting: StoredValue::new(None) };
        on_cleanup(move || calm.stop());
        calm
    }

    /// Asks for `act`, in the place of what was asked before.
    pub fn run(self, act: impl FnOnce() + 'static) {
        self.stop();
        let handle = set_timeout_with_handle(act, self.pause).ok();
        self.waiting.try_set_value(handle);
    }

    /// Forgets what was asked.
    pub fn stop(self) {
        if let Some(Some(handle)) = self.waiting.try_update_value(Option::take) {
            handle.clear();
        }
    }
}
