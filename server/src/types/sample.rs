//! Sample values, for previews of a type and for trying its conditions and template at import.

use app::model::{Field, FieldKind, TypeDefinition};
use serde_json::{Map, Value, json};

use super::{Values, decimal};

/// Values that a document of this type could have. They pass [`super::values::check`].
pub fn values(definition: &TypeDefinition) -> Values {
    definition.fields.iter().map(|field| (field.key.clone(), of(field))).collect()
}

/// A picture as a data URL: a small sheet of plain paper.
pub fn picture() -> String {
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAQAAAADCAIAAAA7ljmRAAAAEUlEQVR42mN48+wmHDHg5AAAcXcgBYqkB1gAAAAASUVORK5CYII=".to_owned()
}

fn of(field: &Field) -> Value {
    match field.kind {
        FieldKind::Choice => field.choices.first().map_or(Value::Null, |choice| json!(choice.value)),
        FieldKind::Table => {
            let row = |number: usize| -> Map<String, Value> {
                field.columns.iter().map(|column| (column.key.clone(), scalar(column.kind, &column.label.zh, number))).collect()
            };
            json!([row(1), row(2), row(3)])
        }
        FieldKind::Image => json!(picture()),
        FieldKind::Number | FieldKind::Money => json!(within(field)),
        kind => scalar(kind, &field.label.zh, 1),
    }
}

fn scalar(kind: FieldKind, label: &str, number: usize) -> Value {
    match kind {
        FieldKind::Number => json!(number.to_string()),
        // Together what `within` says, so that a sum agrees with its parts.
        FieldKind::Money => json!(["1280.00", "2400.00", "3600.00"][(number - 1).min(2)]),
        FieldKind::Date => json!(format!("2026-11-{:02}", 20 + number)),
        FieldKind::Paragraph => json!(format!("{label}：济南至青岛往返，现场勘察三日。\nJinan to Qingdao and back, three days on site.")),
        _ => json!(format!("{} {number}", label.chars().take(180).collect::<String>())),
    }
}

/// 7,280, or the nearest that the field's bounds allow.
fn within(field: &Field) -> String {
    let usual = decimal::parse("7280").expect("digits are a number");
    let bound = |bound: &Option<String>| bound.as_deref().and_then(decimal::parse);
    let raised = bound(&field.min).filter(|min| min.millionths() > usual.millionths()).unwrap_or(usual);
    let lowered = bound(&field.max).filter(|max| max.millionths() < raised.millionths()).unwrap_or(raised);
    lowered.money().filter(|_| field.kind == FieldKind::Money).unwrap_or_else(|| lowered.plain())
}

#[cfg(test)]
mod tests {
    use crate::types::{shipped, values};

    #[test]
    fn samples_pass_the_check() {
        for definition in shipped::definitions() {
            values::check(&definition, &super::values(&definition)).unwrap();
        }
    }
}
