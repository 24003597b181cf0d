//! Seals as drawings: the round company seal, the square name chop and the handwritten signature, each with name, step, time and number.
//!
//! A seal is [`SIDE`] points wide and high (42 mm) and made of paths in one colour, so it needs no font and looks the same everywhere.
//! In a field of less than [`SMALL`] points the small lines are left out and what stays is drawn larger: a seal of 20 mm must still be read.

mod handwriting;
mod round;
mod square;

use crate::outline::{self, Matrix, number};

/// Width and height of a seal in points: 42 mm.
pub const SIDE: i32 = 119;
/// A field with a shorter side than this (28 mm) gets the seal without its small lines.
pub const SMALL: i32 = 79;

/// Vermilion, the colour of seal paste.
const RED: &str = "0.702 0.118 0.102 rg\n";
/// Blue-black, the colour of a fountain pen's ink; for filling and for stroking.
const INK: &str = "0.086 0.137 0.286 rg\n0.086 0.137 0.286 RG\n";

/// One stroke of a pen: the points of joined Bézier curves, `1 + 3n` of them, y downwards as on a screen, in any unit.
pub type Stroke = Vec<[f64; 2]>;

/// What a seal is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SealDesign<'a> {
    /// A ring with a star in the middle; along the ring the organisation, or the signer's name where there is none.
    Round {
        /// The organisation's name, or nothing.
        organisation: &'a str,
    },
    /// A square chop with the name cut out of it.
    Square {
        /// What is cut: one to four Chinese characters in columns from right to left, or any other short name. Nothing: the signer's name.
        chop: &'a str,
    },
    /// A signature by hand.
    Handwriting(Writing<'a>),
}

/// Where a handwritten signature comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Writing<'a> {
    /// Drawn with finger, mouse or pen.
    Drawn(&'a [Stroke]),
    /// Typed by someone who does not draw; nothing is the signer's name.
    Typed(&'a str),
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
    /// Its design.
    pub design: SealDesign<'a>,
    /// For a field smaller than [`SMALL`].
    pub small: bool,
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

/// Draws the seal. Of a text longer than 80 characters, the longest name an account can have, the first 80 are drawn.
pub fn seal(text: &SealText) -> Drawing {
    let name = first(text.name);
    // A small seal has no room for the hour.
    let time = if text.small { text.time.split(' ').next().unwrap_or_default() } else { text.time };
    let text = &SealText { name, time, ..*text };
    let mut content = String::from("q\n");
    match text.design {
        SealDesign::Round { organisation } => {
            content.push_str(RED);
            round::draw(text, first(organisation), &mut content);
        }
        SealDesign::Square { chop } => {
            content.push_str(RED);
            square::draw(text, first(chop), &mut content);
        }
        SealDesign::Handwriting(writing) => {
            content.push_str(INK);
            let writing = if let Writing::Typed(words) = writing { Writing::Typed(first(words)) } else { writing };
            handwriting::draw(text, writing, &mut content);
        }
    }
    content.push_str("Q\n");
    Drawing { width: SIDE, height: SIDE, content }
}

/// The first 80 characters.
fn first(text: &str) -> &str {
    text.char_indices().nth(80).map_or(text, |(end, _)| &text[..end]).trim()
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

/// Maps a glyph, `across` wide and `up` high for each unit of its own, to the place `at`, turned by `angle` (radians, counter-clockwise)
/// and moved `before` points to its own left.
fn turned([across, up]: [f64; 2], at: (f64, f64), angle: f64, before: f64) -> Matrix {
    let (sin, cos) = angle.sin_cos();
    [across * cos, across * sin, -up * sin, up * cos, at.0 - before * cos, at.1 - before * sin]
}

/// Writes operands and operator on a line of its own.
fn operator(operands: &[f64], operator: &str, content: &mut String) {
    for operand in operands {
        number(*operand, content);
        content.push(' ');
    }
    content.push_str(operator);
    content.push('\n');
}

/// Whether a character is a Chinese one, which seals set in squares and columns.
pub fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{323AF}' | '〇')
}

#[cfg(test)]
#[path = "seal_tests.rs"]
mod tests;
