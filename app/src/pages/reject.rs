//! Reject: a reason, with ready phrases. What is typed stays on the device until it has arrived.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::api;
use crate::error::{AppError, Code};
use crate::model::{DocumentView, Number, Seen};
use crate::parts::form::{SendButton, TextArea, focus_soon};
use crate::parts::icon::Icon;
use crate::parts::menu::go;
use crate::parts::note::{Note, Tone};
use crate::parts::states::{Loading, Problem};
use crate::parts::toast::use_toasts;
use crate::visit::{lang, t};

/// The longest reason, in characters, as the API has it.
const LONGEST: usize = 2000;

/// The page where a reason is given.
#[component]
pub fn RejectPage() -> impl IntoView {
    let params = use_params_map();
    let number = Memo::new(move |_| params.with(|params| params.get("number")).unwrap_or_default());
    let found = Resource::new(
        move || number.get(),
        |number| async move {
            match number.parse::<Number>() {
                Ok(number) => api::documents::view(number).await,
                Err(_) => Err(AppError::new(Code::NotFound, t("There is no such document.", "没有这张单据。"))),
            }
        },
    );
    let again = Callback::new(move |()| found.refetch());
    view! {
        <Title text=t("Reject", "驳回") />
        <div class="page narrow">
            <Transition fallback=|| view! { <Loading rows=3 /> }>
                {move || Suspend::new(async move {
                    match found.await {
                        Ok(view) => view! { <Reason view /> }.into_any(),
                        Err(error) if error.code == Code::NotFound => view! { <super::not_found::NotFound /> }.into_any(),
                        Err(error) => view! { <Problem error retry=again /> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn Reason(view: DocumentView) -> impl IntoView {
    let DocumentView { document, actions, .. } = view;
    let page = format!("/documents/{}", document.number);
    if !actions.decide {
        return view! {
            <h1>{t("Reject", "驳回")}</h1>
            <Note tone=Tone::Info>
                <p><strong>{t("This document does not ask for your decision now.", "这张单据目前不需要您处理。")}</strong></p>
                <p><a href=page>{t("Open the document", "打开单据")}</a></p>
            </Note>
        }
        .into_any();
    }
    let draft = StoredValue::new(format!("signet.reject.{}", document.number));
    let number = StoredValue::new(document.number.clone());
    let seen = Seen { edition: Some(document.edition), revision: document.revision };
    let reason = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<AppError>);
    let problem = RwSignal::new(None::<String>);
    keep_draft(draft, reason);
    let toasts = use_toasts();
    let told =
        StoredValue::new(lang().pick(format!("Rejected. It is back with {}.", document.creator.name), format!("已驳回，退回{}。", document.creator.name)));
    let send = move || {
        let text = reason.get_untracked().trim().to_owned();
        if text.is_empty() {
            focus_soon("reason");
            problem.set(Some(t("Say why, so that it can be put right.", "请填写原因，以便更正。").to_owned()));
            return;
        }
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failed.set(None);
        problem.set(None);
        let (number, draft, told) = (number.get_value(), draft.get_value(), told.get_value());
        leptos::task::spawn_local(async move {
            match api::approvals::reject(number.clone(), seen, text).await {
                Ok(_) => {
                    forget(&draft);
                    // Whoever has gone elsewhere meanwhile stays there.
                    if !busy.is_disposed() {
                        toasts.show_next(&told);
                        go(&format!("/documents/{number}"));
                    }
                }
                Err(error) => {
                    busy.set(false);
                    failed.set(Some(error));
                }
            }
        });
    };
    let phrases = [
        t("The amount does not agree with the receipt.", "金额与凭证不符。"),
        t("A receipt or attachment is missing.", "缺少凭证或附件。"),
        t("The matter or project is wrong.", "事项或项目填写有误。"),
        t("This needs an approval in advance.", "需事先审批。"),
    ]
    .map(|phrase| view! { <li><button type="button" class="phrase" on:click=move |_| add(reason, phrase)><Icon name="add" />{phrase}</button></li> })
    .collect_view();
    let creator = document.creator.name.clone();
    let retry = Callback::new(move |()| send());
    view! {
        <header class="page-head plain">
            <p class="side-number">
                <a class="back" href=page.clone() aria-label=t("Back to the document", "返回单据")><Icon name="back" /></a>
                <span class="number">{document.number.to_string()}</span>
            </p>
            <h1>{t("Reject", "驳回")} " · " {document.title}</h1>
            <p class="quiet-text">{lang().pick(
                format!("It goes back to {creator} with your reason and can be corrected under the same number."),
                format!("单据将连同原因退回{creator}，可在原编号下更正。"),
            )}</p>
        </header>
        {move || failed.get().map(|error| if error.code == Code::Offline { view! { <Problem error retry /> } } else { view! { <Problem error /> } })}
        <form
            class="stack"
            novalidate
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <div>
                <h2 class="label" id="phrases">{t("Ready phrases", "常用语")}</h2>
                <ul class="phrases" aria-labelledby="phrases">{phrases}</ul>
            </div>
            <TextArea
                id="reason"
                label=t("Reason", "原因")
                value=reason
                required=true
                rows=6
                maxlength=u32::try_from(LONGEST).unwrap_or(u32::MAX)
                hint=t("Kept on this device until it has been sent.", "发送前保存在本机。")
                problem=problem
            />
            <footer class="actions page-end" role="group" aria-label=t("Actions", "操作")>
                <a class="button" href=page>{t("Back", "返回")}</a>
                <SendButton label=t("Reject", "驳回") busy_label=t("Sending…", "正在发送…") busy=busy icon="cross" />
            </footer>
        </form>
    }
    .into_any()
}

/// Puts a ready phrase after what is there.
fn add(reason: RwSignal<String>, phrase: &str) {
    reason.update(|reason| {
        if !reason.is_empty() && !reason.ends_with(char::is_whitespace) {
            reason.push(' ');
        }
        if reason.chars().count() + phrase.chars().count() <= LONGEST {
            reason.push_str(phrase);
        }
    });
}

/// Brings a draft back, then keeps every change.
fn keep_draft(key: StoredValue<String>, reason: RwSignal<String>) {
    Effect::new(move |before: Option<()>| {
        let text = reason.get();
        // Storage can be switched off; then there is simply no draft.
        let Ok(Some(storage)) = window().local_storage() else { return };
        if before.is_none()
            && text.is_empty()
            && let Ok(Some(kept)) = storage.get_item(&key.get_value())
        {
            reason.set(kept);
        } else if before.is_some() || !text.is_empty() {
            let _ = storage.set_item(&key.get_value(), &text);
        }
    });
}

fn forget(key: &str) {
    if let Ok(Some(storage)) = window().local_storage() {
        let _ = storage.remove_item(key);
    }
}
