//! Places on a page as its reader sees it: turned by `/Rotate` and cut to the crop box. Whole points from the lower left corner of what is seen.

use pades::{PageGeometry, Rect};

/// What a reader sees of a page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sheet {
    /// The visible part in the page's own space, in whole points and never beyond it.
    pub visible: Rect,
    /// How far it is shown turned: 0, 90, 180 or 270 degrees clockwise.
    pub rotate: i32,
    /// Points that a unit of its space is (`/UserUnit`).
    pub unit: f64,
}

impl Sheet {
    /// The sheet of a page.
    pub fn of(page: &PageGeometry) -> Self {
        let [left, bottom, right, top] = page.crop;
        Self { visible: [left.ceil() as i32, bottom.ceil() as i32, right.floor() as i32, top.floor() as i32], rotate: page.rotate, unit: page.unit }
    }

    /// So many points in units of the page's own space, at least one.
    pub fn units(&self, points: f64) -> i32 {
        ((points / self.unit).round() as i32).max(1)
    }

    /// Width and height as seen.
    pub fn size(&self) -> (i32, i32) {
        self.seen_size(self.visible)
    }

    /// Width and height that a rectangle of the page's own space is seen with.
    pub fn seen_size(&self, [left, bottom, right, top]: Rect) -> (i32, i32) {
        if self.rotate % 180 == 0 { (right - left, top - bottom) } else { (top - bottom, right - left) }
    }

    /// A rectangle as seen, in the page's own space.
    pub fn to_page(&self, [x0, y0, x1, y1]: Rect) -> Rect {
        let [left, bottom, right, top] = self.visible;
        match self.rotate {
            90 => [right - y1, bottom + x0, right - y0, bottom + x1],
            180 => [right - x1, top - y1, right - x0, top - y0],
            270 => [left + y0, top - x1, left + y1, top - x0],
            _ => [left + x0, bottom + y0, left + x1, bottom + y1],
        }
    }

    /// A rectangle of the page's own space, as seen.
    pub fn to_seen(&self, [x0, y0, x1, y1]: [f64; 4]) -> [f64; 4] {
        let [left, bottom, right, top] = self.visible.map(f64::from);
        match self.rotate {
            90 => [y0 - bottom, right - x1, y1 - bottom, right - x0],
            180 => [right - x1, top - y1, right - x0, top - y0],
            270 => [top - y1, x0 - left, top - y0, x1 - left],
            _ => [x0 - left, y0 - bottom, x1 - left, y1 - bottom],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(rotate: i32) -> Sheet {
        Sheet::of(&PageGeometry { media: [0.0, 0.0, 620.0, 860.0], crop: [10.2, 20.0, 610.0, 850.9], rotate, unit: 1.0 })
    }

    #[test]
    fn corners_of_what_is_seen_are_corners_of_the_page() {
        // What lies in the lower left corner for the reader lies, on the page itself, in the next corner anticlockwise per quarter turn.
        let dot = [0, 0, 10, 20];
        assert_eq!(sheet(0).to_page(dot), [11, 20, 21, 40]);
        assert_eq!(sheet(90).to_page(dot), [590, 20, 610, 30]);
        assert_eq!(sheet(180).to_page(dot), [600, 830, 610, 850]);
        assert_eq!(sheet(270).to_page(dot), [11, 840, 31, 850]);
    }

    #[test]
    fn the_whole_of_what_is_seen_is_the_whole_visible_page() {
        for rotate in [0, 90, 180, 270] {
            let sheet = sheet(rotate);
            let (width, height) = sheet.size();
            assert_eq!(sheet.to_page([0, 0, width, height]), sheet.visible);
            let rect = sheet.to_page([5, 6, 105, 46]);
            assert_eq!(sheet.seen_size(rect), (100, 40));
            assert_eq!(sheet.to_seen(rect.map(f64::from)), [5.0, 6.0, 105.0, 46.0]);
        }
    }
}
