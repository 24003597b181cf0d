//! The frame round every page: the bar above, the tabs below on a phone, toasts, the network's state.

use leptos::prelude::*;
use leptos_router::components::A;

use super::alive::Alive;
use super::icon::Icon;
use super::live::{Live, use_live};
use super::menu::{AccountMenu, LangSwitch, ThemeSwitch};
use super::toast::ToastRegion;
use crate::visit::{Theme, Visit, me, t};

/// The frame.
#[component]
pub fn Frame(children: Children) -> impl IntoView {
    let live = use_live();
    let theme = theme();
    let me = me();
    let signed_in = me.is_some();
    let creates = me.as_ref().is_some_and(|me| me.has_role("creator"));
    view! {
        <a class="skip" href="#main">{t("Skip to the page", "跳到正文")}</a>
        <header class="top">
            <a class="brand" href="/"><span class="mark" aria-hidden="true">"印"</span><span>"Signet"</span></a>
            {signed_in.then(|| view! { <nav class="top-nav" aria-label=t("Main", "主导航")>{links(live)}</nav> })}
            <span class="grow"></span>
            {creates.then(|| view! { <a class="button primary small top-new" href="/create"><Icon name="add" /><span>{t("New", "新建")}</span></a> })}
            {match me {
                Some(me) => view! { <AccountMenu me theme /> }.into_any(),
                None => view! { <Door /><ThemeSwitch theme /><LangSwitch /> }.into_any(),
            }}
        </header>
        <Show when=move || live.offline.get()>
            <div class="offline" role="status"><Icon name="offline" />{t("No network. What you typed is kept on this device.", "网络已断开。您填写的内容已保留在本机。")}</div>
        </Show>
        {signed_in.then(|| view! { <Alive>{notices()}</Alive> })}
        <main id="main" tabindex="-1">{children()}</main>
        {signed_in.then(|| view! { <nav class="tabs" aria-label=t("Main", "主导航")>{links(live)}</nav> })}
        <ToastRegion />
    }
}

#[cfg(not(feature = "hydrate"))]
fn notices() {}

#[cfg(feature = "hydrate")]
fn notices() -> impl IntoView {
    view! { <super::key_notice::KeyNotice /> }
}

/// From checking a file to the sign-in page, for who is not signed in.
#[component]
fn Door() -> impl IntoView {
    let location = leptos_router::hooks::use_location();
    let checks = move || location.pathname.with(|path| path == "/verify");
    move || checks().then(|| view! { <a class="button quiet small" href="/sign-in">{t("Sign in", "登录")}</a> })
}

/// The main places. The router marks the current one.
fn links(live: Live) -> impl IntoView {
    view! {
        <A href="/inbox"><Icon name="inbox" /><span>{t("Inbox", "待办")}</span><Badge count=Signal::derive(move || live.waiting.with(|waiting| waiting.count)) what=t("waiting", "件待办") /></A>
        <A href="/documents"><Icon name="document" /><span>{t("Documents", "单据")}</span></A>
        <A href="/mailbox"><Icon name="return" /><span>{t("Mailbox", "回传")}</span><Badge count=live.unread.into() what=t("unread", "条未读") /></A>
        <A href="/verify"><Icon name="verify" /><span>{t("Verify", "核验")}</span></A>
    }
}

#[component]
fn Badge(count: Signal<u32>, what: &'static str) -> impl IntoView {
    move || (count.get() > 0).then(|| view! { <span class="badge">{count.get().to_string()}<span class="hidden">" " {what}</span></span> })
}

fn theme() -> Theme {
    use_context::<Visit>().map(|visit| visit.theme).unwrap_or_default()
}
