//! What the server recorded about the file, for comparison with what this browser finds.

use leptos::prelude::*;

use super::icon::Icon;
use super::level::level_sentence;
use crate::model::{DecisionKind, Document, Level};
use crate::visit::{lang, t};

/// Digest, length and signers of the newest revision as recorded.
#[component]
pub fn SignatureChecks(document: Document) -> impl IntoView {
    let signers = document
        .steps
        .iter()
        .flat_map(|step| step.decisions.iter())
        .filter(|decision| decision.decision == DecisionKind::Signed)
        .map(|decision| {
            let serial = decision.serial.clone().unwrap_or_default();
            view! {
                <li>
                    <Icon name="seal" />
                    <span>{decision.by.clone()} " " <small class="number">{lang().pick("certificate ", "证书 ")}{short(&serial)}</small></span>
                </li>
            }
        })
        .collect_view();
    view! {
        <ul class="checks">
            {signers}
            {(document.level > Level::None)
                .then(|| {
                    view! {
                        <li>
                            <Icon name="clock" />
                            <span>{level_sentence(document.level)} " " <small class="number">{document.level.as_str()}</small></span>
                        </li>
                    }
                })}
            <li>
                <Icon name="info" />
                <span>{t("Recorded digest ", "登记摘要 ")}<small class="number">{short(document.sha256.as_str())}</small></span>
            </li>
        </ul>
    }
}

/// The ends of a long hexadecimal text.
pub fn short(hex: &str) -> String {
    match (hex.get(..8), hex.len().checked_sub(4).and_then(|end| hex.get(end..))) {
        (Some(head), Some(tail)) if hex.len() > 16 => format!("{head}…{tail}"),
        _ => hex.to_owned(),
    }
}
