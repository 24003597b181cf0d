//! Writes a PDF with specimens of every seal, at 42 and at 20 mm, and a stamp: `cargo run -p render --example specimens > specimens.pdf`.

use std::io::Write as _;

use render::seal::{SealDesign, SealText, Stroke, Writing, seal};
use render::stamp::{StampText, stamp};

fn main() -> std::io::Result<()> {
    let hand = strokes();
    let (drawn, typed) = (SealDesign::Handwriting(Writing::Drawn(&hand)), SealDesign::Handwriting(Writing::Typed("")));
    let round = |organisation| SealDesign::Round { organisation };
    let square = |chop| SealDesign::Square { chop };
    let specimens = [
        ("李娜", round("山东送变电工程有限公司")),
        ("王建国", round("国网济南供电公司")),
        ("Li Na", round("Signet Power Works Ltd.")),
        ("陈静", round("山东送变电工程有限公司青岛换流站改造工程项目部")),
        ("欧阳建国", round("")),
        ("Alexandra Featherstonehaugh", round("")),
        ("李娜", square("")),
        ("王建国", square("")),
        ("欧阳建国", square("")),
        ("陈静", square("静")),
        ("Li Na", square("")),
        ("Alexandra Featherstonehaugh", square("")),
        ("李娜", square("李娜印")),
        ("Mike Brown", square("MB")),
        ("Li Na", drawn),
        ("李娜", typed),
        ("Alexandra Featherstonehaugh", typed),
        ("阿卜杜热西提江", square("")),
    ];
    let mut page = String::new();
    for (place, (name, design)) in specimens.into_iter().enumerate() {
        let (column, row) = (place % 6, 2 - place / 6);
        let text = SealText { name, caption: "财务 Finance", time: "2026-11-23 14:02", number: "EXP-2026-000123", design, small: false };
        let (x, y) = (10 + column * 200, 80 + row * 130);
        page += &format!("q 1 0 0 1 {x} {y} cm\n{}Q\n", seal(&text).content);
        let small = seal(&SealText { small: true, ..text }).fitted(57, 57);
        page += &format!("q 1 0 0 1 {} {} cm\n{}Q\n", x + 127, y + 31, small.content);
    }
    let text =
        StampText { number: "RCT-2026-000001", title: "收据 Receipt", note: "李娜 · 2026-11-23", url: "https://signet.example/documents/RCT-2026-000001" };
    page += &format!("q 1 0 0 1 10 15 cm\n{}Q\n", stamp(&text).content);
    let mut pdf = String::from("%PDF-1.7\n");
    let mut places = Vec::new();
    for object in [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 1210 480]/Contents 4 0 R/Resources<<>>>>".to_owned(),
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

/// A flourish like a signature: an initial with a loop, waves, a dot and a line below.
fn strokes() -> Vec<Stroke> {
    let mut wave: Stroke = vec![[300.0, 900.0]];
    wave.extend([[500.0, 500.0], [650.0, 150.0], [560.0, 90.0], [430.0, 20.0], [420.0, 700.0], [600.0, 860.0], [760.0, 980.0], [900.0, 700.0], [930.0, 560.0]]);
    for n in 0..5 {
        let x = 930.0 + f64::from(n) * 260.0;
        let high = 560.0 + f64::from(n % 2) * 60.0;
        wave.extend([[x - 30.0, 760.0], [x + 60.0, 900.0], [x + 120.0, 780.0], [x + 170.0, 640.0], [x + 200.0, 480.0], [x + 260.0, high]]);
    }
    wave.extend([[2400.0, 700.0], [2600.0, 500.0], [2800.0, 420.0]]);
    vec![wave, vec![[1650.0, 330.0]], vec![[500.0, 1100.0], [1200.0, 980.0], [2000.0, 1000.0], [2750.0, 1040.0]]]
}
