//! The page `reject`.

use leptos::prelude::*;

/// The page.
#[component]
pub fn RejectPage() -> impl IntoView {
    view! { <div class="page"></div> }
}
