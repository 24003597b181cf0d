//! Seals and stamps as form XObjects and page content (ISO 32000-2 §8.10, §12.5.5). Integers only, so every build writes the same.

use super::write;
use crate::{Appearance, Error, Rect};

/// Whether an appearance may use this operator: paths, colours, graphics state. No fonts, images, other objects or marked content.
fn is_operator(token: &str) -> bool {
    let painting = matches!(token, "m" | "l" | "c" | "v" | "y" | "h" | "re" | "S" | "s" | "f" | "f*" | "B" | "B*" | "b" | "b*" | "n" | "W" | "W*");
    painting || matches!(token, "q" | "Q" | "cm" | "w" | "J" | "j" | "M" | "d" | "g" | "G" | "rg" | "RG" | "k" | "K")
}

/// Checks that an appearance is what it must be: sized, only numbers and drawing operators, `q` and `Q` in pairs.
pub fn check(appearance: &Appearance) -> Result<(), Error> {
    let wrong = |text: String| Err(Error::Parameter(format!("the drawing of a seal or stamp cannot be used: {text}")));
    if !(1..=14_400).contains(&appearance.width) || !(1..=14_400).contains(&appearance.height) || appearance.content.len() > 4 << 20 {
        return wrong("its size is out of range".to_owned());
    }
    let mut open = 0_i32;
    for token in appearance.content.split_ascii_whitespace() {
        let number = token.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'-' | b'[' | b']'));
        if !number && !is_operator(token) {
            return wrong(format!("“{}” is no drawing operator", token.chars().take(20).collect::<String>()));
        }
        open += i32::from(token == "q") - i32::from(token == "Q");
        if open < 0 {
            return wrong("“Q” without “q”".to_owned());
        }
    }
    if open == 0 { Ok(()) } else { wrong("“q” without “Q”".to_owned()) }
}

/// What `rg` means in a seal: sRGB by its primaries, its white and nearly its curve (ISO 32000-2 §8.6.5.3, IEC 61966-2-1). PDF/A asks for
/// colours that depend on no device (ISO 19005-2 §6.2.4), whatever output intent the document has, and a seal is red in all of them.
const COLOURS: &str = "/ColorSpace<</DefaultRGB[/CalRGB<</WhitePoint[0.9505 1 1.089]/Gamma[2.2 2.2 2.2]/Matrix[0.4124 0.2126 0.0193 0.3576 0.7152 0.1192 0.1805 0.0722 0.9505]>>]>>";

/// A form XObject whose box is `size`, with the appearance drawn into `target` of it.
pub fn form(appearance: &Appearance, size: [f64; 2], target: [f64; 4], rotate: i32) -> Vec<u8> {
    let content = placed(appearance, target, rotate);
    let entries = format!("/Type/XObject/Subtype/Form/FormType 1/BBox[0 0 {} {}]/Resources<<{COLOURS}>>", number(size[0]), number(size[1]));
    write::stream(&entries, content.as_bytes())
}

/// The appearance scaled into a rectangle and upright on a page that is shown turned by `rotate` degrees, its state closed off.
fn placed(appearance: &Appearance, target: [f64; 4], rotate: i32) -> String {
    let [left, bottom, right, top] = target;
    let (across, up) = (right - left, top - bottom);
    let (width, height) = (f64::from(appearance.width), f64::from(appearance.height));
    let matrix = match rotate {
        90 => [0.0, up / width, -across / height, 0.0, right, bottom],
        180 => [-across / width, 0.0, 0.0, -up / height, right, top],
        270 => [0.0, -up / width, across / height, 0.0, left, top],
        _ => [across / width, 0.0, 0.0, up / height, left, bottom],
    };
    format!("q\n{} cm\n{}\nQ\n", matrix.map(number).join(" "), appearance.content.trim_end())
}

/// A rectangle's sides as floats.
pub fn sides(rect: Rect) -> [f64; 4] {
    rect.map(f64::from)
}

/// A number to five decimal places, trailing zeros left out. By integers, so that no library decides on the last digit.
pub fn number(value: f64) -> String {
    let scaled = (value * 100_000.0).round() as i64;
    let (sign, scaled) = (if scaled < 0 { "-" } else { "" }, scaled.unsigned_abs());
    let fraction = format!("{:05}", scaled % 100_000);
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", scaled / 100_000)
}
