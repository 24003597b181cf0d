//! The page `admin`.

use leptos::prelude::*;

/// The page.
#[component]
pub fn AdminPage() -> impl IntoView {
    view! { <div class="page"></div> }
}
