//! The documents, keys and lists of the benches: the same bytes every time.

use std::fmt::Write as _;
use std::path::Path;

use der::pem::{LineEnding, encode_string};
use p256::pkcs8::EncodePrivateKey;
use pades::{Appearance, EmptyField, Expected, Issue, SignatureParameters, accept, issue, prepare};

use common::pki::{DAY, NOW, authority, certificate, crl, key, person, raw};

/// The seal: a round frame, a square and some strokes, about as long as a real one with a few characters.
const SEAL_STROKES: usize = 60;
/// Grey pixels of one page's picture, 320 by 200, which no filter makes smaller.
const PICTURE: usize = 320 * 200;

/// Writes everything into `folder`.
pub fn make(folder: &Path) {
    std::fs::create_dir_all(folder).expect("a folder");
    let write = |name: String, bytes: &[u8]| std::fs::write(folder.join(name), bytes).expect("room on the disk");
    let root = certificate(&authority("Signet Authority", 1, 1), "Signet Authority", 1);
    let signer = certificate(&person("王小明 Ming", 2, 9), "Signet Authority", 1);
    let list: Vec<(u8, i64)> = revoked().map(|serial| (serial[0], NOW - 30 * DAY)).collect();
    let secret = key(2).to_pkcs8_der().expect("a key");
    for (name, der) in [("root", &root), ("signer", &signer)] {
        write(format!("{name}.der"), der);
        write(format!("{name}.pem"), encode_string("CERTIFICATE", LineEnding::LF, der).expect("PEM").as_bytes());
    }
    write("signer.key.der".into(), secret.as_bytes());
    write("signer.key.pem".into(), encode_string("PRIVATE KEY", LineEnding::LF, secret.as_bytes()).expect("PEM").as_bytes());
    write("root.crl".into(), &crl(&root, 1, NOW - DAY, NOW + 7 * DAY, &list));
    let expected = Expected { certificates: vec![signer.clone()], issuer: root.clone(), at: NOW, ..Expected::default() };
    for pages in [1, 20] {
        let mut file = issued(pages);
        write(format!("{pages}.pdf"), &file);
        for (field, name) in [("head", "once"), ("finance", "twice")] {
            let stage = prepare(&file, &parameters(field)).and_then(|prepared| prepared.to_be_signed(&signer)).expect("a revision");
            let signature = raw(&key(2), stage.signed_attributes());
            let cms = stage.signed(&signature, &[&root]).expect("its own signature").cms().to_vec();
            file = accept(&file, &parameters(field), &cms, &expected).expect("an expected signature");
            write(format!("{pages}-{field}.cms"), &cms);
            write(format!("{pages}-{name}.pdf"), &file);
        }
    }
    write("parameters.json".into(), &serde_json::to_vec(&parameters("head")).expect("JSON"));
}

/// Serial numbers on the revocation list; the signer's is not among them.
pub fn revoked() -> impl Iterator<Item = Vec<u8>> {
    (100..120).map(|serial| vec![serial])
}

/// How `field` is signed.
pub fn parameters(field: &str) -> SignatureParameters {
    let left = if field == "head" { 60 } else { 200 };
    let mut content = String::from("0.8 0 0 RG 3 w 4 4 112 112 re S 1.5 w");
    for stroke in 0..SEAL_STROKES {
        let (x, y) = (20 + stroke % 10 * 8, 20 + stroke / 10 * 13);
        let _ = write!(content, "\n{x} {y} m {} {} {} {} {} {} c S", x + 2, y + 9, x + 5, y - 3, x + 7, y + 8);
    }
    SignatureParameters {
        field: field.to_owned(),
        new_field: None,
        signer_name: "王小明 Ming".to_owned(),
        reason: Some("EXP-2026-000123".to_owned()),
        location: None,
        signed_at: NOW,
        utc_offset_minutes: 480,
        appearance: Appearance { width: 120, height: 120, content },
        placement: [left, 60, left + 120, 180],
        contents_reserve: 4096,
    }
}

/// Revision 0 with two empty fields on its first page; each of twenty pages carries its picture, one page alone only its text.
fn issued(pages: usize) -> Vec<u8> {
    let field = |name: &str, left| EmptyField { name: name.to_owned(), page: 1, rect: Some([left, 60, left + 120, 180]), tooltip: "签章".to_owned() };
    let wish = Issue {
        number: "EXP-2026-000123".to_owned(),
        title: "Taxi".to_owned(),
        author: "Li Na".to_owned(),
        created_at: NOW - 3600,
        fields: vec![field("head", 60), field("finance", 200)],
        stamp: None,
    };
    issue(&plain(pages), &wish).expect("a plain file becomes a document")
}

fn plain(pages: usize) -> Vec<u8> {
    let kids: Vec<String> = (0..pages).map(|page| format!("{} 0 R", 4 + 3 * page)).collect();
    let mut objects: Vec<Vec<u8>> = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!("<< /Type /Pages /Kids [{}] /Count {pages} >>", kids.join(" ")).into(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec(),
    ];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    for page in 0..pages {
        let picture = if pages == 1 { 0 } else { PICTURE };
        let content = format!("BT /F1 12 Tf 72 720 Td (Page {page}, 12.80) Tj ET q 320 0 0 200 72 300 cm {} Q", if picture == 0 { "" } else { "/P Do" });
        let first = 4 + 3 * page;
        objects.push(
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {} 0 R /Resources << /Font << /F1 3 0 R >> /XObject << /P {} 0 R >> >> >>",
                first + 1,
                first + 2
            )
            .into(),
        );
        objects.push(format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()).into());
        let (width, height) = if picture == 0 { (1, 1) } else { (320, 200) };
        let pixels: Vec<u8> = (0..width * height)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 32) as u8
            })
            .collect();
        let dictionary = format!("/Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray /BitsPerComponent 8");
        objects.push([format!("<< {dictionary} /Length {} >>\nstream\n", pixels.len()).as_bytes(), &pixels, b"\nendstream"].concat());
    }
    file(&objects)
}

fn file(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut xref = "0000000000 65535 f\r\n".to_owned();
    for (number, object) in objects.iter().enumerate() {
        let _ = write!(xref, "{:010} 00000 n\r\n", out.len());
        out.extend_from_slice(format!("{} 0 obj\n", number + 1).as_bytes());
        out.extend_from_slice(object);
        out.extend_from_slice(b"\nendobj\n");
    }
    let (start, size) = (out.len(), objects.len() + 1);
    let id = "<00112233445566778899aabbccddeeff>";
    let trailer = format!("xref\n0 {size}\n{xref}trailer\n<< /Size {size} /Root 1 0 R /ID [{id} {id}] >>\nstartxref\n{start}\n%%EOF\n");
    out.extend_from_slice(trailer.as_bytes());
    out
}
