//! The page `documents`.

use leptos::prelude::*;

/// The page.
#[component]
pub fn Documents() -> impl IntoView {
    view! { <div class="page"></div> }
}
