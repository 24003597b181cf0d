//! New document.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::visit::t;

/// New document.
#[component]
pub fn CreatePage() -> impl IntoView {
    view! {
        <Title text=t("New document", "新建单据") />
        <div class="page narrow"><h1>{t("New document", "新建单据")}</h1></div>
    }
}

/// Choose a type.
#[component]
pub fn ChooseType() -> impl IntoView {
    view! { <CreatePage /> }
}

/// Correct a rejected document.
#[component]
pub fn CorrectPage() -> impl IntoView {
    view! { <CreatePage /> }
}
