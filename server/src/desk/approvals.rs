//! Decisions.

use app::desk::ApprovalDesk;
use app::error::AppResult;
use app::model::{Document, Number, Offer, Placement, Seen, SignatureDecision, Signing, Waiting};
use async_trait::async_trait;
use bytes::Bytes;

use super::Desk;
use crate::service::{find, offer, reject, sign};

#[async_trait]
impl ApprovalDesk for Desk {
    async fn waiting(&self) -> AppResult<Waiting> {
        self.read("count what waits", async { find::waiting(&self.app, self.own()?).await }).await
    }

    async fn signing(&self, number: Number) -> AppResult<Signing> {
        self.read("ask for signing", async {
            let (permit, row) = self.with(&number).await?;
            offer::signing(&self.app, &permit, &row).await
        })
        .await
    }

    async fn offer(&self, number: Number, revision: u32, serial: String, placement: Option<Placement>) -> AppResult<Offer> {
        self.write("offer", move |desk| async move {
            let (permit, row) = desk.with(&number).await?;
            offer::offer(&desk.app, permit, row, revision, serial, placement).await
        })
        .await
    }

    async fn sign(&self, decision: SignatureDecision) -> AppResult<Document> {
        self.write("sign", |desk| async move {
            let (permit, row) = desk.with(&decision.number).await?;
            sign::sign(&desk.app, permit, row, decision, desk.caller.lang).await
        })
        .await
    }

    async fn sign_outside(&self, number: Number, revision: u32, body: Bytes, appended: bool) -> AppResult<Document> {
        self.write("sign outside", move |desk| async move {
            let (permit, row) = desk.with(&number).await?;
            sign::outside(&desk.app, permit, row, revision, body, appended, desk.caller.lang).await
        })
        .await
    }

    async fn reject(&self, number: Number, seen: Seen, reason: String) -> AppResult<Document> {
        self.write("reject", move |desk| async move {
            let (permit, row) = desk.with(&number).await?;
            reject::reject(&desk.app, permit, row, seen, &reason, desk.caller.lang).await
        })
        .await
    }
}
