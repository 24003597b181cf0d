//! Golden revisions: what must never change by a byte, here by this machine's code and in `wasm.mjs` by the module that browsers load.
//!
//! `cargo test --release --workspace --test verbs -- --ignored golden::write` writes `golden/` anew, when the bytes are meant to change.

use std::path::PathBuf;
use std::process::Command;

use common::pki::{NOW, authority, certificate, key, person, raw};
use pades::{Appearance, EmptyField, Issue, SignatureParameters, issue, prepare};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Golden {
    /// The signer's certificate, hexadecimal.
    certificate: String,
    /// The authority's.
    chain_pem: String,
    cases: Vec<Case>,
}

/// One revision; SHA-256 in hexadecimal.
#[derive(Serialize, Deserialize, Debug, PartialEq)]
struct Case {
    original: String,
    parameters: SignatureParameters,
    /// r and s, hexadecimal.
    signature: String,
    prepared: String,
    attributes: String,
    cms: String,
    signed: String,
}

#[test]
fn revisions_are_the_golden_ones() {
    let golden: Golden = serde_json::from_slice(&std::fs::read(folder().join("golden.json")).unwrap()).unwrap();
    assert_eq!(golden.cases.len(), 6);
    for case in &golden.cases {
        let again = made(&case.original, &std::fs::read(folder().join(&case.original)).unwrap(), case.parameters.clone()).0;
        assert_eq!(&again, case, "{}: {}", case.original, case.parameters.field);
    }
}

/// Revision 0, too: what the committed originals were issued from gives them again.
#[test]
fn issued_documents_are_the_golden_ones() {
    for rotate in [0, 90] {
        assert_eq!(issued(rotate), std::fs::read(folder().join(format!("turned-{rotate}.pdf"))).unwrap());
    }
}

#[test]
#[ignore = "writes the golden files"]
fn write() {
    let packed = folder().join("packed.pdf");
    for rotate in [0, 90] {
        std::fs::write(folder().join(format!("turned-{rotate}.pdf")), issued(rotate)).unwrap();
    }
    // cross-reference and object streams, from another hand
    let arguments = ["--object-streams=generate", "--deterministic-id"];
    assert!(Command::new("qpdf").args(arguments).arg(folder().join("turned-0.pdf")).arg(&packed).status().unwrap().success());
    let mut cases = Vec::new();
    for name in ["turned-0", "turned-90", "packed"] {
        let original = std::fs::read(folder().join(format!("{name}.pdf"))).unwrap();
        let (case, signed) = made(&format!("{name}.pdf"), &original, parameters("head"));
        cases.push(case);
        let once = format!("{name}-signed.pdf");
        std::fs::write(folder().join(&once), &signed).unwrap();
        let second = SignatureParameters { reason: None, location: Some("台北 (2F)".to_owned()), utc_offset_minutes: -210, ..parameters("finance") };
        cases.push(made(&once, &signed, second).0);
    }
    let chain_pem = der::pem::encode_string("CERTIFICATE", der::pem::LineEnding::LF, &root()).unwrap();
    let golden = Golden { certificate: hex(&ming()), chain_pem, cases };
    std::fs::write(folder().join("golden.json"), serde_json::to_string_pretty(&golden).unwrap() + "\n").unwrap();
}

fn made(name: &str, original: &[u8], parameters: SignatureParameters) -> (Case, Vec<u8>) {
    let prepared = prepare(original, &parameters).unwrap();
    let preview = prepared.preview(original);
    let stage = prepared.to_be_signed(&ming()).unwrap();
    let signature = raw(&key(2), stage.signed_attributes());
    let attributes = sha256(stage.signed_attributes());
    let signed = stage.signed(&signature, &[&root()]).unwrap();
    let whole = [original, signed.tail()].concat();
    let case = Case {
        original: name.to_owned(),
        parameters,
        signature: hex(&signature),
        prepared: sha256(&preview),
        attributes,
        cms: sha256(signed.cms()),
        signed: sha256(&whole),
    };
    (case, whole)
}

fn parameters(field: &str) -> SignatureParameters {
    let left = if field == "head" { 60 } else { 200 };
    SignatureParameters {
        field: field.to_owned(),
        new_field: None,
        signer_name: "王小明 Ming".to_owned(),
        reason: Some("EXP-2026-000123 (12.80)".to_owned()),
        location: None,
        signed_at: NOW,
        utc_offset_minutes: 480,
        appearance: Appearance { width: 120, height: 90, content: "q 1 0 0 RG 2.5 w 4 4 112 82 re S Q\n20 20 m 30 40 50 60 70 20 c h f*".to_owned() },
        placement: [left + 7, 70, left + 97, 150],
        contents_reserve: 1536,
    }
}

/// One page, its fields on it, shown turned by `rotate` degrees.
fn issued(rotate: i32) -> Vec<u8> {
    let content = "BT /F1 12 Tf 72 720 Td (12.80) Tj ET";
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.276 841.89]/Rotate {rotate}/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"),
        format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ];
    let (mut file, mut table) = ("%PDF-1.7\n".to_owned(), "0000000000 65535 f\r\n".to_owned());
    for (number, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n\r\n", file.len());
        file += &format!("{} 0 obj\n{object}\nendobj\n", number + 1);
    }
    let start = file.len();
    file += &format!("xref\n0 6\n{table}trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n");
    let field = |name: &str, left| EmptyField { name: name.to_owned(), page: 1, rect: Some([left, 60, left + 120, 180]), tooltip: "签章".to_owned() };
    let wish = Issue {
        number: "EXP-2026-000123".to_owned(),
        title: "Taxi 出租车".to_owned(),
        author: "李娜".to_owned(),
        created_at: NOW - 3600,
        fields: vec![field("head", 60), field("finance", 200)],
        stamp: None,
    };
    issue(file.as_bytes(), &wish).unwrap()
}

fn root() -> Vec<u8> {
    certificate(&authority("Signet Authority", 1, 1), "Signet Authority", 1)
}

fn ming() -> Vec<u8> {
    certificate(&person("王小明 Ming", 2, 9), "Signet Authority", 1)
}

fn folder() -> PathBuf {
    PathBuf::from("golden")
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
