//! Nothing that is sent in panics, hangs or fills the memory: hostile files of up to 20 MB, each read by every verb in a process of its own.

pub mod build;
mod cases;
mod signatures;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::Command;

use pades::{Appearance, EmptyField, Evidence, Expected, Issue, Limits, NewField, SignatureParameters, Stamp, Trust};

/// The promise: 256 MiB in all, the file and the program included.
const MEMORY: u64 = 256 << 10;
/// The promise is 2 s; a busy machine and a slow one get more, what grows without bound does not.
const SECONDS: f64 = 10.0;

#[test]
fn hostile_files_cost_little() {
    let folder = std::env::temp_dir().join(format!("pades-limits-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (mut worst, mut failures) = (Vec::new(), Vec::new());
    for (name, build) in cases::all() {
        if std::env::var("PADES_CASE").is_ok_and(|wanted| !name.contains(&wanted)) {
            continue;
        }
        let file = folder.join("case.pdf");
        let bytes = build();
        assert!(bytes.len() <= 20 << 20, "{name}: {} bytes", bytes.len());
        std::fs::write(&file, &bytes).unwrap();
        for verb in VERBS {
            let output = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "limits::one_file_and_one_verb", "--nocapture"])
                .env("PADES_FILE", &file)
                .env("PADES_VERB", verb.0)
                .output()
                .unwrap();
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let line = text.lines().find_map(|line| line.split_once("cost ")).map(|(_, rest)| rest.to_owned());
            let Some(line) = line.filter(|_| output.status.success()) else {
                failures.push(format!("{name}, {}: {text}{}", verb.0, String::from_utf8_lossy(&output.stderr)));
                continue;
            };
            let mut parts = line.splitn(3, ' ');
            let seconds: f64 = parts.next().unwrap().parse().unwrap();
            let memory: u64 = parts.next().unwrap().parse().unwrap();
            if seconds > SECONDS || memory > MEMORY {
                failures.push(format!("{name}, {}: {seconds:.2} s, {} MiB, {line}", verb.0, memory >> 10));
            }
            worst.push((seconds, memory, format!("{name}, {}: {}", verb.0, parts.next().unwrap_or_default())));
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
    worst.sort_by(|one, other| other.0.total_cmp(&one.0));
    worst.iter().take(25).for_each(|(seconds, memory, text)| println!("{seconds:6.2} s {:4} MiB  {text}", memory >> 10));
    worst.sort_by_key(|(_, memory, _)| std::cmp::Reverse(*memory));
    worst.iter().take(15).for_each(|(seconds, memory, text)| println!("{seconds:6.2} s {:4} MiB  {text}", memory >> 10));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

type Verb = (&'static str, fn(&[u8]) -> String);

const VERBS: [Verb; 10] = [
    ("inspect", |pdf| said(pades::inspect(pdf, &Limits::default()))),
    ("issue", |pdf| said(pades::issue(pdf, &issued()))),
    ("prepare", |pdf| said(pades::prepare(pdf, &parameters()))),
    ("make a field", |pdf| {
        let new_field = Some(NewField { page: 1, tooltip: String::new() });
        said(pades::prepare(pdf, &SignatureParameters { field: "new".to_owned(), new_field, ..parameters() }))
    }),
    ("locate", |pdf| said(pades::pdf::Pdf::parse(pdf, &Limits::default()).and_then(|file| pades::locate_signatures(&file)))),
    ("compare", |pdf| match pades::pdf::Pdf::parse(pdf, &Limits::default()) {
        Ok(file) => (1..file.revisions().len()).map(|revision| pades::compare(&file, revision)).last().map_or_else(|| "one revision".to_owned(), said),
        Err(error) => error.to_string(),
    }),
    ("accept", |pdf| {
        // all but the last revision is the document
        let revisions = pades::pdf::Pdf::parse(pdf, &Limits::default()).map_or_else(|_| Vec::new(), |file| file.revisions().to_vec());
        let original = revisions.iter().rev().nth(1).map_or(&pdf[..pdf.len() - 1], |before| &pdf[..before.end]);
        let issuer = common::pki::certificate(&common::pki::authority("Signet Authority", 1, 1), "Signet Authority", 1);
        said(pades::accept_outside(original, pdf, "a", &Expected { issuer, at: common::pki::NOW, ..Expected::default() }))
    }),
    ("dss", |pdf| {
        said(pades::dss(pdf, &Evidence { certificates: vec![common::pki::certificate(&common::pki::person("P", 2, 2), "A", 1)], ..Evidence::default() }))
    }),
    ("stamp", |pdf| said(pades::prepare_time_stamp(pdf, "time", 4_096))),
    ("verify", |pdf| {
        let anchors = vec![common::pki::certificate(&common::pki::authority("Signet Authority", 1, 1), "Signet Authority", 1)];
        let report = pades::verify(pdf, &Trust { anchors, at: common::pki::NOW, ..Trust::default() });
        let first =
            |report: pades::Report| report.signatures.first().map(|first| format!("{} signatures, {:?}", report.signatures.len(), first.findings.first()));
        report.map_or_else(|error| error.to_string(), |report| first(report).unwrap_or_else(|| "no signatures".to_owned()))
    }),
];

fn said<T>(result: Result<T, pades::Error>) -> String {
    result.map_or_else(|error| error.to_string(), |_| "done".to_owned())
}

/// Run by the test above for each file and verb.
#[test]
fn one_file_and_one_verb() {
    let (Ok(file), Ok(name)) = (std::env::var("PADES_FILE"), std::env::var("PADES_VERB")) else { return };
    let pdf = std::fs::read(Path::new(&file)).unwrap();
    let verb = VERBS.iter().find(|verb| verb.0 == name).unwrap().1;
    let before = cpu_seconds();
    let said = catch_unwind(AssertUnwindSafe(|| verb(&pdf))).expect("no file makes a verb panic");
    let seconds = cpu_seconds() - before;
    println!("cost {seconds} {} {}", peak_kibibytes(), said.chars().take(120).collect::<String>());
}

/// Time on the processor of this process, whatever else runs on the machine. Zero where the system does not say.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks: Vec<f64> = stat.rsplit(')').next().unwrap_or_default().split(' ').skip(12).take(2).filter_map(|ticks| ticks.parse().ok()).collect();
    ticks.iter().sum::<f64>() / 100.0
}

/// The most memory that this process ever had.
fn peak_kibibytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}

fn appearance() -> Appearance {
    Appearance { width: 10, height: 10, content: "0 0 10 10 re f".to_owned() }
}

fn issued() -> Issue {
    Issue {
        number: "N-1".to_owned(),
        title: "T".to_owned(),
        author: "A".to_owned(),
        created_at: 0,
        fields: vec![EmptyField { name: "step".to_owned(), page: 1, rect: None, tooltip: String::new() }],
        stamp: Some(Stamp { page: 1, rect: [1, 1, 2, 2], appearance: appearance(), strip: 0 }),
    }
}

fn parameters() -> SignatureParameters {
    SignatureParameters {
        field: "a".to_owned(),
        new_field: None,
        signer_name: "N".to_owned(),
        reason: None,
        location: None,
        signed_at: 0,
        utc_offset_minutes: 0,
        appearance: appearance(),
        placement: [1, 1, 2, 2],
        contents_reserve: 1_024,
    }
}
