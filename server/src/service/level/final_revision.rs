//! What follows the last signature: evidence in the file, and a document time stamp that keeps it (EN 319 142-1 §5.4, §5.5).

use app::model::Level;
use bytes::Bytes;
use pades::{EntryKind, Indication, Report};

use super::stamp::{Failure, defect};
use super::{Levelled, evidence, stamp};
use crate::App;
use crate::crash::{self, Point};

/// The file with DSS and document time stamp. `serials` are those of all its signers' certificates. What comes out was validated; a file
/// that does not hold, or holds less than before, is no success.
pub async fn make(app: &App, file: &Levelled, serials: Vec<String>) -> Result<Levelled, Failure> {
    let mut pdf = file.pdf.clone();
    // 1. A signature without a stamp of its own is proven by one over the whole file.
    if file.level < Level::TimeStamped {
        pdf = stamp::document(app, &pdf).await?;
    }
    // 2. Certificates and revocation as of now.
    let evidence = crash::step(Point::LevelEvidence, evidence::gather(app, &serials)).await?;
    let pdf = app.work(move || pades::dss(&pdf, &evidence)).await?.map_err(defect)?;
    // 3. The stamp over all of it.
    let pdf = crash::step(Point::LevelSeal, stamp::document(app, &Bytes::from(pdf))).await?;
    // 4. Judged as anyone would judge it.
    let trust = evidence::trust(app).await?;
    let judged = pdf.clone();
    let report = app.work(move || pades::verify(&judged, &trust)).await?.map_err(defect)?;
    let level = level(&report, serials.len())?;
    if level < file.level { Err(defect(format_args!("the level would fall to {}", level.as_str()))) } else { Ok(Levelled { pdf, level, more: false }) }
}

/// The lowest level of the signatures of people, all of which must hold.
fn level(report: &Report, signers: usize) -> Result<Level, Failure> {
    if let Some(broken) = report.signatures.iter().find(|signature| signature.indication != Indication::TotalPassed) {
        let finding = broken.findings.first().map(|finding| format!("{} {}: {}", finding.rule, finding.object, finding.text)).unwrap_or_default();
        return Err(defect(format_args!("the signature of {} would not hold: {finding}", broken.field)));
    }
    let people: Vec<Level> =
        report.signatures.iter().filter(|signature| signature.kind == EntryKind::Signature).map(|signature| Level::read(&signature.level)).collect();
    if people.len() != signers {
        return Err(defect(format_args!("{} signatures instead of {signers}", people.len())));
    }
    Ok(people.into_iter().min().unwrap_or_default())
}
