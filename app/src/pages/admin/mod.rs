//! Administration: people, keys, types, health.

mod health;
mod keys;
mod people;
mod person;
mod types;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::parts::icon::Icon;
use crate::visit::{me, t};

/// One part of the administration, by address.
#[component]
pub fn AdminPage() -> impl IntoView {
    let params = use_params_map();
    let part = Memo::new(move |_| params.with(|params| params.get("part")).unwrap_or_default());
    if !me().is_some_and(|me| me.admin) {
        return view! { <super::not_found::NotFound /> }.into_any();
    }
    let tab = move |name: &'static str, icon: &'static str, label: &'static str| {
        view! {
            <a class="box-link" href=format!("/admin/{name}") aria-current=move || part.with(|part| part == name).then_some("page")>
                <Icon name=icon />
                {label}
            </a>
        }
    };
    view! {
        <Title text=t("Administration", "管理") />
        <div class="page">
            <header class="page-head">
                <h1>{t("Administration", "管理")}</h1>
                <nav class="boxes" aria-label=t("Parts of the administration", "管理项目")>
                    {tab("people", "person", t("People", "人员"))}
                    {tab("keys", "key", t("Keys", "密钥"))}
                    {tab("types", "folder", t("Types", "单据类型"))}
                    {tab("health", "heart", t("Health", "运行状态"))}
                </nav>
            </header>
            {move || match part.get().as_str() {
                "people" => view! { <people::People /> }.into_any(),
                "keys" => view! { <keys::Keys /> }.into_any(),
                "types" => view! { <types::Types /> }.into_any(),
                "health" => view! { <health::HealthPart /> }.into_any(),
                _ => view! { <super::not_found::NotFound /> }.into_any(),
            }}
        </div>
    }
    .into_any()
}
