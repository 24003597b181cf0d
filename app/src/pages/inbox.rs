//! The page `inbox`.

use leptos::prelude::*;

/// The page.
#[component]
pub fn Inbox() -> impl IntoView {
    view! { <div class="page"></div> }
}

/// The page.
#[component]
pub fn NothingChosen() -> impl IntoView {
    view! { <div class="page"></div> }
}
