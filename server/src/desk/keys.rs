//! Keys, certificates, tokens.

use app::desk::KeyDesk;
use app::error::AppResult;
use app::model::{Certificate, Enrolment, Token};
use async_trait::async_trait;
use bytes::Bytes;

use super::Desk;
use crate::service::{enrol, tokens};

#[async_trait]
impl KeyDesk for Desk {
    async fn certificates(&self) -> AppResult<Vec<Certificate>> {
        self.read("certificates", async { enrol::certificates(&self.app, self.own()?).await }).await
    }

    async fn enrol(&self, request: Bytes, device: String) -> AppResult<Enrolment> {
        self.write("enrol", |desk| async move { enrol::enrol(&desk.app, desk.own()?, request, &device).await }).await
    }

    async fn revoke(&self, serial: String, reason: String) -> AppResult<Certificate> {
        self.write("revoke", |desk| async move { enrol::revoke(&desk.app, desk.own()?, &serial, &reason).await }).await
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
