//! Coming and going.

#[cfg(feature = "ssr")]
use std::sync::Arc;

use leptos::prelude::*;
use leptos::server_fn::codec::PostUrl;

use super::wire::TextAnswer;
#[cfg(feature = "ssr")]
use super::{answer, desk};
#[cfg(feature = "ssr")]
use crate::desk::NewSession;
use crate::error::AppResult;
use crate::model::{DemoAccount, Me, SignIn};

/// Sets the session cookie on the response (`Some`) or clears it (`None`). The server puts it into each request's context.
#[cfg(feature = "ssr")]
#[derive(Clone)]
pub struct CookieJar(pub Arc<dyn Fn(Option<NewSession>) + Send + Sync>);

/// Signs in. A form sent before the page came alive is answered by a redirect to `next`.
#[server(name = EnterSession, prefix = "/rpc", endpoint = "session/sign_in", input = PostUrl, output = TextAnswer)]
pub async fn sign_in(entered: SignIn, next: Option<String>) -> AppResult<Me> {
    let session = answer(desk()?.sign_in(entered).await)?;
    let me = session.me.clone();
    set_cookie(Some(session));
    if sent_by_plain_form() {
        leptos_axum::redirect(crate::visit::safe_next(next.as_deref()));
    }
    Ok(me)
}

/// Signs out.
#[server(name = LeaveSession, prefix = "/rpc", endpoint = "session/sign_out", input = PostUrl, output = TextAnswer)]
pub async fn sign_out() -> AppResult<()> {
    let left = answer(desk()?.sign_out().await);
    set_cookie(None);
    if sent_by_plain_form() {
        leptos_axum::redirect("/sign-in");
    }
    left
}

/// Changes the caller's password and ends all its sessions, and its access tokens unless they are to be kept.
#[server(name = ChangePassword, prefix = "/rpc", endpoint = "session/change_password", input = PostUrl, output = TextAnswer)]
pub async fn change_password(old: String, new: String, #[server(default)] keep_tokens: bool) -> AppResult<()> {
    answer(desk()?.change_password(old, new, keep_tokens).await)?;
    set_cookie(None);
    Ok(())
}

/// Accounts to try; empty outside demo mode.
#[server(name = DemoAccounts, prefix = "/rpc", endpoint = "session/demo_accounts", input = PostUrl, output = TextAnswer)]
pub async fn demo_accounts() -> AppResult<Vec<DemoAccount>> {
    answer(desk()?.demo_accounts().await)
}

#[cfg(feature = "ssr")]
fn set_cookie(session: Option<NewSession>) {
    if let Some(jar) = use_context::<CookieJar>() {
        (jar.0)(session);
    }
}

/// Whether a browser without our code sent this: it asks for a page, not for a value.
#[cfg(feature = "ssr")]
fn sent_by_plain_form() -> bool {
    use_context::<axum::http::request::Parts>().is_some_and(|parts| {
        let accept = parts.headers.get(axum::http::header::ACCEPT);
        accept.and_then(|value| value.to_str().ok()).is_some_and(|text| text.contains("text/html"))
    })
}

#[cfg(feature = "ssr")]
pub(super) fn register() {
    use super::registry::function;
    function::<EnterSession>();
    function::<LeaveSession>();
    function::<ChangePassword>();
    function::<DemoAccounts>();
}
