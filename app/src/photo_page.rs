//! A photograph as a one-page PDF: a JPEG in an A4 page, as plain as a PDF can be.

/// A4 in points.
const PAGE: (f64, f64) = (595.0, 842.0);
/// White round the picture, in points; the foot stays free for the number and a seal.
const MARGIN: f64 = 28.0;
const FOOT: f64 = 150.0;

/// The PDF with `jpeg` (baseline or progressive, RGB, `width` × `height` pixels) on its one page. Landscape pictures get a landscape page.
pub fn one_page(jpeg: &[u8], width: u32, height: u32) -> Vec<u8> {
    let (wide, high) = (f64::from(width.max(1)), f64::from(height.max(1)));
    let page = if wide > high { (PAGE.1, PAGE.0) } else { PAGE };
    let room = (page.0 - 2.0 * MARGIN, page.1 - MARGIN - FOOT);
    let scale = (room.0 / wide).min(room.1 / high);
    let (shown_wide, shown_high) = (wide * scale, high * scale);
    let left = (page.0 - shown_wide) / 2.0;
    let bottom = page.1 - MARGIN - shown_high;
    let content = format!("q {shown_wide:.2} 0 0 {shown_high:.2} {left:.2} {bottom:.2} cm /Photo Do Q");
    let image = format!(
        "<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode /Length {} >>",
        jpeg.len()
    );
    let mut file = File { bytes: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(), offsets: Vec::new() };
    file.object("<< /Type /Catalog /Pages 2 0 R >>", None);
    file.object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>", None);
    let media = format!("[0 0 {} {}]", page.0, page.1);
    file.object(&format!("<< /Type /Page /Parent 2 0 R /MediaBox {media} /Resources << /XObject << /Photo 5 0 R >> >> /Contents 4 0 R >>"), None);
    file.object(&format!("<< /Length {} >>", content.len()), Some(content.as_bytes()));
    file.object(&image, Some(jpeg));
    file.finish()
}

struct File {
    bytes: Vec<u8>,
    offsets: Vec<usize>,
}

impl File {
    fn object(&mut self, dictionary: &str, stream: Option<&[u8]>) {
        self.offsets.push(self.bytes.len());
        let number = self.offsets.len();
        self.bytes.extend_from_slice(format!("{number} 0 obj\n{dictionary}\n").as_bytes());
        if let Some(stream) = stream {
            self.bytes.extend_from_slice(b"stream\n");
            self.bytes.extend_from_slice(stream);
            self.bytes.extend_from_slice(b"\nendstream\n");
        }
        self.bytes.extend_from_slice(b"endobj\n");
    }

    fn finish(mut self) -> Vec<u8> {
        let start = self.bytes.len();
        let count = self.offsets.len() + 1;
        let entries: String = self.offsets.iter().map(|offset| format!("{offset:010} 00000 n \n")).collect();
        let end = format!("xref\n0 {count}\n0000000000 65535 f \n{entries}trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
        self.bytes.extend_from_slice(end.as_bytes());
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::one_page;

    #[test]
    fn every_object_stands_where_the_table_says() {
        let pdf = one_page(b"\xff\xd8\xff\xd9", 3000, 2000);
        let text = String::from_utf8_lossy(&pdf);
        assert!(text.contains("/MediaBox [0 0 842 595]"), "a wide picture lies on a wide page");
        let table = pdf.windows(6).position(|window| window == b"\nxref\n").unwrap() + 1;
        let rows = String::from_utf8(pdf[table..].to_vec()).unwrap();
        for (number, row) in rows.lines().skip(3).take(5).enumerate() {
            let offset: usize = row[..10].parse().unwrap();
            assert!(pdf[offset..].starts_with(format!("{} 0 obj", number + 1).as_bytes()), "{row}");
        }
        assert!(rows.starts_with("xref\n0 6"));
    }
}
