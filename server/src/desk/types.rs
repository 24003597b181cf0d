//! Types.

use app::desk::TypeDesk;
use app::error::AppResult;
use app::model::{TypeCode, TypeDefinition, TypeFiles, TypeSummary};
use async_trait::async_trait;
use bytes::Bytes;

use super::Desk;
use crate::permission::SeeType;
use crate::service::{catalog, types};

#[async_trait]
impl TypeDesk for Desk {
    async fn types(&self) -> AppResult<Vec<TypeSummary>> {
        self.read("types", async { catalog::of(&self.app, self.person()?).await }).await
    }

    async fn definition(&self, code: TypeCode) -> AppResult<TypeDefinition> {
        self.read("type", async { Ok(self.of_type::<SeeType>(&code).await?.1.definition) }).await
    }

    async fn type_files(&self, code: TypeCode) -> AppResult<TypeFiles> {
        self.read("type files", async { types::files(&self.app, self.own()?, &code).await }).await
    }

    async fn import_type(&self, code: Option<TypeCode>, files: TypeFiles) -> AppResult<TypeDefinition> {
        self.write("import type", |desk| async move { types::import(&desk.app, desk.own()?, code, files).await }).await
    }

    async fn preview_type(&self, files: TypeFiles) -> AppResult<Bytes> {
        self.read("preview type", async { types::preview(&self.app, self.own()?, files, self.caller.lang).await }).await
    }
}
