//! The round seal: organisation or name along the ring, a star, name, step and time in the middle, the number along the foot.

use std::f64::consts::{FRAC_PI_2, PI, TAU};

use super::{SIDE, SealText, centred_line, fitting, operator, turned};
use crate::outline;

const CENTRE: f64 = SIDE as f64 / 2.0;
/// Inner edge of the ring, where the text's room ends.
const RING: f64 = 56.0;
/// How far round the ring the text may go, radians: 250 degrees.
const SPAN: f64 = TAU * 250.0 / 360.0;

/// Adds the operators of the round seal.
pub fn draw(text: &SealText, organisation: &str, content: &mut String) {
    ring(59.2, if text.small { 55.4 } else { 56.2 }, content);
    let arc = if organisation.is_empty() { text.name } else { organisation };
    along(arc, content);
    // The name stands below the star where the ring names the organisation.
    let name = if organisation.is_empty() { "" } else { text.name };
    match (text.small, name.is_empty()) {
        (true, true) => {
            star(CENTRE + 3.0, 16.0, content);
            centred_line(text.time, true, 11.0, (CENTRE, CENTRE - 30.0), 62.0, content);
        }
        (true, false) => {
            star(CENTRE + 7.0, 14.0, content);
            centred_line(name, true, 16.0, (CENTRE, CENTRE - 22.5), 68.0, content);
            centred_line(text.time, true, 10.5, (CENTRE, CENTRE - 36.0), 56.0, content);
        }
        (false, true) => {
            star(CENTRE + 7.5, 13.5, content);
            centred_line(text.caption, true, 9.0, (CENTRE, CENTRE - 17.0), 66.0, content);
            centred_line(text.time, false, 7.4, (CENTRE, CENTRE - 27.6), 66.0, content);
            foot(text.number, content);
        }
        (false, false) => {
            star(CENTRE + 9.0, 13.0, content);
            centred_line(name, true, 10.5, (CENTRE, CENTRE - 14.6), 70.0, content);
            centred_line(text.caption, false, 7.2, (CENTRE, CENTRE - 24.0), 68.0, content);
            centred_line(text.time, false, 6.6, (CENTRE, CENTRE - 32.4), 62.0, content);
            foot(text.number, content);
        }
    }
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

/// A five-pointed star on the middle axis.
fn star(y: f64, radius: f64, content: &mut String) {
    for corner in 0..10 {
        let reach = if corner % 2 == 0 { radius } else { radius * 0.382 };
        let angle = FRAC_PI_2 + f64::from(corner) * TAU / 10.0;
        operator(&[CENTRE + reach * angle.cos(), y + reach * angle.sin()], if corner == 0 { "m" } else { "l" }, content);
    }
    content.push_str("h\nf\n");
}

/// How text is set along the ring.
struct Setting {
    text: String,
    /// Height of the type in points.
    size: f64,
    /// Its width against its height: seals name long organisations in narrow characters before they name them in small ones.
    narrow: f64,
    /// Room between two characters, points on the baseline.
    gap: f64,
}

/// The text from left to right over the top, heads outwards.
fn along(text: &str, content: &mut String) {
    let Setting { text, size, narrow, gap } = setting(text);
    let radius = baseline(size);
    let glyphs = outline::glyphs(&text, true);
    let natural: f64 = glyphs.iter().map(|glyph| glyph.advance * size * narrow).sum();
    let mut pen = -(natural + gap * glyphs.len().saturating_sub(1) as f64) / 2.0;
    for glyph in &glyphs {
        let width = glyph.advance * size * narrow;
        let angle = FRAC_PI_2 - (pen + width / 2.0) / radius;
        let at = (CENTRE + radius * angle.cos(), CENTRE + radius * angle.sin());
        glyph.draw(turned([size * narrow, size], at, angle - FRAC_PI_2, width / 2.0), content);
        pen += width + gap;
    }
    content.push_str("f\n");
}

fn setting(text: &str) -> Setting {
    let han = text.chars().any(super::is_han);
    let natural = outline::width(text, true).max(0.01);
    let gaps = text.chars().count().saturating_sub(1) as f64;
    // Letters stay together; Chinese characters spread like on a real seal, up to the whole span.
    let (least, most) = if han { (0.06, 0.85) } else { (0.03, 0.14) };
    let sizes = [19.0, 18.0, 17.0, 16.0, 15.0, 14.0, 13.0, 12.0, 11.0, 10.0, 9.0, 8.0, 7.0, 6.0];
    for size in sizes {
        let room = SPAN * baseline(size);
        let narrow = ((room / size - least * gaps) / natural).min(1.0);
        if narrow >= if han { 0.68 } else { 0.8 } {
            let left = room - natural * size * narrow;
            let gap = if gaps > 0.0 { (left / gaps).clamp(0.0, most * size) } else { 0.0 };
            return Setting { text: text.to_owned(), size, narrow, gap };
        }
    }
    let (text, size) = fitting(text, true, 5.5, SPAN * baseline(5.5));
    Setting { text, size, narrow: 1.0, gap: 0.0 }
}

/// The radius on which the glyphs stand so that their heads keep clear of the ring.
fn baseline(size: f64) -> f64 {
    RING - 2.6 - size * 0.86
}

/// The number along the bottom, heads towards the middle.
fn foot(text: &str, content: &mut String) {
    let radius = RING - 3.0;
    let (shown, size) = fitting(text, true, 6.4, PI * 0.5 * radius);
    let glyphs = outline::glyphs(&shown, true);
    let gap = 0.35;
    let mut pen = -glyphs.iter().map(|glyph| glyph.advance * size + gap).sum::<f64>() / 2.0;
    for glyph in &glyphs {
        let width = glyph.advance * size;
        let angle = -FRAC_PI_2 + (pen + width / 2.0) / radius;
        let at = (CENTRE + radius * angle.cos(), CENTRE + radius * angle.sin());
        glyph.draw(turned([size, size], at, angle + FRAC_PI_2, width / 2.0), content);
        pen += width + gap;
    }
    content.push_str("f\n");
}
