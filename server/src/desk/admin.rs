//! Administration.

use app::desk::AdminDesk;
use app::error::AppResult;
use app::model::{Account, AccountChange, Health};
use async_trait::async_trait;

use super::Desk;
use crate::service::{accounts, health};

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

    async fn health(&self) -> AppResult<Health> {
        self.read("health", async { Ok(health::health(&self.app, self.own()?).await) }).await
    }
}
