//! The square chop: the name cut out of a red block; step, time and number below it, in one frame.

use super::{SIDE, SealText, centred_line, fitting, is_han, operator};
use crate::outline;

const CENTRE: f64 = SIDE as f64 / 2.0;
/// Left, bottom, right, top.
type Block = [f64; 4];
const BLOCK: Block = [24.0, 41.0, 95.0, 112.0];
const WIDE_BLOCK: Block = [8.0, 41.0, 111.0, 112.0];
/// The block of a small seal, which has no frame and one line below.
const SMALL_BLOCK: Block = [9.5, 17.5, 109.5, 117.5];
/// What ends a chop that names itself: nothing is added to those.
const ENDINGS: [char; 4] = ['印', '章', '信', '玺'];

/// Adds the operators of the square seal.
pub fn draw(text: &SealText, chop: &str, content: &mut String) {
    let whole = if chop.is_empty() { text.name } else { chop };
    let square = if text.small { SMALL_BLOCK } else { BLOCK };
    if !text.small {
        frame(content);
    }
    // Long names in letters are cut by their initials; the line below says them whole.
    let initials = (carved(whole).is_none() && set(whole, square).1 < (square[2] - square[0]) * 0.2).then(|| initials(whole)).flatten();
    let cut = initials.as_deref().unwrap_or(whole);
    if let Some(columns) = carved(cut) {
        rounded(square, square[2] * 0.037, content);
        grid(&columns, square, content);
    } else {
        // A name that would be small in the square has a block as wide as the frame allows.
        let block = if !text.small && set(cut, BLOCK).1 < 14.0 { WIDE_BLOCK } else { square };
        rounded(block, 3.5, content);
        lines(cut, block, content);
    }
    // Even-odd: the glyphs lie inside the block and so are holes in it.
    content.push_str("f*\n");
    // Whose seal it is must be read on it, whatever was cut.
    let named = initials.is_some() || (!chop.is_empty() && !text.name.starts_with(chop));
    if text.small {
        let line = if named { text.name } else { text.time };
        centred_line(line, true, 12.0, (CENTRE, 4.6), 108.0, content);
        return;
    }
    let caption = if named { format!("{} · {}", text.name, text.caption) } else { text.caption.to_owned() };
    centred_line(&caption, true, 9.0, (CENTRE, 29.3), 100.0, content);
    centred_line(text.time, false, 7.6, (CENTRE, 19.3), 100.0, content);
    centred_line(text.number, true, 7.0, (CENTRE, 9.6), 100.0, content);
}

fn frame(content: &mut String) {
    rounded([0.5, 0.5, 118.5, 118.5], 5.0, content);
    rounded([2.3, 2.3, 116.7, 116.7], 3.6, content);
    content.push_str("f*\n");
}

/// Columns from right to left, each from top to bottom, as names are carved: 李娜之印, 王建国印, 欧阳建国. One character fills the block;
/// a chop that says itself that it is one (李娜印) has that word in a column of its own.
fn carved(name: &str) -> Option<Vec<Vec<char>>> {
    let characters: Vec<char> = name.chars().collect();
    if !characters.iter().all(|c| is_han(*c)) {
        return None;
    }
    match characters[..] {
        [a] => Some(vec![vec![a]]),
        [a, b] if ENDINGS.contains(&b) => Some(vec![vec![a], vec![b]]),
        [a, b] => Some(vec![vec![a, b], vec!['之', '印']]),
        [a, b, c] if ENDINGS.contains(&c) => Some(vec![vec![a, b], vec![c]]),
        [a, b, c] => Some(vec![vec![a, b], vec![c, '印']]),
        [a, b, c, d] => Some(vec![vec![a, b], vec![c, d]]),
        _ => None,
    }
}

/// Each character fills its cell, whatever room its glyph leaves around itself.
fn grid(columns: &[Vec<char>], block: Block, content: &mut String) {
    let side = block[2] - block[0];
    let (margin, gap) = (side * 0.064, side * 0.037);
    let room = side - 2.0 * margin;
    let width = (room - gap * (columns.len() as f64 - 1.0)) / columns.len() as f64;
    for (place, column) in columns.iter().enumerate() {
        let left = block[2] - margin - width - place as f64 * (width + gap);
        let height = (room - gap * (column.len() as f64 - 1.0)) / column.len() as f64;
        for (row, character) in column.iter().enumerate() {
            let bottom = block[3] - margin - height - row as f64 * (height + gap);
            for glyph in outline::glyphs(character.encode_utf8(&mut [0; 4]), true) {
                cell(&glyph, [left, bottom, width, height], content);
            }
        }
    }
}

/// Flat characters (一) are never stretched beyond a quarter of what the cell's shape asks for, so that they stay themselves.
fn cell(glyph: &outline::Glyph, [left, bottom, width, height]: [f64; 4], content: &mut String) {
    let [x0, y0, x1, y1] = glyph.bounds;
    let (across, up) = ((width / (x1 - x0).max(0.1)).min(width * 1.25), (height / (y1 - y0).max(0.1)).min(height * 1.25));
    let x = left + (width - (x1 - x0) * across) / 2.0 - x0 * across;
    let y = bottom + (height - (y1 - y0) * up) / 2.0 - y0 * up;
    glyph.draw([across, 0.0, 0.0, up, x, y], content);
}

/// The initials of a name of two to four words in letters; others have none.
fn initials(name: &str) -> Option<String> {
    let words: Vec<&str> = name.split([' ', '-', '.']).filter(|word| !word.is_empty()).collect();
    let letters = words.iter().filter_map(|word| word.chars().next()).all(|c| c.is_alphabetic() && !is_han(c));
    ((2..=4).contains(&words.len()) && letters).then(|| words.iter().filter_map(|word| word.chars().next()).flat_map(char::to_uppercase).collect())
}

fn inside(block: Block) -> (f64, f64) {
    let margin = (block[3] - block[1]) * 0.064;
    (block[2] - block[0] - 2.0 * margin, block[3] - block[1] - 2.0 * margin)
}

/// The name on up to four lines, and the largest size at which they fit the block.
fn set(name: &str, block: Block) -> (Vec<String>, f64) {
    let (width, height) = inside(block);
    (1..=4)
        .map(|count| {
            let lines = broken(name, count);
            let widest = lines.iter().map(|line| outline::width(line, true)).fold(0.01, f64::max);
            let size = (width / widest).min(height / (lines.len() as f64 * 1.08)).min(height * 0.5);
            (lines, size)
        })
        // The first of the largest: fewer lines win a tie.
        .reduce(|best, next| if next.1 > best.1 { next } else { best })
        .unwrap_or_default()
}

/// Any name that is not carved in a grid.
fn lines(name: &str, block: Block, content: &mut String) {
    let (lines, size) = set(name, block);
    let pitch = size.max(3.0) * 1.08;
    let middle = f64::midpoint(block[1], block[3]);
    // Capitals and ascenders fill 0.72 of the size above the baseline, Chinese characters 0.84 above and 0.1 below: their middles agree.
    let first = middle + pitch * (lines.len() as f64 - 1.0) / 2.0 - size * 0.36;
    for (row, line) in lines.iter().enumerate() {
        let (shown, size) = fitting(line, true, size, inside(block).0);
        let mut pen = CENTRE - outline::width(&shown, true) * size / 2.0;
        for glyph in outline::glyphs(&shown, true) {
            glyph.draw([size, 0.0, 0.0, size, pen, first - row as f64 * pitch], content);
            pen += glyph.advance * size;
        }
    }
}

/// The words of `name` on `count` lines of about one width; a name without spaces is broken between characters when it is Chinese.
pub(super) fn broken(name: &str, count: usize) -> Vec<String> {
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

fn rounded([left, bottom, right, top]: Block, radius: f64, content: &mut String) {
    let k = radius * (1.0 - 0.552_284_75);
    operator(&[left + radius, bottom], "m", content);
    operator(&[right - radius, bottom], "l", content);
    operator(&[right - k, bottom, right, bottom + k, right, bottom + radius], "c", content);
    operator(&[right, top - radius], "l", content);
    operator(&[right, top - k, right - k, top, right - radius, top], "c", content);
    operator(&[left + radius, top], "l", content);
    operator(&[left + k, top, left, top - k, left, top - radius], "c", content);
    operator(&[left, bottom + radius], "l", content);
    operator(&[left, bottom + k, left + k, bottom, left + radius, bottom], "c", content);
    content.push_str("h\n");
}
