//! The mailbox.

use app::desk::{MailboxDesk, NewsStream};
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

    async fn news(&self, after: Option<String>, inbox: bool) -> AppResult<NewsStream> {
        let (app, caller, lang) = (self.app.clone(), self.caller.clone(), self.caller.lang);
        let stream = self.read("news", async { deliver::news(app, self.own()?, caller, after, inbox).await }).await?;
        Ok(Box::pin(stream.map(move |item| {
            item.map_err(|error| {
                error.log("news");
                error.translate(lang)
            })
        })))
    }

    async fn mark_read(&self, cursor: String) -> AppResult<()> {
        self.write("mark read", |desk| async move { deliver::mark_read(&desk.app, desk.own()?, &cursor).await }).await
    }
}
