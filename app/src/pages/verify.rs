//! Verify.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::visit::t;

/// Verify.
#[component]
pub fn VerifyPage() -> impl IntoView {
    view! {
        <Title text=t("Verify", "核验") />
        <div class="page narrow"><h1>{t("Verify", "核验")}</h1></div>
    }
}
