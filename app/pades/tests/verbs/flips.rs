//! Every byte of a signed file flipped, in several bits: the file never passes, but for what nothing can protect, and then it is reported.

use std::sync::atomic::{AtomicUsize, Ordering};

use common::pki::{DAY, NOW, authority, certificate, crl, key, person, raw};
use pades::{Appearance, EmptyField, Issue, Report, SignatureParameters, Trust, issue, prepare, verify};

/// The smallest page.
fn page() -> Vec<u8> {
    let objects = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>"];
    let mut out = "%PDF-1.7\n".to_owned();
    let mut table = "xref\n0 4\n0000000000 65535 f\r\n".to_owned();
    for (index, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n\r\n", out.len());
        out += &format!("{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    format!("{out}{table}trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n{}\n%%EOF\n", out.len()).into_bytes()
}

fn root() -> Vec<u8> {
    certificate(&authority("A", 1, 1), "A", 1)
}

fn trust() -> Trust {
    Trust { anchors: vec![root()], crls: vec![crl(&root(), 1, NOW - DAY, NOW + DAY, &[])], at: NOW, ..Trust::default() }
}

fn document() -> Vec<u8> {
    let field = |name: &str, left| EmptyField { name: name.to_owned(), page: 1, rect: Some([left, 0, left + 9, 9]), tooltip: String::new() };
    let wish = Issue {
        number: "1".to_owned(),
        title: "T".to_owned(),
        author: "A".to_owned(),
        created_at: NOW,
        fields: vec![field("a", 0), field("b", 9)],
        stamp: None,
    };
    issue(&page(), &wish).unwrap()
}

fn signed(file: &[u8], field: &str, seed: u8) -> Vec<u8> {
    let left = if field == "a" { 0 } else { 9 };
    let parameters = SignatureParameters {
        field: field.to_owned(),
        new_field: None,
        signer_name: "M".to_owned(),
        reason: None,
        location: None,
        signed_at: NOW,
        utc_offset_minutes: 0,
        appearance: Appearance { width: 9, height: 9, content: "0 0 9 9 re f".to_owned() },
        placement: [left, 0, left + 9, 9],
        contents_reserve: 1024,
    };
    let stage = prepare(file, &parameters).unwrap().to_be_signed(&certificate(&person("M", seed, seed), "A", 1)).unwrap();
    let signature = raw(&key(seed), stage.signed_attributes());
    [file, stage.signed(&signature, &[]).unwrap().tail()].concat()
}

/// Flips every byte by every mask; gives how many flips pass, all of them reported, and all of them in the case of a digit.
fn flipped(file: &[u8], masks: &[u8]) -> usize {
    let report = verify(file, &trust()).unwrap();
    assert!(report.passed() && findings(&report) == 0, "{report:?}");
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let passing = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for first in 0..threads {
            let passing = &passing;
            scope.spawn(move || {
                let mut changed = file.to_vec();
                let trust = trust();
                for at in (first..file.len()).step_by(threads) {
                    for mask in masks {
                        changed[at] ^= mask;
                        if let Ok(report) = verify(&changed, &trust)
                            && report.passed()
                        {
                            assert!(findings(&report) > 0, "byte {at} changed by {mask:#x} went unnoticed");
                            assert!(*mask == 0x20 && file[at].is_ascii_hexdigit(), "byte {at} changed by {mask:#x} is no matter of case");
                            passing.fetch_add(1, Ordering::Relaxed);
                        }
                        changed[at] ^= mask;
                    }
                }
            });
        }
    });
    passing.into_inner()
}

fn findings(report: &Report) -> usize {
    report.signatures.iter().map(|signature| signature.findings.len()).sum()
}

#[test]
fn no_flip_of_a_signed_file_passes_unseen() {
    let file = signed(&document(), "a", 2);
    let passing = flipped(&file, &[0x01, 0x80, 0x20, 0xff]);
    println!("{} bytes, four flips each: {passing} pass and are reported", file.len());
    // letters among the digits of the signature
    assert!((50..2048).contains(&passing), "{passing}");
}

#[test]
fn no_flip_of_a_file_signed_twice_passes_unseen() {
    let file = signed(&signed(&document(), "a", 2), "b", 3);
    let passing = flipped(&file, &[0x01, 0x80, 0x20]);
    println!("{} bytes, three flips each: {passing} pass and are reported", file.len());
    // the first signature's digits are covered by the second one
    assert!((50..2048).contains(&passing), "{passing}");
}

/// The time stamp lies where the signature does not reach: altered it may be, believed it may not.
#[test]
fn no_flip_of_a_time_stamp_keeps_the_level() {
    let file = common::world::stamped(&common::world::signed_by(&common::file::original(), "head", &common::world::ming()), "head", common::world::STAMPED);
    let trust = Trust { crls: vec![common::world::people_list(NOW, &[]), common::world::time_list(NOW, &[])], ..common::world::trust_at(NOW + DAY) };
    let before = verify(&file, &trust).unwrap();
    assert!(before.passed(), "{before:?}");
    let start = file.windows(10).rposition(|window| window == b"/Contents<").unwrap() + 10;
    let end = start + file[start..].iter().position(|byte| *byte == b'>').unwrap();
    let mut changed = file.clone();
    let (mut reported, mut failed) = (0, 0);
    for at in start..end {
        for mask in [0x01, 0x04] {
            changed[at] ^= mask;
            match verify(&changed, &trust) {
                Ok(report) if report.passed() => {
                    let (now, then) = (&report.signatures[0], &before.signatures[0]);
                    assert!(now.level != then.level || now.findings.len() > then.findings.len(), "byte {at} changed by {mask:#x} went unnoticed");
                    reported += 1;
                }
                _ => failed += 1,
            }
            changed[at] ^= mask;
        }
    }
    println!("{} flips of a signature with a time stamp: {failed} fail, {reported} pass without it and are reported", failed + reported);
    assert!(reported > 0 && failed > 0);
}

#[test]
fn no_byte_can_be_left_out_or_put_in() {
    let file = signed(&document(), "a", 2);
    let trust = trust();
    for at in (0..=file.len()).step_by(3) {
        let longer = [&file[..at], b" ", &file[at..]].concat();
        let shorter = [&file[..at], file.get(at + 1..).unwrap_or_default()].concat();
        let doubled = [&file[..at], &file[at.saturating_sub(1)..]].concat();
        for (name, changed) in [("one more", longer), ("one less", shorter), ("twice", doubled), ("cut", file[..at].to_vec())] {
            if changed != file {
                assert!(!verify(&changed, &trust).is_ok_and(|report| report.passed()), "byte {at}, {name}");
            }
        }
    }
}
