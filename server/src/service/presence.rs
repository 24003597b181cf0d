//! That servers run over this index: what must have it to itself asks first.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::App;
use crate::error::Result;
use crate::index::new_id;

/// How often a server says that it is there.
const EVERY: Duration = Duration::from_secs(10);
/// For how long it is believed, milliseconds: one that was killed is gone after that.
const BELIEVED: i64 = 30 * 1000;

/// Says that this server is there, until it closes.
pub async fn run(app: Arc<App>, closing: CancellationToken) {
    let name = format!("serve {}", new_id());
    loop {
        if let Err(error) = app.index.be_present(&name, app.clock.now(), BELIEVED).await {
            tracing::debug!(%error, "the index was not told that a server is there");
        }
        tokio::select! {
            () = closing.cancelled() => break,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
    if let Err(error) = app.index.be_absent(&name).await {
        tracing::debug!(%error, "the index was not told that a server is gone");
    }
}

/// Until when a server is believed to be there; none where nobody is. One that lives comes to a later time within ten seconds.
///
/// # Errors
/// When the index does not answer.
pub async fn anyone(app: &App) -> Result<Option<i64>> {
    Ok(app.index.present(app.clock.now()).await?)
}
