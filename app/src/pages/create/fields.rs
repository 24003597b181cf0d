//! The form's fields, each as its kind asks for.

use leptos::prelude::*;

use super::attachment::Picture;
use super::form::Entry;
use super::table::TableField;
use crate::capitals::capitals;
use crate::model::{FieldKind, Lang};
use crate::parts::form::{SelectField, TextArea, TextField};
use crate::visit::{lang, t};

/// One field.
#[component]
pub fn FieldInput(entry: Entry) -> impl IntoView {
    let id = entry.id();
    let field = entry.field.clone();
    let label = field.label.pick(lang()).to_owned();
    let hint = field.hint.as_ref().map(|hint| hint.pick(lang()).to_owned()).unwrap_or_default();
    let (value, problem, required) = (entry.value, entry.problem, field.required);
    match field.kind {
        FieldKind::Text => view! { <TextField id label hint value required problem /> }.into_any(),
        FieldKind::Number => view! { <TextField id label hint value required problem inputmode="decimal" /> }.into_any(),
        FieldKind::Money => view! {
            <div class="money-field">
                <TextField id label hint value required problem inputmode="decimal" prefix="¥" />
                {(lang() == Lang::Zh).then(|| view! { <p class="hint capitals" aria-live="polite">{move || capitals(&value.get())}</p> })}
            </div>
        }
        .into_any(),
        FieldKind::Date => view! { <TextField id label hint value required problem kind="date" /> }.into_any(),
        FieldKind::Paragraph => view! { <TextArea id label hint value required problem rows=3 /> }.into_any(),
        FieldKind::Choice => {
            let mut options = vec![(String::new(), t("Choose…", "请选择…").to_owned())];
            options.extend(field.choices.iter().map(|choice| (choice.value.clone(), choice.label.pick(lang()).to_owned())));
            view! { <SelectField id label hint value required problem options /> }.into_any()
        }
        FieldKind::Table => view! { <TableField entry /> }.into_any(),
        FieldKind::Image => view! { <Picture entry /> }.into_any(),
    }
}
