//! Free places for seals: where one more goes on a page, beside all that is there.

use app::error::Code;
use app::model::Placement;
use pades::{PageGeometry, Rect, SealPlaces};

use crate::error::{Error, Result, invalid_field};
use crate::service::place::Sheet;

/// A seal's side where the type gives none, points: 42 mm.
const SIDE: f64 = 119.0;
/// Between a seal and what is beside it, points: 2 mm.
const GAP: f64 = 6.0;
/// Between a seal and the edge of the page, points: 10 mm.
const MARGIN: f64 = 28.0;
/// Cells along the longer side of a page.
const CELLS: f64 = 256.0;

/// A page and a place on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// 1 is the first page.
    pub page: u32,
    /// `[left, bottom, right, top]` in points of the page's own space.
    pub rect: Rect,
}

/// A free place on a page, in its own space, beside the rectangles that are taken: low on the right first, where a reader looks for a seal, then
/// to the left, then upwards. A crowded page gets a smaller seal, down to half of what it would be; none where even that does not fit.
pub fn suggest(page: &PageGeometry, taken: &[[f64; 4]]) -> Option<Rect> {
    let sheet = Sheet::of(page);
    let ground = Ground::new(&sheet, taken);
    let side = side(&sheet);
    [side, side * 3 / 4, side / 2].into_iter().filter(|side| *side > 0).find_map(|side| ground.free(side)).map(|seen| sheet.to_page(seen))
}

/// How high seals stand below each other where `width` is left for them on a sheet and `count` must fit; none where not even one does. In units.
pub fn lines(sheet: &Sheet, width: i32, count: i32) -> Option<i32> {
    let (across, _) = sheet.size();
    let (gap, margin) = (sheet.units(GAP), sheet.units(MARGIN));
    let side = sheet.units(SIDE).min(across - 2 * sheet.units(GAP)).max(1);
    let margin = margin.min((across - side) / 2).max(0);
    let beside = (width - 2 * margin + gap) / (side + gap);
    match (count, beside) {
        (0, _) => Some(0),
        (_, ..=0) => None,
        _ => Some(margin + (count + beside - 1) / beside * (side + gap) + gap),
    }
}

/// A free place in a file: on the page that was planned, if there is room where nothing is `printed` on it, else over what is printed, else on the
/// last page that has one.
///
/// # Errors
/// When no page has room.
pub fn anywhere(places: &SealPlaces, planned: u32, printed: &[[f64; 4]]) -> Result<Room> {
    let count = places.pages.len() as u32;
    if let Some(rect) = clear(places, planned, printed) {
        return Ok(Room { page: planned, rect });
    }
    let mut pages = [planned.clamp(1, count.max(1))].into_iter().chain((1..=count).rev());
    pages.find_map(|page| Some(Room { page, rect: on_page(places, page)? })).ok_or_else(full)
}

/// The place that an approver chose; the seal is as large as the suggested one.
///
/// # Errors
/// A place off the page or over another seal.
pub fn chosen(places: &SealPlaces, planned: u32, placement: Placement) -> Result<Room> {
    let Placement { x, y, page } = placement;
    let page = page.unwrap_or(planned);
    let geometry = page.checked_sub(1).and_then(|at| places.pages.get(at as usize)).ok_or_else(off_the_page)?;
    let side = on_page(places, page).map_or_else(|| side(&Sheet::of(geometry)), |[left, _, right, _]| right - left);
    let (Some(right), Some(top)) = (x.checked_add(side), y.checked_add(side)) else { return Err(off_the_page()) };
    let rect = [x, y, right, top];
    match places.refuses(page, rect) {
        None => Ok(Room { page, rect }),
        Some(refusal) if refusal.rule == "seal-overlap" => {
            Err(invalid_field("placement", "The seal would cover another one. Put it beside that.", "印章会盖住另一枚印章，请移到旁边。"))
        }
        Some(_) => Err(off_the_page()),
    }
}

/// The side of a seal whose place the type leaves open: 42 mm, on a small page less, so that it takes at most a quarter of it.
pub fn side(sheet: &Sheet) -> i32 {
    let (across, up) = sheet.size();
    let quarter = (f64::from(across) * f64::from(up) / 4.0).max(0.0).sqrt() as i32;
    sheet.units(SIDE).min(quarter).min(across).min(up)
}

/// No page has a free place.
pub fn full() -> Error {
    Error::new(
        Code::DocumentRefused,
        "There is no room for another seal on the pages of this document. Nothing was changed.",
        "单据页面上已没有放置印章的空位，数据没有变化。",
    )
    .next("Ask the creator to send it again on a larger page or with an empty page at its end.", "请提交人改用更大的页面，或在末尾增加一页空白后重新提交。")
}

fn off_the_page() -> Error {
    invalid_field("placement", "The seal must lie on the page.", "签章必须位于页面之内。")
}

fn on_page(places: &SealPlaces, page: u32) -> Option<Rect> {
    suggest(places.pages.get(page.checked_sub(1)? as usize)?, &taken(places, page))
}

/// A place of full size where nothing is printed.
fn clear(places: &SealPlaces, page: u32, printed: &[[f64; 4]]) -> Option<Rect> {
    let geometry = places.pages.get(page.checked_sub(1)? as usize)?;
    let sheet = Sheet::of(geometry);
    let taken = [taken(places, page), printed.to_vec()].concat();
    Ground::new(&sheet, &taken).free(side(&sheet)).map(|seen| sheet.to_page(seen))
}

fn taken(places: &SealPlaces, page: u32) -> Vec<[f64; 4]> {
    places.taken.iter().filter(|place| place.page == page).map(|place| place.rect).collect()
}

/// How many cells of a page are taken, summed up from its lower left corner as readers see it: any window is looked up in four steps, however
/// many rectangles there are.
struct Ground {
    size: (i32, i32),
    margin: i32,
    cell: f64,
    columns: usize,
    rows: usize,
    sums: Vec<u32>,
}

impl Ground {
    fn new(sheet: &Sheet, taken: &[[f64; 4]]) -> Self {
        let size = sheet.size();
        let (width, height) = (f64::from(size.0.max(1)), f64::from(size.1.max(1)));
        let (cell, gap) = ((width.max(height) / CELLS).max(2.0 / sheet.unit), GAP / sheet.unit);
        let (columns, rows) = ((width / cell).ceil() as usize, (height / cell).ceil() as usize);
        // where rectangles begin and end; summed up, how many lie over each cell
        let wide = columns + 1;
        let mut over = vec![0_i64; wide * (rows + 1)];
        for rect in taken {
            let [x0, y0, x1, y1] = sheet.to_seen(*rect);
            let range = |low: f64, high: f64, cells: usize| {
                let end = ((high + gap) / cell).ceil().clamp(0.0, cells as f64) as usize;
                (((low - gap) / cell).floor().clamp(0.0, cells as f64) as usize, end)
            };
            let ((left, right), (bottom, top)) = (range(x0, x1, columns), range(y0, y1, rows));
            if left < right && bottom < top {
                over[bottom * wide + left] += 1;
                over[bottom * wide + right] -= 1;
                over[top * wide + left] -= 1;
                over[top * wide + right] += 1;
            }
        }
        let mut sums = vec![0_u32; wide * (rows + 1)];
        let mut above = vec![0_i64; wide];
        for row in 0..rows {
            let (mut along, mut here) = (0_i64, 0_u32);
            for column in 0..columns {
                above[column] += over[row * wide + column];
                along += above[column];
                here += u32::from(along > 0);
                sums[(row + 1) * wide + column + 1] = sums[row * wide + column + 1] + here;
            }
        }
        Self { size, margin: sheet.units(MARGIN), cell, columns, rows, sums }
    }

    /// The first free square of this side, in whole points as seen.
    fn free(&self, side: i32) -> Option<Rect> {
        let (across, up) = self.size;
        let (x_margin, y_margin) = (self.margin.min((across - side) / 2), self.margin.min((up - side) / 2));
        if x_margin < 0 || y_margin < 0 {
            return None;
        }
        let step = (self.cell.ceil() as i32).max(1);
        let mut y = y_margin;
        while y + side + y_margin <= up {
            let mut x = across - side - x_margin;
            while x >= x_margin {
                if self.is_free(x, y, side) {
                    return Some([x, y, x + side, y + side]);
                }
                x -= step;
            }
            y += step;
        }
        None
    }

    fn is_free(&self, x: i32, y: i32, side: i32) -> bool {
        let cells = |low: i32, most: usize| {
            let end = (f64::from(low + side) / self.cell).ceil() as usize;
            ((f64::from(low) / self.cell).floor() as usize, end.min(most))
        };
        let ((left, right), (bottom, top)) = (cells(x, self.columns), cells(y, self.rows));
        let sum = |row: usize, column: usize| self.sums[row * (self.columns + 1) + column];
        sum(top, right) + sum(bottom, left) == sum(bottom, right) + sum(top, left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(width: f64, height: f64, rotate: i32) -> PageGeometry {
        PageGeometry { media: [0.0, 0.0, width, height], crop: [0.0, 0.0, width, height], rotate, unit: 1.0 }
    }

    fn apart(one: Rect, other: Rect) -> bool {
        one[2] <= other[0] || other[2] <= one[0] || one[3] <= other[1] || other[3] <= one[1]
    }

    #[test]
    fn the_first_seal_stands_low_on_the_right_as_the_reader_sees_it() {
        assert_eq!(suggest(&page(595.28, 841.89, 0), &[]), Some([448, 28, 567, 147]));
        assert_eq!(suggest(&page(595.28, 841.89, 90), &[]), Some([448, 694, 567, 813]));
        assert_eq!(suggest(&page(595.28, 841.89, 180), &[]), Some([28, 694, 147, 813]));
        assert_eq!(suggest(&page(595.28, 841.89, 270), &[]), Some([28, 28, 147, 147]));
    }

    #[test]
    fn seals_never_cover_each_other_and_the_page_fills_up() {
        for rotate in [0, 90, 180, 270] {
            let page = page(595.28, 841.89, rotate);
            let (mut taken, mut seals): (Vec<[f64; 4]>, Vec<Rect>) = (vec![[130.0, 30.0, 300.0, 200.0]], vec![[130, 30, 300, 200]]);
            while let Some(seal) = suggest(&page, &taken) {
                assert!(seal[0] >= 0 && seal[1] >= 0 && seal[2] <= 595 && seal[3] <= 841, "{seal:?}");
                assert!(seals.iter().all(|other| apart(*other, seal)), "{seal:?} {seals:?}");
                taken.push(seal.map(f64::from));
                seals.push(seal);
                assert!(seals.len() < 200);
            }
            assert!(seals.len() > 20, "{}", seals.len());
        }
    }

    #[test]
    fn small_pages_and_those_that_are_full() {
        for (width, height) in [(141.7, 141.7), (164.0, 567.0), (30.0, 400.0)] {
            let [left, bottom, right, top] = suggest(&page(width, height, 0), &[]).unwrap();
            assert!(f64::from(right - left) * f64::from(top - bottom) <= width * height / 4.0, "{width}");
            assert!(left >= 0 && bottom >= 0 && f64::from(right) <= width && f64::from(top) <= height);
        }
        assert_eq!(suggest(&page(595.28, 841.89, 0), &[[0.0, 0.0, 595.28, 841.89]]), None);
        // numbers that no page has
        assert_eq!(suggest(&page(595.28, 841.89, 0), &[[f64::MIN, f64::MIN, f64::MAX, f64::MAX]]), None);
        assert!(suggest(&page(595.28, 841.89, 0), &[[-900.0, -900.0, -800.0, -800.0]; 1_000]).is_some());
        assert!(suggest(&page(1e6, 1e6, 0), &[]).is_some());
    }

    #[test]
    fn a_full_page_sends_the_seal_to_the_last_that_has_room() {
        let all = |page: u32| pades::SealPlace { field: "x".to_owned(), page, rect: [0.0, 0.0, 600.0, 900.0] };
        let pages = vec![page(595.28, 841.89, 0); 3];
        let places = SealPlaces { pages: pages.clone(), taken: vec![all(3)] };
        assert_eq!(anywhere(&places, 3, &[]).unwrap().page, 2);
        let places = SealPlaces { pages, taken: vec![all(1), all(2), all(3)] };
        assert!(anywhere(&places, 3, &[]).is_err());
    }

    #[test]
    fn a_chosen_place_is_on_a_page_and_beside_other_seals() {
        let seal = pades::SealPlace { field: "x".to_owned(), page: 1, rect: [100.0, 100.0, 219.0, 219.0] };
        let places = SealPlaces { pages: vec![page(595.28, 841.89, 0)], taken: vec![seal] };
        let at = |x, y, page| chosen(&places, 1, Placement { x, y, page });
        assert_eq!(at(219, 100, None).unwrap().rect, [219, 100, 338, 219]);
        for (x, y, page) in
            [(150, 150, None), (-1, 300, None), (500, 300, None), (300, 800, Some(1)), (i32::MAX, 0, None), (300, 300, Some(2)), (300, 300, Some(0))]
        {
            let error = at(x, y, page).unwrap_err();
            assert_eq!(error.code(), Code::InvalidInput, "{x} {y}");
        }
    }
}
