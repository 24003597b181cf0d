//! Verification of any PDF: every signature by itself, what it covers, what came after it, and whom it leads to.

use crate::examine::{Examined, examine};
use crate::locate::{Coverage, Located, SubFilter, signed_digest};
use crate::pdf::Pdf;
use crate::report::{Indication, ModifiedAfter, Report, SignatureReport, SubIndication, Verdict};
use crate::trust::Trusted;
use crate::{Comparison, Error, Finding, Limits, Trust, compare, locate_signatures};

/// Verifies every signature of `pdf` at the time `trust.at`.
///
/// # Errors
/// `Error::Malformed` or `Error::TooLarge` when the file cannot be read as a PDF at all, `Error::Signature` when `trust` itself cannot be
/// read. A signature that does not hold is no error but an entry in the report.
pub fn verify(pdf: &[u8], trust: &Trust) -> Result<Report, Error> {
    let trusted = Trusted::read(trust)?;
    let file = Pdf::parse(pdf, &Limits::default())?;
    let located = locate_signatures(&file)?;
    affordable(pdf, &located)?;
    let changes = Changes::after_first_signature(&file, &located);
    let signatures = located.iter().map(|signature| report(pdf, signature, &changes, &trusted)).collect();
    Ok(Report::new(signatures))
}

/// Signatures of one file: there is one in a revision.
const MAX_SIGNATURES: usize = 512;
/// Bytes that all signatures together may cover: fifty over a file of 20 MB. Hashing them is most of what a report costs.
const MAX_COVERED: u64 = 1 << 30;

/// A file of thousands of signatures over all of it would take minutes.
fn affordable(pdf: &[u8], located: &[Located]) -> Result<(), Error> {
    if located.len() > MAX_SIGNATURES {
        return Err(Error::TooLarge { what: "signatures", limit: MAX_SIGNATURES });
    }
    let covers = |signature: &Located| signature.byte_range[1].saturating_add(signature.byte_range[3]).min(pdf.len() as u64);
    if located.iter().map(covers).sum::<u64>() > MAX_COVERED {
        return Err(Error::TooLarge { what: "bytes under signatures", limit: MAX_COVERED as usize });
    }
    Ok(())
}

fn report(pdf: &[u8], located: &Located, changes: &Changes, trusted: &Trusted<'_>) -> SignatureReport {
    let examined = examine(&located.cms, &|digest| signed_digest(pdf, located.byte_range, digest));
    let (modified_after, modifications, remarks) = changes.after(located);
    let mut findings = Vec::new();
    let verdict = place(located, in_file(pdf, located), &mut findings)
        .err()
        .or_else(|| examined.verdict.clone())
        .or_else(|| forbidden(&modifications))
        .or_else(|| kind(located, &examined).err())
        .or_else(|| trust_signer(located, &examined, trusted, &mut findings).err());
    if let Some(verdict) = &verdict {
        findings.retain(|finding| *finding != verdict.finding);
        findings.insert(0, verdict.finding.clone());
    }
    let deciding = findings.first().cloned().filter(|_| verdict.is_some());
    findings.extend(modifications.into_iter().filter(|finding| Some(finding) != deciding.as_ref()));
    let baseline = verdict.as_ref().is_none_or(|v| v.sub_indication != SubIndication::FormatFailure)
        && located.sub_filter == Some(SubFilter::CadesDetached)
        && located.signed_at.is_some()
        && examined.shortcomings.is_empty();
    findings.extend(examined.shortcomings.iter().cloned());
    findings.extend(located.remarks.iter().cloned().chain(remarks));
    if examined.time_stamp {
        findings.push(Finding::new(
            "time-stamp-not-checked",
            "CMS",
            "the signature carries a time stamp, which is not checked here and proves nothing in this report",
        ));
    }
    SignatureReport {
        field: located.field.clone(),
        signer: examined.signer.as_ref().map(super::certificate::Certificate::common_name).unwrap_or_default(),
        serial: examined.signer.as_ref().map(super::certificate::Certificate::serial_hex).unwrap_or_default(),
        indication: verdict.as_ref().map_or(Indication::TotalPassed, |v| v.sub_indication.indication()),
        sub_indication: verdict.map(|v| v.sub_indication),
        level: if baseline { "PAdES-B-B" } else { "none" }.to_owned(),
        coverage: located.coverage,
        modified_after,
        findings,
    }
}

/// The signature's place in the file: dictionary, byte range, coverage. All faults go into the findings, the first one decides.
fn place(located: &Located, in_file: bool, findings: &mut Vec<Finding>) -> Result<(), Verdict> {
    findings.extend(located.faults.iter().cloned());
    if let Some(fault) = located.faults.first() {
        return Err(Verdict { sub_indication: SubIndication::FormatFailure, finding: fault.clone() });
    }
    let wrong = |rule, text| Err(Verdict::new(SubIndication::FormatFailure, rule, located.field.clone(), text));
    if !in_file || located.coverage == Coverage::Partial || located.revision.is_none() {
        return wrong("byte-range", "the signature does not cover the whole of the revision it was made in");
    }
    if located.sub_filter.is_none() {
        return wrong("sub-filter", "the signature is of a kind that is not read here");
    }
    Ok(())
}

/// Whether the byte range stays within the file.
fn in_file(pdf: &[u8], located: &Located) -> bool {
    let [start, length, again, rest] = located.byte_range;
    [(start, length), (again, rest)].iter().all(|(start, length)| start.checked_add(*length).is_some_and(|end| end <= pdf.len() as u64))
}

fn forbidden(modifications: &[Finding]) -> Option<Verdict> {
    modifications.first().map(|finding| Verdict { sub_indication: SubIndication::FormatFailure, finding: finding.clone() })
}

/// What kind of signature it claims to be, and whether it keeps that kind's rules.
fn kind(located: &Located, examined: &Examined) -> Result<(), Verdict> {
    let constraint = |finding: &Finding| Verdict { sub_indication: SubIndication::SigConstraintsFailure, finding: finding.clone() };
    match located.sub_filter {
        Some(SubFilter::DocTimeStamp) => {
            let text = "document time stamps are not checked here";
            Err(constraint(&Finding::new("document-time-stamp", located.field.clone(), text)))
        }
        Some(SubFilter::CadesDetached) => match examined.shortcomings.iter().find(|finding| finding.rule == "signing-certificate") {
            Some(finding) => Err(constraint(finding)),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn trust_signer(located: &Located, examined: &Examined, trusted: &Trusted<'_>, findings: &mut Vec<Finding>) -> Result<(), Verdict> {
    let missing = || Verdict::new(SubIndication::NoSigningCertificateFound, "signer-missing", "CMS", "the signer's certificate is not in the signature");
    let signer = examined.signer.as_ref().ok_or_else(missing)?;
    findings.extend(trusted.judge(signer, &examined.others, located.signed_at)?);
    Ok(())
}

/// What every revision after the first signature changed, compared once for all signatures.
struct Changes {
    /// By revision; `None` before the first signature.
    revisions: Vec<Option<Result<Comparison, Error>>>,
}

impl Changes {
    fn after_first_signature(file: &Pdf<'_>, located: &[Located]) -> Self {
        let count = file.revisions().len();
        let first = located.iter().filter_map(|signature| signature.revision).min().unwrap_or(count);
        Self { revisions: (0..count).map(|n| (n > first).then(|| compare(file, n))).collect() }
    }

    /// What happened after this signature, every change that nothing allows, and those that are allowed but worth a word.
    fn after(&self, located: &Located) -> (ModifiedAfter, Vec<Finding>, Vec<Finding>) {
        let Some(revision) = located.revision else {
            let text = "the file goes on after what the signature covers, so what was changed cannot be told";
            return (ModifiedAfter::Forbidden, vec![Finding::new("byte-range", located.field.clone(), text)], Vec::new());
        };
        let later = self.revisions.get(revision + 1..).unwrap_or_default();
        let (mut forbidden, mut remarks) = (Vec::new(), Vec::new());
        for comparison in later.iter().flatten() {
            match comparison {
                Ok(comparison) => {
                    forbidden.extend(comparison.forbidden.iter().cloned());
                    remarks.extend(comparison.allowed.iter().cloned());
                    let covering = comparison.filled.iter().filter(|filled| filled.covers_page);
                    remarks.extend(covering.map(|filled| Finding::new("seal-size", filled.field.to_string(), "A later seal covers most of its page.")));
                }
                Err(error) => forbidden.push(Finding::new("revision-unreadable", "revision", error.to_string())),
            }
        }
        let modified_after = match (later.is_empty(), forbidden.is_empty()) {
            (true, _) if located.coverage == Coverage::WholeFile => ModifiedAfter::None,
            (true, _) => ModifiedAfter::Forbidden,
            (false, true) => ModifiedAfter::Allowed,
            (false, false) => ModifiedAfter::Forbidden,
        };
        (modified_after, forbidden, remarks)
    }
}
