//! Published attacks on signed PDFs, made from Signet's own files: every one has its verdict and its reason beside it, and none passes.
#![allow(clippy::unwrap_used)]

mod active;
mod annotations;
mod builder;
mod case;
mod certificates;
mod encodings;
mod evidence;
mod fields;
mod forge;
mod forging;
mod new_fields;
mod parts;
mod permissions;
mod replay;
mod saving;
mod shadow;
mod syntax;
mod tables;
mod who;
mod wrapping;

use std::collections::BTreeMap;

use builder::{Base, bases};
use case::{Attack, agrees, verdict};

/// A family of attacks on one base.
type Family = fn(&Base) -> Vec<Attack>;

const FAMILIES: &[Family] = &[
    forging::attacks,
    saving::attacks,
    wrapping::attacks,
    certificates::attacks,
    encodings::attacks,
    fields::attacks,
    replay::attacks,
    shadow::attacks,
    annotations::attacks,
    new_fields::attacks,
    tables::attacks,
    permissions::attacks,
    evidence::attacks,
    syntax::attacks,
    active::attacks,
];

#[test]
fn the_files_to_attack_pass() {
    for base in bases() {
        assert_eq!(verdict(&base.zero), "NO-SIGNATURE", "{}", base.name);
        assert_eq!(verdict(&base.one), "TOTAL-PASSED", "{}", base.name);
        assert_eq!(verdict(&base.two), "TOTAL-PASSED", "{}", base.name);
        let attacks = case::Attacks::new(&base, "control");
        let file = forge::sealed(&forging::filled(&attacks, forge::dictionary("")), &forge::Recipe::of(&who::ming()));
        assert_eq!(verdict(&file), "TOTAL-PASSED", "{}: forged by hand, but soundly", base.name);
    }
}

#[test]
fn the_same_certificate_again_says_nothing_new() {
    for base in bases() {
        let attacks = case::Attacks::new(&base, "control");
        let (own, root) = (who::ming().certificate, who::root());
        let certificates = vec![own.clone(), root.clone(), own, root];
        let file = forge::sealed(&forging::filled(&attacks, forge::dictionary("")), &forge::Recipe { certificates, ..forge::Recipe::of(&who::ming()) });
        assert_eq!(verdict(&file), "TOTAL-PASSED", "{}", base.name);
        assert_eq!(pades::accept_outside(&base.zero, &file, "head", &who::expected(&who::ming())).unwrap(), file, "{}", base.name);
    }
}

#[test]
fn offsets_at_white_space_leave_it_open() {
    for base in bases() {
        let attacks = case::Attacks::new(&base, "control");
        let mut filled = forging::filled(&attacks, forge::dictionary(""));
        let at = filled.windows(10).rposition(|window| window == b"startxref\n").unwrap() + 10;
        let digits = filled[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        let start: usize = String::from_utf8_lossy(&filled[at..at + digits]).parse().unwrap();
        assert_eq!(filled[start - 1], b'\n');
        filled[at..at + digits].copy_from_slice(format!("{:0digits$}", start - 1).as_bytes());
        let file = forge::sealed(&filled, &forge::Recipe::of(&who::ming()));
        assert_eq!(verdict(&file), "INDETERMINATE SIG_CONSTRAINTS_FAILURE offsets", "{}", base.name);
        let taken = pades::accept_outside(&base.zero, &file, "head", &who::expected(&who::ming()));
        assert!(matches!(taken, Err(pades::Error::Malformed { .. })), "{}: an approver's file is read strictly", base.name);
        // behind an offset at white space a change is a change
        let broken = forge::sealed(&filled, &forge::Recipe { signature: |_| vec![0x30, 0], ..forge::Recipe::of(&who::ming()) });
        assert_eq!(verdict(&broken), "TOTAL-FAILED SIG_CRYPTO_FAILURE signature-value", "{}", base.name);
    }
}

#[test]
fn what_a_certification_leaves_open_passes() {
    for base in bases() {
        for (name, file) in permissions::allowed(&base) {
            assert_eq!(verdict(&file), "TOTAL-PASSED", "{}: {name}", base.name);
        }
    }
}

#[test]
fn no_attack_passes() {
    let bases = bases();
    let (mut wrong, mut all) = (Vec::new(), Vec::new());
    std::thread::scope(|scope| {
        let runs: Vec<_> = bases.iter().map(|base| scope.spawn(move || run(base))).collect();
        for run in runs {
            let (attacks, problems) = run.join().unwrap();
            all.extend(attacks);
            wrong.extend(problems);
        }
    });
    println!("{} attacks", all.len());
    assert!(wrong.is_empty(), "{} attacks went another way:\n{}", wrong.len(), wrong.join("\n"));
    let distinct: BTreeMap<_, _> = all.iter().map(|(fingerprint, name)| (fingerprint, name)).collect();
    let same: Vec<_> = all.iter().filter(|(fingerprint, name)| distinct[fingerprint] != name).collect();
    assert!(same.is_empty(), "these are attacks that others are, too: {:#?}", same.iter().map(|(_, name)| name).collect::<Vec<_>>());
    assert!(distinct.len() >= 400, "only {} attacks", distinct.len());
}

/// Fingerprints of all attacks on a base, and those that went another way.
fn run(base: &Base) -> (Vec<([u8; 32], String)>, Vec<String>) {
    let (mut fingerprints, mut wrong) = (Vec::new(), Vec::new());
    for attack in FAMILIES.iter().flat_map(|family| family(base)) {
        let said = attack.verdict();
        if said == "TOTAL-PASSED" || said == "TAKEN" || !agrees(&attack.expected, &said) {
            wrong.push(format!("{}: “{}” expected, “{said}” said", attack.name, attack.expected));
        }
        fingerprints.push((attack.fingerprint(), attack.name));
    }
    (fingerprints, wrong)
}
