//! A document: the page itself, beside it number, route, values, checks and history, and the actions where the thumb is.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::api;
use crate::error::{AppError, Code};
use crate::model::{Actions, Document, DocumentView, Number, Status};
use crate::parts::checks::SignatureChecks;
use crate::parts::dialog::Dialog;
use crate::parts::history::History;
use crate::parts::icon::Icon;
use crate::parts::level::LevelChip;
use crate::parts::note::{Note, Tone};
use crate::parts::pdf_stage::PdfStage;
use crate::parts::proof::Proof;
use crate::parts::states::{Loading, Problem};
use crate::parts::status::StatusLine;
use crate::parts::steps::StepsStrip;
use crate::parts::toast::use_toasts;
use crate::parts::values::{Changes, Values};
use crate::visit::{lang, me, t};

/// A document on its own.
#[component]
pub fn DocumentPage() -> impl IntoView {
    view! {
        <div class="document-page">
            <DocumentOfRoute back="/documents" />
        </div>
    }
}

/// A document beside the inbox.
#[component]
pub fn DocumentBeside() -> impl IntoView {
    view! { <DocumentOfRoute back="/inbox" /> }
}

/// The document that the address names.
#[component]
fn DocumentOfRoute(back: &'static str) -> impl IntoView {
    let params = use_params_map();
    let number = Memo::new(move |_| params.with(|params| params.get("number")).unwrap_or_default());
    let found = Resource::new(
        move || number.get(),
        |number| async move {
            match number.parse::<Number>() {
                Ok(number) => api::documents::view(number).await,
                Err(_) => Err(no_such_document()),
            }
        },
    );
    let again = Callback::new(move |()| found.refetch());
    view! {
        <Transition fallback=|| view! { <div class="page"><Loading rows=6 /></div> }>
            {move || Suspend::new(async move {
                match found.await {
                    Ok(view) => view! { <Found view back again /> }.into_any(),
                    Err(error) if error.code == Code::NotFound => view! { <super::not_found::NotFound /> }.into_any(),
                    Err(error) => view! { <div class="page narrow"><Problem error retry=again /></div> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// As the server would say it, for an address that is no number at all.
fn no_such_document() -> AppError {
    AppError::new(Code::NotFound, t("There is no such document.", "没有这张单据。"))
}

#[component]
fn Found(view: DocumentView, back: &'static str, again: Callback<()>) -> impl IntoView {
    let DocumentView { document, definition, actions, events, before } = view;
    let kind = definition.name.pick(lang()).to_owned();
    let reason = (document.status == Status::Rejected).then(|| rejection(&document)).flatten();
    let changes = before.map(|before| {
        view! {
            <section class="side-part">
                <h2>{t("Changed since the edition before", "较上一稿的改动")}</h2>
                <Changes definition=definition.clone() before now=document.fields.clone() />
            </section>
        }
    });
    view! {
        <Title text=format!("{} · {}", document.number, document.title) />
        <article class="document">
            <div class="document-stage">
                <PdfStage number=document.number.clone() revision=document.revision sha256=document.sha256.clone() />
            </div>
            <div class="document-side">
                <header class="side-part side-head">
                    <p class="side-number">
                        <a class="back" href=back aria-label=t("Back to the list", "返回列表")><Icon name="back" /></a>
                        <span class="number">{document.number.to_string()}</span>
                        {(document.edition > 1).then(|| lang().pick(format!(" · Edition {}", document.edition), format!(" · 第 {} 稿", document.edition)))}
                    </p>
                    <h1>{document.title.clone()}</h1>
                    <p class="side-line"><StatusLine document=document.clone() /> <LevelChip level=document.level /> <span class="quiet-text">{kind} " · " {document.creator.name.clone()}</span></p>
                    {reason
                        .map(|(by, reason)| {
                            view! {
                                <Note tone=Tone::Bad>
                                    <p><strong>{lang().pick(format!("{by} rejected it:"), format!("{by} 驳回："))}</strong></p>
                                    <p>{reason}</p>
                                </Note>
                            }
                        })}
                </header>
                <section class="side-part">
                    <h2>{t("Sign-off", "会签")}</h2>
                    <StepsStrip steps=document.steps.clone() />
                </section>
                {changes}
                <section class="side-part">
                    <h2>{t("Values", "内容")}</h2>
                    <Values definition=definition.clone() fields=document.fields.clone() />
                </section>
                <section class="side-part">
                    <h2>{t("Signature checks", "签名核验")}</h2>
                    <Proof
                        number=document.number.clone()
                        revision=document.revision
                        sha256=document.sha256.clone()
                        steps=document.steps.clone()
                    />
                    <SignatureChecks document=document.clone() />
                </section>
                <section class="side-part">
                    <h2>{t("History", "经过")}</h2>
                    <History events definition />
                </section>
                <ActionBar document actions again />
            </div>
        </article>
    }
}

/// Who rejected it, and why.
fn rejection(document: &Document) -> Option<(String, String)> {
    let decisions = document.steps.iter().flat_map(|step| step.decisions.iter());
    decisions.filter_map(|decision| Some((decision.by.clone(), decision.reason.clone()?))).next_back()
}

#[component]
fn ActionBar(document: Document, actions: Actions, again: Callback<()>) -> impl IntoView {
    let number = document.number.clone();
    let path = format!("/documents/{number}");
    let asking = RwSignal::new(false);
    let signed = document.status == Status::Signed;
    let own = me().is_some_and(|me| me.client_number == document.creator.client_number);
    let save = format!("/api/v1/documents/{number}/file?download=1");
    let download = view! {
        <a class="button" class:primary=signed && own class:icon-only=actions.decide href=save download=format!("{number}.pdf") rel="external">
            <Icon name="download" />
            <span class:hidden=actions.decide>{t("Download", "下载")}</span>
        </a>
    };
    view! {
        <footer class="actions" role="group" aria-label=t("Actions", "操作")>
            {download}
            {actions
                .withdraw
                .then(|| {
                    view! {
                        <button type="button" class="button" on:click=move |_| asking.set(true)><Icon name="undo" /><span>{t("Withdraw", "撤回")}</span></button>
                    }
                })}
            {actions
                .correct
                .then(|| view! { <a class="button primary" href=format!("{path}/correct")><Icon name="edit" /><span>{t("Correct", "更正")}</span></a> })}
            {actions
                .decide
                .then(|| {
                    view! {
                        <a class="button danger" href=format!("{path}/reject")><Icon name="cross" /><span>{t("Reject", "驳回")}</span><kbd aria-hidden="true">"r"</kbd></a>
                        <a class="button primary" href=format!("{path}/sign")><Icon name="seal" /><span>{t("Sign", "签章")}</span><kbd aria-hidden="true">"s"</kbd></a>
                    }
                })}
        </footer>
        <WithdrawDialog number open=asking again />
    }
}

#[component]
fn WithdrawDialog(number: Number, open: RwSignal<bool>, again: Callback<()>) -> impl IntoView {
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<AppError>);
    let toasts = use_toasts();
    let number = StoredValue::new(number);
    let withdraw = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failed.set(None);
        leptos::task::spawn_local(async move {
            let done = api::documents::withdraw(number.get_value()).await;
            busy.set(false);
            match done {
                Ok(_) => {
                    open.set(false);
                    toasts.show(Tone::Good, t("Withdrawn. Its matter is free again.", "已撤回，该事项可重新建单。"));
                    again.try_run(());
                }
                Err(error) => failed.set(Some(error)),
            }
        });
    };
    view! {
        <Dialog open id="withdraw" title=t("Withdraw this document?", "撤回这张单据？")>
            <p>{t("No one will be asked to sign it any more. The number stays used; the matter becomes free for a new document.", "单据将不再送签。编号不再使用，该事项可重新建单。")}</p>
            {move || failed.get().map(|error| view! { <Problem error /> })}
            <div class="dialog-actions">
                <button type="button" class="button" on:click=move |_| open.set(false)>{t("Keep it", "保留")}</button>
                <button type="button" class="button primary" class:busy=busy on:click=withdraw>{t("Withdraw", "撤回")}</button>
            </div>
        </Dialog>
    }
}
