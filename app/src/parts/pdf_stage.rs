//! The stage a document lies on.

use leptos::prelude::*;

use super::icon::Icon;
use crate::model::{Number, Sha256};
use crate::visit::t;

/// Shows a revision of a document. The file's own link is there for every reader and every browser.
#[component]
pub fn PdfStage(number: Number, revision: u32, sha256: Sha256) -> impl IntoView {
    let file = format!("/api/v1/documents/{number}/file?revision={revision}");
    view! {
        <div class="stage" data-file=file data-sha256=sha256.to_string()>
            <p class="stage-link"><a class="button" href=file.clone() rel="external"><Icon name="document" />{t("Open the PDF", "打开 PDF")}</a></p>
        </div>
    }
}
