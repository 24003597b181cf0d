//! Files that another program certified or locked: signed where that is permitted, refused where it is not, and judged by that program.

use std::io::Write;
use std::process::{Command, Stdio};

use common::file::{original, parameters};
use common::pki::{NOW, authority, certificate, key, person, raw};
use pades::{Error, Expected, SubIndication, Trust, accept_outside, prepare, verify};

fn python() -> String {
    std::env::var("SIGNET_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// Whether pyHanko is there.
fn usable() -> bool {
    let usable = Command::new(python()).args(["-c", "import pyhanko.sign, cryptography"]).stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    if !usable {
        println!("skipped: {} cannot import pyhanko", python());
    }
    usable
}

/// The document after its author signed it by pyHanko.
fn restricted(kind: &str, what: &str) -> Vec<u8> {
    let script = "common/certify.py";
    let mut child = Command::new(python()).args([script, kind, what]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&original()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    output.stdout
}

fn ming() -> Vec<u8> {
    certificate(&person("Ming", 2, 9), "Root", 1)
}

fn signed(file: &[u8], field: &str) -> Vec<u8> {
    let stage = prepare(file, &parameters(field)).unwrap().to_be_signed(&ming()).unwrap();
    let signature = raw(&key(2), stage.signed_attributes());
    [file, stage.signed(&signature, &[]).unwrap().tail()].concat()
}

fn refused(file: &[u8], field: &str) -> &'static str {
    match prepare(file, &parameters(field)) {
        Err(Error::Refused { rule, .. }) => rule,
        other => panic!("{other:?}"),
    }
}

/// Nothing is wrong with the first signature but that nobody knows its author.
fn holds(file: &[u8]) {
    let root = certificate(&authority("Root", 1, 1), "Root", 1);
    let report = verify(file, &Trust { anchors: vec![root], at: NOW, ..Trust::default() }).unwrap();
    let verdicts: Vec<_> = report.signatures.iter().map(|signature| signature.sub_indication).collect();
    assert_eq!(verdicts, [Some(SubIndication::NoCertificateChainFound), None], "{report:?}");
}

#[test]
fn a_document_certified_as_final_takes_no_signature() {
    if usable() {
        let file = restricted("certify", "1");
        assert_eq!(refused(&file, "head"), "certified");
        assert_eq!(refused(&file, "finance"), "certified");
    }
}

#[test]
fn a_certified_form_takes_signatures_into_its_fields() {
    if usable() {
        for permission in ["2", "3"] {
            let file = restricted("certify", permission);
            let next = signed(&file, "head");
            holds(&next);
            let expected = Expected { certificates: vec![ming()], issuer: certificate(&authority("Root", 1, 1), "Root", 1), at: NOW, ..Expected::default() };
            assert_eq!(accept_outside(&file, &next, "head", &expected).unwrap(), next);
            pyhanko_agrees(&next);
        }
    }
}

#[test]
fn a_locked_field_is_refused_and_another_one_is_not() {
    if usable() {
        let file = restricted("lock", "finance");
        assert_eq!(refused(&file, "finance"), "locked");
        let next = signed(&file, "head");
        holds(&next);
        pyhanko_agrees(&next);
    }
}

/// pyHanko takes both signatures as made by the rules of the first one.
fn pyhanko_agrees(file: &[u8]) {
    let folder = std::env::temp_dir().join(format!("pades-certified-{}-{}", std::process::id(), file.len()));
    std::fs::create_dir_all(&folder).unwrap();
    let (path, pem) = (folder.join("a.pdf"), folder.join("a.pem"));
    std::fs::write(&path, file).unwrap();
    let root = certificate(&authority("Root", 1, 1), "Root", 1);
    std::fs::write(&pem, der::pem::encode_string("CERTIFICATE", der::pem::LineEnding::LF, &root).unwrap()).unwrap();
    let script = "common/judge.py";
    let output = Command::new(python()).args([script, path.to_str().unwrap(), pem.to_str().unwrap()]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(lines[0].starts_with("author valid") && lines[0].contains("ENTIRE_REVISION") && !lines[0].ends_with("OTHER"), "{said}");
    assert!(lines[1].starts_with("head valid") && lines[1].contains("ENTIRE_FILE"), "{said}");
}
