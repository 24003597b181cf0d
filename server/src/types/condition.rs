//! A step's `when`: a CEL condition over the fields. Checked at import, asked once per document.

use std::collections::{BTreeMap, HashMap};
use std::panic::{self, AssertUnwindSafe};

use app::model::{Field, FieldKind, LocalText, StepDefinition, TypeDefinition};
use cel::{Context, Program, Value as Cel};
use serde_json::Value;

use super::{both, decimal, sample};

const MAX_LENGTH: usize = 500;

/// The steps this document passes: those without a condition and those whose condition holds.
pub fn route<'a>(definition: &'a TypeDefinition, values: &BTreeMap<String, Value>) -> Result<Vec<&'a StepDefinition>, LocalText> {
    let mut route = Vec::new();
    for step in &definition.steps {
        if step.when.as_ref().map_or(Ok(true), |when| holds(definition, when, values))? {
            route.push(step);
        }
    }
    Ok(route)
}

/// Whether `when` is a condition over the fields of `definition`: it parses, names only fields, and answers true or false both
/// for an empty document and for a filled one.
pub fn check(definition: &TypeDefinition, when: &str) -> Result<(), LocalText> {
    holds(definition, when, &BTreeMap::new())?;
    holds(definition, when, &sample::values(definition)).map(|_| ())
}

/// Numbers and amounts are numbers, tables lists, all else text; what was left empty is 0, an empty list, an empty text.
fn holds(definition: &TypeDefinition, when: &str, values: &BTreeMap<String, Value>) -> Result<bool, LocalText> {
    let wrong = |problem: String| both(format!("the condition `{when}` does not work: {problem}"), format!("条件 `{when}` 无法使用：{problem}"));
    if when.len() > MAX_LENGTH {
        return Err(both("a condition is at most 500 characters", "条件最多 500 个字符"));
    }
    // The parser is generated code that others wrote; a panic in it must stay a refused condition.
    let outcome = panic::catch_unwind(AssertUnwindSafe(|| {
        let program = Program::compile(when).map_err(|error| error.to_string())?;
        let mut context = Context::default();
        for field in &definition.fields {
            let value = values.get(&field.key).unwrap_or(&Value::Null);
            context.add_variable_from_value(field.key.clone(), variable(field, value));
        }
        program.execute(&context).map_err(|error| error.to_string())
    }));
    match outcome {
        Ok(Ok(Cel::Bool(answer))) => Ok(answer),
        Ok(Ok(_)) => Err(wrong("it gives no true or false".to_owned())),
        Ok(Err(problem)) => Err(wrong(problem)),
        Err(_) => Err(wrong("it cannot be parsed".to_owned())),
    }
}

fn variable(field: &Field, value: &Value) -> Cel {
    match field.kind {
        FieldKind::Table => {
            let rows = value.as_array().map(Vec::as_slice).unwrap_or_default();
            let row = |row: &Value| -> HashMap<String, Cel> {
                field.columns.iter().map(|column| (column.key.clone(), scalar(column.kind, row.get(&column.key).unwrap_or(&Value::Null)))).collect()
            };
            rows.iter().map(|each| Cel::from(row(each))).collect::<Vec<_>>().into()
        }
        // Conditions ask whether a picture is there, not what it shows.
        FieldKind::Image => Cel::from(if value.is_string() { "image" } else { "" }),
        kind => scalar(kind, value),
    }
}

fn scalar(kind: FieldKind, value: &Value) -> Cel {
    let text = value.as_str().unwrap_or_default();
    match kind {
        FieldKind::Number | FieldKind::Money => Cel::Float(decimal::parse(text).map_or(0.0, |decimal| decimal.to_f64())),
        _ => Cel::from(text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::types::shipped;

    fn expense() -> TypeDefinition {
        shipped::definitions().into_iter().find(|d| d.code.as_str() == "EXP").unwrap()
    }

    #[test]
    fn finance_is_asked_from_five_thousand_up() {
        let definition = expense();
        let steps = |amount: &str| {
            let values = BTreeMap::from([("amount".to_owned(), json!(amount))]);
            route(&definition, &values).unwrap().iter().map(|step| step.key.clone()).collect::<Vec<_>>()
        };
        assert_eq!(steps("4999.99"), ["head"]);
        assert_eq!(steps("5000.00"), ["head", "finance"]);
        assert_eq!(steps("12000.00"), ["head", "finance"]);
    }

    #[test]
    fn conditions_see_text_and_tables() {
        let definition = expense();
        for good in
            ["amount > 100 && department == \"\"", "size(items) == 0 || items.exists(row, row.amount > 10)", "project.startsWith(\"P\")", "receipt == \"\""]
        {
            check(&definition, good).unwrap();
        }
        for bad in ["amount >", "nothing > 1", "amount + 1", "amount > \"x\"", "system(\"x\")", "", "((((", "\u{0}"] {
            assert!(check(&definition, bad).is_err(), "{bad}");
        }
        assert!(check(&definition, &"(".repeat(600)).is_err());
        assert!(check(&definition, &"!".repeat(499)).is_err());
    }
}
