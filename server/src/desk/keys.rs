//! Keys, certificates, tokens.

use app::desk::KeyDesk;
use app::error::AppResult;
use app::model::{Certificate, Enrolment, Renewal, Token};
use async_trait::async_trait;
use bytes::Bytes;

use super::Desk;
use crate::service::{enrol, revoke, tokens};

#[async_trait]
impl KeyDesk for Desk {
    async fn certificates(&self) -> AppResult<Vec<Certificate>> {
        self.read("certificates", async { enrol::certificates(&self.app, self.own()?).await }).await
    }

    async fn enrol(&self, request: Bytes, device: String) -> AppResult<Enrolment> {
        self.write("enrol", |desk| async move { enrol::enrol(&desk.app, desk.own()?, request, &device, None).await }).await
    }

    async fn renew(&self, request: Bytes, device: String, renewal: Renewal) -> AppResult<Enrolment> {
        self.write("renew", |desk| async move { enrol::enrol(&desk.app, desk.own()?, request, &device, Some(renewal)).await }).await
    }

    async fn confirm_key(&self, serial: String) -> AppResult<Certificate> {
        self.write("confirm key", |desk| async move { enrol::confirm(&desk.app, desk.own()?, &serial).await }).await
    }

    async fn revoke(&self, serial: String, reason: String, note: Option<String>) -> AppResult<Certificate> {
        self.write("revoke", |desk| async move { revoke::own(&desk.app, desk.own()?, &serial, &reason, note).await }).await
    }

    async fn tokens(&self) -> AppResult<Vec<Token>> {
        self.read("tokens", async { tokens::list(&self.app, self.own()?).await }).await
    }

    async fn create_token(&self, label: String) -> AppResult<String> {
        self.write("create token", |desk| async move { tokens::create(&desk.app, desk.own()?, &label).await }).await
    }

    async fn delete_token(&self, id: String) -> AppResult<()> {
        self.write("delete token", |desk| async move { tokens::delete(&desk.app, desk.own()?, &id).await }).await
    }
}
