//! A small document with two empty signature fields, and how it is signed.

use pades::{Appearance, EmptyField, Issue, SignatureParameters, issue};

use crate::pki::NOW;

/// One page that says 12.80.
pub fn page() -> Vec<u8> {
    let content = "BT /F1 12 Tf 72 720 Td (12.80) Tj ET";
    numbered(&[
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595.27559055118 841.88976378] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        &format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ])
}

/// A file of these objects, from number 1, which is its catalogue.
pub fn numbered(objects: &[&str]) -> Vec<u8> {
    let mut out = "%PDF-1.7\n".to_owned();
    let mut xref = "0000000000 65535 f\r\n".to_owned();
    for (number, object) in objects.iter().enumerate() {
        xref += &format!("{:010} 00000 n\r\n", out.len());
        out += &format!("{} 0 obj\n{object}\nendobj\n", number + 1);
    }
    let start = out.len();
    let size = objects.len() + 1;
    out += &format!(
        "xref\n0 {size}\n{xref}trailer\n<< /Size {size} /Root 1 0 R /ID [<00112233445566778899aabbccddeeff> <00112233445566778899aabbccddeeff>] >>\nstartxref\n{start}\n%%EOF\n"
    );
    out.into_bytes()
}

/// Revision 0.
pub fn original() -> Vec<u8> {
    original_numbered("EXP-2026-000123")
}

/// Revision 0 with another number.
pub fn original_numbered(number: &str) -> Vec<u8> {
    let field = |name: &str, left| EmptyField { name: name.to_owned(), page: 1, rect: Some([left, 60, left + 120, 180]), tooltip: "签章".to_owned() };
    let fields = vec![field("head", 60), field("finance", 200)];
    issue(&page(), &Issue { number: number.to_owned(), title: "Taxi".to_owned(), author: "Li Na".to_owned(), created_at: NOW - 3600, fields, stamp: None })
        .unwrap()
}

/// How `field` is signed.
pub fn parameters(field: &str) -> SignatureParameters {
    let left = if field == "head" { 60 } else { 200 };
    SignatureParameters {
        field: field.to_owned(),
        new_field: None,
        signer_name: "王小明 Ming".to_owned(),
        reason: Some("EXP-2026-000123".to_owned()),
        location: None,
        signed_at: NOW,
        utc_offset_minutes: 480,
        appearance: Appearance { width: 120, height: 120, content: "1 0 0 RG 2 w 4 4 112 112 re S".to_owned() },
        placement: [left, 60, left + 120, 180],
        contents_reserve: 4096,
    }
}
