//! Administration.

use app::desk::AdminDesk;
use app::error::AppResult;
use app::model::{Account, AccountChange, Certificate, Health, Issued};
use async_trait::async_trait;

use super::Desk;
use crate::service::{accounts, health, revoke};

#[async_trait]
impl AdminDesk for Desk {
    async fn accounts(&self) -> AppResult<Vec<Account>> {
        self.read("accounts", async { accounts::list(&self.app, self.own()?).await }).await
    }

    async fn save_account(&self, change: AccountChange) -> AppResult<Account> {
        self.write("save account", |desk| async move { accounts::save(&desk.app, desk.own()?, change).await }).await
    }

    async fn roles(&self) -> AppResult<Vec<String>> {
        self.read("roles", async { accounts::roles(&self.app, self.own()?).await }).await
    }

    async fn issued(&self, unproven: bool) -> AppResult<Vec<Issued>> {
        self.read("issued", async { revoke::issued(&self.app, self.own()?, unproven).await }).await
    }

    async fn revoke_anyones(&self, serial: String, reason: String, note: Option<String>) -> AppResult<Certificate> {
        self.write("revoke anyone's", |desk| async move { revoke::anyones(&desk.app, desk.own()?, &serial, &reason, note).await }).await
    }

    async fn health(&self) -> AppResult<Health> {
        self.read("health", async { Ok(health::health(&self.app, self.own()?).await) }).await
    }
}
