//! What a creator sends, checked against the type and written in one way; or the problems, by field and in both languages.

use std::collections::BTreeMap;

use app::model::{Field, FieldKind, Lang, LocalText, TypeDefinition};
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::decimal::{self, Decimal};
use super::{both, picture};

/// Checked values by field key. Fields left empty are absent. Text is trimmed, amounts have two decimals (`"128.00"`), numbers
/// are plain decimal strings, dates `YYYY-MM-DD`, tables arrays of objects, pictures data URLs.
pub type Values = BTreeMap<String, Value>;

/// Problems by field key.
pub type Problems = BTreeMap<String, LocalText>;

const MAX_TEXT: usize = 200;
const MAX_PARAGRAPH: usize = 4_000;
const MAX_ROWS: usize = 200;
const MAX_TITLE: usize = 120;

/// Checks everything a creator entered.
pub fn check(definition: &TypeDefinition, entered: &BTreeMap<String, Value>) -> Result<Values, Problems> {
    let mut values = Values::new();
    let mut problems = Problems::new();
    for field in &definition.fields {
        match one(field, entered.get(&field.key).unwrap_or(&Value::Null)) {
            Ok(Some(value)) => {
                values.insert(field.key.clone(), value);
            }
            Ok(None) if field.required => {
                problems.insert(field.key.clone(), both("Please fill this in.", "请填写此项。"));
            }
            Ok(None) => {}
            Err(problem) => {
                problems.insert(field.key.clone(), problem);
            }
        }
    }
    for key in entered.keys().filter(|key| definition.fields.iter().all(|field| &field.key != *key)) {
        let shown: String = key.chars().take(60).collect();
        problems.insert(shown, both("This type has no such field.", "此类型没有该字段。"));
    }
    if problems.is_empty() { Ok(values) } else { Err(problems) }
}

/// Those of the values that pass, each by itself.
pub fn passing(definition: &TypeDefinition, entered: &BTreeMap<String, Value>) -> Values {
    let value = |field: &Field| Some((field.key.clone(), one(field, entered.get(&field.key)?).ok()??));
    definition.fields.iter().filter_map(value).collect()
}

/// The title of a document: the creator's own, cleaned, or the type's name in the document's language and what its matter is made of, as typed.
pub fn title(definition: &TypeDefinition, own: Option<&str>, shown: &str, lang: Lang) -> Result<String, LocalText> {
    match own.map(|own| clean(own, false)).filter(|own| !own.is_empty()) {
        Some(own) if own.chars().count() > MAX_TITLE => Err(both("A title is at most 120 characters.", "标题最多 120 个字符。")),
        Some(own) => Ok(own),
        None => Ok(format!("{} {shown}", definition.name.pick(lang)).chars().take(MAX_TITLE).collect()),
    }
}

/// One field: `None` when it was left empty.
fn one(field: &Field, entered: &Value) -> Result<Option<Value>, LocalText> {
    match field.kind {
        FieldKind::Table => table(field, entered),
        FieldKind::Image => match entered {
            Value::Null => Ok(None),
            Value::String(url) if url.is_empty() => Ok(None),
            Value::String(url) => picture::parse(url).map(|_| Some(entered.clone())),
            _ => Err(not_text()),
        },
        FieldKind::Choice => match scalar(FieldKind::Text, entered)? {
            Some(value) if field.choices.iter().all(|choice| Some(choice.value.as_str()) != value.as_str()) => {
                Err(both("Choose one of the given values.", "请从所列选项中选择。"))
            }
            value => Ok(value),
        },
        kind => {
            let value = scalar(kind, entered)?;
            if let Some(number) =
                value.as_ref().and_then(Value::as_str).filter(|_| matches!(kind, FieldKind::Number | FieldKind::Money)).and_then(decimal::parse)
            {
                in_range(field, &number)?;
            }
            Ok(value)
        }
    }
}

fn scalar(kind: FieldKind, entered: &Value) -> Result<Option<Value>, LocalText> {
    let raw = match entered {
        Value::Null => return Ok(None),
        Value::String(text) => text.clone(),
        // A JSON number is taken by its digits.
        Value::Number(number) if matches!(kind, FieldKind::Number | FieldKind::Money) => number.to_string(),
        _ => return Err(not_text()),
    };
    let text = clean(&raw, kind == FieldKind::Paragraph);
    if text.is_empty() {
        return Ok(None);
    }
    let length = text.chars().count();
    let most = if kind == FieldKind::Paragraph { MAX_PARAGRAPH } else { MAX_TEXT };
    if length > most {
        return Err(both(format!("At most {most} characters; there are {length}."), format!("最多 {most} 个字符，现有 {length} 个。")));
    }
    let value = match kind {
        FieldKind::Number => {
            decimal::parse(&text).map(|number| number.plain()).ok_or_else(|| both("Enter a number such as 12.5.", "请输入数字，例如 12.5。"))?
        }
        FieldKind::Money => decimal::parse(&text)
            .and_then(|number| number.money())
            .ok_or_else(|| both("Enter an amount such as 1280.50, at most two decimals.", "请输入金额，例如 1280.50，最多两位小数。"))?,
        FieldKind::Date => day(&text).ok_or_else(|| both("Enter a day as YYYY-MM-DD.", "请按 YYYY-MM-DD 输入日期。"))?,
        _ => text,
    };
    Ok(Some(Value::String(value)))
}

fn day(text: &str) -> Option<String> {
    let date: Date = (text.len() == 10).then(|| text.parse().ok()).flatten()?;
    (1900..=2200).contains(&date.year()).then(|| date.to_string())
}

fn in_range(field: &Field, number: &Decimal) -> Result<(), LocalText> {
    let bound = |bound: &Option<String>| bound.as_deref().and_then(decimal::parse);
    if let Some(min) = bound(&field.min).filter(|min| number.millionths() < min.millionths()) {
        return Err(both(format!("At least {}.", min.plain()), format!("不得小于 {}。", min.plain())));
    }
    if let Some(max) = bound(&field.max).filter(|max| number.millionths() > max.millionths()) {
        return Err(both(format!("At most {}.", max.plain()), format!("不得大于 {}。", max.plain())));
    }
    Ok(())
}

/// Rows as objects; rows without any value are dropped.
fn table(field: &Field, entered: &Value) -> Result<Option<Value>, LocalText> {
    let rows = match entered {
        Value::Null => return Ok(None),
        Value::Array(rows) => rows,
        _ => return Err(both("A table is a list of rows.", "表格须为行的列表。")),
    };
    if rows.len() > MAX_ROWS {
        return Err(both(format!("At most {MAX_ROWS} rows."), format!("最多 {MAX_ROWS} 行。")));
    }
    let mut checked = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let line = place + 1;
        let cells = row.as_object().ok_or_else(|| both(format!("Row {line} is no object."), format!("第 {line} 行格式错误。")))?;
        if let Some(unknown) = cells.keys().find(|key| field.columns.iter().all(|column| &column.key != *key)) {
            let unknown: String = unknown.chars().take(40).collect();
            return Err(both(format!("Row {line} has an unknown column: {unknown}."), format!("第 {line} 行有未知列：{unknown}。")));
        }
        let mut kept = Map::new();
        for column in &field.columns {
            let value = scalar(column.kind, cells.get(&column.key).unwrap_or(&Value::Null)).map_err(|problem| {
                both(format!("Row {line}, {}: {}", column.label.en, problem.en), format!("第 {line} 行，{}：{}", column.label.zh, problem.zh))
            })?;
            if let Some(value) = value {
                kept.insert(column.key.clone(), value);
            }
        }
        if !kept.is_empty() {
            checked.push(Value::Object(kept));
        }
    }
    Ok((!checked.is_empty()).then_some(Value::Array(checked)))
}

fn not_text() -> LocalText {
    both("This value has the wrong form.", "此值的格式不对。")
}

/// Without control characters and without the invisible ones that make text read differently from what it is.
pub(crate) fn clean(text: &str, lines: bool) -> String {
    let kept: String = text
        .chars()
        .filter_map(|c| match c {
            '\r' => None,
            '\n' if lines => Some('\n'),
            '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' => None,
            c if c.is_control() => Some(' '),
            c => Some(c),
        })
        .collect();
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::types::{sample, shipped};

    fn expense() -> TypeDefinition {
        shipped::definitions().into_iter().find(|d| d.code.as_str() == "EXP").unwrap()
    }

    fn with(key: &str, value: Value) -> Result<Values, Problems> {
        let definition = expense();
        let mut entered = sample::values(&definition);
        entered.insert(key.to_owned(), value);
        check(&definition, &entered)
    }

    #[test]
    fn values_are_written_in_one_way() {
        let values = with("amount", json!(" 1,280.5 ")).unwrap();
        assert_eq!(values["amount"], "1280.50");
        assert_eq!(with("amount", json!(7280)).unwrap()["amount"], "7280.00");
        assert_eq!(with("project", json!(" P-\u{202E}17\u{0} ")).unwrap()["project"], "P-17");
        assert!(!with("receipt", Value::Null).unwrap().contains_key("receipt"));
        let rows = json!([{ "what": "Taxi", "amount": "12" }, {}, { "what": " " }]);
        assert_eq!(with("items", rows).unwrap()["items"], json!([{ "what": "Taxi", "amount": "12.00" }]));
    }

    #[test]
    fn each_wrong_value_names_its_field_in_both_languages() {
        for (key, value) in [
            ("amount", json!("12.345")),
            ("amount", json!("abc")),
            ("amount", json!("-1")),
            ("amount", json!(null)),
            ("amount", json!([1])),
            ("date", json!("2026-02-30")),
            ("date", json!("23.11.2026")),
            ("project", json!("  ")),
            ("project", json!("x".repeat(201))),
            ("reason", json!("x".repeat(4_001))),
            ("items", json!("x")),
            ("items", json!([1])),
            ("items", json!([{ "secret": 1 }])),
            ("items", json!([{ "amount": "x" }])),
            ("items", json!(vec![json!({ "what": "x" }); 201])),
            ("receipt", json!("data:text/html,x")),
            ("unknown", json!("x")),
        ] {
            let problems = with(key, value.clone()).unwrap_err();
            assert_eq!(problems.keys().collect::<Vec<_>>(), [key], "{value}");
            assert!(!problems[key].en.is_empty() && !problems[key].zh.is_empty());
        }
    }

    #[test]
    fn a_title_is_given_or_made() {
        let definition = expense();
        assert_eq!(title(&definition, Some(" Taxi "), "P/1", Lang::En).unwrap(), "Taxi");
        assert_eq!(title(&definition, None, "P/1", Lang::Zh).unwrap(), format!("{} P/1", definition.name.zh));
        assert_eq!(title(&definition, None, "P/1", Lang::En).unwrap(), format!("{} P/1", definition.name.en));
        assert!(title(&definition, Some(&"x".repeat(121)), "P/1", Lang::En).is_err());
    }
}
