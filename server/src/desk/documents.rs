//! Documents: create, find, read, take back, correct.

use app::desk::{DocumentDesk, OpenFile, PictureFile, StoredFile};
use app::error::AppResult;
use app::model::{Document, DocumentView, Event, NewDocument, Number, Page, Query, Submitted};
use async_trait::async_trait;
use bytes::Bytes;

use super::Desk;
use crate::error::not_found;
use crate::service::submit::{self, Creation};
use crate::service::{catalog, correct, find, pictures, present, withdraw};

#[async_trait]
impl DocumentDesk for Desk {
    async fn documents(&self, query: Query) -> AppResult<Page<Document>> {
        self.read("list documents", async { find::list(&self.app, self.own()?, query, self.caller.lang).await }).await
    }

    async fn listed(&self, query: Query) -> AppResult<Page<Document>> {
        self.read("list documents", async { find::listed(&self.app, self.own()?, query, self.caller.lang).await }).await
    }

    async fn document(&self, number: Number) -> AppResult<Document> {
        self.read("see document", async {
            let (_, row) = self.with::<crate::permission::See>(&number).await?;
            Ok(present::document(row, self.caller.lang))
        })
        .await
    }

    async fn view(&self, number: Number) -> AppResult<DocumentView> {
        self.read("see document", async {
            let (permit, row) = self.with(&number).await?;
            find::view(&self.app, permit, row, self.caller.lang).await
        })
        .await
    }

    async fn picture(&self, number: Number, key: String) -> AppResult<PictureFile> {
        self.read("read picture", async {
            let (permit, row) = self.with(&number).await?;
            pictures::read(permit, &row, &key)
        })
        .await
    }

    async fn events(&self, number: Number) -> AppResult<Vec<Event>> {
        self.read("see history", async {
            let (permit, row) = self.with(&number).await?;
            find::events(&self.app, permit, &row).await
        })
        .await
    }

    async fn file(&self, number: Number, revision: Option<u32>) -> AppResult<StoredFile> {
        self.read("read file", async {
            let (permit, row) = self.with(&number).await?;
            find::file(&self.app, permit, &row, revision).await
        })
        .await
    }

    async fn open_file(&self, number: Number, revision: Option<u32>) -> AppResult<OpenFile> {
        self.read("read file", async {
            let (permit, row) = self.with(&number).await?;
            find::open_file(&self.app, permit, &row, revision).await
        })
        .await
    }

    async fn submit(&self, new: NewDocument, file: Option<Bytes>, key: Option<String>) -> AppResult<Submitted> {
        self.write("create document", |desk| async move {
            let (permit, known) = desk.of_type(&new.type_code).await?;
            submit::submit(&desk.app, permit, Creation { known, new, file, key, lang: desk.caller.lang }).await
        })
        .await
    }

    async fn preview(&self, new: NewDocument, file: Option<Bytes>) -> AppResult<Bytes> {
        self.read("preview document", async {
            let (permit, known) = self.of_type(&new.type_code).await?;
            submit::preview(&self.app, permit, known, new, file, self.caller.lang).await
        })
        .await
    }

    async fn matter_holder(&self, new: NewDocument) -> AppResult<Option<Number>> {
        self.read("ask for matter", async {
            let (permit, known) = self.of_type(&new.type_code).await?;
            submit::matter_holder(&self.app, permit, known, &new).await
        })
        .await
    }

    async fn withdraw(&self, number: Number) -> AppResult<Document> {
        self.write("withdraw", |desk| async move {
            let (permit, row) = desk.with(&number).await?;
            withdraw::withdraw(&desk.app, permit, row, desk.caller.lang).await
        })
        .await
    }

    async fn correct(&self, number: Number, new: NewDocument, file: Option<Bytes>, key: Option<String>) -> AppResult<Submitted> {
        self.write("correct", |desk| async move {
            // A repeated correction finds the document pending again: its first answer comes before the permit.
            let row = find::row(&desk.app, desk.person()?, &number).await?;
            let known = catalog::known(&desk.app, &row.type_code).await?.ok_or_else(not_found)?;
            let creation = Creation { known, new, file, key, lang: desk.caller.lang };
            if let Some(before) = correct::answered(&desk.app, desk.person()?, &row, &creation).await? {
                return Ok(before);
            }
            let (permit, row) = desk.with(&number).await?;
            correct::correct(&desk.app, permit, row, creation).await
        })
        .await
    }
}
