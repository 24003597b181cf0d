//! The stamp on uploaded PDFs: the number and a QR code that leads to the document's page, on a white card.

use crate::outline::{self, number};
use crate::qr::Qr;
use crate::seal::Drawing;

/// Width of a stamp in points (60 mm).
pub const WIDTH: i32 = 170;
/// Height of a stamp in points (18 mm).
pub const HEIGHT: i32 = 51;

/// What a stamp says.
#[derive(Clone, Copy, Debug)]
pub struct StampText<'a> {
    /// The document's number.
    pub number: &'a str,
    /// The line above it: the type's name.
    pub title: &'a str,
    /// The line below it: creator and day.
    pub note: &'a str,
    /// Where the QR code leads.
    pub url: &'a str,
}

/// Draws the stamp: path and colour operators only.
pub fn stamp(text: &StampText) -> Drawing {
    let mut content = String::from("q\n1 1 1 rg\n");
    rectangle([0.0, 0.0, f64::from(WIDTH), f64::from(HEIGHT)], &mut content);
    content.push_str("f\n0.49 0.45 0.4 rg\n");
    rectangle([0.0, 0.0, f64::from(WIDTH), f64::from(HEIGHT)], &mut content);
    rectangle([0.6, 0.6, f64::from(WIDTH) - 0.6, f64::from(HEIGHT) - 0.6], &mut content);
    content.push_str("f*\n0.13 0.11 0.09 rg\n");
    if let Some(qr) = Qr::new(text.url) {
        let module = 42.0 / f64::from(qr.size());
        for (column, row, length) in qr.runs() {
            let left = 4.5 + f64::from(column) * module;
            let top = 46.5 - f64::from(row) * module;
            rectangle([left, top - module, left + f64::from(length) * module, top], &mut content);
        }
        content.push_str("f\n");
    }
    line(text.title, false, 7.5, 35.5, &mut content);
    line(text.number, true, 12.0, 20.5, &mut content);
    line(text.note, false, 6.5, 8.5, &mut content);
    content.push_str("Q\n");
    Drawing { width: WIDTH, height: HEIGHT, content }
}

fn line(text: &str, bold: bool, size: f64, baseline: f64, content: &mut String) {
    const LEFT: f64 = 53.0;
    let most = f64::from(WIDTH) - LEFT - 5.0;
    let size = size.min(most / outline::width(text, bold).max(0.01));
    let mut pen = LEFT;
    for glyph in outline::glyphs(text, bold) {
        glyph.draw([size, 0.0, 0.0, size, pen, baseline], content);
        pen += glyph.advance * size;
    }
    content.push_str("f\n");
}

fn rectangle([left, bottom, right, top]: [f64; 4], content: &mut String) {
    for (x, y, operator) in [(left, bottom, "m"), (right, bottom, "l"), (right, top, "l"), (left, top, "l")] {
        number(x, content);
        content.push(' ');
        number(y, content);
        content.push(' ');
        content.push_str(operator);
        content.push('\n');
    }
    content.push_str("h\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_the_same_every_time_and_never_panics() {
        let text =
            StampText {
                number: "RCT-2026-000001", title: "收据 Receipt", note: "李娜 · 2026-11-23", url: "https://signet.example/documents/RCT-2026-000001"
            };
        assert_eq!(stamp(&text), stamp(&text));
        assert!(stamp(&text).content.len() < 60_000);
        let long = "x".repeat(9_000);
        let _ = stamp(&StampText { number: &long, title: "", note: "", url: &long });
    }
}
