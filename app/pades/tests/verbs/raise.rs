//! Validation data and document time stamps as revisions: made the same every time, allowed by the comparison, read by other programs.

use std::process::Command;

use common::pki::{DAY, NOW};
use common::tool::Folder;
use common::world::{CLOSED, b_b, b_lt, b_lta, b_t, closed, evidence, people_list, token};
use pades::pdf::Pdf;
use pades::{Error, Evidence, Limits, SubFilter, compare, dss, locate_signatures, prepare_time_stamp};

fn forbidden(file: &[u8]) -> Vec<String> {
    let pdf = Pdf::parse(file, &Limits::default()).unwrap();
    (1..pdf.revisions().len()).flat_map(|n| compare(&pdf, n).unwrap().forbidden).map(|finding| format!("{} {}", finding.rule, finding.text)).collect()
}

fn count(file: &[u8], text: &str) -> usize {
    file.windows(text.len()).filter(|window| *window == text.as_bytes()).count()
}

#[test]
fn every_level_is_an_allowed_addition() {
    let (t, lt, lta) = (b_t(), b_lt(), b_lta());
    assert!(lt.starts_with(&t) && lta.starts_with(&lt));
    assert_eq!(forbidden(&lta), Vec::<String>::new());
    let pdf = Pdf::parse(&lta, &Limits::default()).unwrap();
    assert_eq!(pdf.revisions().len(), 5);
    let comparison = compare(&pdf, 3).unwrap();
    assert!(comparison.validation_data && comparison.filled.is_empty());
    let comparison = compare(&pdf, 4).unwrap();
    assert!(!comparison.validation_data && comparison.filled.len() == 1 && comparison.filled[0].created);
    let located = locate_signatures(&pdf).unwrap();
    assert_eq!(located.len(), 3);
    assert!(located.iter().all(|signature| signature.faults.is_empty()));
    assert_eq!(located[2].sub_filter, Some(SubFilter::DocTimeStamp));
    assert_eq!((lt, lta), (b_lt(), b_lta()), "the same bytes every time");
}

#[test]
fn nothing_is_stored_twice() {
    let lt = b_lt();
    let before = count(&lt, "\nstream\n");
    assert_eq!(dss(&lt, &evidence(common::world::STAMPED + 120)).unwrap(), lt, "nothing new");
    let mut more = evidence(common::world::STAMPED + 120);
    more.crls.push(people_list(NOW + DAY, &[]));
    more.certificates.push(common::world::root());
    let again = dss(&lt, &more).unwrap();
    assert_eq!(count(&again, "\nstream\n"), before + 1);
    assert_eq!(forbidden(&again), Vec::<String>::new());
    assert_eq!(count(&again, "/Type/DSS"), 2);
    // the second store keeps its object: the catalogue is not touched again
    assert_eq!(count(&again, "/DSS "), 1);
    let longer = closed(
        &dss(&closed(&again, "time-1", CLOSED), &Evidence { crls: vec![people_list(NOW + 2 * DAY, &[])], ..Evidence::default() }).unwrap(),
        "time-2",
        NOW + 3 * DAY,
    );
    assert_eq!(forbidden(&longer), Vec::<String>::new());
}

#[test]
fn names_of_signatures() {
    use sha1::{Digest, Sha1};
    let lt = b_lt();
    let pdf = Pdf::parse(&lt, &Limits::default()).unwrap();
    let view = pdf.latest();
    for located in locate_signatures(&pdf).unwrap() {
        let value = view.object(located.signature.unwrap()).unwrap();
        let contents = value.dictionary().unwrap().get("Contents").unwrap().string().unwrap().to_vec();
        let name: String = Sha1::digest(&contents).iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(count(&lt, &format!("/{name}<</Cert[")), 1);
    }
}

#[test]
fn evidence_is_only_stored_in_its_place() {
    let refused = |evidence: Evidence| match dss(&b_t(), &evidence).unwrap_err() {
        Error::Signature { rule, .. } => rule,
        other => panic!("{other}"),
    };
    assert_eq!(refused(Evidence { certificates: vec![vec![0x30, 0]], ..Evidence::default() }), "certificate-unreadable");
    assert_eq!(refused(Evidence { crls: vec![common::world::root()], ..Evidence::default() }), "crl-unreadable");
    assert_eq!(refused(Evidence { ocsps: vec![common::world::root()], ..Evidence::default() }), "ocsp-unreadable");
    assert_eq!(dss(&b_t(), &Evidence::default()).unwrap(), b_t());
    assert!(matches!(dss(b"%PDF-1.7\n", &evidence(NOW)), Err(Error::Malformed { .. })));
}

#[test]
fn time_stamps_fit_their_room_and_their_file() {
    let file = b_b();
    assert!(matches!(prepare_time_stamp(&file, "head", 4_096), Err(Error::FieldTaken(_))));
    for (name, reserve) in [("", 4_096), ("a.b", 4_096), ("时间", 4_096), ("time", 100), ("time", 70_000)] {
        assert!(matches!(prepare_time_stamp(&file, name, reserve), Err(Error::Parameter(_))), "{name} {reserve}");
    }
    let prepared = prepare_time_stamp(&file, "time", 4_096).unwrap();
    assert_eq!(prepared, prepare_time_stamp(&file, "time", 4_096).unwrap());
    let other = token([7; 32], NOW);
    assert!(matches!(prepared.clone().embed(&other), Err(Error::Signature { sub_indication: "HASH_FAILURE", .. })));
    assert!(prepared.clone().embed(&[]).is_err());
    let narrow = prepare_time_stamp(&file, "time", 512).unwrap();
    let token = token(narrow.imprint(), NOW);
    assert!(matches!(narrow.embed(&token), Err(Error::ContentsTooSmall { reserved: 512, .. })));
}

/// A file of one page, with these annotations and this form.
fn bare(annotations: &str, form: &str) -> Vec<u8> {
    let objects = [
        format!("<< /Type /Catalog /Pages 2 0 R {form} >>"),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] {annotations} >>"),
        "[]".to_owned(),
        "<< /Fields [] >>".to_owned(),
        "<< /Fields 7 0 R /SigFlags 3 >>".to_owned(),
        "[]".to_owned(),
    ];
    let (mut out, mut xref) = ("%PDF-1.7\n".to_owned(), "0000000000 65535 f\r\n".to_owned());
    for (number, object) in objects.iter().enumerate() {
        xref += &format!("{:010} 00000 n\r\n", out.len());
        out += &format!("{} 0 obj\n{object}\nendobj\n", number + 1);
    }
    let (start, size) = (out.len(), objects.len() + 1);
    out += &format!("xref\n0 {size}\n{xref}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    out.into_bytes()
}

#[test]
fn a_form_is_found_or_made_wherever_it_stands() {
    for annotations in ["", "/Annots []", "/Annots 4 0 R", "/Annots null", "/Annots [ % none\n]"] {
        for form in ["", "/AcroForm << /Fields [] >>", "/AcroForm 5 0 R", "/AcroForm 6 0 R", "/AcroForm << >>", "/AcroForm << /Fields 4 0 R /SigFlags 1 >>"] {
            if annotations.contains("4 0") && form.contains("4 0") {
                continue;
            }
            let file = closed(&bare(annotations, form), "time", NOW);
            assert_eq!(forbidden(&file), Vec::<String>::new(), "{annotations} {form}");
            let pdf = Pdf::parse(&file, &Limits::default()).unwrap();
            let located = locate_signatures(&pdf).unwrap();
            assert_eq!((located.len(), &located[0].faults[..]), (1, &[][..]), "{annotations} {form}");
        }
    }
    for broken in ["/Annots 7", "/Annots 5 0 R"] {
        assert!(matches!(prepare_time_stamp(&bare(broken, ""), "time", 4_096), Err(Error::Refused { rule: "structure", .. })), "{broken}");
    }
}

#[test]
fn other_programs_read_it() {
    let folder = Folder::new("raise");
    let file = folder.write("lta.pdf", &b_lta());
    for (program, arguments, expected) in
        [("qpdf", &["--check"][..], "No syntax or stream encoding errors found"), ("pdfsig", &["-nocert"], "Signature is Valid")]
    {
        let Ok(output) = Command::new(program).args(arguments).arg(&file).output() else {
            println!("skipped: {program} is not installed");
            continue;
        };
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains(expected), "{program}: {said}");
    }
}
