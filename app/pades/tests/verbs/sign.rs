//! A document's whole way: issued, prepared, signed, accepted, verified, and every way it must fail; judged by other programs, too.

use std::process::Command;

use common::file::{original, parameters};
use common::pki::{DAY, NOW, authority, certificate, crl, key, person, raw};
use pades::{Coverage, Error, Expected, Indication, ModifiedAfter, SubIndication, Trust, accept, prepare, verify};

fn root() -> Vec<u8> {
    certificate(&authority("Signet Authority", 1, 1), "Signet Authority", 1)
}

fn ming() -> Vec<u8> {
    certificate(&person("王小明 Ming", 2, 9), "Signet Authority", 1)
}

fn expected(own: &[Vec<u8>]) -> Expected {
    Expected { certificates: own.to_vec(), issuer: root(), at: NOW, ..Expected::default() }
}

fn trust() -> Trust {
    Trust { anchors: vec![root()], at: NOW, ..Trust::default() }
}

/// What the browser sends for `field`: the CMS by the key `seed` under `certificate`.
fn cms(original: &[u8], field: &str, certificate: &[u8], seed: u8) -> Vec<u8> {
    let stage = prepare(original, &parameters(field)).unwrap().to_be_signed(certificate).unwrap();
    let signature = raw(&key(seed), stage.signed_attributes());
    stage.signed(&signature, &[&root()]).unwrap().cms().to_vec()
}

fn signed(original: &[u8], field: &str) -> Vec<u8> {
    accept(original, &parameters(field), &cms(original, field, &ming(), 2), &expected(&[ming()])).unwrap()
}

fn refusal(result: Result<Vec<u8>, Error>) -> (String, String) {
    match result.unwrap_err() {
        Error::Signature { sub_indication, rule, .. } => (sub_indication.to_owned(), rule),
        other => panic!("{other}"),
    }
}

#[test]
fn two_sign_and_both_signatures_hold() {
    let once = signed(&original(), "head");
    let twice = signed(&once, "finance");
    assert!(twice.starts_with(&once));
    let report = verify(&twice, &trust()).unwrap();
    assert!(report.passed(), "{report:#?}");
    let seen: Vec<_> = report.signatures.iter().map(|s| (s.field.as_str(), s.coverage, s.modified_after, s.level.as_str())).collect();
    assert_eq!(seen, [("head", Coverage::Revision, ModifiedAfter::Allowed, "PAdES-B-B"), ("finance", Coverage::WholeFile, ModifiedAfter::None, "PAdES-B-B")]);
    assert_eq!(report.signatures[0].signer, "王小明 Ming");
    assert_eq!(report.signatures[0].serial, "09");
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["signatures"][1]["coverage"], "whole-file");
    assert_eq!(json["signatures"][0]["sub_indication"], serde_json::Value::Null);
    assert_eq!(json["signatures"][0]["modified_after"], "allowed");
    assert_eq!(json["indication"], "TOTAL-PASSED");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    assert_eq!(signed(&original(), "head"), signed(&original(), "head"));
}

#[test]
fn an_unsigned_file_does_not_pass() {
    let report = verify(&original(), &trust()).unwrap();
    assert_eq!((report.indication, report.signatures.len(), report.passed()), (Indication::Indeterminate, 0, false));
}

#[test]
fn a_cms_is_good_for_one_document_and_one_field_only() {
    let document = original();
    let other = common::file::original_numbered("EXP-2026-000124");
    let head = cms(&document, "head", &ming(), 2);
    assert_eq!(refusal(accept(&other, &parameters("head"), &head, &expected(&[ming()]))).0, "HASH_FAILURE");
    assert_eq!(refusal(accept(&document, &parameters("finance"), &head, &expected(&[ming()]))).0, "HASH_FAILURE");
    let mut later = parameters("head");
    later.signed_at += 1;
    assert_eq!(refusal(accept(&document, &later, &head, &expected(&[ming()]))).0, "HASH_FAILURE");
}

#[test]
fn only_the_accounts_own_living_certificates_are_accepted() {
    let document = original();
    let try_with =
        |certificate: &[u8], seed, expected: &Expected| refusal(accept(&document, &parameters("head"), &cms(&document, "head", certificate, seed), expected));
    let li = certificate(&person("Li", 3, 10), "Signet Authority", 1);
    assert_eq!(try_with(&li, 3, &expected(&[ming()])), ("SIG_CONSTRAINTS_FAILURE".into(), "certificate-account".into()));
    let forged = certificate(&person("王小明 Ming", 2, 9), "Signet Authority", 5);
    assert_eq!(try_with(&forged, 2, &expected(&[ming()])).0, "NO_CERTIFICATE_CHAIN_FOUND");
    let twin = certificate(&person("Ming again", 4, 9), "Signet Authority", 1);
    assert_eq!(try_with(&twin, 4, &expected(&[ming()])).1, "certificate-account");
    let wrong_usage = certificate(&common::pki::Wish { usage: 0b100, ..person("Ming", 2, 9) }, "Signet Authority", 1);
    assert_eq!(try_with(&wrong_usage, 2, &expected(std::slice::from_ref(&wrong_usage))).0, "CHAIN_CONSTRAINTS_FAILURE");
    let ended = certificate(&common::pki::Wish { from: NOW - 9 * DAY, to: NOW - DAY, ..person("Ming", 2, 9) }, "Signet Authority", 1);
    assert_eq!(try_with(&ended, 2, &expected(std::slice::from_ref(&ended))).0, "EXPIRED");
    let future = certificate(&common::pki::Wish { from: NOW + DAY, ..person("Ming", 2, 9) }, "Signet Authority", 1);
    assert_eq!(try_with(&future, 2, &expected(std::slice::from_ref(&future))).0, "NOT_YET_VALID");
    let revoked = Expected { revoked: vec![vec![9]], ..expected(&[ming()]) };
    assert_eq!(try_with(&ming(), 2, &revoked).0, "REVOKED");
    let late = Expected { at: NOW + 900 * DAY, ..expected(&[ming()]) };
    assert_eq!(try_with(&ming(), 2, &late).0, "OUT_OF_BOUNDS_NOT_REVOKED");
    let early = Expected { at: NOW - DAY / 2, ..expected(&[ming()]) };
    assert_eq!(try_with(&ming(), 2, &early).1, "time-in-future");
}

#[test]
fn no_byte_of_the_cms_may_change() {
    let document = original();
    let good = cms(&document, "head", &ming(), 2);
    assert!(accept(&document, &parameters("head"), &good, &expected(&[ming()])).is_ok());
    for at in (0..good.len()).step_by(7) {
        let mut broken = good.clone();
        broken[at] ^= 1;
        assert!(accept(&document, &parameters("head"), &broken, &expected(&[ming()])).is_err(), "byte {at}");
    }
    assert_eq!(refusal(accept(&document, &parameters("head"), &[], &expected(&[ming()]))).0, "FORMAT_FAILURE");
    assert_eq!(refusal(accept(&document, &parameters("head"), &[good, vec![0]].concat(), &expected(&[ming()]))).0, "FORMAT_FAILURE");
}

#[test]
fn another_keys_signature_does_not_leave_the_browser() {
    let stage = prepare(&original(), &parameters("head")).unwrap().to_be_signed(&ming()).unwrap();
    let signature = raw(&key(3), stage.signed_attributes());
    assert!(matches!(stage.signed(&signature, &[]), Err(Error::Signature { sub_indication: "SIG_CRYPTO_FAILURE", .. })));
}

#[test]
fn no_byte_of_a_signed_file_may_change() {
    let file = signed(&original(), "head");
    let tail = original().len();
    for at in (0..tail).step_by(11).chain((tail..file.len()).step_by(3)) {
        let mut broken = file.clone();
        broken[at] ^= 0x01;
        if let Ok(report) = verify(&broken, &trust()) {
            let around = String::from_utf8_lossy(&file[at.saturating_sub(40)..(at + 40).min(file.len())]).into_owned();
            assert!(!report.passed(), "byte {at} changed and nothing was said, in {around}");
        }
    }
}

#[test]
fn verdicts_of_a_signed_file() {
    let file = signed(&original(), "head");
    let one = |bytes: &[u8], trust: &Trust| {
        let report = verify(bytes, trust).unwrap();
        (report.signatures[0].indication, report.signatures[0].sub_indication)
    };
    let at = file.windows(7).position(|w| w == b"(12.80)").expect("the page's text");
    let mut changed = file.clone();
    changed[at + 1] = b'9';
    assert_eq!(one(&changed, &trust()), (Indication::TotalFailed, Some(SubIndication::HashFailure)));
    let nobody = Trust { anchors: vec![], ..trust() };
    assert_eq!(one(&file, &nobody), (Indication::Indeterminate, Some(SubIndication::NoCertificateChainFound)));
    let later = Trust { at: NOW + 900 * DAY, ..trust() };
    assert_eq!(one(&file, &later), (Indication::Indeterminate, Some(SubIndication::OutOfBoundsNoPoe)));
    let revoked = Trust { crls: vec![crl(&root(), 1, NOW - DAY, NOW + DAY, &[(9, NOW - 60)])], ..trust() };
    assert_eq!(one(&file, &revoked), (Indication::TotalFailed, Some(SubIndication::Revoked)));
    let appended = [&file[..], b"\n% more\n"].concat();
    if let Ok(report) = verify(&appended, &trust()) {
        assert!(!report.passed(), "bytes after the end went unnoticed");
    }
}

#[test]
fn other_programs_agree() {
    let folder = std::env::temp_dir().join(format!("pades-sign-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (pdf, pem) = (folder.join("signed.pdf"), folder.join("root.pem"));
    std::fs::write(&pdf, signed(&signed(&original(), "head"), "finance")).unwrap();
    std::fs::write(&pem, der::pem::encode_string("CERTIFICATE", der::pem::LineEnding::LF, &root()).unwrap()).unwrap();
    if runs("python3", &["-c", "import pyhanko.sign.validation"]) {
        let script = "common/judge.py";
        let said = output("python3", &[script, pdf.to_str().unwrap(), pem.to_str().unwrap()]);
        assert_eq!(said, "head valid trusted ENTIRE_REVISION FORM_FILLING\nfinance valid trusted ENTIRE_FILE NONE\n");
    } else {
        println!("skipped: pyHanko is not installed");
    }
    if runs("pdfsig", &["-v"]) {
        let said = output("pdfsig", &["-nocert", pdf.to_str().unwrap()]);
        assert_eq!(said.matches("Signature is Valid").count(), 2, "{said}");
    } else {
        println!("skipped: pdfsig is not installed");
    }
    if runs("qpdf", &["--version"]) {
        let said = output("qpdf", &["--check", pdf.to_str().unwrap()]);
        assert!(said.contains("No syntax or stream encoding errors found"), "{said}");
    } else {
        println!("skipped: qpdf is not installed");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// Whether a program is there and content.
fn runs(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

/// What a program says.
fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        println!("{program}: {errors}");
    }
    String::from_utf8(output.stdout).unwrap()
}
