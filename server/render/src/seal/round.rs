//! The round seal: name along the ring, star, step and time in the middle, number along the foot.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use super::{SIDE, SealText, centred_line, fitting, turned};
use crate::outline::{self, number};

const CENTRE: f64 = SIDE as f64 / 2.0;
/// Inner edge of the ring, where the text's room ends.
const RING: f64 = 55.0;

/// Adds the operators of the round seal.
pub fn draw(text: &SealText, content: &mut String) {
    ring(58.6, 55.9, content);
    ring(54.4, 53.8, content);
    star(CENTRE, CENTRE + 7.5, 12.5, content);
    name(text.name.trim(), content);
    centred_line(text.caption, true, 9.0, (CENTRE, CENTRE - 17.0), 66.0, content);
    centred_line(text.time, false, 7.6, (CENTRE, CENTRE - 28.0), 66.0, content);
    foot(text.number, content);
}

/// A filled ring between two radii.
fn ring(outer: f64, inner: f64, content: &mut String) {
    circle(outer, content);
    circle(inner, content);
    content.push_str("f*\n");
}

fn circle(radius: f64, content: &mut String) {
    // Distance of the control points that draws a quarter circle by one curve.
    let k = radius * 0.552_284_75;
    let (c, r) = (CENTRE, radius);
    let curves = [
        [c + r, c + k, c + k, c + r, c, c + r],
        [c - k, c + r, c - r, c + k, c - r, c],
        [c - r, c - k, c - k, c - r, c, c - r],
        [c + k, c - r, c + r, c - k, c + r, c],
    ];
    operator(&[c + r, c], "m", content);
    for curve in curves {
        operator(&curve, "c", content);
    }
    content.push_str("h\n");
}

fn star(x: f64, y: f64, radius: f64, content: &mut String) {
    for corner in 0..10 {
        let reach = if corner % 2 == 0 { radius } else { radius * 0.382 };
        let angle = FRAC_PI_2 + f64::from(corner) * TAU / 10.0;
        operator(&[x + reach * angle.cos(), y + reach * angle.sin()], if corner == 0 { "m" } else { "l" }, content);
    }
    content.push_str("h\nf\n");
}

/// The name from left to right along the top, spread out when short and made smaller when long.
fn name(text: &str, content: &mut String) {
    const WIDEST: f64 = 3.7;
    let size =
        [18.0, 16.0, 14.0, 12.0, 10.5, 9.0, 7.5, 6.0].into_iter().find(|size| outline::width(text, true) * size <= WIDEST * baseline(*size)).unwrap_or(5.0);
    let radius = baseline(size);
    let (shown, size) = fitting(text, true, size, WIDEST * radius);
    let glyphs = outline::glyphs(&shown, true);
    let natural: f64 = glyphs.iter().map(|glyph| glyph.advance * size).sum();
    let gaps = glyphs.len().saturating_sub(1) as f64;
    // A short Chinese name is spaced like on a real seal; letters stay together.
    let wished = if shown.chars().all(super::is_han) { size * 0.75 } else { size * 0.06 };
    let gap = if gaps > 0.0 { wished.min((WIDEST * radius - natural) / gaps).max(0.0) } else { 0.0 };
    let mut pen = -(natural + gap * gaps) / 2.0;
    for glyph in &glyphs {
        let width = glyph.advance * size;
        let angle = FRAC_PI_2 - (pen + width / 2.0) / radius;
        let at = (CENTRE + radius * angle.cos(), CENTRE + radius * angle.sin());
        glyph.draw(turned(size, at, angle - FRAC_PI_2, width / 2.0), content);
        pen += width + gap;
    }
    content.push_str("f\n");
}

/// The radius on which the name's glyphs stand so that their heads keep clear of the ring.
fn baseline(size: f64) -> f64 {
    RING - 4.0 - size * 0.84
}

/// The number along the bottom, heads towards the middle.
fn foot(text: &str, content: &mut String) {
    let radius = RING - 3.6;
    let (shown, size) = fitting(text, true, 7.0, PI * 0.62 * radius);
    let glyphs = outline::glyphs(&shown, true);
    let mut pen = -glyphs.iter().map(|glyph| glyph.advance * size).sum::<f64>() / 2.0;
    for glyph in &glyphs {
        let width = glyph.advance * size;
        let angle = -FRAC_PI_2 + (pen + width / 2.0) / radius;
        let at = (CENTRE + radius * angle.cos(), CENTRE + radius * angle.sin());
        glyph.draw(turned(size, at, angle + FRAC_PI_2, width / 2.0), content);
        pen += width;
    }
    content.push_str("f\n");
}

fn operator(operands: &[f64], operator: &str, content: &mut String) {
    for operand in operands {
        number(*operand, content);
        content.push(' ');
    }
    content.push_str(operator);
    content.push('\n');
}
