//! Sign.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::visit::t;

/// Sign.
#[component]
pub fn SignPage() -> impl IntoView {
    view! {
        <Title text=t("Sign", "签章") />
        <div class="page narrow"><h1>{t("Sign", "签章")}</h1></div>
    }
}
