//! Robustness over other people's files: nothing panics, and what is accepted can be issued, prepared and read again.

use std::path::{Path, PathBuf};

use pades::{Appearance, EmptyField, Error, Issue, Limits, NewField, SignatureParameters, Stamp};

fn appearance() -> Appearance {
    Appearance { width: 100, height: 50, content: "1 0 0 RG 2 w 1 1 98 48 re S".to_owned() }
}

fn files(folder: &str) -> Vec<PathBuf> {
    // beside the project's root, wherever that was checked out
    let beside = |up: &Path| Some(up.join("shared/corpus").join(folder)).filter(|root| root.is_dir());
    let root = std::env::current_dir().unwrap().ancestors().skip(4).find_map(beside).unwrap_or_else(|| PathBuf::from(folder));
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "pdf") {
                found.push(path);
            }
        }
    }
    found.sort();
    if found.is_empty() {
        println!("skipped: {} is not there", root.display());
    }
    found
}

/// Takes one file all the way; the revision before signing, or why it was refused.
fn journey(original: &[u8]) -> Result<Vec<u8>, Error> {
    let inspection = pades::inspect(original, &Limits::default())?;
    let page = inspection.pages[0].crop;
    let (x, y) = (page[0].ceil() as i32, page[1].ceil() as i32);
    let issue = Issue {
        number: "EXP-2026-000123".to_owned(),
        title: "出租车 Taxi".to_owned(),
        author: "Li Na".to_owned(),
        created_at: 1_795_435_200,
        fields: vec![
            EmptyField { name: "step-head".to_owned(), page: 1, rect: None, tooltip: "Head".to_owned() },
            EmptyField { name: "step-finance".to_owned(), page: -1, rect: Some([x, y, x + 1, y + 1]), tooltip: "财务".to_owned() },
        ],
        stamp: Some(Stamp { page: 1, rect: [x + 1, y + 1, x + 3, y + 2], appearance: appearance(), strip: 0 }),
    };
    let zero = match pades::issue(original, &issue) {
        // a page that can be taken, but not stamped
        Err(error @ Error::Refused { rule: "page-content", .. }) => return Err(error),
        made => made.unwrap_or_else(|error| panic!("accepted but not issued: {error}")),
    };
    assert_eq!(zero, pades::issue(original, &issue).unwrap(), "revision 0 is not deterministic");
    let parameters = SignatureParameters {
        field: "step-head".to_owned(),
        new_field: Some(NewField { page: 1, tooltip: "Head".to_owned() }),
        signer_name: "王芳".to_owned(),
        reason: Some("Approved (ok)".to_owned()),
        location: None,
        signed_at: 1_795_435_300,
        utc_offset_minutes: 480,
        appearance: appearance(),
        placement: [x + 1, y + 1, x + 2, y + 2],
        contents_reserve: 1_024,
    };
    let prepared = pades::prepare(&zero, &parameters).unwrap_or_else(|error| panic!("issued but not prepared: {error}"));
    let next = prepared.preview(&zero);
    let pdf = pades::pdf::Pdf::parse(&next, &Limits::default()).unwrap();
    assert_eq!(pdf.revisions().len(), 2);
    assert_eq!(pages(&next), inspection.pages.len());
    let comparison = pades::compare(&pdf, 1).unwrap();
    assert_eq!(comparison.forbidden, []);
    assert_eq!(comparison.filled.iter().map(|filled| filled.created).collect::<Vec<_>>(), [true]);
    let second = SignatureParameters { field: "step-finance".to_owned(), new_field: None, placement: [x, y, x + 1, y + 1], ..parameters.clone() };
    pades::prepare(&next, &second).unwrap_or_else(|error| panic!("prepared but not again: {error}"));
    let mut cms = vec![0x30, 0x03, 0x02, 0x01, 0x05];
    cms.push(0);
    let whole = [&zero[..], &prepared.embed(&cms).unwrap()].concat();
    let pdf = pades::pdf::Pdf::parse(&whole, &Limits::default()).unwrap();
    let located = pades::locate_signatures(&pdf).unwrap();
    assert_eq!(located.len(), 1);
    assert_eq!(located[0].faults, []);
    assert_eq!(located[0].coverage, pades::Coverage::WholeFile);
    assert_eq!(located[0].cms, cms[..5]);
    assert_eq!(located[0].name.as_deref(), Some("王芳"));
    assert_eq!(located[0].signed_at, Some(1_795_435_300));
    Ok(whole)
}

fn pages(bytes: &[u8]) -> usize {
    let pdf = pades::pdf::Pdf::parse(bytes, &Limits::default()).unwrap();
    pades::pdf::page::pages(pdf.latest()).unwrap().len()
}

fn run(folder: &str) -> usize {
    let (mut accepted, mut refused) = (0, 0);
    let out = std::env::var_os("PADES_CORPUS_OUT");
    for path in files(folder) {
        let bytes = std::fs::read(&path).unwrap();
        match journey(&bytes) {
            Ok(whole) => {
                accepted += 1;
                if let Some(out) = &out {
                    std::fs::write(Path::new(out).join(path.file_name().unwrap()), whole).unwrap();
                }
            }
            Err(error) => {
                refused += 1;
                println!("{}: {error}", path.file_name().unwrap().to_string_lossy());
            }
        }
        // what a verifier does with any file must not panic either
        if let Ok(pdf) = pades::pdf::Pdf::parse(&bytes, &Limits::default()) {
            let _ = pades::locate_signatures(&pdf);
            for revision in 1..pdf.revisions().len() {
                let _ = pades::compare(&pdf, revision);
            }
        }
    }
    println!("{folder}: {accepted} accepted, {refused} refused");
    accepted
}

#[test]
fn pdfjs_files_are_issued_or_refused() {
    let accepted = run("pdfjs");
    assert!(accepted > 300 || files("pdfjs").is_empty(), "only {accepted} accepted");
}

#[test]
fn pyhanko_files_are_issued_or_refused() {
    let accepted = run("pyhanko-pdf");
    assert!(accepted > 30 || files("pyhanko-pdf").is_empty(), "only {accepted} accepted");
}
