//! API tokens: made here, shown once.

use leptos::prelude::*;

use crate::api;
use crate::error::AppError;
use crate::model::Token;
use crate::parts::form::{SendButton, TextField};
use crate::parts::icon::Icon;
use crate::parts::moment::Moment;
use crate::parts::note::{Note, Tone};
use crate::parts::states::{Loading, Problem};
use crate::parts::toast::use_toasts;
use crate::visit::t;

/// The tokens and the form that makes one.
#[component]
pub fn Tokens() -> impl IntoView {
    let list = Resource::new(|| (), |()| api::keys::tokens());
    let again = Callback::new(move |()| list.refetch());
    let failed = RwSignal::new(None::<AppError>);
    view! {
        <p class="quiet-text">{t("For programs that create or fetch documents in your name. A token can do what you can, so keep it secret.", "供程序以您的名义创建或获取单据。令牌拥有您的全部权限，请妥善保管。")}</p>
        {move || failed.get().map(|error| view! { <Problem error /> })}
        <Transition fallback=|| view! { <Loading rows=1 /> }>
            {move || Suspend::new(async move {
                match list.await {
                    Ok(list) => {
                        let rows = list.into_iter().map(|token| view! { <Row token again failed /> }).collect_view();
                        view! { <ul class="key-list">{rows}</ul> }.into_any()
                    }
                    Err(error) => view! { <Problem error retry=again /> }.into_any(),
                }
            })}
        </Transition>
        <NewToken again />
    }
}

#[component]
fn Row(token: Token, again: Callback<()>, failed: RwSignal<Option<AppError>>) -> impl IntoView {
    let id = StoredValue::new(token.id);
    let sure = RwSignal::new(false);
    let delete = move |_| {
        // The second press means it.
        if !sure.get_untracked() {
            sure.set(true);
            return;
        }
        leptos::task::spawn_local(async move {
            match api::keys::delete_token(id.get_value()).await {
                Ok(()) => drop(again.try_run(())),
                Err(error) => failed.set(Some(error)),
            }
        });
    };
    view! {
        <li>
            <div>
                <p><strong>{token.label.clone()}</strong></p>
                <p class="quiet-text">
                    {t("Made ", "创建于 ")}<Moment at=token.created_at />
                    {match token.used_at {
                        Some(at) => view! { " · " {t("last used ", "最近使用 ")} <Moment at /> }.into_any(),
                        None => view! { " · " {t("never used", "从未使用")} }.into_any(),
                    }}
                </p>
            </div>
            <button type="button" class="button small danger" on:click=delete>
                <Icon name="trash" />
                {move || if sure.get() { t("Press again to delete", "再按一次删除") } else { t("Delete", "删除") }}
                <span class="hidden">" " {token.label}</span>
            </button>
        </li>
    }
}

#[component]
fn NewToken(again: Callback<()>) -> impl IntoView {
    let label = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<AppError>);
    let problem = RwSignal::new(None::<String>);
    let secret = RwSignal::new(None::<String>);
    let toasts = use_toasts();
    let send = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let name = label.get_untracked().trim().to_owned();
        if name.is_empty() {
            problem.set(Some(t("Say what the token is for.", "请填写令牌用途。").to_owned()));
            return;
        }
        if busy.get_untracked() {
            return;
        }
        problem.set(None);
        failed.set(None);
        busy.set(true);
        leptos::task::spawn_local(async move {
            let outcome = api::keys::create_token(name).await;
            busy.set(false);
            match outcome {
                Ok(made) => {
                    secret.set(Some(made));
                    label.set(String::new());
                    again.try_run(());
                }
                Err(error) => failed.set(Some(error)),
            }
        });
    };
    let copy = move |_| {
        let Some(text) = secret.get_untracked() else { return };
        if copy_text(&text) {
            toasts.show(Tone::Good, t("Copied.", "已复制。"));
        } else {
            toasts
                .show(Tone::Warn, t("This browser does not let the page copy. Select the token and copy it yourself.", "浏览器不允许复制，请手动选择并复制。"));
        }
    };
    view! {
        {move || {
            secret
                .get()
                .map(|text| {
                    view! {
                        <Note tone=Tone::Good>
                            <p><strong>{t("Here is the token. It is shown only now.", "这是令牌，仅此一次显示。")}</strong></p>
                            <p class="token"><code>{text}</code></p>
                            <button type="button" class="button small" on:click=copy><Icon name="copy" />{t("Copy", "复制")}</button>
                        </Note>
                    }
                })
        }}
        {move || failed.get().map(|error| view! { <Problem error /> })}
        <form class="stack" on:submit=send>
            <TextField id="token-label" label=t("What it is for", "用途") value=label required=true problem />
            <SendButton label=t("Make a token", "生成令牌") busy_label=t("Making…", "正在生成…") busy icon="add" />
        </form>
    }
}

/// Copies by the browser's clipboard, which exists in secure contexts only.
fn copy_text(text: &str) -> bool {
    use js_sys::{Function, Reflect};
    use wasm_bindgen::JsCast;
    let Ok(clipboard) = Reflect::get(&window().navigator(), &"clipboard".into()) else { return false };
    let Ok(write) = Reflect::get(&clipboard, &"writeText".into()) else { return false };
    write.dyn_ref::<Function>().is_some_and(|write| write.call1(&clipboard, &text.into()).is_ok())
}
