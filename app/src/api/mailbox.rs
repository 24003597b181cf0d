//! The mailbox.

use leptos::prelude::*;

use super::wire::Wire;
#[cfg(feature = "ssr")]
use super::{answer, desk};
use crate::error::AppResult;
use crate::model::Mailbox;

/// Newest first, with the count of what is unread.
#[server(name = ReadMailbox, prefix = "/rpc", endpoint = "mailbox/mailbox", protocol = Wire)]
pub async fn mailbox() -> AppResult<Mailbox> {
    answer(desk()?.mailbox().await)
}

/// Everything up to `cursor` has arrived.
#[server(name = MarkRead, prefix = "/rpc", endpoint = "mailbox/mark_read", protocol = Wire)]
pub async fn mark_read(cursor: String) -> AppResult<()> {
    answer(desk()?.mark_read(cursor).await)
}

#[cfg(feature = "ssr")]
pub(super) fn register() {
    use super::registry::function;
    function::<ReadMailbox>();
    function::<MarkRead>();
}
