//! Later revisions as other programs make them: what belongs to their signatures is allowed.

use pades::pdf::Pdf;
use pades::{Limits, compare};

/// Where the number after `startxref` stands, and the number.
fn start(file: &[u8]) -> (usize, usize) {
    let at = file.windows(10).rposition(|w| w == b"startxref\n").unwrap() + 10;
    (at, String::from_utf8_lossy(&file[at..]).split_whitespace().next().unwrap().parse().unwrap())
}

#[test]
fn fonts_of_a_first_form_are_no_tampering_and_those_of_a_form_with_texts_are() {
    let form = |fields: &str, more: &str| format!("<</Fields[{fields}]/SigFlags 3{more}>>");
    let document = |kind: &str| {
        let mut out = b"%PDF-1.7\n".to_vec();
        let objects = [
            (1, "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>".to_owned()),
            (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
            (3, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 300]/Annots[5 0 R]>>".to_owned()),
            (4, form("5 0 R", "")),
            (5, format!("<</Type/Annot/Subtype/Widget/FT/{kind}/T(a)/P 3 0 R/Rect[0 0 9 9]>>")),
        ];
        section(&mut out, &objects, None);
        out
    };
    let with_fonts = |kind: &str| {
        let before = document(kind);
        let previous = start(&before).1;
        let mut after = before.clone();
        let more = "/DA(/Helv 0 Tf 0 g)/DR<</Font<</Helv 6 0 R>>>>";
        section(&mut after, &[(4, form("5 0 R", more)), (6, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned())], Some(previous));
        let pdf = Pdf::parse(&after, &Limits::default()).unwrap();
        compare(&pdf, 1).unwrap().forbidden.into_iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    assert_eq!(with_fonts("Sig"), [""; 0]);
    assert!(with_fonts("Tx").contains(&"form".to_owned()));
}

fn section(out: &mut Vec<u8>, objects: &[(usize, String)], previous: Option<usize>) {
    let mut table = String::new();
    for (number, body) in objects {
        table += &format!("{number} 1\n{:010} 00000 n\r\n", out.len());
        out.extend(format!("{number} 0 obj\n{body}\nendobj\n").into_bytes());
    }
    let (start, previous) = (out.len(), previous.map(|at| format!("/Prev {at}")).unwrap_or_default());
    out.extend(format!("xref\n{table}trailer\n<</Size 9/Root 1 0 R{previous}>>\nstartxref\n{start}\n%%EOF\n").into_bytes());
}
