//! Signing in and out, and changing one's password.

use std::time::Duration;

use app::desk::NewSession;
use app::error::Code;
use app::model::SignIn;

use crate::App;
use crate::caller::{Caller, Proof, household};
use crate::error::{Error, Result};
use crate::index::{self, Counted};
use crate::permission::{ChangePassword, Permit};
use crate::service::identify::LIFETIME;
use crate::service::{present, secret};

/// Wrong tries within the window, of one name from one address and of one address whatever the name. Kept in the index, so replicas count
/// together. A name alone is never shut: from some tries on, wherever they come from, each waits a little longer.
const TRIES_PER_PAIR: u32 = 10;
const TRIES_PER_ADDRESS: u32 = 50;
const TRIES_AT_ONCE: u64 = 20;
const LONGER: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);
const WINDOW: i64 = 15 * 60 * 1000;
/// Wrong tries within the window from a browser in which the same account signed in before. Until then it is counted nowhere else.
const TRIES_PER_DEVICE: u32 = 10;
/// How long a browser stays known without a sign-in, milliseconds.
pub const DEVICE_KNOWN: i64 = 180 * 24 * 60 * 60 * 1000;

/// Signs in by password.
///
/// # Errors
/// `WrongCredentials` for a wrong name and a wrong password alike, `TooManyTries` when either limit is reached.
pub async fn sign_in(app: &App, caller: &Caller, entered: SignIn) -> Result<NewSession> {
    // 1. Count the try before anything is learnt from it: of a known device by itself, of all others by name and address.
    let login: String = entered.login.trim().to_lowercase().chars().take(64).collect();
    let account = app.index.account_by_login(&login).await?.filter(|account| account.active);
    let known = known_device(app, caller, account.as_ref()).await?;
    let mut keys = known.iter().map(|device| Counted::device(device, TRIES_PER_DEVICE)).collect::<Vec<_>>();
    let now = app.clock.now();
    if keys.is_empty() || app.index.admit_login(&keys, now, WINDOW).await?.is_none() {
        let address = household(caller.peer).to_string();
        keys = vec![Counted::address(&address, TRIES_PER_ADDRESS), Counted::login(&login), Counted::pair(&login, &address, TRIES_PER_PAIR)];
        let counts = app.index.admit_login(&keys, now, WINDOW).await?.ok_or_else(too_many_tries)?;
        tokio::time::sleep(pause(counts[1])).await;
    }
    // 2. The same work whether the login exists or not.
    let phc = account.as_ref().and_then(|account| account.password_hash.clone());
    let right = app.passwords.verify(entered.password, phc).await?;
    let account = account.filter(|_| right).ok_or_else(wrong_credentials)?;
    app.index.forgive_login(&keys).await?;
    // 3. A new secret; the session the request came with ends.
    let cookie = secret::secret()?;
    let now = app.clock.now();
    let new = index::NewSession { secret_hash: secret::digest(cookie.as_bytes()), account: account.id.clone(), at: now, expires_at: now + LIFETIME };
    app.index.insert_session(new).await?;
    sign_out(app, caller).await?;
    // 4. The browser is known from now on.
    let device = if known.is_some() { None } else { Some(secret::secret()?) };
    let hash = device.as_ref().map(|device| secret::digest(device.as_bytes())).or(known).unwrap_or_default();
    app.index.keep_device(hash, account.id.clone(), now).await?;
    Ok(NewSession { secret: cookie, lifetime: (LIFETIME / 1000) as u64, device, me: present::person(account).me })
}

/// The caller's browser, where this account has signed in by it before.
async fn known_device(app: &App, caller: &Caller, account: Option<&index::AccountRow>) -> Result<Option<String>> {
    let (Some(device), Some(account)) = (&caller.device, account) else { return Ok(None) };
    let known = app.index.knows_device(device, &account.id, app.clock.now() - DEVICE_KNOWN).await?;
    Ok(known.then(|| device.clone()))
}

/// Ends the caller's session, if it came by one.
///
/// # Errors
/// When the index does not answer.
pub async fn sign_out(app: &App, caller: &Caller) -> Result<()> {
    if let Some(Proof::Session(hash)) = &caller.session {
        app.index.delete_session(hash).await?;
    }
    Ok(())
}

/// Changes one's own password; every session ends, this one too, and so do the access tokens unless they are to be kept: whoever knew the old
/// password may have made one.
///
/// # Errors
/// `WrongCredentials` when the old one is wrong; `TooManyTries`; a bad new one.
pub async fn change_password(app: &App, permit: Permit<ChangePassword>, old: String, new: String, keep_tokens: bool) -> Result<()> {
    let login = &permit.person().me.login;
    // Only who is signed in as this account comes here.
    let keys = [Counted::pair(login, "password", TRIES_PER_PAIR)];
    app.index.admit_login(&keys, app.clock.now(), WINDOW).await?.ok_or_else(too_many_tries)?;
    let account = app.index.account(&permit.person().id).await?;
    if !app.passwords.verify(old, account.and_then(|account| account.password_hash)).await? {
        return Err(wrong_credentials());
    }
    let hash = app.passwords.hash(new).await?;
    app.index.forgive_login(&keys).await?;
    let by = permit.person().id.clone();
    let update = index::AccountUpdate { password_hash: Some(hash), end_tokens: !keep_tokens, at: app.clock.now(), by, ..Default::default() };
    app.index.change_account(login, update).await?;
    Ok(())
}

/// How long the nth try of a name within the window waits.
fn pause(tries: u64) -> Duration {
    let beyond = tries.saturating_sub(TRIES_AT_ONCE);
    LONGEST.min(LONGER.saturating_mul(u32::try_from(beyond).unwrap_or(u32::MAX)))
}

fn wrong_credentials() -> Error {
    Error::new(Code::WrongCredentials, "The sign-in name or the password is wrong.", "登录名或密码不正确。")
        .next("Check both and try again; an administrator can set a new password.", "请核对后重试；管理员可以为您重设密码。")
}

fn too_many_tries() -> Error {
    Error::new(
        Code::TooManyTries,
        "Too many tries to sign in. For safety there is a pause of up to 15 minutes.",
        "登录尝试次数过多，为安全起见暂停最多 15 分钟。",
    )
    .next("Wait a while, then try again.", "请稍后重试。")
}
