//! Fields that are made together with their signatures: by Signet's own pages, by other programs, and beside fields that were there.

use std::process::Command;

use common::file::{original, page, parameters};
use common::pki::{NOW, key, raw};
use common::tool::{Folder, python};
use common::world::{CLOSED, STAMPED, closed, evidence, ming, root, stamped, time_root, trust_at};
use pades::pdf::Pdf;
use pades::{
    Appearance, EmptyField, Error, Expected, Issue, Limits, ModifiedAfter, NewField, Rect, SealPlace, SignatureParameters, accept, accept_outside, compare,
    dss, issue, prepare, seal_places, verify,
};

fn made(field: &str, placement: Rect) -> SignatureParameters {
    let new_field = Some(NewField { page: 1, tooltip: "签章".to_owned() });
    SignatureParameters { field: field.to_owned(), new_field, placement, contents_reserve: 8_192, ..parameters(field) }
}

fn signed(original: &[u8], parameters: &SignatureParameters) -> Vec<u8> {
    let stage = prepare(original, parameters).unwrap().to_be_signed(&ming()).unwrap();
    let signature = raw(&key(2), stage.signed_attributes());
    [original, stage.signed(&signature, &[&root()]).unwrap().tail()].concat()
}

fn expected(new_field: bool) -> Expected {
    Expected { certificates: vec![ming()], issuer: root(), at: NOW, new_field, ..Expected::default() }
}

fn refusal(original: &[u8], file: &[u8], field: &str, new_field: bool) -> String {
    match accept_outside(original, file, field, &expected(new_field)).unwrap_err() {
        Error::Signature { rule, .. } => rule,
        other => other.to_string(),
    }
}

fn zero(fields: Vec<EmptyField>) -> Vec<u8> {
    let number = "RCT-2026-000001".to_owned();
    issue(&page(), &Issue { number, title: "Taxi".to_owned(), author: "Li Na".to_owned(), created_at: NOW - 3600, fields, stamp: None }).unwrap()
}

fn field(name: &str, rect: Option<Rect>) -> EmptyField {
    EmptyField { name: name.to_owned(), page: 1, rect, tooltip: String::new() }
}

const LEFT: Rect = [60, 300, 180, 420];
const RIGHT: Rect = [400, 300, 520, 420];

#[test]
fn a_field_without_a_place_is_not_in_revision_zero() {
    let file = zero(vec![field("head", None), field("finance", Some([60, 60, 180, 180]))]);
    let places = seal_places(&file).unwrap();
    assert_eq!(places.taken, [SealPlace { field: "finance".to_owned(), page: 1, rect: [60.0, 60.0, 180.0, 180.0] }]);
    assert_eq!(prepare(&file, &parameters("head")), Err(Error::FieldMissing("head".to_owned())));
    // nothing at all where none has a place: no flag that speaks of signatures, and a form for what will come
    let file = zero(vec![field("head", None)]);
    let text = String::from_utf8_lossy(&file);
    assert!(!text.contains("/SigFlags") && !text.contains("/Widget") && text.contains("/AcroForm"));
    assert_eq!(compare(&Pdf::parse(&signed(&file, &made("head", LEFT)), &Limits::default()).unwrap(), 1).unwrap().forbidden, []);
}

#[test]
fn its_name_is_kept_free() {
    let again = |original: &[u8]| {
        let fields = vec![field("head", None)];
        issue(original, &Issue { number: "N".to_owned(), title: String::new(), author: String::new(), created_at: 0, fields, stamp: None })
    };
    assert!(again(&page()).is_ok());
    assert!(matches!(again(&original()), Err(Error::Parameter(text)) if text.contains("“head”")));
}

#[test]
fn the_pages_and_other_programs_make_the_same_field() {
    let file = signed(&original(), &parameters("head"));
    let with = made("more", LEFT);
    let next = signed(&file, &with);
    let pdf = Pdf::parse(&next, &Limits::default()).unwrap();
    let comparison = compare(&pdf, 2).unwrap();
    assert_eq!((comparison.forbidden.len(), comparison.filled.len(), comparison.filled[0].created), (0, 1, true));
    // as another program's, and as the server's own prediction
    assert_eq!(accept_outside(&file, &next, "more", &expected(true)).unwrap(), next);
    let stage = prepare(&file, &with).unwrap().to_be_signed(&ming()).unwrap();
    let signature = raw(&key(2), stage.signed_attributes());
    let cms = stage.signed(&signature, &[&root()]).unwrap().cms().to_vec();
    assert_eq!(accept(&file, &with, &cms, &expected(false)).unwrap(), next);
    // whoever expects an empty field takes no new one, and the other way round
    assert_eq!(refusal(&file, &next, "more", false), "only-this-field");
    assert_eq!(refusal(&file, &signed(&file, &parameters("finance")), "finance", true), "only-this-field");
    // every byte of it counts
    for at in (file.len()..next.len()).step_by(7) {
        let mut broken = next.clone();
        broken[at] ^= 1;
        assert!(accept_outside(&file, &broken, "more", &expected(true)).is_err(), "byte {at}");
    }
}

#[test]
fn a_new_seal_covers_no_other_and_stays_small_and_on_the_page() {
    let file = signed(&original(), &made("more", LEFT));
    let refused = |parameters: SignatureParameters| match prepare(&file, &parameters).unwrap_err() {
        Error::Parameter(text) => text,
        other => other.to_string(),
    };
    for over in [LEFT, [100, 400, 200, 500], [60, 60, 180, 180], [190, 170, 300, 250]] {
        assert!(refused(made("third", over)).contains("another one"), "{over:?}");
    }
    for off in [[-5, 300, 100, 420], [500, 300, 600, 420], [400, 800, 500, 900], [4_000, 4_000, 4_100, 4_100]] {
        assert!(refused(made("third", off)).contains("does not lie on its page"), "{off:?}");
    }
    assert!(refused(made("third", [180, 200, 590, 800])).contains("quarter"));
    // edge to edge is beside
    assert!(prepare(&file, &made("third", [180, 300, 300, 420])).is_ok());
    assert_eq!(prepare(&file, &made("more", RIGHT)), Err(Error::FieldTaken("more".to_owned())));
    assert!(matches!(prepare(&file, &made("no.name", RIGHT)), Err(Error::Parameter(_))));
    let beyond = SignatureParameters { new_field: Some(NewField { page: 2, tooltip: String::new() }), ..made("third", RIGHT) };
    assert!(matches!(prepare(&file, &beyond), Err(Error::Parameter(_))));
}

/// Documents of before have their fields over the whole page: they are filled as they were, and a seal in one of them keeps only its own place.
#[test]
fn fields_over_the_whole_page_can_still_be_signed() {
    let whole = Some([0, 0, 595, 841]);
    let file = zero(vec![field("head", whole), field("finance", whole)]);
    assert_eq!(seal_places(&file).unwrap().taken, []);
    let head = SignatureParameters { placement: LEFT, ..parameters("head") };
    let once = signed(&file, &head);
    assert_eq!(accept_outside(&file, &once, "head", &expected(false)).unwrap(), once);
    let [SealPlace { field, page: 1, rect }] = &seal_places(&once).unwrap().taken[..] else { panic!("one seal") };
    assert_eq!(field, "head");
    assert!(rect.iter().zip(LEFT).all(|(side, wanted)| (side - f64::from(wanted)).abs() < 8.0), "{rect:?}");
    let twice = signed(&once, &SignatureParameters { placement: RIGHT, ..parameters("finance") });
    let third = signed(&twice, &made("more", [200, 300, 320, 420]));
    assert!(prepare(&twice, &made("more", LEFT)).is_err());
    let report = verify(&third, &trust_at(NOW)).unwrap();
    assert!(report.passed() && report.signatures.len() == 3, "{report:#?}");
}

/// Pages that share one list of annotations: the field comes onto its own page alone.
#[test]
fn a_shared_list_of_annotations_is_parted() {
    let shared = common::file::numbered(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/MediaBox[0 0 595 842]>>",
        "<</Type/Page/Parent 2 0 R/Annots 5 0 R/Resources<<>>>>",
        "<</Type/Page/Parent 2 0 R/Annots 5 0 R/Resources<<>>>>",
        "[6 0 R]",
        "<</Type/Annot/Subtype/Link/F 4/Rect[0 0 9 9]>>",
    ]);
    let fields = vec![field("head", None)];
    let file = issue(&shared, &Issue { number: "N".to_owned(), title: String::new(), author: String::new(), created_at: 0, fields, stamp: None }).unwrap();
    let next = signed(&file, &made("head", LEFT));
    assert_eq!(seal_places(&next).unwrap().taken.iter().map(|place| place.page).collect::<Vec<_>>(), [1]);
    assert_eq!(accept_outside(&file, &next, "head", &expected(true)).unwrap(), next);
}

/// Three seals, two of them in fields made with them, on a page that is shown turned; then all that a long life needs.
fn three() -> Vec<u8> {
    let file = zero(vec![field("head", None), field("finance", Some([60, 60, 180, 180])), field("board", None)]);
    let seal = |file: &[u8], parameters: SignatureParameters, at| {
        let field = parameters.field.clone();
        stamped(&signed(file, &SignatureParameters { contents_reserve: 8_192, ..parameters }), &field, at)
    };
    let once = seal(&file, made("head", LEFT), STAMPED);
    let twice = seal(&once, SignatureParameters { placement: [60, 60, 180, 180], ..parameters("finance") }, STAMPED + 30);
    let appearance = Appearance { width: 60, height: 60, content: "0 0 1 RG 2 2 56 56 re S".to_owned() };
    seal(&twice, SignatureParameters { appearance, ..made("board", RIGHT) }, STAMPED + 60)
}

fn lasting() -> Vec<u8> {
    closed(&dss(&three(), &evidence(STAMPED + 120)).unwrap(), "time-1", CLOSED)
}

#[test]
fn every_judge_finds_three_seals_valid() {
    for (file, count) in [(three(), 3), (lasting(), 4)] {
        let report = verify(&file, &trust_at(CLOSED + 60)).unwrap();
        assert!(report.passed() && report.signatures.len() == count, "{report:#?}");
        assert!(report.signatures.iter().all(|entry| entry.modified_after != ModifiedAfter::Forbidden));
        let folder = Folder::new(&format!("new-field-{count}"));
        let path = folder.write("three.pdf", &file);
        if let Some(python) = python() {
            let (people, time) = (folder.pem("people.pem", &[&root()]), folder.pem("time.pem", &[&time_root()]));
            let output = Command::new(python).args(["common/judge_levels.py", &path, &people, &time, &(CLOSED + 60).to_string()]).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let said = String::from_utf8(output.stdout).unwrap();
            let lines: Vec<Vec<&str>> = said.lines().map(|line| line.split(' ').collect()).collect();
            let seals: Vec<_> = lines.iter().take(3).map(|line| (line[0], line[3], line[4], line[5], line[6])).collect();
            let last = if count == 3 { "NONE" } else { "LTA_UPDATES" };
            let sealed = |name, level| (name, "intact", "trusted", "stamped", level);
            assert_eq!(seals, [sealed("head", "FORM_FILLING"), sealed("finance", "FORM_FILLING"), sealed("board", last)], "{said}");
        }
        match Command::new("pdfsig").arg("-nocert").arg(&path).output() {
            Ok(output) => {
                // it knows no document time stamps
                let said = String::from_utf8_lossy(&output.stdout).into_owned();
                assert_eq!(said.matches("Signature Validation: Signature is Valid.").count(), 3, "{said}");
            }
            Err(_) => println!("skipped: pdfsig is not installed"),
        }
    }
}
