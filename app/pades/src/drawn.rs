//! What is filled into a form must be drawn in it: what programs would make of it by themselves is not what would be sealed.

use crate::Error;
use crate::diff::seal::area;
use crate::pdf::field::Field;
use crate::pdf::page::rectangle;
use crate::pdf::{Reference, Value, View, text};

/// Hidden and NoView (ISO 32000-2 table 167).
const UNSEEN: i64 = 1 << 1 | 1 << 5;
/// Bytes of one appearance that are looked through.
const MAX_APPEARANCE: usize = 1 << 20;

/// The first field with something in it that no appearance shows, or, where programs are told to draw all anew (`/NeedAppearances`), another text.
pub(crate) fn undrawn(view: View<'_>, fields: &[Field]) -> Result<Option<Reference>, Error> {
    let form = view.get(&*view.catalog()?, "AcroForm")?;
    let anew = form.dictionary().map_or(Ok(Value::NULL), |form| view.get(form, "NeedAppearances"))?;
    let anew = anew.kind == crate::pdf::Kind::Boolean(true);
    for field in fields {
        let value = field.value.as_ref().map_or(Ok(Value::NULL), |value| view.resolve(value))?;
        let (is_filled, is_button) = match &*field.kind {
            b"Tx" | b"Ch" => (value.string().is_some_and(|text| !text.is_empty()) || value.array().is_some_and(|chosen| !chosen.is_empty()), false),
            b"Btn" => (value.name().is_some_and(|state| state != b"Off"), true),
            _ => (false, false),
        };
        if !is_filled {
            continue;
        }
        let (mut drawn, mut bare) = (false, false);
        for widget in &field.widgets {
            let widget = view.object(*widget)?;
            let Some(widget) = widget.dictionary() else { continue };
            let flags = view.get(widget, "F")?.integer().unwrap_or(0);
            let seen = flags & UNSEEN == 0 && widget.get("Rect").is_some_and(|rect| rectangle(view, rect).is_ok_and(|rect| area(rect) > 0.0));
            let appearance = view.get(widget, "AP")?;
            let normal = appearance.dictionary().map_or(Ok(Value::NULL), |appearance| view.get(appearance, "N"))?;
            let shows = !normal.is_null() && (!anew || &*field.kind != b"Tx" || says(view, &normal, &value));
            drawn |= shows;
            bare |= seen && !shows;
        }
        // of buttons that belong together only one is chosen
        if bare && !(is_button && drawn) {
            return Ok(Some(field.reference));
        }
    }
    Ok(None)
}

/// Whether an appearance draws a value: its letters and digits in their order, whatever is between them.
fn says(view: View<'_>, appearance: &Value, value: &Value) -> bool {
    let plain = |text: &str| text.chars().filter(|character| character.is_alphanumeric()).collect::<String>();
    let wanted = plain(&value.text().unwrap_or_default());
    let content = appearance.stream().and_then(|stream| view.inflate_to(stream, MAX_APPEARANCE).ok());
    content.is_some_and(|content| plain(&strings(&content)).contains(&wanted))
}

/// The text of all strings of a content stream, one after the other, by the encoding that the fonts of forms have.
fn strings(content: &[u8]) -> String {
    let mut text = String::new();
    let mut bytes = content.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'(' {
            continue;
        }
        let mut open = 1;
        while let Some(byte) = bytes.next() {
            let byte = match byte {
                b'\\' => match bytes.next() {
                    Some(digit @ b'0'..=b'7') => {
                        let mut code = u32::from(digit - b'0');
                        for _ in 0..2 {
                            let Some(digit) = bytes.next_if(|digit| (b'0'..=b'7').contains(digit)) else { break };
                            code = code * 8 + u32::from(digit - b'0');
                        }
                        code as u8
                    }
                    Some(b'n' | b'r' | b't' | b'b' | b'f' | b'\n' | b'\r') | None => b' ',
                    Some(escaped) => escaped,
                },
                b'(' => {
                    open += 1;
                    byte
                }
                b')' => {
                    open -= 1;
                    byte
                }
                other => other,
            };
            if open == 0 {
                break;
            }
            text.push(text::character(byte).unwrap_or('?'));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::strings;

    #[test]
    fn strings_are_read_with_their_escapes() {
        assert_eq!(strings(b"BT (Hello ) Tj 3 0 Td [(Wor) 20 (ld)] TJ ET"), "Hello World");
        assert_eq!(strings(b"(a\\(b\\)c(d)) Tj (\\101\\60) Tj ("), "a(b)c(d)A0");
    }
}
