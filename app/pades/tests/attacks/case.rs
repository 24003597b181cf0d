//! One attack: what is handed in, to which verb, and what must be said about it.

use std::rc::Rc;

use pades::{Error, Expected, Indication, Limits, accept, accept_outside, inspect, prepare, verify};
use sha2::{Digest, Sha256};

use crate::builder::{Base, parameters};
use crate::parts::Parts;
use crate::who::{self, Signer};

/// What is handed in.
pub enum Deed {
    Verify(Vec<u8>),
    Inspect(Vec<u8>),
    Prepare { file: Vec<u8>, field: &'static str },
    Accept { original: Vec<u8>, field: &'static str, cms: Vec<u8>, expected: Expected },
    Outside { original: Vec<u8>, file: Vec<u8>, field: &'static str, expected: Expected },
}

/// An attack and its verdict: indication, sub-indication and rule, or why the file is not read at all.
pub struct Attack {
    pub name: String,
    pub deed: Deed,
    pub expected: String,
}

impl Attack {
    /// What is really said.
    pub fn verdict(&self) -> String {
        match &self.deed {
            Deed::Verify(file) => verdict(file),
            Deed::Inspect(file) => said(inspect(file, &Limits::default()).map(|_| ())),
            Deed::Prepare { file, field } => said(prepare(file, &parameters(field)).map(|_| ())),
            Deed::Accept { original, field, cms, expected } => said(accept(original, &parameters(field), cms, expected).map(|_| ())),
            Deed::Outside { original, file, field, expected } => said(accept_outside(original, file, field, expected).map(|_| ())),
        }
    }

    /// Tells attacks apart by what is handed in.
    pub fn fingerprint(&self) -> [u8; 32] {
        let hash = Sha256::new();
        match &self.deed {
            Deed::Verify(file) => hash.chain_update(b"verify").chain_update(file),
            Deed::Inspect(file) => hash.chain_update(b"inspect").chain_update(file),
            Deed::Prepare { file, field } => hash.chain_update(field).chain_update(file),
            Deed::Accept { original, field, cms, .. } => hash.chain_update(field).chain_update(original).chain_update(cms),
            Deed::Outside { original, file, field, expected } => {
                hash.chain_update(field).chain_update((original.len() as u64).to_be_bytes()).chain_update([u8::from(expected.new_field)]).chain_update(file)
            }
        }
        .finalize()
        .into()
    }
}

/// The verdict on a whole file: that on its worst signature, with the rule that decides; what is reported when it passes.
pub fn verdict(file: &[u8]) -> String {
    let report = match verify(file, &who::trust()) {
        Ok(report) => report,
        Err(error) => return said(Err(error)),
    };
    let Some(worst) = report.signatures.iter().find(|signature| signature.indication == report.indication) else { return "NO-SIGNATURE".to_owned() };
    let rules: Vec<&str> = report.signatures.iter().flat_map(|signature| &signature.findings).map(|finding| finding.rule.as_str()).collect();
    match worst.sub_indication {
        None => [&[Indication::TotalPassed.as_str()][..], &rules].concat().join(" "),
        Some(sub) => format!("{} {} {}", worst.indication.as_str(), sub.as_str(), worst.findings[0].rule),
    }
}

fn said(result: Result<(), Error>) -> String {
    match result {
        Ok(()) => "TAKEN".to_owned(),
        Err(Error::Malformed { text, .. }) => format!("MALFORMED {text}"),
        Err(Error::Refused { rule, .. }) => format!("REFUSED {rule}"),
        Err(Error::TooLarge { what, .. }) => format!("TOO-LARGE {what}"),
        Err(Error::Signature { indication, sub_indication, rule, .. }) => format!("{indication} {sub_indication} {rule}"),
        Err(other) => other.to_string(),
    }
}

/// The attacks of one family on one base.
pub struct Attacks<'b> {
    pub base: &'b Base,
    pub parts: Rc<Parts>,
    family: &'static str,
    pub list: Vec<Attack>,
}

impl<'b> Attacks<'b> {
    pub fn new(base: &'b Base, family: &'static str) -> Self {
        Self { base, parts: Rc::new(Parts::of(&base.one)), family, list: Vec::new() }
    }

    fn add(&mut self, name: &str, deed: Deed, expected: String) {
        self.list.push(Attack { name: format!("{} / {} / {name}", self.base.name, self.family), deed, expected });
    }

    /// A file whose signature must fail for its form, by this rule.
    pub fn fails(&mut self, name: &str, file: Vec<u8>, rule: &str) {
        self.add(name, Deed::Verify(file), format!("TOTAL-FAILED FORMAT_FAILURE {rule}"));
    }

    /// A file that is not read, with words of the reason.
    pub fn unreadable(&mut self, name: &str, file: Vec<u8>, words: &str) {
        self.add(name, Deed::Verify(file), format!("MALFORMED …{words}"));
    }

    /// A file with any other verdict.
    pub fn verdict(&mut self, name: &str, file: Vec<u8>, expected: &str) {
        self.add(name, Deed::Verify(file), expected.to_owned());
    }

    pub fn inspect(&mut self, name: &str, file: Vec<u8>, expected: &str) {
        self.add(name, Deed::Inspect(file), expected.to_owned());
    }

    pub fn prepare(&mut self, name: &str, file: Vec<u8>, field: &'static str, expected: &str) {
        self.add(name, Deed::Prepare { file, field }, expected.to_owned());
    }

    pub fn accept(&mut self, name: &str, original: &[u8], field: &'static str, cms: Vec<u8>, signer: &Signer, expected: &str) {
        let deed = Deed::Accept { original: original.to_vec(), field, cms, expected: who::expected(signer) };
        self.add(name, deed, expected.to_owned());
    }

    pub fn outside(&mut self, name: &str, original: &[u8], file: Vec<u8>, field: &'static str, signer: &Signer, expected: &str) {
        let deed = Deed::Outside { original: original.to_vec(), file, field, expected: who::expected(signer) };
        self.add(name, deed, expected.to_owned());
    }

    /// A file by a program that was to make the field, with the rule that it breaks.
    pub fn makes(&mut self, name: &str, original: &[u8], file: Vec<u8>, field: &'static str, signer: &Signer, rule: &str) {
        let expected = Expected { new_field: true, ..who::expected(signer) };
        let deed = Deed::Outside { original: original.to_vec(), file, field, expected };
        let said = if rule == "mdp" { "INDETERMINATE SIG_CONSTRAINTS_FAILURE" } else { "TOTAL-FAILED FORMAT_FAILURE" };
        self.add(name, deed, format!("{said} {rule}"));
    }
}

/// Whether what was said is what was expected; `…` stands for anything.
pub fn agrees(expected: &str, said: &str) -> bool {
    match expected.split_once('…') {
        Some((before, after)) => said.starts_with(before) && said[before.len()..].contains(after),
        None => expected == said,
    }
}
