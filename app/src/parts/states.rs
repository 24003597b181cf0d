//! Empty, loading, failed: designed, not left over.

use leptos::prelude::*;

use super::icon::Icon;
use super::note::{Note, Tone};
use crate::error::{AppError, Code};
use crate::visit::{lang, t};

/// Nothing here, and why that is fine. `whole_page` makes its title the page's own.
#[component]
pub fn Empty(
    icon: &'static str,
    #[prop(into)] title: String,
    #[prop(optional, into)] text: String,
    #[prop(optional)] whole_page: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <span class="empty-mark"><Icon name=icon /></span>
            {if whole_page { view! { <h1>{title}</h1> }.into_any() } else { view! { <h2>{title}</h2> }.into_any() }}
            {(!text.is_empty()).then(|| view! { <p>{text}</p> })}
            {children.map(|children| view! { <div class="empty-next">{children()}</div> })}
        </div>
    }
}

/// Rows on their way.
#[component]
pub fn Loading(#[prop(default = 4)] rows: usize) -> impl IntoView {
    view! {
        <div class="loading" role="status">
            <span class="hidden">{t("Loading…", "正在载入…")}</span>
            {(0..rows).map(|_| view! { <i class="loading-row"></i> }).collect_view()}
        </div>
    }
}

/// What went wrong, what was kept, what to do next. `retry` offers to try again.
#[component]
pub fn Problem(
    error: AppError,
    #[prop(optional, into)] retry: Option<Callback<()>>,
    /// What was kept, where it is nothing typed.
    #[prop(optional, into)]
    kept: Option<&'static str>,
) -> impl IntoView {
    if error.code == Code::SignInRequired {
        return view! { <SignInAgain /> }.into_any();
    }
    let detail = if error.code == Code::Offline {
        let kept = kept.unwrap_or_else(|| t("What you typed is still here.", "您填写的内容仍保留在此。"));
        lang().pick(format!("Signet could not be reached. {kept}"), format!("无法连接 Signet。{kept}"))
    } else {
        error.detail.clone()
    };
    let next = error.next.clone().or_else(|| (error.code == Code::Offline).then(|| t("Check the network, then try again.", "请检查网络后重试。").to_owned()));
    view! {
        <Note tone=Tone::Bad>
            <p><strong>{detail}</strong></p>
            {next.map(|next| view! { <p>{next}</p> })}
            {error.number.map(|number| {
                view! { <p><a href=format!("/documents/{number}")>{t("Open ", "打开 ")}<span class="number">{number.to_string()}</span></a></p> }
            })}
            {retry.map(|retry| {
                view! {
                    <button type="button" class="button small" on:click=move |_| retry.run(())>
                        <Icon name="refresh" />
                        {t("Try again", "重试")}
                    </button>
                }
            })}
        </Note>
    }
    .into_any()
}

/// The session ended while the page was open.
#[component]
fn SignInAgain() -> impl IntoView {
    let location = leptos_router::hooks::use_location();
    let href = move || format!("/sign-in?next={}", crate::visit::encode(&location.pathname.get()));
    view! {
        <Note tone=Tone::Warn>
            <p><strong>{t("Your session has ended. Drafts on this device are kept.", "登录已过期。本机草稿仍然保留。")}</strong></p>
            <p><a href=href rel="external">{t("Sign in again", "重新登录")}</a></p>
        </Note>
    }
}
