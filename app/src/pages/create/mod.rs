//! New document: choose a type, fill in what it asks for, see the PDF, send it. A correction is the same form, filled in.

#[cfg(feature = "hydrate")]
mod attachment;
#[cfg(feature = "hydrate")]
mod fields;
#[cfg(feature = "hydrate")]
mod form;
#[cfg(feature = "hydrate")]
mod kept;
#[cfg(feature = "hydrate")]
mod preview;
#[cfg(feature = "hydrate")]
mod table;
#[cfg(feature = "hydrate")]
mod workbench;

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use crate::api;
use crate::error::{AppError, Code};
use crate::model::{Document, DocumentView, Number, TypeCode, TypeDefinition, TypeSource, TypeSummary};
use crate::parts::alive::Alive;
use crate::parts::icon::Icon;
use crate::parts::note::{Note, Tone};
use crate::parts::states::{Empty, Loading, Problem};
use crate::visit::{lang, t};

/// Choose a type.
#[component]
pub fn ChooseType() -> impl IntoView {
    let types = Resource::new(|| (), |()| api::types::types());
    let again = Callback::new(move |()| types.refetch());
    view! {
        <Title text=t("New document", "新建单据") />
        <div class="page narrow">
            <h1>{t("What would you like to create?", "要新建哪种单据？")}</h1>
            <Transition fallback=|| view! { <Loading rows=3 /> }>
                {move || Suspend::new(async move {
                    match types.await {
                        Ok(types) => view! { <TypeCards types=types.into_iter().filter(|one| one.may_create).collect() /> }.into_any(),
                        Err(error) => view! { <Problem error retry=again /> }.into_any(),
                    }
                })}
            </Transition>
        </div>
    }
}

#[component]
fn TypeCards(types: Vec<TypeSummary>) -> impl IntoView {
    if types.is_empty() {
        return view! {
            <Empty icon="document" title=t("Nothing you may create", "没有可新建的单据") text=t("An administrator gives your account the role for it.", "请管理员为您的账户授予相应角色。") />
        }
        .into_any();
    }
    let cards = types
        .into_iter()
        .map(|one| {
            let (icon, how) = match one.file {
                TypeSource::Template => ("edit", t("Fill in a form", "填写表单")),
                TypeSource::Upload => ("camera", t("Upload a PDF or photograph the paper", "上传 PDF 或拍摄纸质单据")),
            };
            view! {
                <li>
                    <a class="type-card" href=format!("/create/{}", one.code)>
                        <span class="empty-mark small"><Icon name=icon /></span>
                        <span class="type-card-text">
                            <strong>{one.name.pick(lang()).to_owned()}</strong>
                            <span class="quiet-text"><span class="number">{one.code.to_string()}</span> " · " {how}</span>
                        </span>
                        <Icon name="next" />
                    </a>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="type-cards">{cards}</ul> }.into_any()
}

/// A new document of one type.
#[component]
pub fn CreatePage() -> impl IntoView {
    let params = use_params_map();
    let code = Memo::new(move |_| params.with(|params| params.get("type")).unwrap_or_default());
    let found = Resource::new(
        move || code.get(),
        |code| async move {
            match code.parse::<TypeCode>() {
                Ok(code) => api::types::definition(code).await,
                Err(_) => Err(AppError::new(Code::NotFound, t("There is no such type.", "没有此单据类型。"))),
            }
        },
    );
    let again = Callback::new(move |()| found.refetch());
    view! {
        <Title text=t("New document", "新建单据") />
        <Transition fallback=|| view! { <div class="page narrow"><Loading rows=5 /></div> }>
            {move || Suspend::new(async move {
                match found.await {
                    Ok(definition) => view! { <Making definition rejected=None /> }.into_any(),
                    Err(error) if error.code == Code::NotFound => view! { <super::not_found::NotFound /> }.into_any(),
                    Err(error) => view! { <div class="page narrow"><Problem error retry=again /></div> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// Correct a rejected document: its next edition under the same number.
#[component]
pub fn CorrectPage() -> impl IntoView {
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
        <Title text=t("Correct", "更正") />
        <Transition fallback=|| view! { <div class="page narrow"><Loading rows=5 /></div> }>
            {move || Suspend::new(async move {
                match found.await {
                    Ok(DocumentView { document, definition, actions, .. }) if actions.correct => {
                        view! { <Making definition rejected=Some(document) /> }.into_any()
                    }
                    Ok(view) => view! { <NothingToCorrect document=view.document /> }.into_any(),
                    Err(error) if error.code == Code::NotFound => view! { <super::not_found::NotFound /> }.into_any(),
                    Err(error) => view! { <div class="page narrow"><Problem error retry=again /></div> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn NothingToCorrect(document: Document) -> impl IntoView {
    view! {
        <div class="page narrow">
            <h1>{t("Correct", "更正")}</h1>
            <Note tone=Tone::Info>
                <p><strong>{t("There is nothing for you to correct on this document now.", "这张单据目前不需要您更正。")}</strong></p>
                <p><a href=format!("/documents/{}", document.number)>{t("Open the document", "打开单据")}</a></p>
            </Note>
        </div>
    }
}

/// The form's page; `rejected` is the document that is being corrected.
#[component]
fn Making(definition: TypeDefinition, rejected: Option<Document>) -> impl IntoView {
    let name = definition.name.pick(lang()).to_owned();
    let reason = rejected.as_ref().and_then(|document| {
        let decisions = document.steps.iter().flat_map(|step| step.decisions.iter());
        decisions.filter_map(|decision| Some((decision.by.clone(), decision.reason.clone()?))).next_back()
    });
    let (back, number) = match &rejected {
        Some(document) => (format!("/documents/{}", document.number), Some(document.number.to_string())),
        None => ("/create".to_owned(), None),
    };
    let inside = StoredValue::new((definition, rejected));
    view! {
        <div class="create">
            <header class="create-head">
                <p>
                    <a class="back" href=back aria-label=t("Back", "返回")><Icon name="back" /></a>
                    <span class="number">{number}</span>
                </p>
                <h1>{name}</h1>
                {reason
                    .map(|(by, reason)| {
                        view! {
                            <Note tone=Tone::Warn>
                                <p><strong>{lang().pick(format!("{by} rejected it:"), format!("{by} 驳回："))}</strong></p>
                                <p>{reason}</p>
                            </Note>
                        }
                    })}
            </header>
            <Alive waiting=|| view! { <Loading rows=5 /> }>
                {inside.with_value(|(definition, rejected)| live(definition.clone(), rejected.clone()))}
            </Alive>
        </div>
    }
}

#[cfg(not(feature = "hydrate"))]
fn live(_: TypeDefinition, _: Option<Document>) {}

#[cfg(feature = "hydrate")]
fn live(definition: TypeDefinition, rejected: Option<Document>) -> impl IntoView {
    match rejected {
        Some(document) => view! { <Correcting definition number=document.number /> }.into_any(),
        None => view! { <workbench::Workbench definition rejected=None /> }.into_any(),
    }
}

/// The rejected document with all its values: what a page shows names pictures, a form holds them.
#[cfg(feature = "hydrate")]
#[component]
fn Correcting(definition: TypeDefinition, number: Number) -> impl IntoView {
    let found = LocalResource::new(move || api::documents::document(number.clone()));
    let again = Callback::new(move |()| found.refetch());
    let definition = StoredValue::new(definition);
    view! {
        <Suspense fallback=|| view! { <Loading rows=5 /> }>
            {move || Suspend::new(async move {
                match found.await {
                    Ok(document) => view! { <workbench::Workbench definition=definition.get_value() rejected=Some(document) /> }.into_any(),
                    Err(error) => view! { <Problem error retry=again /> }.into_any(),
                }
            })}
        </Suspense>
    }
}
