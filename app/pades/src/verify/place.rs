//! A signature's place in its file.

use crate::Finding;
use crate::locate::{Coverage, Located};
use crate::report::{SubIndication, Verdict};

/// The signature's place in the file: dictionary, byte range, coverage. All faults go into the findings, the first one decides.
pub(super) fn place(located: &Located, in_file: bool, findings: &mut Vec<Finding>) -> Result<(), Verdict> {
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
pub(super) fn in_file(pdf: &[u8], located: &Located) -> bool {
    let [start, length, again, rest] = located.byte_range;
    [(start, length), (again, rest)].iter().all(|(start, length)| start.checked_add(*length).is_some_and(|end| end <= pdf.len() as u64))
}

/// Nothing speaks against it, but the way it is written keeps it from being relied on. ETSI EN 319 102-1 has one name for what does not keep
/// the rules of whoever validates: `SIG_CONSTRAINTS_FAILURE`.
pub(super) fn unjudgeable(located: &Located) -> Option<Verdict> {
    located.unjudgeable.first().map(|finding| Verdict { sub_indication: SubIndication::SigConstraintsFailure, finding: finding.clone() })
}

pub(super) fn forbidden(modifications: &[Finding]) -> Option<Verdict> {
    modifications.first().map(|finding| Verdict { sub_indication: SubIndication::FormatFailure, finding: finding.clone() })
}
