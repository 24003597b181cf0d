//! Files in the form: a picture as a field's value, and the PDF of an upload type, chosen or photographed.

use js_sys::Uint8Array;
use leptos::ev;
use leptos::prelude::*;

use super::form::{Entry, Form};
use crate::browser::bytes::size;
use crate::browser::{BrowserResult, file, photo};
use crate::parts::icon::Icon;
use crate::visit::{lang, t};

/// The largest PDF, as the server has it.
const MAX_PDF: f64 = 20.0 * 1024.0 * 1024.0;

/// A picture: chosen, or taken with the phone.
#[component]
pub fn Picture(entry: Entry) -> impl IntoView {
    let (id, value, problem, required) = (entry.id(), entry.value, entry.problem, entry.field.required);
    let label = entry.field.label.pick(lang()).to_owned();
    let hint = entry.field.hint.as_ref().map(|hint| hint.pick(lang()).to_owned());
    let busy = RwSignal::new(false);
    let take = Callback::new(move |chosen: Chosen| {
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            let outcome = photo::data_url(&chosen.0).await;
            busy.try_set(false);
            match outcome {
                Ok(url) => drop(value.try_set(url)),
                Err(error) => drop(problem.try_set(Some(error.detail))),
            }
        });
    });
    let name = label.clone();
    view! {
        <fieldset class="field picture-field" class:wrong=move || problem.with(Option::is_some)>
            <legend>{label}{(!required).then(|| view! { <small>{t("optional", "选填")}</small> })}</legend>
            {move || {
                let url = value.get();
                (!url.is_empty())
                    .then(|| {
                        view! {
                            <div class="picture">
                                <img src=url alt=name.clone() />
                                <button type="button" class="button small" on:click=move |_| value.set(String::new())><Icon name="trash" />{t("Remove the picture", "移除图片")}</button>
                            </div>
                        }
                    })
            }}
            <div class="file-choices">
                <FileButton id=format!("{id}-camera") icon="camera" label=t("Take a photo", "拍照") accept="image/*" camera=true take />
                <FileButton id=id.clone() icon="upload" label=t("Choose a picture", "选择图片") accept="image/jpeg,image/png" take />
            </div>
            {hint.map(|hint| view! { <p class="hint">{hint}</p> })}
            <p class="hint" role="status">{move || busy.get().then(|| t("Preparing the picture…", "正在处理图片…"))}</p>
            <p class="problem" role="alert">{move || problem.get().map(|text| view! { <Icon name="warning" />{text} })}</p>
        </fieldset>
    }
}

/// The PDF of an upload type.
#[component]
pub fn PdfFile(form: Form) -> impl IntoView {
    let problem = form.pdf_problem;
    let busy = RwSignal::new(false);
    let over = RwSignal::new(false);
    let take = Callback::new(move |chosen: Chosen| {
        busy.set(true);
        problem.set(None);
        leptos::task::spawn_local(async move {
            let outcome = read(&chosen.0).await;
            busy.try_set(false);
            match outcome {
                Ok(pdf) => drop(form.pdf.try_set(Some(pdf))),
                Err(error) => drop(problem.try_set(Some(error.detail))),
            }
        });
    });
    let dropped = move |event: ev::DragEvent| {
        event.prevent_default();
        over.set(false);
        if let Some(chosen) = event.data_transfer().and_then(|data| data.files()).and_then(|files| files.get(0)) {
            take.run(Chosen(chosen));
        }
    };
    view! {
        <fieldset class="field pdf-field" class:wrong=move || problem.with(Option::is_some)>
            <legend>{t("The document itself", "单据文件")}</legend>
            <div
                class="drop"
                class:over=over
                on:dragover=move |event| {
                    event.prevent_default();
                    over.set(true);
                }
                on:dragleave=move |_| over.set(false)
                on:drop=dropped
            >
                {move || {
                    form.pdf
                        .get()
                        .map(|(name, bytes)| {
                            view! {
                                <p class="chosen"><Icon name="document" /><strong>{name}</strong> " " <span class="quiet-text">{size(bytes.length())}</span></p>
                            }
                        })
                }}
                <div class="file-choices">
                    <FileButton id="pdf-camera" icon="camera" label=t("Photograph the paper", "拍摄纸质单据") accept="image/*" camera=true take />
                    <FileButton id="pdf-file" icon="upload" label=t("Choose a PDF", "选择 PDF") accept="application/pdf,.pdf,image/jpeg,image/png" take />
                </div>
                <p class="hint" role="status">{move || if busy.get() { t("Reading the file…", "正在读取文件…") } else { t("or drop it here", "或拖到这里") }}</p>
            </div>
            <p class="problem" role="alert">{move || problem.get().map(|text| view! { <Icon name="warning" />{text} })}</p>
        </fieldset>
    }
}

/// A file that a person chose. The browser has one thread, so it may travel in a callback.
pub struct Chosen(pub web_sys::File);

/// A button that is a file input: focus and keyboard are the browser's own.
#[component]
fn FileButton(
    #[prop(into)] id: String,
    icon: &'static str,
    label: &'static str,
    accept: &'static str,
    #[prop(optional)] camera: bool,
    take: Callback<Chosen>,
) -> impl IntoView {
    view! {
        <span class="file-button">
            <input
                id=id.clone()
                class="file-input"
                type="file"
                accept=accept
                capture=camera.then_some("environment")
                on:change:target=move |event| {
                    if let Some(chosen) = event.target().files().and_then(|files| files.get(0)) {
                        take.run(Chosen(chosen));
                    }
                    // The same file can be chosen again.
                    event.target().set_value("");
                }
            />
            <label class="button" for=id><Icon name=icon />{label}</label>
        </span>
    }
}

/// A PDF as it is, a picture as a one-page PDF.
async fn read(chosen: &web_sys::File) -> BrowserResult<(String, Uint8Array)> {
    let name = chosen.name();
    if chosen.type_().starts_with("image/") {
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        return Ok((format!("{stem}.pdf"), photo::pdf(chosen).await?));
    }
    if chosen.size() > MAX_PDF {
        return Err(crate::browser::trouble(t("This PDF is larger than 20 MB. Save it smaller and choose it again.", "此 PDF 超过 20 MB。请压缩后重新选择。")));
    }
    let bytes = file::chosen(chosen).await?;
    // `%PDF-` stands within the first kilobyte of every PDF.
    let head = bytes.slice(0, bytes.length().min(1024)).to_vec();
    if !head.windows(5).any(|window| window == b"%PDF-") {
        return Err(crate::browser::trouble(t("This is no PDF. Choose a PDF or a picture.", "此文件不是 PDF。请选择 PDF 或图片。")));
    }
    Ok((name, bytes))
}
