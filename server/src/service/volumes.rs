//! Tries volumes that failed until they take files again. Runs on every replica.

use std::sync::Weak;
use std::time::Duration;

use crate::App;

/// How often it looks for a volume whose pause is over.
const EVERY: Duration = Duration::from_secs(1);

/// Looks each second until the app is gone.
pub async fn run(app: Weak<App>) {
    loop {
        tokio::time::sleep(EVERY).await;
        let Some(app) = app.upgrade() else { return };
        if app.closing() {
            return;
        }
        app.store.tend().await;
    }
}
