//! Types: what there is, and importing one from its two files with a preview before.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::api;
use crate::error::AppError;
use crate::model::{TypeFiles, TypeSource, TypeSummary};
use crate::parts::form::{FieldFrame, SendButton, TextArea, focus_soon};
use crate::parts::icon::Icon;
use crate::parts::note::Tone;
use crate::parts::states::{Loading, Problem};
use crate::parts::toast::use_toasts;
use crate::visit::{lang, t};

/// The types, and the form to import one.
#[component]
pub fn Types() -> impl IntoView {
    let types = Resource::new(|| (), |()| api::types::types());
    let again = Callback::new(move |()| types.refetch());
    let definition = RwSignal::new(String::new());
    let template = RwSignal::new(String::new());
    let failed = RwSignal::new(None::<AppError>);
    let edited = RwSignal::new(None::<String>);
    let load = Callback::new(move |one: TypeSummary| {
        let name = one.name.pick(lang()).to_owned();
        leptos::task::spawn_local(async move {
            match api::types::type_files(one.code).await {
                Ok(files) => {
                    definition.set(files.definition);
                    template.set(files.template.unwrap_or_default());
                    failed.set(None);
                    edited.set(Some(name));
                    focus_soon("import-title");
                }
                Err(error) => failed.set(Some(error)),
            }
        });
    });
    view! {
        <Transition fallback=|| view! { <Loading rows=3 /> }>
            {move || Suspend::new(async move {
                match types.await {
                    Ok(types) => {
                        let items = types.into_iter().map(|one| view! { <TypeItem one load /> }).collect_view();
                        view! { <ul class="types">{items}</ul> }.into_any()
                    }
                    Err(error) => view! { <Problem error retry=again /> }.into_any(),
                }
            })}
        </Transition>
        <ImportForm definition template edited failed saved=again />
    }
}

#[component]
fn TypeItem(one: TypeSummary, load: Callback<TypeSummary>) -> impl IntoView {
    let chosen = one.clone();
    let source = match one.file {
        TypeSource::Template => t("made from a template", "由模板生成"),
        TypeSource::Upload => t("an uploaded PDF", "上传的 PDF"),
    };
    let name = one.name.pick(lang()).to_owned();
    view! {
        <li class="type">
            <span class="number">{one.code.to_string()}</span>
            <div><h2>{name.clone()}</h2><p class="quiet-text">{source}</p></div>
            <button type="button" class="button small" aria-label=lang().pick(format!("Edit {name}"), format!("编辑 {name}")) on:click=move |_| load.run(chosen.clone())>
                <Icon name="edit" />
                {t("Edit", "编辑")}
            </button>
        </li>
    }
}

#[component]
fn ImportForm(
    definition: RwSignal<String>,
    template: RwSignal<String>,
    edited: RwSignal<Option<String>>,
    failed: RwSignal<Option<AppError>>,
    saved: Callback<()>,
) -> impl IntoView {
    let busy = RwSignal::new(false);
    let drawing = RwSignal::new(false);
    let sample = RwSignal::new(None::<String>);
    let toasts = use_toasts();
    let files =
        move || TypeFiles { definition: definition.get_untracked(), template: Some(template.get_untracked()).filter(|template| !template.trim().is_empty()) };
    let import = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failed.set(None);
        leptos::task::spawn_local(async move {
            let done = api::types::import_type(None, files()).await;
            busy.set(false);
            match done {
                Ok(one) => {
                    toasts.show(Tone::Good, lang().pick(format!("Imported: {}", one.name.en), format!("已导入：{}", one.name.zh)));
                    saved.try_run(());
                }
                Err(error) => failed.set(Some(error)),
            }
        });
    };
    let preview = move |_| {
        if drawing.get_untracked() {
            return;
        }
        drawing.set(true);
        failed.set(None);
        leptos::task::spawn_local(async move {
            let drawn = match api::types::preview_type(files()).await {
                Ok(stream) => api::collect(stream).await,
                Err(error) => Err(error),
            };
            drawing.set(false);
            match drawn {
                Ok(pdf) => sample.set(address_of(&pdf)),
                Err(error) => failed.set(Some(error)),
            }
        });
    };
    let clear = move |_| {
        edited.set(None);
        definition.set(String::new());
        template.set(String::new());
        sample.set(None);
        failed.set(None);
    };
    let wrong = Signal::derive(|| None);
    view! {
        <section class="import" aria-labelledby="import-title">
            <h2 id="import-title" tabindex="-1">
                {move || match edited.get() {
                    Some(name) => lang().pick(format!("Change {name}"), format!("修改“{name}”")),
                    None => t("Import a type", "导入单据类型").to_owned(),
                }}
            </h2>
            <p class="quiet-text">{t("Both files are checked before anything changes. Documents that exist keep the form they were made with.", "导入前会检查两个文件；已有单据保持原样。")}</p>
            {move || failed.get().map(|error| {
                let places = error.fields.iter().map(|(place, text)| view! { <li><span class="number">{place.clone()}</span> " " {text.clone()}</li> }).collect_view();
                view! { <Problem error /><ul class="places">{places}</ul> }
            })}
            <form class="stack" on:submit=import>
                <div class="import-files">
                    <TextFile id="definition-file" label=t("Read type.toml from a file", "从文件读取 type.toml") accept=".toml" into=definition problem=wrong />
                    <TextFile id="template-file" label=t("Read template.typ from a file", "从文件读取 template.typ") accept=".typ" into=template problem=wrong />
                </div>
                <div class="import-texts">
                    <TextArea id="definition" label="type.toml" value=definition required=true rows=16 maxlength=200_000 code=true />
                    <TextArea id="template" label="template.typ" value=template rows=16 maxlength=400_000 code=true hint=t("Empty when documents are uploaded PDFs.", "单据为上传的 PDF 时留空。") />
                </div>
                <div class="form-actions">
                    <Show when=move || edited.with(Option::is_some)>
                        <button type="button" class="button quiet" on:click=clear>{t("Cancel", "取消")}</button>
                    </Show>
                    <button type="button" class="button" class:busy=drawing on:click=preview><Icon name="document" />{move || if drawing.get() { t("Drawing…", "正在生成…") } else { t("Preview with sample values", "用示例内容预览") }}</button>
                    <SendButton label=t("Import", "导入") busy_label=t("Checking…", "正在检查…") busy=busy icon="upload" />
                </div>
            </form>
            {move || sample.get().map(|address| view! {
                <p class="sample"><a class="button" href=address target="_blank" rel="external noopener"><Icon name="document" />{t("Open the sample PDF", "打开示例 PDF")}</a></p>
            })}
        </section>
    }
}

/// A file that is read into a text.
#[component]
fn TextFile(id: &'static str, label: &'static str, accept: &'static str, into: RwSignal<String>, problem: Signal<Option<String>>) -> impl IntoView {
    let read = move |event: leptos::ev::Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok()) else { return };
        let Some(file) = input.files().and_then(|files| files.get(0)) else { return };
        leptos::task::spawn_local(async move {
            let promise = file.unchecked_ref::<web_sys::Blob>().text();
            if let Ok(text) = wasm_bindgen_futures::JsFuture::from(promise).await {
                into.set(text.as_string().unwrap_or_default());
            }
        });
    };
    view! {
        <FieldFrame id label problem>
            <input id=id type="file" accept=accept aria-describedby=format!("{id}-hint {id}-problem") on:change=read />
        </FieldFrame>
    }
}

/// A local address under which this page can show bytes as a PDF.
fn address_of(pdf: &[u8]) -> Option<String> {
    let parts = js_sys::Array::of1(&js_sys::Uint8Array::from(pdf));
    let kind = web_sys::BlobPropertyBag::new();
    kind.set_type("application/pdf");
    let blob = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &kind).ok()?;
    web_sys::Url::create_object_url_with_blob(&blob).ok()
}
