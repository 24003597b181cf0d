//! Writes a PDF with specimens of every seal and a stamp: `cargo run -p render --example specimens > specimens.pdf`.

use std::io::Write as _;

use render::seal::{SealStyle, SealText, seal};
use render::stamp::{StampText, stamp};

fn main() -> std::io::Result<()> {
    let mut page = String::new();
    for (column, name) in ["李娜", "王建国", "欧阳建国", "Li Na", "Alexandra Featherstonehaugh"].iter().enumerate() {
        for (row, style) in [SealStyle::Round, SealStyle::Square].into_iter().enumerate() {
            let text = SealText { name, caption: "财务 Finance", time: "2026-11-23 14:02", number: "EXP-2026-000123", style };
            page += &format!("q 1 0 0 1 {} {} cm\n{}Q\n", 10 + column * 130, 80 + row * 130, seal(&text).content);
        }
    }
    let text =
        StampText { number: "RCT-2026-000001", title: "收据 Receipt", note: "李娜 · 2026-11-23", url: "https://signet.example/documents/RCT-2026-000001" };
    page += &format!("q 1 0 0 1 10 15 cm\n{}Q\n", stamp(&text).content);
    let mut pdf = String::from("%PDF-1.7\n");
    let mut places = Vec::new();
    for object in [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 660 350]/Contents 4 0 R/Resources<<>>>>".to_owned(),
        format!("<</Length {}>>\nstream\n{page}endstream", page.len()),
    ] {
        places.push(pdf.len());
        pdf += &format!("{} 0 obj\n{object}\nendobj\n", places.len());
    }
    let start = pdf.len();
    pdf += "xref\n0 5\n0000000000 65535 f \n";
    for place in places {
        pdf += &format!("{place:010} 00000 n \n");
    }
    pdf += &format!("trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n");
    std::io::stdout().write_all(pdf.as_bytes())
}
