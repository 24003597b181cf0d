//! The mailbox.

use app::desk::{DeliveryStream, MailboxDesk};
use app::error::AppResult;
use app::model::{Delivery, Mailbox, Page};
use async_trait::async_trait;
use futures::StreamExt;

use super::Desk;
use crate::service::deliver;

#[async_trait]
impl MailboxDesk for Desk {
    async fn mailbox(&self) -> AppResult<Mailbox> {
        self.read("mailbox", async { deliver::mailbox(&self.app, self.own()?).await }).await
    }

    async fn deliveries(&self, after: Option<String>, limit: Option<u32>) -> AppResult<Page<Delivery>> {
        self.read("deliveries", async { deliver::list(&self.app, self.own()?, after.as_deref(), limit).await }).await
    }

    async fn delivery_stream(&self, after: Option<String>) -> AppResult<DeliveryStream> {
        let (app, caller, lang) = (self.app.clone(), self.caller.clone(), self.caller.lang);
        let stream = self.read("delivery stream", async { deliver::stream(app, self.own()?, caller, after).await }).await?;
        Ok(Box::pin(stream.map(move |item| {
            item.map_err(|error| {
                error.log("delivery stream");
                error.translate(lang)
            })
        })))
    }

    async fn mark_read(&self, cursor: String) -> AppResult<()> {
        self.write("mark read", |desk| async move { deliver::mark_read(&desk.app, desk.own()?, &cursor).await }).await
    }
}
