//! A revision by an outside program that fills the field and quietly changes more: soundly signed, still refused.

use p256::ecdsa::Signature;

use crate::attributes::signed_attributes;
use crate::certificate::Certificate;
use crate::cms::signed_data;
use crate::{Error, Expected, accept_outside, prepare, signed_digest};

#[path = "../tests/common/file.rs"]
pub(crate) mod file;
use crate::examine_tests::pki::{NOW, authority, certificate, key, person, raw};

#[test]
fn a_changed_page_in_the_signed_revision_is_refused() {
    let document = file::original();
    let signer = certificate(&person("Ming", 2, 9), "Root", 1);
    let expected = Expected { certificates: vec![signer.clone()], issuer: certificate(&authority("Root", 1, 1), "Root", 1), at: NOW, ..Expected::default() };
    let plain = sign(&document, &signer, "");
    assert!(accept_outside(&document, &plain, "head", &expected).is_ok());
    let content = "4 0 obj\n<< /Length 4 >>\nstream\nq Q \nendstream\nendobj\n";
    let sneaky = sign(&document, &signer, content);
    match accept_outside(&document, &sneaky, "head", &expected) {
        Err(Error::Signature { indication: "TOTAL-FAILED", sub_indication: "FORMAT_FAILURE", object, .. }) => assert!(object.contains('4'), "{object}"),
        other => panic!("{other:?}"),
    }
}

/// Signs a revision with one more object in it: table, start and byte range are made to fit.
fn sign(document: &[u8], signer: &[u8], extra: &str) -> Vec<u8> {
    let mut prepared = prepare(document, &file::parameters("head")).unwrap();
    if !extra.is_empty() {
        let tail = String::from_utf8(prepared.tail.clone()).unwrap();
        let table = tail.rfind("\nxref\n").unwrap() + 1;
        let start = tail.rfind("startxref\n").unwrap() + 10;
        let old: usize = tail[start..].lines().next().unwrap().parse().unwrap();
        let entry = format!("4 1\n{:010} 00000 n\r\n", document.len() + table);
        let changed = format!("{}{extra}xref\n{entry}{}{}\n%%EOF\n", &tail[..table], &tail[table + 5..start], old + extra.len());
        let grown = changed.len() - tail.len();
        let last = prepared.byte_range[3];
        prepared.byte_range[3] += grown as u64;
        let changed = changed.replacen(&format!(" {last}"), &format!(" {}", prepared.byte_range[3]), 1);
        assert_eq!(changed.len(), tail.len() + grown, "the byte range keeps its width");
        prepared.tail = changed.into_bytes();
    }
    let whole = [document, &prepared.tail].concat();
    let digest: [u8; 32] = signed_digest(&whole, prepared.byte_range, crate::Digest::Sha256).unwrap().try_into().unwrap();
    let attributes = signed_attributes(&digest, signer);
    let signature = Signature::from_slice(&raw(&key(2), &attributes)).unwrap();
    let cms = signed_data(&attributes, signature.to_der().as_bytes(), &Certificate::read(signer).unwrap(), &[]);
    [document, &prepared.embed(&cms).unwrap()].concat()
}
