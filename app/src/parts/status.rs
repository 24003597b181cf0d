//! A document's status in one chip: icon and word, colour only on top.

use leptos::prelude::*;

use super::icon::Icon;
use crate::model::{DecisionKind, Document, Status};
use crate::visit::{lang, t};

/// Where a document stands.
#[component]
pub fn StatusChip(status: Status) -> impl IntoView {
    let (class, icon) = match status {
        Status::Pending => ("chip wait", "clock"),
        Status::Signed => ("chip good", "check"),
        Status::Rejected => ("chip bad", "cross"),
        Status::Withdrawn => ("chip off", "undo"),
    };
    view! { <span class=class><Icon name=icon />{status_name(status)}</span> }
}

/// Where a document stands, with the step it waits for.
#[component]
pub fn StatusLine(document: Document) -> impl IntoView {
    let waits = document.open_step().map(|step| lang().pick(format!("Waits for {}", step.name), format!("待{}签章", step.name)));
    match waits {
        Some(text) => view! { <span class="chip wait"><Icon name="clock" />{text}</span> }.into_any(),
        None => view! { <StatusChip status=document.status /> }.into_any(),
    }
}

/// The word for a status.
pub fn status_name(status: Status) -> &'static str {
    match status {
        Status::Pending => t("Pending", "审批中"),
        Status::Signed => t("Signed", "已签章"),
        Status::Rejected => t("Rejected", "已驳回"),
        Status::Withdrawn => t("Withdrawn", "已撤回"),
    }
}

/// What was decided, as a chip.
#[component]
pub fn DecisionChip(decision: DecisionKind) -> impl IntoView {
    let status = match decision {
        DecisionKind::Signed => Status::Signed,
        DecisionKind::Rejected => Status::Rejected,
    };
    view! { <StatusChip status /> }
}
