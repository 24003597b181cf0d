//! Where number and code go on an uploaded page: where nothing is printed, else on a strip that is added at its foot and takes the seals as well.

use pades::{PageGeometry, Rect};
use render::ink::Ink;
use render::stamp;

use crate::service::place::Sheet;
use crate::service::room;

/// Between the stamp and the edge of the page, points: 5 mm.
const EDGE: f64 = 14.0;
/// Between the stamp and what is printed, points.
const CLEAR: f64 = 3.0;
/// A smaller stamp where little is free: its code can still be read by a phone.
const SMALLER: f64 = 0.6;
/// How far a place is moved on along an edge, points.
const STEP: f64 = 12.0;
/// Columns of the grid in which seals avoid what is printed.
const GRID: u32 = 200;

/// Where the stamp goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paper {
    /// In the page's own space, the strip included.
    pub rect: Rect,
    /// Height of the strip, units of the page's own space; 0 where there is none.
    pub strip: i32,
}

/// Finds a place for the stamp on a page, beside what is printed and beside `taken`. Without ink the page is taken as full.
pub fn free(page: &PageGeometry, ink: Option<&Ink>, taken: &[Rect]) -> Option<Paper> {
    let (sheet, ink) = (Sheet::of(page), ink?);
    let (across, up) = sheet.size();
    let (edge, clear) = (sheet.units(EDGE), sheet.units(CLEAR));
    let is_free = |[x0, y0, x1, y1]: Rect| {
        let around = sheet.to_page([x0 - clear, y0 - clear, x1 + clear, y1 + clear]);
        let beside = |other: &Rect| around[2] <= other[0] || other[2] <= around[0] || around[3] <= other[1] || other[3] <= around[1];
        ink.is_free(fractions(page, around.map(f64::from))) && taken.iter().all(beside)
    };
    let sizes = [1.0, SMALLER].map(|scale| (sheet.units(f64::from(stamp::WIDTH) * scale), sheet.units(f64::from(stamp::HEIGHT) * scale)));
    sizes.into_iter().find_map(|(width, height)| {
        let (left, bottom, right, top) = (edge, edge, across - width - edge, up - height - edge);
        if right < left || top < bottom {
            return None;
        }
        let step = sheet.units(STEP) as usize;
        // the corners, the upper right one first; then along the edges from there
        let corners = [(right, top), (left, top), (right, bottom), (left, bottom)];
        let along = |from: i32, to: i32| (from..=to).rev().step_by(step);
        let edges = along(left, right).flat_map(|x| [(x, top), (x, bottom)]).chain(along(bottom, top).flat_map(|y| [(right, y), (left, y)]));
        let seen = corners.into_iter().chain(edges).map(|(x, y)| [x, y, x + width, y + height]).find(|seen| is_free(*seen))?;
        Some(Paper { rect: sheet.to_page(seen), strip: 0 })
    })
}

/// A strip at the foot of a page for the stamp, and for `seals` whose place is not fixed.
pub fn strip(page: &PageGeometry, seals: usize) -> Paper {
    let sheet = Sheet::of(page);
    let (across, _) = sheet.size();
    let edge = sheet.units(EDGE / 2.0);
    let width = sheet.units(f64::from(stamp::WIDTH)).min(across - 2 * edge).max(1);
    let height = (width * stamp::HEIGHT / stamp::WIDTH).max(1);
    let seals = i32::try_from(seals).unwrap_or(i32::MAX).min(200);
    let lines = room::lines(&sheet, across - width - edge, seals);
    // beside the stamp, or below it where the page is narrow
    let (beside, below) = (lines, room::lines(&sheet, across, seals));
    let total = match beside {
        Some(lines) => lines.max(height + 2 * edge),
        None => below.unwrap_or(0) + height + 2 * edge,
    };
    let y = total - edge - height;
    let grown = Sheet::of(&page.with_strip(total));
    Paper { rect: grown.to_page([edge, y, edge + width, y + height]), strip: total }
}

/// What is printed on a page, as rectangles of its own space.
pub fn printed(page: &PageGeometry, ink: &Ink) -> Vec<[f64; 4]> {
    ink.runs(GRID).into_iter().map(|run| of_page(page, run)).collect()
}

/// A rectangle of the page's own space as `[left, top, right, bottom]` in fractions of what is seen, counted from its upper left corner.
fn fractions(page: &PageGeometry, [x0, y0, x1, y1]: [f64; 4]) -> [f64; 4] {
    let [left, bottom, right, top] = page.crop;
    let across = |x: f64| (x - left) / (right - left);
    let down = |y: f64| (top - y) / (top - bottom);
    let (l, t, r, b) = (across(x0), down(y1), across(x1), down(y0));
    match page.rotate {
        90 => [1.0 - b, l, 1.0 - t, r],
        180 => [1.0 - r, 1.0 - b, 1.0 - l, 1.0 - t],
        270 => [t, 1.0 - r, b, 1.0 - l],
        _ => [l, t, r, b],
    }
}

/// The other way.
fn of_page(page: &PageGeometry, seen: [f64; 4]) -> [f64; 4] {
    let [left, bottom, right, top] = page.crop;
    let [sl, st, sr, sb] = seen;
    let [l, t, r, b] = match page.rotate {
        90 => [st, 1.0 - sr, sb, 1.0 - sl],
        180 => [1.0 - sr, 1.0 - sb, 1.0 - sl, 1.0 - st],
        270 => [1.0 - sb, sl, 1.0 - st, sr],
        _ => seen,
    };
    let (x, y) = (|part: f64| left + part * (right - left), |part: f64| top - part * (top - bottom));
    [x(l), y(b), x(r), y(t)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(rotate: i32, unit: f64) -> PageGeometry {
        let crop = [10.0, 20.0, 10.0 + 595.0 / unit, 20.0 + 842.0 / unit];
        PageGeometry { media: crop, crop, rotate, unit }
    }

    #[test]
    fn fractions_are_those_of_the_page_as_it_is_shown() {
        for rotate in [0, 90, 180, 270] {
            let page = page(rotate, 1.0);
            let sheet = Sheet::of(&page);
            let (across, up) = sheet.size();
            // a tenth of the way from the left, in the upper quarter
            let seen = [across / 10, up * 3 / 4, across / 2, up];
            let found = fractions(&page, sheet.to_page(seen).map(f64::from));
            for (found, wanted) in found.into_iter().zip([0.1, 0.0, 0.5, 0.25]) {
                assert!((found - wanted).abs() < 0.01, "{rotate}: {found} {wanted}");
            }
            let back = of_page(&page, found);
            for (back, wanted) in back.into_iter().zip(sheet.to_page(seen)) {
                assert!((back - f64::from(wanted)).abs() < 1e-6, "{rotate}");
            }
        }
    }

    #[test]
    fn a_strip_lies_below_all_that_was_seen_and_is_as_large_in_millimetres_whatever_the_unit() {
        for rotate in [0, 90, 180, 270] {
            for unit in [0.5, 1.0, 10.0] {
                let page = page(rotate, unit);
                for seals in [0, 2, 9] {
                    let Paper { rect, strip } = strip(&page, seals);
                    let grown = page.with_strip(strip);
                    let [left, top, right, bottom] = fractions(&grown, rect.map(f64::from));
                    let old = fractions(&grown, page.crop);
                    assert!(top >= old[3] - 1e-9 && left >= 0.0 && right <= 1.0 && bottom <= 1.0, "{rotate} {unit} {rect:?}");
                    let (width, height) = Sheet::of(&grown).seen_size(rect);
                    assert!((f64::from(width) * unit - 170.0).abs() <= unit, "{unit}: {width}");
                    assert!((f64::from(height) * unit - 51.0).abs() <= unit, "{unit}: {height}");
                }
            }
        }
    }

    #[test]
    fn narrow_pages_have_a_strip_too() {
        for (width, height) in [(30.0, 30.0), (141.7, 141.7), (164.0, 567.0), (2.0, 9.0)] {
            let crop = [0.0, 0.0, width, height];
            let page = PageGeometry { media: crop, crop, rotate: 0, unit: 1.0 };
            let Paper { rect, strip } = strip(&page, 2);
            assert!(strip > 0 && rect[0] < rect[2] && rect[1] < rect[3], "{width}: {rect:?}");
            assert!(f64::from(rect[3]) <= 0.0, "below what was there");
        }
    }
}
