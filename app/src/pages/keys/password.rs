//! Changing the password. Every session ends with it.

use leptos::prelude::*;

use crate::api;
use crate::error::AppError;
use crate::parts::form::{SendButton, TextField, Tick};
use crate::parts::menu::go;
use crate::parts::states::Problem;
use crate::visit::t;

const SHORTEST: usize = 10;

/// The form.
#[component]
pub fn PasswordForm() -> impl IntoView {
    let old = RwSignal::new(String::new());
    let new = RwSignal::new(String::new());
    let end_tokens = RwSignal::new(true);
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<AppError>);
    let problem = RwSignal::new(None::<String>);
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        if new.with_untracked(|new| new.chars().count() < SHORTEST) {
            problem.set(Some(t("At least 10 characters.", "至少 10 个字符。").to_owned()));
            return;
        }
        problem.set(None);
        failed.set(None);
        busy.set(true);
        leptos::task::spawn_local(async move {
            match api::session::change_password(old.get_untracked(), new.get_untracked(), !end_tokens.get_untracked()).await {
                // Its session has ended as well.
                Ok(()) => go("/sign-in?next=/keys"),
                Err(error) => {
                    busy.set(false);
                    failed.set(Some(error));
                }
            }
        });
    };
    view! {
        <p class="quiet-text">{t("You will be signed out everywhere and sign in again with the new one.", "修改后所有设备都将退出，请用新密码重新登录。")}</p>
        {move || failed.get().map(|error| view! { <Problem error /> })}
        <form class="stack" on:submit=send>
            <TextField id="password-old" kind="password" label=t("Password now", "当前密码") value=old required=true autocomplete="current-password" />
            <TextField
                id="password-new"
                kind="password"
                label=t("New password", "新密码")
                hint=t("10 characters or more; a sentence is good.", "至少 10 个字符，一句话也可以。")
                value=new
                required=true
                autocomplete="new-password"
                problem
            />
            <Tick id="password-tokens" label=t("End my access tokens as well", "同时作废我的访问令牌") value=end_tokens />
            <SendButton label=t("Change the password", "修改密码") busy_label=t("Changing…", "正在修改…") busy />
        </form>
    }
}
