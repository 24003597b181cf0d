//! Who did what, when.

use leptos::prelude::*;

use super::icon::Icon;
use super::level::level_sentence;
use super::moment::Moment;
use crate::model::{Event, TypeDefinition};
use crate::visit::{lang, t};

/// A document's history, newest first. Steps are named as the type names them.
#[component]
pub fn History(events: Vec<Event>, definition: TypeDefinition) -> impl IntoView {
    let entries = events.into_iter().rev().map(|event| {
        let step = event.step.as_ref().map(|key| {
            let named = definition.steps.iter().find(|step| step.key == *key);
            named.map_or_else(|| key.clone(), |step| step.name.pick(lang()).to_owned())
        });
        let (icon, class, what) = words(&event.kind);
        view! {
            <li class=class>
                <span class="history-mark"><Icon name=icon /></span>
                <div>
                    <p>
                        <strong>{what}</strong>
                        {step.map(|step| format!(" · {step}"))}
                        {(event.edition > 1).then(|| lang().pick(format!(" · Edition {}", event.edition), format!(" · 第 {} 稿", event.edition)))}
                    </p>
                    <p class="quiet-text">{event.by} " · " <Moment at=event.at /></p>
                    {event.level.map(|level| view! { <p class="quiet-text">{level_sentence(level)}</p> })}
                    {event.reason.filter(|_| event.kind != "returned").map(|reason| view! { <blockquote>{reason}</blockquote> })}
                </div>
            </li>
        }
    });
    view! { <ol class="history">{entries.collect_view()}</ol> }
}

fn words(kind: &str) -> (&'static str, &'static str, String) {
    let (icon, class, en, zh) = match kind {
        "created" => ("add", "", "Created", "创建"),
        "signed" => ("seal", "good", "Signed", "签章"),
        "rejected" => ("cross", "bad", "Rejected", "驳回"),
        "withdrawn" => ("undo", "", "Withdrawn", "撤回"),
        "corrected" => ("edit", "", "Corrected", "更正"),
        "raised" => ("clock", "", "Evidence added", "补充长期凭证"),
        "returned" => ("return", "", "Returned to its creator", "回传创建人"),
        other => return ("info", "", other.to_owned()),
    };
    (icon, class, t(en, zh).to_owned())
}
