//! Who is there, and coming and going.

use app::desk::{NewSession, SessionDesk};
use app::error::AppResult;
use app::model::{DemoAccount, Lang, Me, SignIn};
use async_trait::async_trait;

use super::Desk;
use crate::service::{demo, sign_in};

#[async_trait]
impl SessionDesk for Desk {
    fn lang(&self) -> Lang {
        self.caller.lang
    }

    fn me(&self) -> Option<Me> {
        self.caller.account.as_ref().map(|person| person.me.clone())
    }

    async fn sign_in(&self, entered: SignIn) -> AppResult<NewSession> {
        self.write("sign in", |desk| async move { sign_in::sign_in(&desk.app, &desk.caller, entered).await }).await
    }

    async fn sign_out(&self) -> AppResult<()> {
        self.write("sign out", |desk| async move { sign_in::sign_out(&desk.app, &desk.caller).await }).await
    }

    async fn change_password(&self, old: String, new: String, keep_tokens: bool) -> AppResult<()> {
        self.write("change password", move |desk| async move { sign_in::change_password(&desk.app, desk.own()?, old, new, keep_tokens).await }).await
    }

    async fn demo_accounts(&self) -> AppResult<Vec<DemoAccount>> {
        Ok(demo::list(&self.app))
    }
}
