//! Sign: the revision with the seal in its place, one confirmation.

#[cfg(feature = "hydrate")]
mod done;
#[cfg(feature = "hydrate")]
mod ghost;
#[cfg(feature = "hydrate")]
mod journey;
mod turn;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use turn::Turn;

use crate::api;
use crate::error::{AppError, Code};
use crate::model::{DecisionKind, Document, DocumentView, Number};
use crate::parts::alive::Alive;
use crate::parts::icon::Icon;
use crate::parts::moment::Moment;
use crate::parts::note::{Note, Tone};
use crate::parts::states::{Loading, Problem};
use crate::visit::{lang, t};

/// The signing page.
#[component]
pub fn SignPage() -> impl IntoView {
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
        <Title text=t("Sign", "签章") />
        <Transition fallback=|| view! { <div class="page narrow"><Loading rows=4 /></div> }>
            {move || Suspend::new(async move {
                match found.await {
                    Ok(view) if view.actions.decide => view! { <Signing view /> }.into_any(),
                    Ok(view) => view! { <NotAsked document=view.document /> }.into_any(),
                    Err(error) if error.code == Code::NotFound => view! { <super::not_found::NotFound /> }.into_any(),
                    Err(error) => view! { <div class="page narrow"><Problem error retry=again /></div> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Signing(view: DocumentView) -> impl IntoView {
    let document = view.document;
    let step = document.open_step().map(|step| step.name.clone()).unwrap_or_default();
    view! {
        <article class="sign-page">
            <header class="sign-head">
                <p>
                    <a class="back" href=format!("/documents/{}", document.number) aria-label=t("Back to the document", "返回单据")><Icon name="back" /></a>
                    <span class="number">{document.number.to_string()}</span>
                    {Turn::here().map(|turn| view! { <span class="chip off">{turn.place()}</span> })}
                </p>
                <h1>{document.title.clone()}</h1>
                <p class="quiet-text">{lang().pick(format!("{step} · from {}", document.creator.name), format!("{step} · 创建人 {}", document.creator.name))}</p>
            </header>
            <Alive waiting=|| view! { <div class="stage"><div class="sheet-waiting"></div></div> }>{live(document.clone())}</Alive>
        </article>
    }
}

#[cfg(not(feature = "hydrate"))]
fn live(_: Document) {}

#[cfg(feature = "hydrate")]
fn live(document: Document) -> impl IntoView {
    view! { <journey::Journey document /> }
}

/// The document does not ask for this caller now: who decided, and the way back.
#[component]
fn NotAsked(document: Document) -> impl IntoView {
    let last = document.steps.iter().flat_map(|step| step.decisions.iter().map(move |decision| (step.name.clone(), decision.clone()))).next_back();
    view! {
        <div class="page narrow">
            <h1>{t("Sign", "签章")}</h1>
            <Note tone=Tone::Info>
                <p><strong>{t("This document does not ask for your seal now.", "这张单据目前不需要您签章。")}</strong></p>
                {last
                    .map(|(step, decision)| {
                        let what = match decision.decision {
                            DecisionKind::Signed => lang().pick(format!("{step}: signed by {}, ", decision.by), format!("{step}：{} 已签章，", decision.by)),
                            DecisionKind::Rejected => lang().pick(format!("{step}: rejected by {}, ", decision.by), format!("{step}：{} 已驳回，", decision.by)),
                        };
                        view! { <p>{what}<Moment at=decision.at /></p> }
                    })}
                {Turn::here().and_then(|turn| turn.next()).map(|(number, page)| view! { <p><a href=page rel="external">{t("Next in turn: ", "下一件：")}<span class="number">{number.to_string()}</span></a></p> })}
                <p><a href=format!("/documents/{}", document.number)>{t("Open the document", "打开单据")}</a></p>
                <p><a href="/inbox">{t("Back to the inbox", "返回待办")}</a></p>
            </Note>
        </div>
    }
}
