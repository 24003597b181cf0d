//! One document in a list.

use leptos::prelude::*;
use serde_json::Value;

use super::moment::{Moment, Waiting};
use super::status::StatusLine;
use crate::model::{Document, LISTED_VALUES, StepStatus};

/// Title, number, creator, amount and where it stands. `waiting` counts from the open step, else the day of creation is shown; of documents that all wait
/// for the reader nothing says so again.
#[component]
pub fn DocumentRow(document: Document, #[prop(optional)] waiting: bool) -> impl IntoView {
    let since = document.open_step().and_then(|step| step.opened_at.clone()).filter(|_| waiting);
    let amount = amount(&document);
    let progress = progress(&document);
    view! {
        <span class="row-title">{document.title.clone()}</span>
        <span class="row-amount">{amount}</span>
        <span class="row-sub">
            <span class="number">{document.number.to_string()}</span>
            <span class="row-who">{document.creator.name.clone()}</span>
            {match since {
                Some(since) => view! { <Waiting since /> }.into_any(),
                None => view! { <Moment at=document.created_at.clone() /> }.into_any(),
            }}
        </span>
        <span class="row-state">
            {progress.map(|progress| view! { <span class="row-progress">{progress}</span> })}
            {(!waiting).then(|| view! { <StatusLine document /> })}
        </span>
    }
}

/// The amount a person looks for first, when the document has one.
fn amount(document: &Document) -> Option<String> {
    LISTED_VALUES.iter().find_map(|key| match document.fields.get(*key) {
        Some(Value::String(text)) if text.parse::<f64>().is_ok() => Some(money(text)),
        _ => None,
    })
}

/// `7280.00` as `¥ 7,280.00`; digits are never rounded.
pub fn money(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("−", digits));
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, "00"));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}¥ {grouped}.{rest}")
}

fn progress(document: &Document) -> Option<String> {
    let signed = document.steps.iter().filter(|step| step.status == StepStatus::Signed).count();
    (document.steps.len() > 1 && document.open_step().is_some()).then(|| format!("{signed} / {}", document.steps.len()))
}

#[cfg(test)]
mod tests {
    use super::money;

    #[test]
    fn money_is_grouped_and_never_rounded() {
        assert_eq!(money("7280.00"), "¥ 7,280.00");
        assert_eq!(money("128"), "¥ 128.00");
        assert_eq!(money("-1234567.5"), "−¥ 1,234,567.5");
    }
}
