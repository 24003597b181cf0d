//! Signed files of pyHanko's test data, odd and hostile ones: what is said about each of them.

use std::path::{Path, PathBuf};

use pades::{Error, Trust, verify};

fn corpus() -> Option<PathBuf> {
    let beside = |up: &Path| Some(up.join("shared/corpus/pyhanko-pdf")).filter(|folder| folder.is_dir());
    std::env::current_dir().unwrap().ancestors().skip(4).find_map(beside)
}

/// Each signature's verdict: sub-indication and the rule that decides. Nobody is trusted here, so a sound one ends without a chain.
fn verdicts(file: &[u8]) -> String {
    match verify(file, &Trust { at: 1_795_392_000, ..Trust::default() }) {
        Ok(report) => {
            let said = |signature: &pades::SignatureReport| {
                let sub = signature.sub_indication.map_or("PASSED", pades::SubIndication::as_str);
                format!("{sub} {}", signature.findings.first().map_or("", |finding| finding.rule.as_str()))
            };
            report.signatures.iter().map(said).collect::<Vec<_>>().join(", ")
        }
        Err(Error::Refused { rule, .. }) => format!("refused {rule}"),
        Err(Error::Malformed { .. }) => "malformed".to_owned(),
        Err(error) => error.to_string(),
    }
}

const SECOND_BY_ED448: &str = "NO_CERTIFICATE_CHAIN_FOUND chain-not-found, CRYPTO_CONSTRAINTS_FAILURE key";

/// Files and what is said of their signatures. Sound ones end without a chain, because nobody is trusted.
const SIGNED: &[(&str, &str)] = &[
    // two signatures by Acrobat, the seals of which share what they are made of
    ("minimal-signed-twice-second-created.pdf", "NO_CERTIFICATE_CHAIN_FOUND chain-not-found, NO_CERTIFICATE_CHAIN_FOUND chain-not-found"),
    ("minimal-signed-twice-both-created.pdf", "NO_CERTIFICATE_CHAIN_FOUND chain-not-found, NO_CERTIFICATE_CHAIN_FOUND chain-not-found"),
    ("minimal-two-fields-signed-twice.pdf", "NO_CERTIFICATE_CHAIN_FOUND chain-not-found, NO_CERTIFICATE_CHAIN_FOUND chain-not-found"),
    // a signature without its type
    ("minimal-signed-twice-no-sig-type.pdf", "FORMAT_FAILURE field-value, FORMAT_FAILURE type"),
    // the seal is exchanged for a new one, whatever else refers to the old one
    ("form-update-no-override-appearance-stream-ap-indirect.pdf", "NO_CERTIFICATE_CHAIN_FOUND chain-not-found, NO_CERTIFICATE_CHAIN_FOUND chain-not-found"),
    (
        "form-update-no-override-appearance-stream-ap-indirect-sneaky.pdf",
        "NO_CERTIFICATE_CHAIN_FOUND chain-not-found, NO_CERTIFICATE_CHAIN_FOUND chain-not-found",
    ),
    ("form-update-ap-indirect-sneaky-trailer.pdf", "NO_CERTIFICATE_CHAIN_FOUND chain-not-found, NO_CERTIFICATE_CHAIN_FOUND chain-not-found"),
    ("form-update-original-ap-type-wrong.pdf", "NO_CERTIFICATE_CHAIN_FOUND chain-not-found, NO_CERTIFICATE_CHAIN_FOUND chain-not-found"),
    // what the seal showed, or another field, is overwritten
    ("form-update-override-appearance-stream.pdf", "FORMAT_FAILURE changed, NO_CERTIFICATE_CHAIN_FOUND chain-not-found"),
    ("form-update-override-appearance-stream-sneaky.pdf", "FORMAT_FAILURE changed, NO_CERTIFICATE_CHAIN_FOUND chain-not-found"),
    ("form-update-override-appearance-stream-ap-indirect.pdf", "FORMAT_FAILURE changed, NO_CERTIFICATE_CHAIN_FOUND chain-not-found"),
    ("form-update-override-appearance-stream-ap-indirect-sneaky.pdf", "FORMAT_FAILURE changed, NO_CERTIFICATE_CHAIN_FOUND chain-not-found"),
    ("separate-annots-kids-indir.pdf", "FORMAT_FAILURE changed, NO_CERTIFICATE_CHAIN_FOUND chain-not-found"),
    // PDF 2.0 is noted in the catalogue, with a first description that says nothing but the program; and validation data added twice
    ("extensions-direct.pdf", SECOND_BY_ED448),
    ("extensions-indirect.pdf", SECOND_BY_ED448),
    ("extensions-update-direct.pdf", SECOND_BY_ED448),
    ("extensions-update-indirect.pdf", SECOND_BY_ED448),
    ("pades-lta-dss-indirect-arrs-test.pdf", "NO_CERTIFICATE_CHAIN_FOUND chain-not-found, NO_CERTIFICATE_CHAIN_FOUND chain-not-found"),
    (
        "pades-lta-dss-indirect-arrs-test-2.pdf",
        "NO_CERTIFICATE_CHAIN_FOUND chain-not-found, NO_CERTIFICATE_CHAIN_FOUND chain-not-found, NO_CERTIFICATE_CHAIN_FOUND chain-not-found",
    ),
    // what was changed is another part of the catalogue, too
    ("extensions-indirect-not-all-paths.pdf", "FORMAT_FAILURE shared, CRYPTO_CONSTRAINTS_FAILURE key"),
    // certified, its parts all elsewhere
    ("certified-with-indirect-refs-in-dir.pdf", "NO_CERTIFICATE_CHAIN_FOUND chain-not-found"),
    // byte ranges that leave something out
    ("coverage-anomalies/base.pdf", "FORMAT_FAILURE contents"),
    ("coverage-anomalies/one-byterange.pdf", "FORMAT_FAILURE byte-range"),
    ("coverage-anomalies/weird-byterange.pdf", "FORMAT_FAILURE byte-range"),
    ("coverage-anomalies/signature-gap-too-big.pdf", "FORMAT_FAILURE byte-range"),
    ("coverage-anomalies/tail-uncovered.pdf", "FORMAT_FAILURE coverage"),
];

#[test]
fn every_signed_file_has_its_verdict() {
    let Some(corpus) = corpus() else {
        println!("skipped: shared/corpus/pyhanko-pdf is not there");
        return;
    };
    let mut wrong = Vec::new();
    for (name, expected) in SIGNED {
        let said = verdicts(&std::fs::read(corpus.join(name)).unwrap());
        if said != *expected {
            wrong.push(format!("{name}: “{expected}” expected, “{said}” said"));
        }
    }
    // no other signed file may pass either, whatever it is
    for folder in ["", "coverage-anomalies"] {
        for entry in std::fs::read_dir(corpus.join(folder)).unwrap().flatten().filter(|entry| entry.path().is_file()) {
            let said = verdicts(&std::fs::read(entry.path()).unwrap());
            assert!(!said.contains("PASSED"), "{}: {said}", entry.path().display());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
