//! The account menu: language, light or dark, keys, sign out.

use leptos::prelude::*;

use super::icon::Icon;
use crate::api;
use crate::model::{Lang, Me};
use crate::visit::{Theme, lang, t};

/// The button with the person's name and the menu it opens.
#[component]
pub fn AccountMenu(me: Me, theme: Theme) -> impl IntoView {
    let first = me.name.chars().next().map(String::from).unwrap_or_default();
    let roles = if me.roles.is_empty() { me.login.clone() } else { me.roles.join(" · ") };
    let sign_out = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        leptos::task::spawn_local(async {
            // The session may have ended before: either way the way out is the sign-in page.
            let _ = api::session::sign_out().await;
            go("/sign-in");
        });
    };
    view! {
        <button type="button" class="who" popovertarget="account-menu">
            <span class="hidden">{t("Account: ", "账户：")}{me.name.clone()}</span>
            <span class="who-name" aria-hidden="true">{me.name.clone()}</span>
            <span class="avatar" aria-hidden="true">{first}</span>
        </button>
        <div class="menu" id="account-menu" popover="auto">
            <div class="menu-who">
                <strong>{me.name.clone()}</strong>
                <span class="quiet-text"><span class="number">{me.client_number.to_string()}</span> " · " {roles}</span>
            </div>
            <a class="menu-item" href="/keys"><Icon name="key" />{t("Keys and seals", "密钥与印章")}</a>
            <a class="menu-item" href="/seals"><Icon name="seal" />{t("Your seal", "我的印章")}</a>
            {me.admin.then(|| view! { <a class="menu-item" href="/admin/people"><Icon name="admin" />{t("Administration", "管理")}</a> })}
            <div class="menu-part"><ThemeSwitch theme /></div>
            <div class="menu-part"><LangSwitch /></div>
            <form method="post" action="/rpc/session/sign_out" on:submit=sign_out>
                <button type="submit" class="menu-item"><Icon name="leave" />{t("Sign out", "退出登录")}</button>
            </form>
        </div>
    }
}

/// English or Chinese. The page loads anew in the other language.
#[component]
pub fn LangSwitch() -> impl IntoView {
    let choose = |chosen: Lang| {
        move |_| {
            keep("lang", chosen.code());
            reload();
        }
    };
    let pressed = |one: Lang| if lang() == one { "true" } else { "false" };
    view! {
        <div class="switch" role="group" aria-label="Language 语言">
            <button type="button" lang="zh-CN" aria-pressed=pressed(Lang::Zh) on:click=choose(Lang::Zh)>"中文"</button>
            <button type="button" lang="en" aria-pressed=pressed(Lang::En) on:click=choose(Lang::En)>"English"</button>
        </div>
    }
}

/// Light, dark, or as the device says. Changes at once.
#[component]
pub fn ThemeSwitch(theme: Theme) -> impl IntoView {
    let current = RwSignal::new(theme);
    let choice = move |one: Theme, label: &'static str| {
        let choose = move |_| {
            current.set(one);
            keep("theme", one.code());
            dress(one);
        };
        view! { <button type="button" aria-pressed=move || if current.get() == one { "true" } else { "false" } on:click=choose>{label}</button> }
    };
    view! {
        <div class="switch themes" role="group" aria-label=t("Light or dark", "明暗")>
            {choice(Theme::Auto, t("Auto", "自动"))}
            {choice(Theme::Light, t("Light", "浅色"))}
            {choice(Theme::Dark, t("Dark", "深色"))}
        </div>
    }
}

/// Keeps a choice in a cookie for a year, so that the server draws the next page right.
fn keep(name: &str, value: &str) {
    let cookie = format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax");
    // `document.cookie` is a plain property; setting it cannot fail.
    let _ = js_sys::Reflect::set(&document(), &"cookie".into(), &cookie.into());
}

fn dress(theme: Theme) {
    if let Some(root) = document().document_element() {
        // The name is a valid attribute name.
        let _ = root.set_attribute("data-theme", theme.code());
    }
}

fn reload() {
    // Refused only while the page is being closed.
    let _ = window().location().reload();
}

/// Loads a page of our own anew.
pub fn go(path: &str) {
    // Refused only for malformed addresses; ours are paths.
    let _ = window().location().assign(path);
}
