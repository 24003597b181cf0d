//! The page `document`.

use leptos::prelude::*;

/// The page.
#[component]
pub fn DocumentPage() -> impl IntoView {
    view! { <div class="page"></div> }
}

/// The page.
#[component]
pub fn DocumentBeside() -> impl IntoView {
    view! { <div class="page"></div> }
}
