//! What a person has entered, as signals; and as the values that are sent.

use std::collections::BTreeMap;

use js_sys::Uint8Array;
use leptos::prelude::*;
use serde_json::{Map, Value};

use crate::model::{Field, FieldKind, NewDocument, TypeDefinition, TypeSource};
use crate::visit::t;

/// The whole form. `Copy`: every part of the page holds it.
#[derive(Clone, Copy)]
pub struct Form {
    /// The type.
    pub definition: StoredValue<TypeDefinition>,
    /// One entry a field, in order.
    pub entries: StoredValue<Vec<Entry>>,
    /// A title of the creator's own.
    pub title: RwSignal<String>,
    /// The PDF of an upload type, with its name.
    pub pdf: RwSignal<Option<(String, Uint8Array)>, LocalStorage>,
    /// What is wrong with the PDF.
    pub pdf_problem: RwSignal<Option<String>>,
}

/// One field and what is in it.
#[derive(Clone)]
pub struct Entry {
    /// The field.
    pub field: Field,
    /// Its text; a picture as a data URL.
    pub value: RwSignal<String>,
    /// The rows of a table.
    pub rows: RwSignal<Vec<Row>>,
    /// What is wrong with it.
    pub problem: RwSignal<Option<String>>,
}

/// One row of a table.
#[derive(Clone)]
pub struct Row {
    /// Its own, while the page is open.
    pub id: u32,
    /// One cell a column.
    pub cells: Vec<RwSignal<String>>,
}

impl Row {
    /// A row with these cells.
    pub fn new(id: u32, cells: impl Iterator<Item = String>) -> Self {
        Self { id, cells: cells.map(RwSignal::new).collect() }
    }
}

impl Form {
    /// A form for `definition` with `fields` filled in.
    pub fn new(definition: TypeDefinition, title: &str, fields: &BTreeMap<String, Value>) -> Self {
        let entry =
            |field: &Field| Entry { field: field.clone(), value: RwSignal::new(String::new()), rows: RwSignal::new(Vec::new()), problem: RwSignal::new(None) };
        let entries = definition.fields.iter().map(entry).collect();
        let form = Self {
            definition: StoredValue::new(definition),
            entries: StoredValue::new(entries),
            title: RwSignal::new(String::new()),
            pdf: RwSignal::new_local(None),
            pdf_problem: RwSignal::new(None),
        };
        form.fill(title, fields);
        form
    }

    /// Puts these values into the form, over what was there.
    pub fn fill(self, title: &str, fields: &BTreeMap<String, Value>) {
        self.title.set(title.to_owned());
        self.entries.with_value(|entries| {
            for entry in entries {
                let value = fields.get(&entry.field.key);
                entry.problem.set(None);
                entry.value.set(value.map(text).unwrap_or_default());
                let rows = value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
                let cell = |row: &Value, key: &str| row.get(key).map(text).unwrap_or_default();
                let rows = rows.iter().zip(0_u32..).map(|(row, id)| Row::new(id, entry.field.columns.iter().map(|column| cell(row, &column.key)))).collect();
                entry.rows.set(rows);
            }
        });
    }

    /// What would be sent now. Follows every change where it is tracked.
    pub fn document(self) -> NewDocument {
        let title = self.title.get().trim().to_owned();
        let fields = self.entries.with_value(|entries| entries.iter().filter_map(|entry| Some((entry.field.key.clone(), entry.read()?))).collect());
        NewDocument {
            type_code: self.definition.with_value(|definition| definition.code.clone()),
            title: Some(title).filter(|title| !title.is_empty()),
            fields,
        }
    }

    /// Whether this type is an uploaded PDF.
    pub fn uploads(self) -> bool {
        self.definition.with_value(|definition| definition.source == TypeSource::Upload)
    }

    /// What can be seen to be wrong here already, by field key; `file` for the PDF. The server has the last word.
    pub fn check(self) -> BTreeMap<String, String> {
        let document = self.document();
        let mut problems = BTreeMap::new();
        self.definition.with_value(|definition| {
            for field in &definition.fields {
                let problem = match document.fields.get(&field.key) {
                    None => field.required.then_some(t("Please fill this in.", "请填写此项。")),
                    Some(Value::String(text)) => malformed(field.kind, text),
                    Some(Value::Array(rows)) => rows.iter().find_map(|row| {
                        let cell = |key: &str| row.get(key).and_then(Value::as_str);
                        field.columns.iter().find_map(|column| malformed(column.kind, cell(&column.key)?))
                    }),
                    Some(_) => None,
                };
                if let Some(problem) = problem {
                    problems.insert(field.key.clone(), problem.to_owned());
                }
            }
        });
        if self.uploads() && self.pdf.with(Option::is_none) {
            problems.insert("file".to_owned(), t("Choose a PDF or photograph the paper.", "请选择 PDF 或拍摄纸质单据。").to_owned());
        }
        problems
    }

    /// Marks what was entered and cannot be right, beside its field; what is only missing is no problem before the form is sent.
    pub fn show_malformed(self) {
        let (problems, entered) = untrack(|| (self.check(), self.document().fields));
        self.entries.with_value(|entries| {
            for entry in entries.iter().filter(|entry| entered.contains_key(&entry.field.key)) {
                let problem = problems.get(&entry.field.key).cloned();
                if entry.problem.with_untracked(|known| *known != problem) {
                    entry.problem.set(problem);
                }
            }
        });
    }

    /// Shows these problems beside their fields and takes away the others. The element to look at first, if any.
    pub fn show(self, problems: &BTreeMap<String, String>) -> Option<String> {
        self.pdf_problem.set(problems.get("file").cloned());
        let file = problems.contains_key("file").then(|| "pdf-file".to_owned());
        let first = self.entries.with_value(|entries| {
            let mut first = None;
            for entry in entries {
                let problem = problems.get(&entry.field.key).cloned();
                if problem.is_some() && first.is_none() {
                    first = Some(entry.id());
                }
                if entry.problem.with_untracked(|known| *known != problem) {
                    entry.problem.set(problem);
                }
            }
            first
        });
        file.or(first)
    }
}

impl Entry {
    /// The id of its control.
    pub fn id(&self) -> String {
        format!("field-{}", self.field.key)
    }

    fn read(&self) -> Option<Value> {
        match self.field.kind {
            FieldKind::Table => {
                let rows: Vec<Value> = self.rows.get().iter().filter_map(|row| self.read_row(row)).collect();
                (!rows.is_empty()).then_some(Value::Array(rows))
            }
            kind => plain(kind, &self.value.get()).map(Value::String),
        }
    }

    fn read_row(&self, row: &Row) -> Option<Value> {
        let cells = self.field.columns.iter().zip(&row.cells);
        let cells: Map<String, Value> =
            cells.filter_map(|(column, cell)| Some((column.key.clone(), Value::String(plain(column.kind, &cell.get())?)))).collect();
        (!cells.is_empty()).then_some(Value::Object(cells))
    }
}

/// A text as it is sent; nothing for an empty one. Amounts lose their grouping and sign of currency.
fn plain(kind: FieldKind, entered: &str) -> Option<String> {
    let text = entered.trim();
    let text = match kind {
        FieldKind::Money | FieldKind::Number => text.chars().filter(|c| !matches!(c, ',' | '\u{ff0c}' | ' ' | '¥' | '\u{ffe5}')).collect(),
        _ => text.to_owned(),
    };
    (!text.is_empty()).then_some(text)
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

fn malformed(kind: FieldKind, text: &str) -> Option<&'static str> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, decimals) =
        text.strip_prefix('-').unwrap_or(text).split_once('.').map_or((text.strip_prefix('-').unwrap_or(text), None), |(whole, rest)| (whole, Some(rest)));
    let number = digits(whole) && decimals.is_none_or(digits);
    match kind {
        FieldKind::Money if !number || decimals.is_some_and(|decimals| decimals.len() > 2) => {
            Some(t("Enter an amount such as 1280.50, at most two decimals.", "请输入金额，例如 1280.50，最多两位小数。"))
        }
        FieldKind::Number if !number => Some(t("Enter a number such as 12.5.", "请输入数字，例如 12.5。")),
        _ => None,
    }
}
