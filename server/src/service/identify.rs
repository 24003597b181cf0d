//! Who a cookie or a token belongs to.

use crate::App;
use crate::caller::{Caller, Person, Proof};
use crate::error::Result;
use crate::service::{present, secret};

/// A session ends after this much idleness, milliseconds.
pub const IDLE: i64 = 30 * 60 * 1000;
/// A session ends after this long whatever happens, milliseconds.
pub const LIFETIME: i64 = 12 * 60 * 60 * 1000;

/// The account behind a session cookie; counts as a use.
///
/// # Errors
/// When the index does not answer.
pub async fn by_session(app: &App, cookie: &str) -> Result<Option<(Proof, Person)>> {
    let hash = secret::digest(cookie.as_bytes());
    let found = app.index.session(&hash, app.clock.now(), IDLE).await?;
    Ok(found.filter(|(_, account)| account.active).map(|(_, account)| (Proof::Session(hash), present::person(account))))
}

/// The account behind an API token.
///
/// # Errors
/// When the index does not answer.
pub async fn by_token(app: &App, token: &str) -> Result<Option<(Proof, Person)>> {
    let found = app.index.account_by_token(&secret::digest(token.as_bytes()), app.clock.now()).await?;
    Ok(found.filter(|(_, account)| account.active).map(|(token, account)| (Proof::Token(token.id), present::person(account))))
}

/// Whether the proof a caller came with still holds: what long streams ask every second.
///
/// # Errors
/// When the index does not answer.
pub async fn still_there(app: &App, caller: &Caller) -> Result<bool> {
    let (Some(proof), Some(person)) = (&caller.session, &caller.account) else { return Ok(false) };
    Ok(match proof {
        Proof::Session(hash) => app.index.session_alive(hash, app.clock.now(), IDLE).await?,
        Proof::Token(id) => {
            let account = app.index.account(&person.id).await?;
            account.is_some_and(|account| account.active) && app.index.tokens_of(&person.id).await?.iter().any(|token| token.id == *id)
        }
    })
}
