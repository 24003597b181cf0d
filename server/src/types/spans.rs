//! Where in a `type.toml` something stands, so that a problem can name its line.

use toml::de::{DeTable, DeValue};

/// One step into a TOML document.
#[derive(Clone, Copy)]
pub enum At<'a> {
    Key(&'a str),
    Item(usize),
}

/// The line, from 1, of the value at `path`, or of the deepest part of the path that exists.
pub fn line_of(text: &str, path: &[At]) -> Option<usize> {
    let root = DeTable::parse(text).ok()?;
    let mut found = None;
    let mut value: Option<&DeValue> = None;
    for step in path {
        let next = match (step, value) {
            (At::Key(key), None) => root.get_ref().get(*key),
            (At::Key(key), Some(DeValue::Table(table))) => table.get(*key),
            (At::Item(index), Some(DeValue::Array(array))) => array.get(*index),
            _ => None,
        };
        let Some(next) = next else { break };
        found = Some(next.span().start);
        value = Some(next.get_ref());
    }
    found.map(|offset| line_at(text, offset))
}

/// The line, from 1, of a byte offset.
pub fn line_at(text: &str, offset: usize) -> usize {
    1 + text.as_bytes()[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_its_line() {
        let text = "code = \"A\"\n[[step]]\nkey = \"a\"\n[[step]]\nkey = \"b\"\nwhen = \"x\"\n";
        assert_eq!(line_of(text, &[At::Key("step"), At::Item(1), At::Key("when")]), Some(6));
        assert_eq!(line_of(text, &[At::Key("code")]), Some(1));
        assert_eq!(line_of(text, &[At::Key("missing")]), None);
        assert_eq!(line_of("= broken", &[At::Key("code")]), None);
    }
}
