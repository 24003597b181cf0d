//! A table field: rows to add and remove, one control a cell.

use leptos::prelude::*;

use super::form::{Entry, Row};
use crate::model::{Column, FieldKind};
use crate::parts::form::focus_soon;
use crate::parts::icon::Icon;
use crate::visit::{lang, t};

/// As many rows as the server takes.
const MAX_ROWS: usize = 200;

/// The rows and the button that adds one.
#[component]
pub fn TableField(entry: Entry) -> impl IntoView {
    let id = entry.id();
    let rows = entry.rows;
    let problem = entry.problem;
    let columns = StoredValue::new(entry.field.columns.clone());
    let prefix = StoredValue::new(id.clone());
    let add = move |_| {
        let next = rows.with_untracked(|rows| rows.iter().map(|row| row.id + 1).max().unwrap_or(0));
        let row = Row::new(next, columns.with_value(|columns| columns.iter().map(|_| String::new()).collect::<Vec<_>>()).into_iter());
        rows.update(|rows| rows.push(row));
        focus_soon(format!("{}-{next}-0", prefix.get_value()));
    };
    let required = entry.field.required;
    let hint = entry.field.hint.as_ref().map(|hint| hint.pick(lang()).to_owned());
    let line = move |row: Row| view! { <Line row rows columns prefix /> };
    view! {
        <fieldset class="field table-field" class:wrong=move || problem.with(Option::is_some)>
            <legend>{entry.field.label.pick(lang()).to_owned()}{(!required).then(|| view! { <small>{t("optional", "选填")}</small> })}</legend>
            <For each=move || rows.get() key=|row| row.id children=line />
            {hint.map(|hint| view! { <p class="hint">{hint}</p> })}
            <p class="problem" role="alert">{move || problem.get().map(|text| view! { <Icon name="warning" />{text} })}</p>
            <button type="button" class="button small" id=id on:click=add disabled=move || rows.with(|rows| rows.len() >= MAX_ROWS)>
                <Icon name="add" />
                {t("Add a row", "添加一行")}
            </button>
        </fieldset>
    }
}

#[component]
fn Line(row: Row, rows: RwSignal<Vec<Row>>, columns: StoredValue<Vec<Column>>, prefix: StoredValue<String>) -> impl IntoView {
    let id = row.id;
    let place = move || rows.with(|rows| rows.iter().position(|row| row.id == id)).map_or(0, |place| place + 1);
    let name = move || lang().pick(format!("Row {}", place()), format!("第 {} 行", place()));
    let remove = move |_| {
        rows.update(|rows| rows.retain(|row| row.id != id));
        focus_soon(prefix.get_value());
    };
    let cells = columns.with_value(|columns| {
        let cells = columns.iter().zip(row.cells.iter().copied()).enumerate();
        cells
            .map(|(position, (column, value))| view! { <Cell id=format!("{}-{id}-{position}", prefix.get_value()) column=column.clone() value /> })
            .collect_view()
    });
    view! {
        <div class="table-row" role="group" aria-label=name>
            {cells}
            <button type="button" class="button quiet icon-only" aria-label=move || lang().pick(format!("Remove row {}", place()), format!("删除第 {} 行", place())) on:click=remove>
                <Icon name="trash" />
            </button>
        </div>
    }
}

#[component]
fn Cell(id: String, column: Column, value: RwSignal<String>) -> impl IntoView {
    let (kind, mode) = match column.kind {
        FieldKind::Date => ("date", "text"),
        FieldKind::Money | FieldKind::Number => ("text", "decimal"),
        _ => ("text", "text"),
    };
    let control = id.clone();
    view! {
        <label class="cell" class:amount=mode == "decimal" for=control>
            <span>{column.label.pick(lang()).to_owned()}</span>
            <span class="control">
                <input id=id type=kind inputmode=mode autocomplete="off" prop:value=value on:input:target=move |event| value.set(event.target().value()) />
            </span>
        </label>
    }
}
