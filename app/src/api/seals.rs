//! The caller's seal: its design and how it looks.

use leptos::prelude::*;

use super::wire::Wire;
#[cfg(feature = "ssr")]
use super::{answer, desk};
use crate::error::AppResult;
use crate::model::{SealDesign, SealPicture, SealView};

/// The design on the account, and its picture.
#[server(name = ReadSeal, prefix = "/rpc", endpoint = "seals/mine", protocol = Wire)]
pub async fn mine() -> AppResult<SealView> {
    answer(desk()?.seal().await)
}

/// How a design would look.
#[server(name = DrawSeal, prefix = "/rpc", endpoint = "seals/draw", protocol = Wire)]
pub async fn draw(design: SealDesign) -> AppResult<SealPicture> {
    answer(desk()?.draw_seal(design).await)
}

/// Keeps a design.
#[server(name = SaveSeal, prefix = "/rpc", endpoint = "seals/save", protocol = Wire)]
pub async fn save(design: SealDesign) -> AppResult<SealView> {
    answer(desk()?.save_seal(design).await)
}

#[cfg(feature = "ssr")]
pub(super) fn register() {
    use super::registry::function;
    function::<ReadSeal>();
    function::<DrawSeal>();
    function::<SaveSeal>();
}
