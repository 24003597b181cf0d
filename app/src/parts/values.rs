//! A document's values as text, for readers who cannot see the page, and what changed since the edition before.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde_json::Value;

use super::document_row::money;
use crate::model::{Field, FieldKind, TypeDefinition};
use crate::visit::{lang, t};

/// Every field of the type with its value.
#[component]
pub fn Values(definition: TypeDefinition, fields: BTreeMap<String, Value>) -> impl IntoView {
    let rows = definition.fields.iter().filter_map(|field| {
        let value = fields.get(&field.key)?;
        Some(view! {
            <div class:wide=matches!(field.kind, FieldKind::Table | FieldKind::Paragraph)>
                <dt>{field.label.pick(lang()).to_owned()}</dt>
                <dd>{shown(field, value)}</dd>
            </div>
        })
    });
    view! { <dl class="values">{rows.collect_view()}</dl> }
}

/// What changed since the edition before, as a list. Nothing when nothing did.
#[component]
pub fn Changes(definition: TypeDefinition, before: BTreeMap<String, Value>, now: BTreeMap<String, Value>) -> impl IntoView {
    let changed: Vec<_> = definition
        .fields
        .iter()
        .filter(|field| before.get(&field.key) != now.get(&field.key))
        .map(|field| {
            let (old, new) = (plain(field, before.get(&field.key)), plain(field, now.get(&field.key)));
            view! {
                <li>
                    <strong>{field.label.pick(lang()).to_owned()}</strong>
                    <span><del>{old}</del> " → " <ins>{new}</ins></span>
                </li>
            }
        })
        .collect();
    if changed.is_empty() {
        view! { <p class="quiet-text">{t("No value changed.", "没有改动。")}</p> }.into_any()
    } else {
        view! { <ul class="changes">{changed}</ul> }.into_any()
    }
}

fn shown(field: &Field, value: &Value) -> AnyView {
    match (field.kind, value) {
        (FieldKind::Table, Value::Array(rows)) => {
            let head = field.columns.iter().map(|column| view! { <th scope="col">{column.label.pick(lang()).to_owned()}</th> }).collect_view();
            let body = rows
                .iter()
                .map(|row| {
                    let cells = field.columns.iter().map(|column| view! { <td>{text(column.kind, row.get(&column.key))}</td> }).collect_view();
                    view! { <tr>{cells}</tr> }
                })
                .collect_view();
            view! {
                <div class="table-scroll" tabindex="0" role="region" aria-label=field.label.pick(lang()).to_owned()>
                    <table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>
                </div>
            }
            .into_any()
        }
        // Fetched when it is looked at: the page beside it shows the same picture.
        (FieldKind::Image, Value::String(address)) if address.starts_with("/api/v1/documents/") => view! {
            <details class="reasons shown-picture">
                <summary>{t("Show the picture", "查看图片")}</summary>
                <img src=address.clone() loading="lazy" alt=field.label.pick(lang()).to_owned() />
            </details>
        }
        .into_any(),
        _ => plain(field, Some(value)).into_any(),
    }
}

fn plain(field: &Field, value: Option<&Value>) -> String {
    match (field.kind, value) {
        (FieldKind::Table, Some(Value::Array(rows))) => lang().pick(format!("{} rows", rows.len()), format!("{} 行", rows.len())),
        (FieldKind::Image, Some(_)) => t("picture", "图片").to_owned(),
        (FieldKind::Choice, Some(Value::String(chosen))) => {
            let choice = field.choices.iter().find(|choice| choice.value == *chosen);
            choice.map_or_else(|| chosen.clone(), |choice| choice.label.pick(lang()).to_owned())
        }
        (kind, value) => text(kind, value),
    }
}

fn text(kind: FieldKind, value: Option<&Value>) -> String {
    match (kind, value) {
        (_, None | Some(Value::Null)) => "–".to_owned(),
        (FieldKind::Money, Some(Value::String(amount))) => money(amount),
        (_, Some(Value::String(text))) => text.clone(),
        (_, Some(other)) => other.to_string(),
    }
}
