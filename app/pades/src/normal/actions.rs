//! Actions that do nothing to what is seen: they turn to a page when the file is opened, or format, check and add up what is filled into a form.
//! Nobody fills in a document any more, and what was filled in is drawn already; they are taken out. Every other script stays for `inspect` to refuse.

use super::Draft;
use crate::pdf::{Dictionary, Value};

/// Events of a field (ISO 32000-2 table 199): a key, before it is formatted, its value changed, to be computed.
const FIELD_EVENTS: [&[u8]; 4] = [b"K", b"F", b"V", b"C"];

/// The functions by which form editors format, check and add up, and which do nothing else. They read and set the value of the field alone.
const FUNCTIONS: &[&str] = &[
    "AFNumber_Format",
    "AFNumber_Keystroke",
    "AFPercent_Format",
    "AFPercent_Keystroke",
    "AFDate_Format",
    "AFDate_FormatEx",
    "AFDate_Keystroke",
    "AFDate_KeystrokeEx",
    "AFTime_Format",
    "AFTime_FormatEx",
    "AFTime_Keystroke",
    "AFSpecial_Format",
    "AFSpecial_Keystroke",
    "AFSpecial_KeystrokeEx",
    "AFRange_Validate",
    "AFSimple_Calculate",
];

/// Bytes of a script of such calls.
const MAX_SCRIPT: usize = 4_096;

impl Draft<'_> {
    /// Additional actions of which nothing acts by itself.
    pub(super) fn only_formats(&self, actions: &Value) -> bool {
        let Some(actions) = actions.dictionary() else { return actions.is_null() };
        actions.entries.iter().all(|(event, action)| match self.resolve(action) {
            action if action.is_null() => true,
            action => FIELD_EVENTS.contains(&&**event) && action.dictionary().is_some_and(|action| self.formats(action)),
        })
    }

    fn formats(&self, action: &Dictionary) -> bool {
        let script = self.get(action, "JS");
        let text = match script.stream() {
            Some(stream) => self.pdf.latest().inflate_to(stream, MAX_SCRIPT).ok(),
            None => script.string().map(<[u8]>::to_vec),
        };
        self.get(action, "S").name() == Some(b"JavaScript") && self.get(action, "Next").is_null() && text.is_some_and(|text| only_calls(&text))
    }

    /// An action upon opening that is none, or only turns pages or asks to print. One that goes to a place stays as it is.
    pub(super) fn only_turns(&self, action: &Value) -> bool {
        let Some(own) = action.dictionary() else { return action.is_null() };
        own.entries.is_empty() || (self.get(own, "S").name() == Some(b"Named") && self.get(own, "Next").is_null())
    }
}

/// Whether a script is nothing but calls of [`FUNCTIONS`] with constants.
fn only_calls(script: &[u8]) -> bool {
    let text = match script {
        [0xFE, 0xFF, rest @ ..] => {
            let units: Vec<u16> = rest.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)])).collect();
            String::from_utf16_lossy(&units)
        }
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => script.iter().map(|&byte| char::from(byte)).collect(),
    };
    if text.len() > MAX_SCRIPT {
        return false;
    }
    let mut rest = text.trim();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(';') {
            rest = after.trim_start();
            continue;
        }
        let Some((name, arguments)) = rest.split_once('(') else { return false };
        if !FUNCTIONS.contains(&name.trim_end()) {
            return false;
        }
        let Some(after) = constants(arguments) else { return false };
        rest = after.trim_start();
        if !(rest.is_empty() || rest.starts_with(';')) {
            return false;
        }
    }
    true
}

/// What stands after the bracket that closes a list of constants.
fn constants(mut rest: &str) -> Option<&str> {
    let mut open = 1;
    loop {
        rest = rest.trim_start();
        let character = rest.chars().next()?;
        rest = match character {
            ')' | ']' => {
                open -= 1;
                rest = &rest[1..];
                if open == 0 {
                    return (character == ')').then_some(rest);
                }
                rest
            }
            '(' | '[' => {
                open += 1;
                &rest[1..]
            }
            ',' | '-' | '+' | '.' => &rest[1..],
            '"' | '\'' => string(rest, character)?,
            '0'..='9' => rest.trim_start_matches(|character: char| character.is_ascii_digit() || character == '.'),
            _ => ["true", "false", "null", "new Array"].into_iter().find_map(|word| rest.strip_prefix(word)).filter(|after| !after.starts_with(is_of_word))?,
        };
    }
}

/// What stands after the string that begins `rest`.
fn string(rest: &str, quote: char) -> Option<&str> {
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => drop(characters.next()?),
            '\n' | '\r' => return None,
            _ if character == quote => return Some(&rest[at + quote.len_utf8()..]),
            _ => {}
        }
    }
    None
}

fn is_of_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$' | '\\')
}

#[cfg(test)]
mod tests {
    use super::only_calls;

    #[test]
    fn calls_that_format_are_told_from_scripts() {
        for script in [
            "",
            "AFNumber_Format(2, 0, 0, 0, \"\\u20AC \", true);",
            "AFDate_FormatEx(\"yyyy-mm-dd\")",
            "AFRange_Validate(true, 0, true, 100);AFNumber_Keystroke(2,2,0,0,'',true)",
            "AFSimple_Calculate(\"SUM\", new Array (\"a\", \"b\"));",
            "AFSimple_Calculate('SUM', ['a', 'b'])\n",
            "AFNumber_Format(-1.5, 0)",
            "AFTime_Keystroke ( 1 ) ; ;",
        ] {
            assert!(only_calls(script.as_bytes()), "{script}");
        }
        for script in [
            "app.alert(1)",
            "AFNumber_Format(2, app.alert(1))",
            "AFNumber_Format(2); app.launchURL('x')",
            "AFNumber_Format(2) || app.beep()",
            "AFNumber_Format(2)(3)",
            "AFNumber_Format(2)[0]",
            "AFNumber_Format(\"a\" + x)",
            "AFNumber_Format(\"a",
            "AFNumber_Format(\"a\n\")",
            "AFNumber_Format(2",
            "AFNumber_Format(trueish)",
            "AFNumber_Format(new Array.constructor('x')())",
            "AFMergeChange(event)",
            "event.value = 1",
            "/* */app.beep()",
            "AFNumber_Format(`${app.beep()}`)",
            "this.AFNumber_Format(1)",
        ] {
            assert!(!only_calls(script.as_bytes()), "{script}");
        }
        assert!(only_calls(b"\xFE\xFF\0A\0F\0D\0a\0t\0e\0_\0F\0o\0r\0m\0a\0t\0(\x001\0)") && !only_calls(&b"AFTime_Format(1);".repeat(300)));
    }
}
