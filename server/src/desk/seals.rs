//! The caller's seal.

use app::desk::SealDesk;
use app::error::AppResult;
use app::model::{SealDesign, SealPicture, SealView};
use async_trait::async_trait;

use super::Desk;
use crate::service::seals;

#[async_trait]
impl SealDesk for Desk {
    async fn seal(&self) -> AppResult<SealView> {
        self.read("seal", async { seals::mine(&self.app, self.own()?, self.caller.lang).await }).await
    }

    async fn draw_seal(&self, design: SealDesign) -> AppResult<SealPicture> {
        self.read("draw seal", async { seals::draw(&self.app, &self.own()?, &design, self.caller.lang) }).await
    }

    async fn save_seal(&self, design: SealDesign) -> AppResult<SealView> {
        self.write("save seal", |desk| async move { seals::save(&desk.app, desk.own()?, &design, desk.caller.lang).await }).await
    }
}
