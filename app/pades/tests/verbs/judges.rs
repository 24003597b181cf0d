//! pyHanko judges every level that is made here, now and years later, and says the same as `verify`.

use std::path::Path;
use std::process::Command;

use common::file::original;
use common::pki::{DAY, NOW};
use common::tool::{Folder, python};
use common::world::*;
use pades::{Trust, dss, verify};

/// What pyHanko says about a file at a time, when it knows `lists` besides.
fn judged(python: &Path, folder: &Folder, bytes: &[u8], at: i64, lists: &[Vec<u8>]) -> String {
    let file = folder.write("judged.pdf", bytes);
    let (people, time) = (folder.pem("people.pem", &[&root()]), folder.pem("time.pem", &[&time_root()]));
    let script = "common/judge_levels.py";
    let lists: Vec<String> = lists.iter().enumerate().map(|(n, list)| folder.write(&format!("{n}.crl"), list)).collect();
    let output = Command::new(python).args([script, &file, &people, &time, &at.to_string()]).args(lists).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What `verify` says of the first signature, when it demands to know about revocation.
fn own(bytes: &[u8], at: i64, lists: &[Vec<u8>]) -> (String, String) {
    let trust = Trust { revocation_required: true, crls: lists.to_vec(), ..trust_at(at) };
    let report = verify(bytes, &trust).unwrap();
    let entry = &report.signatures[0];
    (entry.sub_indication.map_or("OK", |sub_indication| sub_indication.as_str()).to_owned(), entry.level.clone())
}

fn said(words: &str) -> (String, String) {
    let mut parts = words.split(' ').map(str::to_owned);
    (parts.next().unwrap(), parts.next().unwrap())
}

#[test]
fn every_level_is_one_to_pyhanko() {
    let (Some(python), folder) = (python(), Folder::new("judges-levels")) else { return };
    let at = CLOSED + 3_600;
    let lines = |bytes: &[u8], lists: &[Vec<u8>]| judged(&python, &folder, bytes, at, lists).lines().map(str::to_owned).collect::<Vec<_>>();
    let lists = [people_list(at - 60, &[]), time_list(at - 60, &[])];
    let b = lines(&b_b(), &lists);
    // its validation of long-term signatures wants a document time stamp; the plain one is content
    assert!(b[0].ends_with("intact trusted unstamped FORM_FILLING") && b[1].ends_with("intact trusted unstamped NONE"), "{b:?}");
    assert_eq!(own(&b_b(), at, &lists), said("OK PAdES-B-B"));
    let times = |lines: &[String]| lines.iter().map(|line| line.split(' ').nth(2).unwrap().parse().unwrap()).collect::<Vec<i64>>();
    let t = lines(&b_t(), &lists);
    assert!(t[0].ends_with("intact trusted stamped FORM_FILLING") && t[1].ends_with("intact trusted stamped NONE"), "{t:?}");
    assert_eq!(times(&t), [STAMPED, STAMPED + 60]);
    assert_eq!(own(&b_t(), at, &lists), said("OK PAdES-B-T"));
    // from here on the file brings what is to be known
    let lt = lines(&b_lt(), &[]);
    assert!(lt[0].ends_with("intact trusted stamped FORM_FILLING") && lt[1].ends_with("intact trusted stamped LTA_UPDATES"), "{lt:?}");
    assert_eq!(times(&lt), [STAMPED, STAMPED + 60]);
    assert_eq!(own(&b_lt(), at, &[]), said("OK PAdES-B-LT"));
    let lta = [
        format!("head OK {STAMPED} intact trusted stamped FORM_FILLING"),
        format!("finance OK {} intact trusted stamped LTA_UPDATES", STAMPED + 60),
        "time-1 valid trusted ENTIRE_FILE".to_owned(),
    ];
    assert_eq!(lines(&b_lta(), &[]), lta);
    assert_eq!(own(&b_lta(), at, &[]), said("OK PAdES-B-LTA"));
}

/// A signature by somebody whose certificate ends in ten days, stamped, with evidence issued at `known`, closed.
fn short_lived(known: i64) -> Vec<u8> {
    let own = ming_until(NOW + 10 * DAY);
    let file = stamped(&signed_by(&original(), "head", &own), "head", STAMPED);
    let mut evidence = evidence(known);
    evidence.certificates[1] = own;
    closed(&dss(&file, &evidence).unwrap(), "time-1", known.max(STAMPED) + 60)
}

#[test]
fn the_past_looks_the_same_to_pyhanko() {
    let (Some(python), folder) = (python(), Folder::new("judges-past")) else { return };
    let later = NOW + 60 * DAY;
    let lists = [time_list(later - 60, &[])];
    let first = |bytes: &[u8], lists: &[Vec<u8>]| judged(&python, &folder, bytes, later, lists).split(' ').nth(1).unwrap().to_owned();
    // known good after the proof, and before it: EN 319 102-1 §5.6.2.2.4 slides to when the list was issued, pyHanko, as its source says, only
    // to when it ran out; the standard's way is the stricter one
    assert_eq!((first(&short_lived(STAMPED + 120), &lists), own(&short_lived(STAMPED + 120), later, &lists).0), ("OK".to_owned(), "OK".to_owned()));
    assert_eq!((first(&short_lived(STAMPED - 3_600), &lists), own(&short_lived(STAMPED - 3_600), later, &lists).0), ("OK".to_owned(), "NO_POE".to_owned()));
    // revoked after the proof, and before it
    let revoked = |when| [lists[0].clone(), people_list(later - 60, &[(9, when)])];
    assert_eq!(own(&b_lta(), later, &revoked(NOW + 5 * DAY)).0, "OK");
    assert_eq!(first(&b_lta(), &revoked(NOW + 5 * DAY)), "OK");
    assert_eq!(own(&b_lta(), later, &revoked(STAMPED - 10)).0, "REVOKED_NO_POE");
}
