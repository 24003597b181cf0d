//! Seals as drawings: the round seal with a star and the square name chop, both with name, step, time and number.
//!
//! A seal is [`SIDE`] points wide and high (42 mm) and made of filled paths in one red, so it needs no font and looks the same everywhere.

mod round;
mod square;

use crate::outline::{self, Matrix};

/// Width and height of a seal in points: 42 mm.
pub const SIDE: i32 = 119;

const RED: &str = "0.702 0.118 0.102 rg\n";

/// The shape of a seal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SealStyle {
    /// A ring with the name along it and a star in the middle.
    Round,
    /// A square chop with the name cut out of it.
    #[default]
    Square,
}

/// What a seal says.
#[derive(Clone, Copy, Debug)]
pub struct SealText<'a> {
    /// The signer's name.
    pub name: &'a str,
    /// The step or role, in the document's language.
    pub caption: &'a str,
    /// The moment, already written out for people: `2026-11-23 14:02 +08:00`.
    pub time: &'a str,
    /// The document's number.
    pub number: &'a str,
    /// Its shape.
    pub style: SealStyle,
}

/// A drawing: a form's content of path and colour operators for a box from the origin to `width`, `height` (points).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// Width in points.
    pub width: i32,
    /// Height in points.
    pub height: i32,
    /// PDF operators, only paths and colours.
    pub content: String,
}

impl Drawing {
    /// The same drawing, centred in another box and scaled to fit it.
    #[must_use]
    pub fn fitted(&self, width: i32, height: i32) -> Self {
        if (width, height) == (self.width, self.height) {
            return self.clone();
        }
        let scale = (f64::from(width) / f64::from(self.width)).min(f64::from(height) / f64::from(self.height));
        let left = (f64::from(width) - f64::from(self.width) * scale) / 2.0;
        let bottom = (f64::from(height) - f64::from(self.height) * scale) / 2.0;
        let content = format!("q\n{scale:.4} 0 0 {scale:.4} {left:.2} {bottom:.2} cm\n{}Q\n", self.content);
        Self { width, height, content }
    }
}

/// Draws the seal. Of a name longer than 80 characters, the longest an account can have, the first 80 are drawn.
pub fn seal(text: &SealText) -> Drawing {
    let name = text.name.char_indices().nth(80).map_or(text.name, |(end, _)| &text.name[..end]);
    let text = &SealText { name, ..*text };
    let mut content = String::from("q\n");
    content.push_str(RED);
    match text.style {
        SealStyle::Round => round::draw(text, &mut content),
        SealStyle::Square => square::draw(text, &mut content),
    }
    content.push_str("Q\n");
    Drawing { width: SIDE, height: SIDE, content }
}

/// A line centred on `x`, its baseline at `y`, made smaller until it is at most `most` wide. Text that would be smaller than 3 points is cut.
fn centred_line(text: &str, bold: bool, size: f64, (x, y): (f64, f64), most: f64, content: &mut String) {
    let (text, size) = fitting(text, bold, size, most);
    let mut pen = x - outline::width(&text, bold) * size / 2.0;
    for glyph in outline::glyphs(&text, bold) {
        glyph.draw([size, 0.0, 0.0, size, pen, y], content);
        pen += glyph.advance * size;
    }
    content.push_str("f\n");
}

/// The text and the size, at most `size`, at which it is at most `most` wide.
fn fitting(text: &str, bold: bool, size: f64, most: f64) -> (String, f64) {
    const SMALLEST: f64 = 3.0;
    let natural = outline::width(text, bold).max(0.01);
    if most / natural >= SMALLEST {
        return (text.to_owned(), size.min(most / natural));
    }
    let mut shown = String::new();
    let mut width = 1.0;
    for c in text.chars() {
        width += outline::width(c.encode_utf8(&mut [0; 4]), bold);
        if width * SMALLEST > most {
            break;
        }
        shown.push(c);
    }
    shown.push('…');
    (shown, SMALLEST)
}

/// Maps a glyph of `size` to the place `at`, turned by `angle` (radians, counter-clockwise), `before` points of its own width to the left.
fn turned(size: f64, at: (f64, f64), angle: f64, before: f64) -> Matrix {
    let (sin, cos) = angle.sin_cos();
    [size * cos, size * sin, -size * sin, size * cos, at.0 - before * cos, at.1 - before * sin]
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}' | '〇')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(name: &str, style: SealStyle) -> Drawing {
        seal(&SealText { name, caption: "财务 Finance", time: "2026-11-23 14:02", number: "EXP-2026-000123", style })
    }

    #[test]
    fn seals_are_paths_and_colours_only_and_stay_in_their_box() {
        let long = "Wolfeschlegelsteinhausenbergerdorff ".repeat(6);
        let names = ["李", "李娜", "王建国", "欧阳建国", "阿卜杜热西提江", "Li Na", "Alexandra Featherstonehaugh", "", " ", "😀", long.as_str()];
        for style in [SealStyle::Round, SealStyle::Square] {
            for name in names {
                let drawing = sample(name, style);
                assert_eq!(drawing, sample(name, style));
                assert!(drawing.content.len() < 80_000, "{name}: {}", drawing.content.len());
                for line in drawing.content.lines() {
                    let (operands, operator) = line.rsplit_once(' ').unwrap_or(("", line));
                    assert!(["q", "Q", "rg", "m", "l", "c", "h", "f", "f*"].contains(&operator), "{line}");
                    if operator == "rg" {
                        continue;
                    }
                    for operand in operands.split_whitespace() {
                        let value: f64 = operand.parse().unwrap();
                        assert!((-1.0..=120.0).contains(&value), "{name} {style:?}: {line}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_fitted_drawing_keeps_its_shape() {
        let drawing = sample("李娜", SealStyle::Round);
        assert_eq!(drawing.fitted(SIDE, SIDE), drawing);
        assert!(drawing.fitted(238, 119).content.contains("1.0000 0 0 1.0000 59.50 0.00 cm"));
    }
}
