//! Keys and seals.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::visit::t;

/// Keys and seals.
#[component]
pub fn KeysPage() -> impl IntoView {
    view! {
        <Title text=t("Keys and seals", "密钥与印章") />
        <div class="page narrow"><h1>{t("Keys and seals", "密钥与印章")}</h1></div>
    }
}
