//! Glyph outlines as PDF path operators: text that needs no font where it is shown.
//!
//! Glyphs stand side by side by their advances; scripts that need shaping (Arabic, Indic) are drawn unshaped, and a character
//! the fonts lack is drawn as an empty box. Coordinates have at most two decimals, so the same text gives the same bytes.

use std::fmt::Write as _;

use ttf_parser::{GlyphId, OutlineBuilder};

use crate::fonts::OUTLINES;

/// An affine map as PDF writes it: `x' = a·x + c·y + e`, `y' = b·x + d·y + f`.
pub type Matrix = [f64; 6];

/// A line of text as path operators, its baseline starting at the origin, y upwards. Ends without a painting operator.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    /// `m`, `l`, `c` and `h` operators.
    pub path: String,
    /// Advance width.
    pub width: f64,
    /// Height above the baseline that CJK glyphs fill.
    pub ascent: f64,
    /// Depth below the baseline that glyphs fill, positive.
    pub descent: f64,
}

/// `text` at `size` points, in regular or bold.
pub fn text(text: &str, bold: bool, size: f64) -> Outline {
    let mut path = String::new();
    let mut width = 0.0;
    for glyph in glyphs(text, bold) {
        glyph.draw([size, 0.0, 0.0, size, width, 0.0], &mut path);
        width += glyph.advance * size;
    }
    Outline { path, width, ascent: 0.84 * size, descent: 0.10 * size }
}

/// The advance width of `text` at one point, without drawing it.
pub fn width(text: &str, bold: bool) -> f64 {
    glyphs(text, bold).iter().map(|glyph| glyph.advance).sum()
}

/// The first visible character of `text` that the fonts lack.
pub fn missing(text: &str) -> Option<char> {
    let face = &OUTLINES[0];
    text.chars().find(|c| !c.is_control() && !c.is_whitespace() && face.glyph_index(*c).is_none_or(|id| id == GlyphId(0)))
}

/// The glyphs of `text`, one per visible character; control characters are left out.
pub fn glyphs(text: &str, bold: bool) -> Vec<Glyph> {
    let face = &OUTLINES[usize::from(bold)];
    text.chars()
        .filter(|c| !c.is_control())
        .map(|c| {
            let em = f64::from(face.units_per_em());
            let mut glyph = Glyph { segments: Vec::new(), advance: 1.0, bounds: [0.0, 0.0, 1.0, 1.0], em };
            match face.glyph_index(c).filter(|id| *id != GlyphId(0)) {
                Some(id) => {
                    glyph.advance = face.glyph_hor_advance(id).map_or(1.0, |advance| f64::from(advance) / em);
                    if let Some(bounds) = face.outline_glyph(id, &mut glyph) {
                        glyph.bounds = [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max].map(|side| f64::from(side) / em);
                    }
                }
                None if c.is_whitespace() => glyph.advance = 0.5,
                None => glyph.box_instead(),
            }
            glyph
        })
        .collect()
}

/// One character's outline in units of the font size.
pub struct Glyph {
    segments: Vec<Segment>,
    /// Width it takes on the line.
    pub advance: f64,
    /// Box of its ink: left, bottom, right, top.
    pub bounds: [f64; 4],
    em: f64,
}

enum Segment {
    Move([f64; 2]),
    Line([f64; 2]),
    Curve([[f64; 2]; 3]),
    Close,
}

impl Glyph {
    /// Adds the outline, mapped by `matrix`, to `path`.
    pub fn draw(&self, matrix: Matrix, path: &mut String) {
        for segment in &self.segments {
            match segment {
                Segment::Move(to) => {
                    point(matrix, *to, path);
                    path.push_str("m\n");
                }
                Segment::Line(to) => {
                    point(matrix, *to, path);
                    path.push_str("l\n");
                }
                Segment::Curve(points) => {
                    for each in points {
                        point(matrix, *each, path);
                    }
                    path.push_str("c\n");
                }
                Segment::Close => path.push_str("h\n"),
            }
        }
    }

    fn scaled(&self, x: f32, y: f32) -> [f64; 2] {
        [f64::from(x) / self.em, f64::from(y) / self.em]
    }

    /// The box that stands for a character no font has: a frame, its hole turning the other way.
    fn box_instead(&mut self) {
        let rings = [[[0.1, -0.1], [0.9, -0.1], [0.9, 0.8], [0.1, 0.8]], [[0.16, -0.04], [0.16, 0.74], [0.84, 0.74], [0.84, -0.04]]];
        for [first, rest @ ..] in rings {
            self.segments.push(Segment::Move(first));
            self.segments.extend(rest.map(Segment::Line));
            self.segments.push(Segment::Close);
        }
        self.bounds = [0.1, -0.1, 0.9, 0.8];
    }
}

impl OutlineBuilder for Glyph {
    fn move_to(&mut self, x: f32, y: f32) {
        self.segments.push(Segment::Move(self.scaled(x, y)));
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.segments.push(Segment::Line(self.scaled(x, y)));
    }

    // Noto's glyphs are cubic; this keeps fonts of the other kind drawable.
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let start = match self.segments.last() {
            Some(Segment::Move(at) | Segment::Line(at) | Segment::Curve([.., at])) => *at,
            _ => [0.0, 0.0],
        };
        let (control, end) = (self.scaled(x1, y1), self.scaled(x, y));
        let towards = |from: [f64; 2]| [from[0] + (control[0] - from[0]) * 2.0 / 3.0, from[1] + (control[1] - from[1]) * 2.0 / 3.0];
        self.segments.push(Segment::Curve([towards(start), towards(end), end]));
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.segments.push(Segment::Curve([self.scaled(x1, y1), self.scaled(x2, y2), self.scaled(x, y)]));
    }

    fn close(&mut self) {
        self.segments.push(Segment::Close);
    }
}

fn point([a, b, c, d, e, f]: Matrix, [x, y]: [f64; 2], path: &mut String) {
    number(a * x + c * y + e, path);
    path.push(' ');
    number(b * x + d * y + f, path);
    path.push(' ');
}

/// Writes a number with at most two decimals, never `-0` and never an exponent.
pub(crate) fn number(value: f64, path: &mut String) {
    let hundredths = (value.clamp(-1e6, 1e6) * 100.0).round() as i64;
    if hundredths < 0 {
        path.push('-');
    }
    let (whole, part) = (hundredths.abs() / 100, hundredths.abs() % 100);
    let _ = match part {
        0 => write!(path, "{whole}"),
        _ if part % 10 == 0 => write!(path, "{whole}.{}", part / 10),
        _ => write!(path, "{whole}.{part:02}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_plain() {
        let written = |value| {
            let mut path = String::new();
            number(value, &mut path);
            path
        };
        assert_eq!([written(1.0), written(-0.001), written(2.5), written(-3.046), written(f64::NAN)], ["1", "0", "2.5", "-3.05", "0"]);
    }

    #[test]
    fn the_same_text_gives_the_same_path_and_chinese_is_square() {
        let line = text("李娜 Li Na", true, 10.0);
        assert_eq!(line, text("李娜 Li Na", true, 10.0));
        assert!((width("李娜", false) - 2.0).abs() < 1e-9);
        assert!(line.path.lines().all(|l| matches!(l.split(' ').next_back(), Some("m" | "l" | "c" | "h"))));
    }

    #[test]
    fn a_character_no_font_has_is_a_box_and_control_characters_are_nothing() {
        assert!(text("\u{10FFFD}", false, 10.0).path.contains("1 -1 m"));
        assert_eq!(text("\n\u{7}", false, 10.0).path, "");
    }
}
