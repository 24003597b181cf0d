//! The stage a document lies on: the very bytes that are registered, or nothing.

use leptos::prelude::*;

use super::alive::Alive;
use super::icon::Icon;
use crate::model::{Number, Sha256};
use crate::visit::t;

/// Shows a revision of a document, its digest checked in this browser. The file's own link is there for every reader and every browser.
#[component]
pub fn PdfStage(number: Number, revision: u32, sha256: Sha256) -> impl IntoView {
    let file = format!("/api/v1/documents/{number}/file?revision={revision}");
    let digest = sha256.to_string();
    view! {
        <div class="stage" data-sha256=digest>
            <Alive waiting=|| view! { <div class="sheet-waiting"></div> }>{live::pages(number.clone(), revision, sha256.clone())}</Alive>
            <p class="stage-link"><a class="button quiet small" href=file rel="external"><Icon name="document" />{t("Open the PDF", "打开 PDF")}</a></p>
        </div>
    }
}

#[cfg(not(feature = "hydrate"))]
mod live {
    use super::{Number, Sha256};

    pub fn pages(_: Number, _: u32, _: Sha256) {}
}

#[cfg(feature = "hydrate")]
mod live {
    use leptos::prelude::*;

    use crate::browser::file;
    use crate::error::AppError;
    use crate::model::{Number, Sha256};
    use crate::parts::sheets::Sheets;
    use crate::parts::states::Problem;

    pub fn pages(number: Number, revision: u32, sha256: Sha256) -> impl IntoView {
        let bytes = RwSignal::new_local(None);
        let failed = RwSignal::new(None::<AppError>);
        let wanted = StoredValue::new((number, sha256));
        let load = move || {
            failed.set(None);
            leptos::task::spawn_local(async move {
                let Some((number, sha256)) = wanted.try_get_value() else { return };
                // A page that has gone meanwhile wants neither.
                match file::revision(&number, revision, &sha256).await {
                    Ok(pdf) => drop(bytes.try_set(Some(pdf))),
                    Err(error) => drop(failed.try_set(Some(error))),
                }
            });
        };
        load();
        let retry = Callback::new(move |()| load());
        move || match failed.get() {
            Some(error) => view! { <Problem error retry /> }.into_any(),
            None => view! { <Sheets bytes /> }.into_any(),
        }
    }
}
