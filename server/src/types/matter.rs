//! The matter of a document: the values that identify it, written in one way, so that the same matter cannot be written twice.

use std::collections::BTreeMap;

use app::model::TypeDefinition;
use serde_json::Value;

/// The matter of checked `values`: its fields joined by `/`, spaces collapsed, full-width letters made half-width, letters upper
/// case, all dashes one dash. A slash or backslash inside a value gets a backslash, so that `a/b` + `c` is not `a` + `b/c`.
pub fn matter(definition: &TypeDefinition, values: &BTreeMap<String, Value>) -> String {
    let parts = definition.matter.iter().map(|key| {
        let text = values.get(key).and_then(Value::as_str).unwrap_or_default();
        normal(text).replace('\\', "\\\\").replace('/', "\\/")
    });
    parts.collect::<Vec<_>>().join("/")
}

/// The same values as a person reads them: as they were typed.
pub fn shown(definition: &TypeDefinition, values: &BTreeMap<String, Value>) -> String {
    let parts = definition.matter.iter().map(|key| values.get(key).and_then(Value::as_str).unwrap_or_default().trim());
    parts.collect::<Vec<_>>().join("/")
}

/// One value in the one way of writing it.
pub fn normal(text: &str) -> String {
    let folded: String = text.chars().filter_map(narrow).flat_map(char::to_uppercase).collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Full-width to half-width, every dash to `-`, every quote to `'`; invisible characters go.
fn narrow(c: char) -> Option<char> {
    match c {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(c as u32 - 0xFEE0),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' => Some('-'),
        '\u{2018}' | '\u{2019}' => Some('\''),
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{00AD}' => None,
        c if c.is_control() => Some(' '),
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::types::shipped;

    fn of(project: &str, invoice: &str) -> String {
        let definition = shipped::definitions().into_iter().find(|d| d.code.as_str() == "EXP").unwrap();
        matter(&definition, &BTreeMap::from([("project".to_owned(), json!(project)), ("invoice".to_owned(), json!(invoice))]))
    }

    #[test]
    fn one_matter_is_written_in_one_way() {
        let plain = of("P-17", "INV 88");
        assert_eq!(plain, "P-17/INV 88");
        for (project, invoice) in
            [("p-17", "inv 88"), (" P-17 ", "INV   88"), ("Ｐ－１７", "ＩＮＶ　８８"), ("P–17", "INV\u{200B} 88"), ("P-17", "INV\u{A0}88")]
        {
            assert_eq!(of(project, invoice), plain, "{project} {invoice}");
        }
    }

    #[test]
    fn different_matters_stay_different() {
        assert_ne!(of("a/b", "c"), of("a", "b/c"));
        assert_ne!(of("a\\", "b"), of("a", "\\b"));
        assert_ne!(of("P-17", "88"), of("P-178", "8"));
    }
}
