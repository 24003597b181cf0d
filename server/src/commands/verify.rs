//! `signet verify`: the validation report on files, in words or as JSON. Needs no server, no index and no store.

use std::io::Read;
use std::path::{Path, PathBuf};

use pades::{EntryKind, Report, SignatureReport, Trust};

use super::{Failure, Outcome};
use crate::clock;
use crate::config::Config;

/// Validate the signatures of PDF files. Exit status 0: at least one signature and all TOTAL-PASSED; 1: not so; 2: a file cannot be read
#[derive(clap::Args)]
pub struct Verify {
    /// One JSON report a line
    #[arg(long)]
    json: bool,
    /// Judge at this time instead of now: RFC 3339 or YYYY-MM-DD
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Trusted certificates (PEM; those that others of them issued only lead there); the data folder's own where none is given
    #[arg(long = "ca", value_name = "PEM")]
    authorities: Vec<PathBuf>,
    /// A revocation list (DER or PEM), such as /crl.der of the server
    #[arg(long = "crl", value_name = "FILE")]
    revocations: Vec<PathBuf>,
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Verify {
    pub fn run(self) -> Outcome {
        let trust = self.trust()?;
        let (mut all_passed, mut all_read) = (true, true);
        for path in &self.files {
            match report(path, &trust) {
                Ok(report) => {
                    all_passed &= report.passed();
                    self.print(&report)?;
                }
                Err(failure) => {
                    eprintln!("signet: {}", failure.text);
                    all_read = false;
                }
            }
        }
        match (all_read, all_passed) {
            (true, true) => Ok(()),
            (true, false) => Err(Failure::silent(1)),
            (false, _) => Err(Failure::silent(2)),
        }
    }

    fn trust(&self) -> Result<Trust, Failure> {
        let at = match &self.at {
            None => clock::Clock::now(&clock::SystemClock),
            Some(text) => clock::parse(text).ok_or_else(|| usage(format!("--at {text:?} is no time; write 2026-11-23T09:30:00Z or 2026-11-23")))?.0,
        };
        let (anchors, intermediates) = pades::split_anchors(self.authorities()?);
        let crls = self.revocations.iter().map(|path| revocation_list(path)).collect::<Result<_, _>>()?;
        Ok(Trust { time_stamp_anchors: anchors.clone(), anchors, intermediates, crls, at: at.div_euclid(1000), ..Trust::default() })
    }

    /// The certificates to trust and to go through: those named, else the data folder's own.
    fn authorities(&self) -> Result<Vec<Vec<u8>>, Failure> {
        if !self.authorities.is_empty() {
            let named = self.authorities.iter().map(|path| certificates(path)).collect::<Result<Vec<_>, _>>()?;
            return Ok(named.into_iter().flatten().collect());
        }
        let folder = Config::from_env()?.data.join("ca");
        match crate::ca::certificates(&folder).map_err(|error| usage(error.to_string()))? {
            Some(own) => Ok(own),
            None => {
                Err(usage(format!("there is no authority to trust: {} is not there; name one by --ca (the server gives its own at /ca.pem)", folder.display())))
            }
        }
    }

    fn print(&self, report: &Report) -> Outcome {
        if self.json {
            let line = serde_json::to_string(report).map_err(|error| Failure::new(error.to_string()))?;
            println!("{line}");
            return Ok(());
        }
        println!("{}: {}", report.file, report.indication.as_str());
        if report.signatures.is_empty() {
            println!("  no signature");
        }
        for signature in &report.signatures {
            let why = signature.sub_indication.map(|sub| format!(" ({})", sub.as_str())).unwrap_or_default();
            println!(
                "  {}: {}{why} · {} · serial {} · {}",
                signature.field,
                signature.indication.as_str(),
                signature.signer,
                signature.serial,
                signature.level
            );
            for fact in facts(signature) {
                println!("    {fact}");
            }
            for finding in &signature.findings {
                println!("    {} · {} · {}", finding.rule, finding.object, finding.text);
            }
        }
        Ok(())
    }
}

/// When and who proves it, by whose authority, and what the signer says, a line each.
fn facts(signature: &SignatureReport) -> Vec<String> {
    let time = |seconds: i64| clock::rfc3339(seconds.saturating_mul(1000));
    let mut facts = Vec::new();
    match (signature.proven_at, signature.claimed_at) {
        (Some(proven), _) => {
            let by = signature.time_stamped_by.as_ref().map(|by| format!(" of {by}")).unwrap_or_default();
            facts.push(format!("there since {}, proven by the time stamp{by}", time(proven)));
        }
        (None, Some(stamped)) if signature.kind == EntryKind::DocumentTimeStamp => facts.push(format!("stamped {}", time(stamped))),
        (None, Some(claimed)) => facts.push(format!("signed {}, by the signer's own word", time(claimed))),
        (None, None) => {}
    }
    if !signature.issuer.is_empty() {
        facts.push(format!("certificate issued by {}", signature.issuer));
    }
    let words = [("name", &signature.name), ("reason", &signature.reason), ("place", &signature.location), ("contact", &signature.contact)];
    let said = words.into_iter().filter_map(|(what, text)| Some(format!("{what} in the signer's words: {}", text.as_deref().filter(|text| !text.is_empty())?)));
    facts.extend(said.map(|line| line.replace(char::is_control, " ")));
    facts
}

fn report(path: &Path, trust: &Trust) -> Result<Report, Failure> {
    let bytes = read(path, LARGEST)?;
    let mut report = pades::verify(&bytes, trust).map_err(|error| usage(format!("{} cannot be read as a PDF: {error}", path.display())))?;
    report.file = path.display().to_string();
    Ok(report)
}

fn certificates(path: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let bytes = read(path, SMALL)?;
    if bytes.first() == Some(&0x30) {
        return Ok(vec![bytes]);
    }
    let chain = x509_cert::Certificate::load_pem_chain(&bytes).map_err(|error| usage(format!("{} holds no certificate in PEM ({error})", path.display())))?;
    if chain.is_empty() {
        return Err(usage(format!("{} holds no certificate in PEM", path.display())));
    }
    chain.iter().map(|certificate| der::Encode::to_der(certificate).map_err(|error| usage(format!("{}: {error}", path.display())))).collect()
}

fn revocation_list(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = read(path, LARGEST)?;
    if bytes.first() == Some(&0x30) {
        return Ok(bytes);
    }
    let (label, list) = der::pem::decode_vec(&bytes).map_err(|error| usage(format!("{} is no revocation list ({error})", path.display())))?;
    if label == "X509 CRL" { Ok(list) } else { Err(usage(format!("{} is no revocation list but {label}", path.display()))) }
}

/// Reads at most `limit` bytes; a device without end must not fill the memory.
fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| usage(format!("{} cannot be read ({error})", path.display())))?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| usage(format!("{} cannot be read ({error})", path.display())))?;
    if bytes.len() as u64 > limit { Err(usage(format!("{} is larger than {} MB", path.display(), limit >> 20))) } else { Ok(bytes) }
}

fn usage(text: String) -> Failure {
    Failure { text, status: 2 }
}

const LARGEST: u64 = 64 << 20;
const SMALL: u64 = 1 << 20;
