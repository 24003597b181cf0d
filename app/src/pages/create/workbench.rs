//! The form beside its preview, the duplicate shown before sending, and the sending itself.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::attachment::PdfFile;
use super::fields::FieldInput;
use super::form::Form;
use super::kept::Kept;
use super::preview::Preview;
use crate::api;
use crate::browser::form_data;
use crate::browser::pieces::Calm;
use crate::error::{AppError, AppResult, Code};
use crate::model::{Document, Number, Submitted, TypeDefinition};
use crate::parts::form::{SendButton, TextField, focus_soon};
use crate::parts::icon::Icon;
use crate::parts::menu::go;
use crate::parts::moment::Moment;
use crate::parts::note::{Note, Tone};
use crate::parts::states::Problem;
use crate::parts::toast::use_toasts;
use crate::visit::{lang, me, t};

/// The whole: `rejected` is the document that is being corrected.
#[component]
pub fn Workbench(definition: TypeDefinition, rejected: Option<Document>) -> impl IntoView {
    let owner = me().map(|me| me.client_number.to_string()).unwrap_or_default();
    let name = match &rejected {
        Some(document) => format!("{owner}.{}.{}", document.number, document.edition),
        None => format!("{owner}.{}", definition.code),
    };
    let (title, fields) = match &rejected {
        // A title that the type and the matter made is made anew.
        Some(document) if document.title.starts_with(&definition.name.zh) => (String::new(), document.fields.clone()),
        Some(document) => (document.title.clone(), document.fields.clone()),
        None => (String::new(), BTreeMap::new()),
    };
    let number = rejected.map(|document| document.number);
    let form = Form::new(definition, &title, &fields);
    let kept = Kept::begin(name, form);
    let begin = StoredValue::new((title, fields));
    let holder = duplicate(form, number.clone());
    let number = StoredValue::new(number);

    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<AppError>);
    let tried = RwSignal::new(false);
    let looking = RwSignal::new(false);
    let toasts = use_toasts();
    let send = move || {
        if busy.get_untracked() {
            return;
        }
        tried.set(true);
        let problems = untrack(|| form.check());
        if let Some(first) = form.show(&problems) {
            looking.set(false);
            focus_soon(first);
            return;
        }
        busy.set(true);
        failed.set(None);
        let (number, name, key) = (number.get_value(), kept.name(), kept.key());
        leptos::task::spawn_local(async move {
            match submit(form, number, &key).await {
                Ok(Submitted { document, .. }) => {
                    kept.forget(&name, true).await;
                    // Whoever has gone elsewhere meanwhile stays there.
                    if !busy.is_disposed() {
                        toasts.show_next(&lang().pick(format!("Sent for approval: {}", document.number), format!("已提交审批：{}", document.number)));
                        go(&format!("/documents/{}", document.number));
                    }
                }
                Err(_) if busy.is_disposed() => {}
                Err(error) => {
                    busy.try_set(false);
                    if error.code == Code::IdempotencyMismatch {
                        kept.renew();
                    }
                    if !error.fields.is_empty() {
                        form.show(&error.fields);
                    }
                    if error.code == Code::DocumentRefused {
                        form.pdf_problem.set(Some([Some(error.detail.clone()), error.next.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ")));
                    }
                    failed.try_set(Some(error));
                    focus_soon("create-failed");
                }
            }
        });
    };
    // Once sending was tried, what is mended loses its mark at once.
    Effect::new(move |_| {
        let problems = form.check();
        if tried.get() && !busy.get_untracked() {
            form.show(&problems);
        }
    });
    let discard = move |_| {
        let name = kept.name();
        leptos::task::spawn_local(async move {
            kept.forget(&name, false).await;
            if begin.try_with_value(|(title, fields)| form.fill(title, fields)).is_none() {
                return;
            }
            form.pdf.set(None);
            tried.set(false);
        });
    };
    let retry = Callback::new(move |()| send());
    view! {
        <div class="create-bench" class:looking=looking>
            <form
                class="create-form"
                novalidate
                on:submit=move |event| {
                    event.prevent_default();
                    send();
                }
            >
                {move || {
                    kept.restored
                        .get()
                        .map(|at| {
                            view! {
                                <Note tone=Tone::Info>
                                    <p>{t("Your draft from ", "已恢复 ")}<Moment at />{t(" is back.", " 的草稿。")}</p>
                                    <button type="button" class="button small" on:click=discard><Icon name="trash" />{t("Discard the draft", "丢弃草稿")}</button>
                                </Note>
                            }
                        })
                }}
                {form.uploads().then(|| view! { <PdfFile form /> })}
                <Fields form holder />
                <TextField id="document-title" label=t("Title", "标题") hint=t("For lists. Left empty, the type and the matter name it.", "用于列表；留空则由类型与事项命名。") value=form.title />
                <div id="create-failed" tabindex="-1">
                    {move || {
                        failed
                            .get()
                            .map(|error| match error.code {
                                Code::DuplicateMatter | Code::InvalidInput | Code::DocumentRefused => view! { <Problem error /> }.into_any(),
                                _ => view! { <Problem error retry /> }.into_any(),
                            })
                    }}
                </div>
                <p class="hint kept" role="status">{move || kept.kept_at.get().map(|at| view! { {t("Draft kept on this device, ", "草稿已保存在本机，")}<Moment at /> })}</p>
                <footer class="actions" role="group" aria-label=t("Actions", "操作")>
                    <button
                        type="button"
                        class="button preview-toggle"
                        on:click=move |_| {
                            looking.set(true);
                            focus_soon("create-preview-title");
                        }
                    >
                        {t("Preview", "预览")}
                    </button>
                    <SendButton label=t("Submit for approval", "提交审批") busy_label=t("Submitting…", "正在提交…") busy icon="next" />
                </footer>
            </form>
            <section class="create-preview" aria-labelledby="create-preview-title" tabindex="0">
                <header class="preview-head">
                    <h2 id="create-preview-title" tabindex="-1">{t("Preview", "预览")}</h2>
                    <button type="button" class="button small preview-back" on:click=move |_| looking.set(false)>
                        <Icon name="back" />
                        {t("Back to the form", "返回填写")}
                    </button>
                </header>
                <Preview form />
            </section>
        </div>
    }
}

/// The fields in order; the duplicate is told right below the fields that make the matter.
#[component]
fn Fields(form: Form, holder: RwSignal<Option<Number>>) -> impl IntoView {
    let last = form.definition.with_value(|definition| {
        let matters = definition.fields.iter().rposition(|field| definition.matter.contains(&field.key));
        matters.unwrap_or(definition.fields.len())
    });
    let entries = form.entries.get_value().into_iter().enumerate();
    let fields = entries.map(|(place, entry)| {
        view! {
            <FieldInput entry />
            {(place == last).then(|| view! { <div class="matter-note" aria-live="polite">{move || holder.get().map(|number| view! { <Duplicate number /> })}</div> })}
        }
    });
    fields.collect_view()
}

#[component]
fn Duplicate(number: Number) -> impl IntoView {
    view! {
        <Note tone=Tone::Warn>
            <p>{t("This matter already has a live document. One matter, one document.", "这件事已有一张有效单据。一事只能有一单。")}</p>
            <p><a href=format!("/documents/{number}")>{t("Open ", "查看 ")}<span class="number">{number.to_string()}</span></a></p>
        </Note>
    }
}

/// Asks who holds the matter whenever its fields have come to rest.
fn duplicate(form: Form, own: Option<Number>) -> RwSignal<Option<Number>> {
    let holder = RwSignal::new(None::<Number>);
    let calm = Calm::new(500);
    let own = StoredValue::new(own);
    let turn = StoredValue::new(0_u32);
    let asked = Memo::new(move |_| {
        let mut document = form.document();
        let keys = form.definition.with_value(|definition| definition.matter.clone());
        document.fields.retain(|key, _| keys.contains(key));
        document.title = None;
        (!keys.is_empty() && document.fields.len() == keys.len()).then_some(document)
    });
    Effect::new(move |_| {
        let asked = asked.get();
        holder.set(None);
        turn.update_value(|turn| *turn += 1);
        let mine = turn.get_value();
        calm.stop();
        let Some(document) = asked else { return };
        calm.run(move || {
            leptos::task::spawn_local(async move {
                // A question that fails is answered by the submission.
                let Ok(found) = api::documents::matter_holder(document).await else { return };
                if turn.try_get_value() == Some(mine) {
                    holder.set(found.filter(|number| own.with_value(|own| own.as_ref() != Some(number))));
                }
            });
        });
    });
    holder
}

async fn submit(form: Form, number: Option<Number>, key: &str) -> AppResult<Submitted> {
    let document = untrack(|| form.document());
    let file = form.pdf.get_untracked().map(|(_, pdf)| pdf);
    let data = form_data::form(&document, number.as_ref(), file.as_ref(), Some(key))?;
    match number {
        Some(_) => api::documents::correct(data).await,
        None => api::documents::submit(data).await,
    }
}
