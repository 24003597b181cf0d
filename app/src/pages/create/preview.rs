//! The PDF as it would be with what is there already: the server's own rendering, following the form.

use leptos::prelude::*;

use super::form::Form;
use crate::api;
use crate::browser::form_data;
use crate::browser::pieces::Calm;
use crate::error::{AppResult, Code};
use crate::model::NewDocument;
use crate::parts::sheets::Sheets;
use crate::visit::t;

/// The live preview.
#[component]
pub fn Preview(form: Form) -> impl IntoView {
    let bytes = RwSignal::new_local(None);
    let word = RwSignal::new(None::<String>);
    let calm = Calm::new(700);
    let turn = StoredValue::new(0_u32);
    Effect::new(move |_| {
        // An uploaded PDF looks the same whatever the fields say: it is not sent again for every letter.
        let document = if form.uploads() { untrack(|| form.document()) } else { form.document() };
        let file = form.pdf.get().map(|(_, pdf)| pdf);
        turn.update_value(|turn| *turn += 1);
        let mine = turn.get_value();
        if form.uploads() && file.is_none() {
            calm.stop();
            word.set(Some(t("The page appears here once there is a PDF.", "选择 PDF 后，此处显示单据。").to_owned()));
            return;
        }
        calm.run(move || {
            // What is missing is an empty place on the page; what is wrong is said beside its field.
            form.show_malformed();
            leptos::task::spawn_local(async move {
                let outcome = ask(&document, file.as_ref()).await;
                // Something newer was asked for meanwhile, or the page has gone.
                if turn.try_get_value() != Some(mine) {
                    return;
                }
                match outcome {
                    Ok(pdf) => {
                        word.set(None);
                        bytes.set(Some(js_sys::Uint8Array::from(pdf.as_slice())));
                    }
                    Err(error) if error.code == Code::Offline => {
                        word.set(Some(t("No preview without network. What you typed is kept.", "离线时无法预览。您填写的内容已保留。").to_owned()));
                    }
                    Err(error) => {
                        if error.code == Code::DocumentRefused {
                            form.pdf_problem.set(Some(error.detail.clone()));
                        }
                        word.set(Some(error.detail));
                    }
                }
            });
        });
    });
    view! {
        <p class="preview-word" role="status">{word}</p>
        <div class="stage" class:old=move || word.with(Option::is_some)>
            <Show when=move || bytes.with(Option::is_some) fallback=|| view! { <div class="sheet-waiting still"></div> }>
                <Sheets bytes />
            </Show>
        </div>
    }
}

async fn ask(document: &NewDocument, file: Option<&js_sys::Uint8Array>) -> AppResult<Vec<u8>> {
    let data = form_data::form(document, None, file, None)?;
    api::collect(api::documents::preview(data).await?).await
}
