//! QR codes as SVG for templates and as path operators for stamps.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

/// A QR code: `size` × `size` modules without a quiet zone.
pub struct Qr {
    code: QrCode,
}

impl Qr {
    /// The code of `text`. `None` when it is too long (2,331 bytes at this error correction).
    pub fn new(text: &str) -> Option<Self> {
        QrCode::encode_text(text, QrCodeEcc::Medium).ok().map(|code| Self { code })
    }

    /// Modules along one side.
    pub fn size(&self) -> i32 {
        self.code.size()
    }

    /// Dark runs per row: (column, row from the top, length).
    pub fn runs(&self) -> Vec<(i32, i32, i32)> {
        let size = self.code.size();
        let mut runs = Vec::new();
        for row in 0..size {
            let mut column = 0;
            while column < size {
                let start = column;
                while column < size && self.code.get_module(column, row) {
                    column += 1;
                }
                if column > start {
                    runs.push((start, row, column - start));
                } else {
                    column += 1;
                }
            }
        }
        runs
    }
}

/// The QR code of `text` as an SVG without margin, black on nothing; an empty square for a text too long to encode.
pub fn svg(text: &str) -> String {
    let qr = Qr::new(text);
    let size = qr.as_ref().map_or(1, Qr::size);
    let mut svg = format!(r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" shape-rendering="crispEdges"><path d=""#);
    for (column, row, length) in qr.iter().flat_map(Qr::runs) {
        let _ = write!(svg, "M{column} {row}h{length}v1h-{length}z");
    }
    svg.push_str(r#""/></svg>"#);
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_cover_exactly_the_dark_modules() {
        let qr = Qr::new("https://signet.example/documents/EXP-2026-000123").unwrap();
        let dark: i32 = (0..qr.size()).map(|y| (0..qr.size()).filter(|&x| qr.code.get_module(x, y)).count() as i32).sum();
        assert_eq!(qr.runs().iter().map(|run| run.2).sum::<i32>(), dark);
        assert!(svg("x").starts_with("<svg"));
    }

    #[test]
    fn a_text_too_long_is_no_panic() {
        assert!(Qr::new(&"x".repeat(5_000)).is_none());
        assert!(svg(&"x".repeat(5_000)).ends_with("</svg>"));
    }
}
