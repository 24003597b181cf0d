//! What is there already of a form that is still being filled in, so that its preview can be laid out: empty places for what is missing.

use std::collections::BTreeMap;

use app::model::{Field, FieldKind, TypeDefinition};
use serde_json::{Value, json};

use super::{Values, sample, values};

/// The values that pass; a required text that is missing or wrong is an empty text, a number zero. Dates, tables and pictures stay away as
/// optional ones do.
pub fn filled(definition: &TypeDefinition, entered: &BTreeMap<String, Value>) -> Values {
    let mut filled = values::passing(definition, entered);
    for field in definition.fields.iter().filter(|field| field.required) {
        let empty = match field.kind {
            FieldKind::Text | FieldKind::Paragraph | FieldKind::Choice => json!(""),
            FieldKind::Money => json!("0.00"),
            FieldKind::Number => json!("0"),
            FieldKind::Date | FieldKind::Table | FieldKind::Image => continue,
        };
        filled.entry(field.key.clone()).or_insert(empty);
    }
    filled
}

/// The same with something in every required place: for a template that cannot do without.
pub fn stand_ins(definition: &TypeDefinition, filled: &Values, today: &str) -> Values {
    let stand_in = |field: &Field| match field.kind {
        FieldKind::Date => json!(today),
        FieldKind::Table => json!([{}]),
        FieldKind::Image => json!(sample::picture()),
        FieldKind::Number | FieldKind::Money => json!("0.00"),
        FieldKind::Text | FieldKind::Paragraph | FieldKind::Choice => json!("…"),
    };
    let mut all = filled.clone();
    for field in definition.fields.iter().filter(|field| field.required) {
        if all.get(&field.key).is_none_or(|value| value == "") {
            all.insert(field.key.clone(), stand_in(field));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::shipped;

    #[test]
    fn every_required_field_has_something_and_what_was_entered_stays() {
        for definition in shipped::definitions() {
            let empty = filled(&definition, &BTreeMap::new());
            let all = stand_ins(&definition, &empty, "2026-11-23");
            for field in definition.fields.iter().filter(|field| field.required) {
                assert!(all.contains_key(&field.key), "{} {}", definition.code, field.key);
            }
            let sample = sample::values(&definition);
            assert_eq!(filled(&definition, &sample), values::check(&definition, &sample).unwrap());
            assert_eq!(stand_ins(&definition, &sample, "2026-11-23"), sample);
        }
    }

    #[test]
    fn what_is_wrong_is_left_out() {
        let definition = shipped::definitions().into_iter().find(|definition| definition.code.as_str() == "EXP").unwrap();
        let entered = BTreeMap::from([("amount".to_owned(), json!("much")), ("project".to_owned(), json!("P-17")), ("unknown".to_owned(), json!(1))]);
        let filled = filled(&definition, &entered);
        assert_eq!((&filled["amount"], &filled["project"], &filled["reason"]), (&json!("0.00"), &json!("P-17"), &json!("")));
        assert!(!filled.contains_key("unknown") && !filled.contains_key("date"));
    }
}
