//! The handwritten signature: pen strokes, or a slanted line of type, above a rule; name, step, time and number below it.
//!
//! A screen gives no pressure, so the width comes from the stroke itself: a nib held at an angle writes some directions broader than others,
//! and a stroke that ends in movement ends thin.

use super::square::broken;
use super::{SIDE, SealText, Stroke, Writing, centred_line, operator};
use crate::outline;

const CENTRE: f64 = SIDE as f64 / 2.0;
/// Room for the writing: left, bottom, right, top.
const ROOM: [f64; 4] = [4.0, 47.0, 115.0, 116.0];
const SMALL_ROOM: [f64; 4] = [2.0, 28.0, 117.0, 116.0];
/// Breadth of the nib in points.
const NIB: f64 = 2.3;
/// Angle of the nib, radians: 40 degrees.
const NIB_ANGLE: f64 = 0.698;
/// Widths are drawn in so many steps, all pieces of one width as one path.
const WIDTHS: usize = 10;
/// Length of a piece with one width, points.
const PIECE: f64 = 2.0;
/// Never more pieces than this, whatever was sent.
const MAX_PIECES: usize = 6_000;

/// Adds the operators of the handwritten seal.
pub fn draw(text: &SealText, writing: Writing, content: &mut String) {
    let room = if text.small { SMALL_ROOM } else { ROOM };
    match writing {
        Writing::Drawn(strokes) => drawn(strokes, room, if text.small { 1.5 } else { 1.0 }, content),
        Writing::Typed(words) => typed(if words.trim().is_empty() { text.name } else { words.trim() }, room, content),
    }
    let rule = room[1] - 4.2;
    let thick = if text.small { 1.2 } else { 0.7 };
    for (place, x, y) in [(0, 5.0, rule), (1, 114.0, rule), (2, 114.0, rule + thick), (3, 5.0, rule + thick)] {
        operator(&[x, y], if place == 0 { "m" } else { "l" }, content);
    }
    content.push_str("h\nf\n");
    if text.small {
        centred_line(text.name, true, 14.0, (CENTRE, 7.5), 108.0, content);
        return;
    }
    centred_line(&format!("{} · {}", text.name, text.caption), true, 9.0, (CENTRE, 30.6), 108.0, content);
    centred_line(text.time, false, 7.4, (CENTRE, 20.2), 108.0, content);
    centred_line(text.number, true, 7.0, (CENTRE, 10.2), 108.0, content);
}

/// A piece of a stroke: one curve with one width.
struct Piece {
    curve: [[f64; 2]; 4],
    width: usize,
}

/// The strokes, as large as the room allows and their proportions kept.
fn drawn(strokes: &[Stroke], room: [f64; 4], heavier: f64, content: &mut String) {
    let points = || strokes.iter().flatten();
    let edge = |side: fn(f64, f64) -> f64, axis: usize| points().map(|point| point[axis]).reduce(side);
    let (Some(left), Some(top), Some(right), Some(bottom)) = (edge(f64::min, 0), edge(f64::min, 1), edge(f64::max, 0), edge(f64::max, 1)) else {
        return;
    };
    let (width, height) = (room[2] - room[0] - NIB, room[3] - room[1] - NIB);
    // A dot stays a dot: what was drawn small is enlarged, but not to the size of a signature.
    let scale = (width / (right - left).max(300.0)).min(height / (bottom - top).max(200.0));
    let x = f64::midpoint(room[0], room[2]) - f64::midpoint(left, right) * scale;
    let y = f64::midpoint(room[1], room[3]) + f64::midpoint(top, bottom) * scale;
    let mut pieces = Vec::new();
    for stroke in strokes {
        let placed: Vec<[f64; 2]> = stroke.iter().map(|point| [x + point[0] * scale, y - point[1] * scale]).collect();
        cut(&placed, &mut pieces);
    }
    pieces.truncate(MAX_PIECES);
    content.push_str("1 J\n1 j\n");
    for step in 0..WIDTHS {
        let mut end = None;
        for piece in pieces.iter().filter(|piece| piece.width == step) {
            let [from, a, b, to] = piece.curve;
            if end.is_none() {
                operator(&[NIB * heavier * (0.35 + 0.65 * (step as f64 + 0.5) / WIDTHS as f64)], "w", content);
            }
            if end != Some(from) {
                operator(&from, "m", content);
            }
            operator(&[a[0], a[1], b[0], b[1], to[0], to[1]], "c", content);
            end = Some(to);
        }
        if end.is_some() {
            content.push_str("S\n");
        }
    }
}

/// Cuts a stroke into pieces of about [`PIECE`] points, each with the width of its direction and place.
fn cut(stroke: &[[f64; 2]], pieces: &mut Vec<Piece>) {
    let curves: Vec<[[f64; 2]; 4]> = (0..stroke.len().saturating_sub(1) / 3).filter_map(|n| stroke.get(3 * n..3 * n + 4)?.try_into().ok()).collect();
    let Some(&start) = stroke.first() else { return };
    if curves.is_empty() {
        // A tap of the pen: a stroke without length, which round ends make a dot.
        pieces.push(Piece { curve: [start; 4], width: WIDTHS - 1 });
        return;
    }
    let lengths: Vec<f64> = curves.iter().map(length).collect();
    let total: f64 = lengths.iter().sum();
    let mut done = 0.0;
    for (curve, length) in curves.iter().zip(lengths) {
        let count = (length / PIECE).ceil().clamp(1.0, 400.0);
        for n in 0..count as u32 {
            let (from, to) = (f64::from(n) / count, f64::from(n + 1) / count);
            let curve = part(curve, from, to);
            let [a, b] = [curve[0], curve[3]];
            let direction = (b[1] - a[1]).atan2(b[0] - a[0]);
            let along = done + length * f64::midpoint(from, to);
            let nib = 0.35 + 0.65 * (direction - NIB_ANGLE).sin().abs();
            let width = nib * ends(along, total);
            pieces.push(Piece { curve, width: ((width * WIDTHS as f64) as usize).min(WIDTHS - 1) });
        }
        done += length;
    }
}

/// How full the line is at a place of a stroke: it sets on firmly and leaves thinly. Short strokes are full.
fn ends(along: f64, total: f64) -> f64 {
    if total < 6.0 {
        return 0.9;
    }
    let (on, off) = (2.0_f64.min(total / 4.0), 9.0_f64.min(total / 3.0));
    let rise = 0.7 + 0.3 * (along / on).min(1.0);
    let fall = 0.25 + 0.75 * ((total - along) / off).min(1.0);
    rise * fall
}

fn length(curve: &[[f64; 2]; 4]) -> f64 {
    let points: Vec<[f64; 2]> = (0..=8).map(|n| at(curve, f64::from(n) / 8.0)).collect();
    points.windows(2).map(|pair| (pair[1][0] - pair[0][0]).hypot(pair[1][1] - pair[0][1])).sum()
}

/// The point of a Bézier curve at `t`.
fn at(curve: &[[f64; 2]; 4], t: f64) -> [f64; 2] {
    let u = 1.0 - t;
    [0, 1].map(|axis| {
        let [a, b, c, d] = curve.map(|point| point[axis]);
        u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d
    })
}

/// The curve between two of its points.
fn part(curve: &[[f64; 2]; 4], from: f64, to: f64) -> [[f64; 2]; 4] {
    let slope = |t: f64| {
        let u = 1.0 - t;
        [0, 1].map(|axis| {
            let [a, b, c, d] = curve.map(|point| point[axis]);
            3.0 * (u * u * (b - a) + 2.0 * u * t * (c - b) + t * t * (d - c))
        })
    };
    let third = (to - from) / 3.0;
    let (start, end, leave, arrive) = (at(curve, from), at(curve, to), slope(from), slope(to));
    [start, [start[0] + leave[0] * third, start[1] + leave[1] * third], [end[0] - arrive[0] * third, end[1] - arrive[1] * third], end]
}

/// Type instead of strokes: regular weight, slanted like a hand that moves on; on two lines where that makes it larger.
fn typed(words: &str, room: [f64; 4], content: &mut String) {
    const SLANT: f64 = 0.22;
    let (across, up) = ((room[2] - room[0]) * 0.92, (room[3] - room[1]) * 0.94);
    let set = |count: usize| {
        let lines = broken(words, count);
        let widest = lines.iter().map(|line| outline::width(line, false)).fold(0.01, f64::max);
        let size = (across / (widest + SLANT)).min(up / (lines.len() as f64 * 1.16)).min(up * 0.66);
        (lines, size)
    };
    let (one, two) = (set(1), set(2));
    let (lines, size) = if two.1 > one.1 { two } else { one };
    let pitch = size * 1.16;
    let first = f64::midpoint(room[1], room[3]) + pitch * (lines.len() as f64 - 1.0) / 2.0 - size * 0.34;
    for (row, line) in lines.iter().enumerate() {
        let (text, size) = super::fitting(line, false, size, across);
        // The slant moves the middle of the letters to the right.
        let mut pen = CENTRE - outline::width(&text, false) * size / 2.0 - SLANT * size * 0.34;
        for glyph in outline::glyphs(&text, false) {
            glyph.draw([size, 0.0, SLANT * size, size, pen, first - row as f64 * pitch], content);
            pen += glyph.advance * size;
        }
    }
    content.push_str("f\n");
}
