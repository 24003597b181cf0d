//! The page `mailbox`.

use leptos::prelude::*;

/// The page.
#[component]
pub fn MailboxPage() -> impl IntoView {
    view! { <div class="page"></div> }
}
