//! The square chop: the name cut out of a red block, step, time and number below it, in one frame.

use super::{SIDE, SealText, centred_line, fitting, is_han};
use crate::outline::{self, number};

const CENTRE: f64 = SIDE as f64 / 2.0;
/// The red block: left, bottom, right, top.
const BLOCK: [f64; 4] = [24.0, 41.0, 95.0, 112.0];
const WIDE_BLOCK: [f64; 4] = [8.0, 41.0, 111.0, 112.0];
/// Red left standing between the block's edge and the name.
const MARGIN: f64 = 4.5;

/// Adds the operators of the square seal.
pub fn draw(text: &SealText, content: &mut String) {
    frame(content);
    let name = text.name.trim();
    if let Some(cells) = carved(name) {
        rounded(BLOCK, 3.5, content);
        grid(&cells, content);
    } else {
        // A name that would be small in the square has a block as wide as the frame allows.
        let block = if set(name, BLOCK).1 < 14.0 { WIDE_BLOCK } else { BLOCK };
        rounded(block, 3.5, content);
        lines(name, block, content);
    }
    // Even-odd: the glyphs lie inside the block and so are holes in it.
    content.push_str("f*\n");
    centred_line(text.caption, true, 9.0, (CENTRE, 29.3), 100.0, content);
    centred_line(text.time, false, 7.6, (CENTRE, 19.3), 100.0, content);
    centred_line(text.number, true, 7.0, (CENTRE, 9.6), 100.0, content);
}

fn frame(content: &mut String) {
    rounded([0.5, 0.5, 118.5, 118.5], 5.0, content);
    rounded([2.3, 2.3, 116.7, 116.7], 3.6, content);
    content.push_str("f*\n");
}

/// Columns from right to left, each from top to bottom, as names are carved: two to four characters fill four places
/// (李娜之印, 王建国印, 欧阳建国).
fn carved(name: &str) -> Option<[char; 4]> {
    let characters: Vec<char> = name.chars().collect();
    if !characters.iter().all(|c| is_han(*c)) {
        return None;
    }
    match characters[..] {
        [a, b] => Some([a, b, '之', '印']),
        [a, b, c] => Some([a, b, c, '印']),
        [a, b, c, d] => Some([a, b, c, d]),
        _ => None,
    }
}

/// Each character fills its cell, whatever room its glyph leaves around itself.
fn grid(cells: &[char; 4], content: &mut String) {
    let gap = 2.6;
    let side = (BLOCK[2] - BLOCK[0] - 2.0 * MARGIN - gap) / 2.0;
    for (place, character) in cells.iter().enumerate() {
        let left = BLOCK[0] + MARGIN + if place < 2 { side + gap } else { 0.0 };
        let bottom = BLOCK[1] + MARGIN + if place % 2 == 0 { side + gap } else { 0.0 };
        for glyph in outline::glyphs(character.encode_utf8(&mut [0; 4]), true) {
            let [x0, y0, x1, y1] = glyph.bounds;
            // Never stretched beyond a quarter, so that flat characters (一) stay themselves.
            let (across, up) = ((side / (x1 - x0).max(0.1)).min(side * 1.25), (side / (y1 - y0).max(0.1)).min(side * 1.25));
            let x = left + (side - (x1 - x0) * across) / 2.0 - x0 * across;
            let y = bottom + (side - (y1 - y0) * up) / 2.0 - y0 * up;
            glyph.draw([across, 0.0, 0.0, up, x, y], content);
        }
    }
}

/// The name on up to four lines, and the largest size at which they fit the block.
fn set(name: &str, block: [f64; 4]) -> (Vec<String>, f64) {
    let (width, height) = (block[2] - block[0] - 2.0 * MARGIN, block[3] - block[1] - 2.0 * MARGIN);
    (1..=4)
        .map(|count| {
            let lines = broken(name, count);
            let widest = lines.iter().map(|line| outline::width(line, true)).fold(0.01, f64::max);
            let size = (width / widest).min(height / (lines.len() as f64 * 1.12)).min(30.0);
            (lines, size)
        })
        // The first of the largest: fewer lines win a tie.
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
        .unwrap_or_default()
}

/// Any name that is not carved in a grid.
fn lines(name: &str, block: [f64; 4], content: &mut String) {
    let (lines, size) = set(name, block);
    let pitch = size.max(3.0) * 1.12;
    let middle = f64::midpoint(BLOCK[1], BLOCK[3]);
    let first = middle + pitch * (lines.len() as f64 - 1.0) / 2.0 - size * 0.34;
    for (row, line) in lines.iter().enumerate() {
        let (shown, size) = fitting(line, true, size, block[2] - block[0] - 2.0 * MARGIN);
        let mut pen = CENTRE - outline::width(&shown, true) * size / 2.0;
        for glyph in outline::glyphs(&shown, true) {
            glyph.draw([size, 0.0, 0.0, size, pen, first - row as f64 * pitch], content);
            pen += glyph.advance * size;
        }
    }
}

/// The words of `name` on `count` lines of about one width; a name without spaces is broken between characters when it is Chinese.
fn broken(name: &str, count: usize) -> Vec<String> {
    let han = name.chars().any(is_han) && !name.contains(' ');
    let words: Vec<String> = if han { name.chars().map(String::from).collect() } else { name.split_whitespace().map(str::to_owned).collect() };
    let space = if han { "" } else { " " };
    let target = outline::width(name, true) / count as f64;
    let mut lines = vec![String::new()];
    for word in words {
        let (count_now, last) = (lines.len(), lines.len() - 1);
        let line = &mut lines[last];
        if line.is_empty() {
            *line = word;
        } else if count_now < count && outline::width(line, true) + outline::width(&word, true) / 2.0 > target {
            lines.push(word);
        } else {
            line.push_str(space);
            line.push_str(&word);
        }
    }
    lines
}

fn rounded([left, bottom, right, top]: [f64; 4], radius: f64, content: &mut String) {
    let k = radius * (1.0 - 0.552_284_75);
    let mut operator = |operands: &[f64], operator: &str| {
        for operand in operands {
            number(*operand, content);
            content.push(' ');
        }
        content.push_str(operator);
        content.push('\n');
    };
    operator(&[left + radius, bottom], "m");
    operator(&[right - radius, bottom], "l");
    operator(&[right - k, bottom, right, bottom + k, right, bottom + radius], "c");
    operator(&[right, top - radius], "l");
    operator(&[right, top - k, right - k, top, right - radius, top], "c");
    operator(&[left + radius, top], "l");
    operator(&[left + k, top, left, top - k, left, top - radius], "c");
    operator(&[left, bottom + radius], "l");
    operator(&[left, bottom + k, left + k, bottom, left + radius, bottom], "c");
    content.push_str("h\n");
}
