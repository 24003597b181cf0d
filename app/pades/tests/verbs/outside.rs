//! Whole files from other PAdES programs: taken when they fill the one field, refused with the indication when they do more.

use common::file::{original, parameters};
use common::pki::{DAY, NOW, authority, certificate, key, person, raw};
use pades::{Error, Expected, Indication, ModifiedAfter, SignatureParameters, Trust, accept_outside, prepare, verify};

fn root() -> Vec<u8> {
    certificate(&authority("Signet Authority", 1, 1), "Signet Authority", 1)
}

fn ming() -> Vec<u8> {
    certificate(&person("Ming", 2, 9), "Signet Authority", 1)
}

fn expected() -> Expected {
    Expected { certificates: vec![ming()], issuer: root(), at: NOW, ..Expected::default() }
}

/// A whole signed file, as a program elsewhere makes it.
fn signed(original: &[u8], parameters: &SignatureParameters) -> Vec<u8> {
    let stage = prepare(original, parameters).unwrap().to_be_signed(&ming()).unwrap();
    let signature = raw(&key(2), stage.signed_attributes());
    [original, stage.signed(&signature, &[]).unwrap().tail()].concat()
}

fn refusal(original: &[u8], signed: &[u8], field: &str) -> (String, String) {
    match accept_outside(original, signed, field, &expected()).unwrap_err() {
        Error::Signature { sub_indication, rule, .. } => (sub_indication.to_owned(), rule),
        other => ("no signature".to_owned(), other.to_string()),
    }
}

#[test]
fn a_sound_signature_is_taken_as_it_is() {
    let (document, with) = (original(), parameters("head"));
    let file = signed(&document, &with);
    assert_eq!(accept_outside(&document, &file, "head", &expected()).unwrap(), file);
}

#[test]
fn the_whole_chain_with_its_root_may_be_there() {
    let between = certificate(&authority("Signet Issuing", 4, 3), "Signet Authority", 1);
    let old = certificate(&authority("Signet Issuing 2025", 6, 4), "Signet Authority", 1);
    let signer = certificate(&person("Ming", 2, 9), "Signet Issuing", 4);
    let expected = Expected {
        certificates: vec![signer.clone()],
        issuer: between.clone(),
        intermediates: vec![root(), between.clone(), old.clone()],
        at: NOW,
        ..Expected::default()
    };
    let document = original();
    let with = |chain: &[&[u8]]| {
        let stage = prepare(&document, &parameters("head")).unwrap().to_be_signed(&signer).unwrap();
        let signature = raw(&key(2), stage.signed_attributes());
        [&document[..], stage.signed(&signature, chain).unwrap().tail()].concat()
    };
    for chain in [&[][..], &[&between[..]], &[&between[..], &root()], &[&between[..], &root(), &old]] {
        let file = with(chain);
        assert_eq!(accept_outside(&document, &file, "head", &expected).unwrap(), file, "{} more certificates", chain.len());
    }
    // a root of the same name is another one
    let false_root = certificate(&authority("Signet Authority", 7, 1), "Signet Authority", 7);
    let refused = accept_outside(&document, &with(&[&between, &false_root]), "head", &expected);
    assert!(matches!(&refused, Err(Error::Signature { rule, .. }) if rule == "certificate-stray"), "{refused:?}");
}

#[test]
fn the_wrong_field_and_the_wrong_beginning_are_refused() {
    let document = original();
    let file = signed(&document, &parameters("head"));
    assert_eq!(refusal(&document, &file, "finance").1, "field-empty");
    assert_eq!(refusal(&document, &document, "head").1, "prefix");
    assert_eq!(refusal(&file, &document, "head").1, "prefix");
    let other = common::file::original_numbered("EXP-2026-000124");
    assert_eq!(refusal(&other, &file, "head").1, "prefix");
    let mut changed = file.clone();
    changed[100] ^= 1;
    assert_eq!(refusal(&document, &changed, "head").1, "prefix");
}

#[test]
fn two_revisions_and_bytes_after_the_end_are_refused() {
    let document = original();
    let once = signed(&document, &parameters("head"));
    let twice = signed(&once, &parameters("finance"));
    assert_eq!(refusal(&document, &twice, "head"), ("FORMAT_FAILURE".into(), "revisions".into()));
    assert_eq!(refusal(&document, &twice, "finance").1, "revisions");
    assert!(accept_outside(&document, &[&once[..], b"% more\n"].concat(), "head", &expected()).is_err());
    let large = [&once[..], &vec![b' '; 3 << 20]].concat();
    assert_eq!(refusal(&document, &large, "head").1, "tail-size");
}

/// The new revision says that it follows an older one than the document's last: what came between would be forgotten.
#[test]
fn a_revision_that_passes_over_the_last_one_is_refused() {
    let start = |file: &[u8]| {
        let at = file.windows(9).rposition(|w| w == b"startxref").unwrap();
        String::from_utf8_lossy(&file[at + 9..]).split_whitespace().next().unwrap().parse::<usize>().unwrap()
    };
    let document = original();
    let once = signed(&document, &parameters("head"));
    let mut twice = signed(&once, &parameters("finance"));
    let (last, older) = (format!("/Prev {}", start(&once)), start(&document));
    let at = twice.windows(last.len()).rposition(|w| w == last.as_bytes()).unwrap();
    let passing = format!("/Prev {older:0width$}", width = last.len() - 6);
    twice[at..at + last.len()].copy_from_slice(passing.as_bytes());
    assert_eq!(refusal(&once, &twice, "finance"), ("FORMAT_FAILURE".into(), "revisions".into()));
}

#[test]
fn a_change_between_two_signatures_condemns_the_first() {
    let once = signed(&original(), &parameters("head"));
    let file = sneak(&once);
    let report = verify(&file, &Trust { anchors: vec![root()], at: NOW, ..Trust::default() }).unwrap();
    let first = &report.signatures[0];
    assert_eq!((first.field.as_str(), first.indication, first.modified_after), ("head", Indication::TotalFailed, ModifiedAfter::Forbidden));
    assert!(first.findings[0].object.contains('4'), "{:?}", first.findings);
    // the second one saw the change and signed it
    assert_eq!(report.signatures[1].indication, Indication::TotalPassed);
    assert_eq!(refusal(&once, &file, "finance").1, "revisions");
}

/// Adds a revision that replaces object 4, the page's content, and signs over it.
fn sneak(document: &[u8]) -> Vec<u8> {
    let content = "BT /F1 12 Tf 72 720 Td (99.99) Tj ET";
    let mut changed = document.to_vec();
    let at = changed.len();
    let start = document.windows(9).rposition(|w| w == b"startxref").unwrap();
    let previous: usize = String::from_utf8_lossy(&document[start + 9..]).split_whitespace().next().unwrap().parse().unwrap();
    let trailer = document.windows(7).rposition(|w| w == b"trailer").unwrap();
    let dictionary = String::from_utf8_lossy(&document[trailer + 7..start]).trim().trim_end_matches(">>").to_owned();
    let dictionary = match dictionary.find("/Prev") {
        Some(at) => dictionary[..at].to_owned(),
        None => dictionary,
    };
    changed.extend_from_slice(format!("4 0 obj\n<< /Length {} >>\nstream\n{content}\nendstream\nendobj\n", content.len()).as_bytes());
    let xref = changed.len();
    changed.extend_from_slice(format!("xref\n4 1\n{at:010} 00000 n\r\ntrailer\n{dictionary} /Prev {previous} >>\nstartxref\n{xref}\n%%EOF\n").as_bytes());
    signed(&changed, &parameters("finance"))
}

#[test]
fn strangers_and_old_times_are_refused() {
    let document = original();
    let old = SignatureParameters { signed_at: NOW - 2 * DAY, ..parameters("head") };
    assert_eq!(refusal(&document, &signed(&document, &old), "head"), ("SIG_CONSTRAINTS_FAILURE".into(), "time-too-old".into()));
    let ahead = SignatureParameters { signed_at: NOW + DAY, ..parameters("head") };
    assert_eq!(refusal(&document, &signed(&document, &ahead), "head").1, "time-in-future");
    let file = signed(&document, &parameters("head"));
    let nobody = Expected { certificates: vec![], ..expected() };
    assert!(matches!(accept_outside(&document, &file, "head", &nobody), Err(Error::Signature { rule, .. }) if rule == "certificate-account"));
    let revoked = Expected { revoked: vec![vec![0, 9]], ..expected() };
    assert!(matches!(accept_outside(&document, &file, "head", &revoked), Err(Error::Signature { sub_indication: "REVOKED", .. })));
}

#[test]
fn what_the_signature_says_must_not_contradict_the_decision() {
    let document = original();
    let expected = Expected { name: "王小明 Ming".to_owned(), reason: "Head · EXP-2026-000123".to_owned(), ..expected() };
    let with = |name: &str, reason: Option<&str>, location: Option<&str>| {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let parameters = SignatureParameters { signer_name: name.to_owned(), reason: own(reason), location: own(location), ..parameters("head") };
        match accept_outside(&document, &signed(&document, &parameters), "head", &expected) {
            Ok(_) => "taken".to_owned(),
            Err(Error::Signature { rule, sub_indication: "SIG_CONSTRAINTS_FAILURE", .. }) => rule,
            Err(other) => other.to_string(),
        }
    };
    for name in ["王小明 Ming", "王小明  MING", "Ming", ""] {
        assert_eq!(with(name, None, None), "taken", "{name}");
    }
    assert_eq!(with("Fang", None, None), "name");
    assert_eq!(with("Ming", Some("Head · EXP-2026-000123"), None), "taken");
    assert_eq!(with("Ming", Some(" "), Some("Taipei")), "taken");
    for reason in ["I did not approve", "Can't approve", "Rejected", "Head · EXP-2026-000124", "EXP-2026-000124 checked", "我不同意", "驳回"] {
        assert_eq!(with("Ming", Some(reason), None), "reason", "{reason}");
    }
    for reason in ["checked", "Noted in November", "EXP-2026-000123 checked", "同意"] {
        assert_eq!(with("Ming", Some(reason), None), "taken", "{reason}");
    }
    // where the signer was is the signer's own word, and reported as such
    let parameters = SignatureParameters { location: Some("Taipei".to_owned()), ..parameters("head") };
    let report = verify(&signed(&document, &parameters), &Trust { anchors: vec![root()], at: NOW, ..Trust::default() }).unwrap();
    let said = &report.signatures[0];
    assert_eq!((said.location.as_deref(), said.name.as_deref(), said.issuer.as_str()), (Some("Taipei"), Some("王小明 Ming"), "Signet Authority"));
}

#[test]
fn no_byte_of_the_new_revision_may_change() {
    let document = original();
    let file = signed(&document, &parameters("head"));
    for at in (document.len()..file.len()).step_by(5) {
        let mut broken = file.clone();
        broken[at] ^= 1;
        assert!(accept_outside(&document, &broken, "head", &expected()).is_err(), "byte {at}");
    }
}
