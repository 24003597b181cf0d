//! Where a page of a PDF is printed: a coarse picture of it as readers see it, by the drawer that Typst brings.
//!
//! Whatever is not plain white counts. A page that cannot be drawn, or of which something was left out, is for the caller to take as full.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{RenderCache, RenderSettings, render};

/// Pixels along the longer side of a page; of A4 each is about a point.
const LONGEST: f32 = 842.0;
/// Below this, of 255, a colour is seen beside white paper.
const WHITE_FROM: u8 = 240;

/// Which parts of a page are printed, in cells from its upper left corner as readers see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ink {
    columns: u32,
    rows: u32,
    /// Printed cells above and to the left of each corner, so that any window is looked up in four steps: `(columns + 1) * (rows + 1)`.
    sums: Vec<u32>,
}

impl Ink {
    /// Draws page `page`, 0 is the first.
    ///
    /// # Errors
    /// What could not be read or drawn.
    pub fn of(pdf: Vec<u8>, page: usize) -> Result<Self, &'static str> {
        let pdf = Pdf::new(pdf).map_err(|_| "the PDF cannot be read")?;
        let page = pdf.pages().get(page).ok_or("there is no such page")?;
        let (width, height) = page.render_dimensions();
        let longest = width.max(height);
        if !longest.is_finite() || width < 1.0 || height < 1.0 {
            return Err("the page has no size");
        }
        let missing = Arc::new(AtomicBool::new(false));
        let heard = missing.clone();
        let settings = InterpreterSettings { warning_sink: Arc::new(move |_| heard.store(true, Ordering::Relaxed)), ..InterpreterSettings::default() };
        let scale = LONGEST / longest;
        let size = |side: f32| ((side * scale).round() as u16).max(1);
        let drawing = RenderSettings { x_scale: scale, y_scale: scale, width: Some(size(width)), height: Some(size(height)), bg_color: WHITE };
        let picture = render(page, &RenderCache::new(), &settings, &drawing);
        if missing.load(Ordering::Relaxed) {
            return Err("a part of the page cannot be drawn");
        }
        let printed = picture.data().iter().map(|pixel| pixel.r.min(pixel.g).min(pixel.b) < WHITE_FROM).collect::<Vec<_>>();
        Ok(Self::new(u32::from(size(width)), u32::from(size(height)), &printed))
    }

    /// Cells row by row from above.
    fn new(columns: u32, rows: u32, printed: &[bool]) -> Self {
        let wide = columns as usize + 1;
        let mut sums = vec![0; wide * (rows as usize + 1)];
        for (row, line) in printed.chunks(columns as usize).take(rows as usize).enumerate() {
            let mut here = 0;
            for (column, &printed) in line.iter().enumerate() {
                here += u32::from(printed);
                sums[(row + 1) * wide + column + 1] = sums[row * wide + column + 1] + here;
            }
        }
        Self { columns, rows, sums }
    }

    /// Whether nothing is printed in `[left, top, right, bottom]`, fractions of the page as seen, counted from its upper left corner.
    pub fn is_free(&self, [left, top, right, bottom]: [f64; 4]) -> bool {
        let low = |fraction: f64, cells: u32| (fraction * f64::from(cells)).floor().clamp(0.0, f64::from(cells)) as usize;
        let high = |fraction: f64, cells: u32| (fraction * f64::from(cells)).ceil().clamp(0.0, f64::from(cells)) as usize;
        self.printed([low(left, self.columns), low(top, self.rows), high(right, self.columns), high(bottom, self.rows)]) == 0
    }

    /// The printed parts as rectangles of `[left, top, right, bottom]` in fractions as above: runs of a grid of `across` columns with cells as high
    /// as wide.
    pub fn runs(&self, across: u32) -> Vec<[f64; 4]> {
        let side = self.columns.div_ceil(across.max(1)).max(1);
        let (columns, rows) = (self.columns.div_ceil(side), self.rows.div_ceil(side));
        let fraction = |cell: u32, cells: u32| (f64::from(cell * side) / f64::from(cells)).min(1.0);
        let mut runs = Vec::new();
        for row in 0..rows {
            let printed = |column: u32| {
                let edge = |cell: u32, most: u32| (cell * side).min(most) as usize;
                self.printed([edge(column, self.columns), edge(row, self.rows), edge(column + 1, self.columns), edge(row + 1, self.rows)]) > 0
            };
            let mut column = 0;
            while column < columns {
                let start = column;
                while column < columns && printed(column) {
                    column += 1;
                }
                if column > start {
                    runs.push([fraction(start, self.columns), fraction(row, self.rows), fraction(column, self.columns), fraction(row + 1, self.rows)]);
                }
                column += 1;
            }
        }
        runs
    }

    /// Printed cells in a window of cells.
    fn printed(&self, [left, top, right, bottom]: [usize; 4]) -> u32 {
        if left >= right || top >= bottom {
            return 0;
        }
        let sum = |row: usize, column: usize| self.sums[row * (self.columns as usize + 1) + column];
        sum(bottom, right) + sum(top, left) - sum(top, right) - sum(bottom, left)
    }

    /// As it goes over a line: columns and rows, then a bit a cell.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let (columns, rows) = (self.columns as usize, self.rows as usize);
        let mut bytes = [self.columns.to_le_bytes(), self.rows.to_le_bytes()].concat();
        let start = bytes.len();
        bytes.resize(start + (columns * rows).div_ceil(8), 0);
        for cell in 0..columns * rows {
            let (row, column) = (cell / columns, cell % columns);
            if self.printed([column, row, column + 1, row + 1]) > 0 {
                bytes[start + cell / 8] |= 1 << (cell % 8);
            }
        }
        bytes
    }

    /// None where it is something else.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (columns, rest) = bytes.split_first_chunk()?;
        let (rows, bits) = rest.split_first_chunk()?;
        let (columns, rows) = (u32::from_le_bytes(*columns), u32::from_le_bytes(*rows));
        let cells = usize::try_from(u64::from(columns) * u64::from(rows)).ok().filter(|cells| *cells > 0 && bits.len() == cells.div_ceil(8))?;
        let printed: Vec<bool> = (0..cells).map(|cell| bits[cell / 8] & (1 << (cell % 8)) != 0).collect();
        Some(Self::new(columns, rows, &printed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page of 200 × 100 points with a black square in its lower right quarter, text in a font that is not inside, and whatever else.
    fn page(entries: &str, content: &str) -> Vec<u8> {
        let content = format!("0 g 150 10 40 30 re f BT /F1 20 Tf 10 70 Td (Total) Tj ET {content}");
        let mut pdf = "%PDF-1.7\n".to_owned();
        let mut places = Vec::new();
        for body in [
            "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
            "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
            format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>{entries}>>"),
            format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()),
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
        ] {
            places.push(pdf.len());
            pdf += &format!("{} 0 obj\n{body}\nendobj\n", places.len());
        }
        let start = pdf.len();
        pdf += "xref\n0 6\n0000000000 65535 f \n";
        for place in places {
            pdf += &format!("{place:010} 00000 n \n");
        }
        pdf += &format!("trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n");
        pdf.into_bytes()
    }

    #[test]
    fn what_is_printed_is_found_as_readers_see_it() {
        let ink = Ink::of(page("", ""), 0).unwrap();
        assert!(ink.is_free([0.5, 0.0, 1.0, 0.55]) && ink.is_free([0.0, 0.5, 0.7, 1.0]));
        assert!(!ink.is_free([0.8, 0.7, 0.9, 0.8]), "the square");
        assert!(!ink.is_free([0.05, 0.1, 0.3, 0.3]), "text in a font that is not inside the file");
        // turned to the right the lower right corner is the lower left one
        let turned = Ink::of(page("/Rotate 90", ""), 0).unwrap();
        assert!(!turned.is_free([0.2, 0.8, 0.3, 0.9]) && turned.is_free([0.5, 0.5, 1.0, 1.0]));
        let cut = Ink::of(page("/CropBox[0 0 100 50]", ""), 0).unwrap();
        assert!(cut.is_free([0.0, 0.0, 1.0, 1.0]), "what is cut off is not seen");
    }

    #[test]
    fn it_goes_over_a_line_and_comes_as_rectangles() {
        let ink = Ink::of(page("", ""), 0).unwrap();
        assert_eq!(Ink::from_bytes(&ink.to_bytes()), Some(ink.clone()));
        assert_eq!(Ink::from_bytes(&ink.to_bytes()[1..]), None);
        assert_eq!(Ink::from_bytes(&[0; 8]), None);
        let runs = ink.runs(100);
        assert!(runs.iter().any(|[left, top, right, bottom]| *left <= 0.8 && *right >= 0.9 && *top >= 0.6 && *bottom <= 0.9), "{runs:?}");
        assert!(runs.iter().all(|[left, top, right, bottom]| left < right && top < bottom && !ink.is_free([*left, *top, *right, *bottom])));
    }

    #[test]
    fn what_cannot_be_drawn_is_not_taken_for_white() {
        assert!(Ink::of(b"%PDF-1.7 nothing".to_vec(), 0).is_err());
        assert!(Ink::of(page("", ""), 1).is_err());
        let lame = "BI /W 4 /H 4 /CS /RGB /BPC 8 /F /DCT ID nonsense EI";
        assert!(Ink::of(page("", &format!("q 50 0 0 50 0 0 cm {lame} Q")), 0).is_err());
    }
}
