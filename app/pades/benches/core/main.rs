//! Signet's side of the figures in `README.md`: `run.mjs` starts it and says what to measure, so that all take turns in one run.
//!
//! `core make FOLDER` writes the files that every contestant reads; `core serve FOLDER` answers lines `measure pages seconds` with JSON.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use common::pki::NOW;
use pades::{Before, Certificate, Expected, Known, SignatureParameters, Stored, Trust, accept_outside_stored, accept_stored, prepare_stored, verify};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use sha2::{Digest, Sha256};

mod files;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["make", folder, ..] => files::make(Path::new(folder)),
        ["serve", folder, ..] => serve(folder.into()),
        // `cargo test --benches` and `cargo bench` without words only ask whether it starts
        _ => {}
    }
}

fn serve(folder: PathBuf) {
    let documents = [("1", Document::read(&folder, "1")), ("20", Document::read(&folder, "20"))];
    for line in std::io::stdin().lock().lines() {
        let line = line.expect("the conductor writes lines");
        let words: Vec<&str> = line.split(' ').collect();
        let (_, document) = documents.iter().find(|(pages, _)| *pages == words[1]).expect("a document that was made");
        let seconds: f64 = words[2].parse().expect("a number of seconds");
        let (count, cpu) = repeat(seconds, || document.run(words[0]));
        println!("{{\"count\":{count},\"cpu\":{cpu}}}");
        std::io::stdout().flush().expect("the conductor listens");
    }
}

/// How often `work` was done, and the processor's seconds that took.
fn repeat(seconds: f64, mut work: impl FnMut()) -> (u64, f64) {
    work();
    let began = cpu();
    let mut count = 0;
    loop {
        for _ in 0..16 {
            work();
        }
        count += 16;
        let spent = cpu() - began;
        if spent >= seconds {
            return (count, spent);
        }
    }
}

/// Seconds that this thread was on a processor. The other contestants ask the same of their whole process.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").expect("Linux says how long a thread ran");
    let nanoseconds: f64 = text.split(' ').next().and_then(|number| number.parse().ok()).expect("nanoseconds come first");
    nanoseconds / 1e9
}

/// A document with two fields, and all that its two approvers and the server know.
struct Document {
    original: Vec<u8>,
    /// The hashing of all of `original`.
    checked: Sha256,
    once: Vec<u8>,
    once_sha256: [u8; 32],
    twice: Vec<u8>,
    cms: Vec<u8>,
    parameters: [SignatureParameters; 2],
    signer: Certificate,
    chain: [Certificate; 1],
    known: Known,
    key: EcdsaKeyPair,
    random: SystemRandom,
    expected: Expected,
    trust: Trust,
}

impl Document {
    fn read(folder: &Path, pages: &str) -> Self {
        let read = |name: String| std::fs::read(folder.join(name)).expect("`make` wrote it");
        let random = SystemRandom::new();
        let (root, signer) = (read("root.der".into()), read("signer.der".into()));
        let once = read(format!("{pages}-once.pdf"));
        let original = read(format!("{pages}.pdf"));
        Self {
            checked: Sha256::new_with_prefix(&original),
            original,
            once_sha256: Sha256::digest(&once).into(),
            once,
            twice: read(format!("{pages}-twice.pdf")),
            cms: read(format!("{pages}-finance.cms")),
            parameters: [files::parameters("head"), files::parameters("finance")],
            key: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &read("signer.key.der".into()), &random).expect("a key"),
            random,
            // twenty others are revoked, as on the list that the peers read
            expected: Expected {
                certificates: vec![signer.clone()],
                issuer: root.clone(),
                at: NOW,
                revoked: files::revoked().collect(),
                ..Expected::default()
            },
            trust: Trust { anchors: vec![root.clone()], crls: vec![read("root.crl".into())], at: NOW, ..Trust::default() },
            signer: Certificate::read(&signer).expect("a certificate"),
            chain: [Certificate::read(&root).expect("a certificate")],
            known: Known::default(),
        }
    }

    fn run(&self, measure: &str) {
        match measure {
            "sign" => self.sign(&Stored::new(&self.original)),
            "sign-checked" => self.sign(&Stored::hashed(&self.original, self.checked.clone())),
            "accept" => self.accept(&self.known),
            "accept-new-certificate" => self.accept(&Known::default()),
            "accept-outside" => self.accept_outside(),
            "verify" => assert!(verify(&self.twice, &self.trust).expect("a PDF").passed()),
            "hash" => assert!(Sha256::digest(&self.once) == self.once_sha256),
            other => panic!("nobody knows how to measure {other}"),
        }
    }

    /// Everything a signer does who holds key and certificates: prepare, attributes, ECDSA, CMS, embed, the whole next revision in memory.
    ///
    /// As pages do it, the file was hashed before, for the check of what is there already; then only what is added remains to be hashed.
    fn sign(&self, original: &Stored<'_>) {
        let stage = prepare_stored(original, &self.parameters[0]).and_then(|prepared| prepared.to_be_signed_by(self.signer.clone())).expect("a revision");
        let signature = self.key.sign(&self.random, stage.signed_attributes()).expect("a signature");
        let raw = signature.as_ref().try_into().expect("64 bytes");
        let signed = stage.signed_unverified(&raw, &self.chain).expect("room for it");
        assert!([&self.original, signed.tail()].concat().len() > self.original.len());
    }

    /// What the server does with a CMS: the stored bytes are the ones that were stored, the prediction, the signature, the certificate, and
    /// what the index will say of the next revision.
    fn accept(&self, known: &Known) {
        let stored = Stored::new(&self.once);
        assert!(stored.sha256() == self.once_sha256);
        let next = accept_stored(&stored, &self.parameters[1], &self.cms, &self.expected, known).expect("an expected signature");
        assert!(next.revision.len() == self.twice.len());
    }

    /// What the server does with a whole file, whose beginning must have the digest that the index says.
    fn accept_outside(&self) {
        let before = Before { length: self.once.len(), sha256: self.once_sha256 };
        accept_outside_stored(&before, &Stored::new(&self.twice), "finance", &self.expected, &self.known).expect("an expected signature");
    }
}
