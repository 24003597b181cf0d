//! The entry of one signature.

use super::Verification;
use super::place::{forbidden, in_file, place, unjudgeable};
use super::stamps::{Inside, Stamp};
use crate::Finding;
use crate::certificate::Certificate;
use crate::chain;
use crate::examine::Examined;
use crate::judge::{Question, Standing};
use crate::locate::{Located, SubFilter};
use crate::report::{EntryKind, Indication, SignatureReport, SubIndication, Verdict};
use crate::trust::CLOCK_TOLERANCE;

impl Verification<'_> {
    pub fn signature(&self, located: &Located, examined: &Examined) -> SignatureReport {
        let (modified_after, modifications, remarks) = self.changes.after(located);
        let inside = self.inside(&located.cms, located.revision);
        let proven = self.proven(located, &inside);
        let mut findings = Vec::new();
        let mut standing = None;
        let verdict = place(located, in_file(self.file.bytes(), located), &mut findings)
            .err()
            .or_else(|| examined.verdict.clone())
            .or_else(|| forbidden(&modifications))
            .or_else(|| unjudgeable(located))
            .or_else(|| kind(located, examined).err())
            .or_else(|| inside.broken.clone())
            .or_else(|| inside.valid.iter().find_map(|stamp| self.contradicted(stamp, located)))
            .or_else(|| match self.signer(located, examined, proven) {
                Ok(found) => {
                    findings.extend(found.remarks.iter().cloned());
                    standing = Some(found);
                    None
                }
                Err(verdict) => Some(verdict),
            });
        decide_first(&mut findings, verdict.as_ref(), modifications);
        findings.extend(inside.remarks.iter().filter(|remark| !findings.contains(remark)).cloned().collect::<Vec<_>>());
        findings.extend(late_claim(located, proven));
        let baseline = verdict.as_ref().is_none_or(|verdict| verdict.sub_indication != SubIndication::FormatFailure)
            && located.sub_filter == Some(SubFilter::CadesDetached)
            && located.signed_at.is_some()
            && examined.shortcomings.is_empty();
        findings.extend(examined.shortcomings.iter().cloned());
        findings.extend(further(located).chain(remarks).chain(self.remarks.iter().cloned()));
        let authority = |stamp: &Stamp| Some(stamp.at) == proven;
        let time_stamped_by = inside.valid.iter().chain(&self.stamps).find(|stamp| authority(stamp)).map(|stamp| stamp.authority.clone());
        SignatureReport {
            field: located.field.clone(),
            kind: EntryKind::Signature,
            signer: examined.signer.as_ref().map(Certificate::common_name).unwrap_or_default(),
            serial: examined.signer.as_ref().map(Certificate::serial_hex).unwrap_or_default(),
            indication: verdict.as_ref().map_or(Indication::TotalPassed, |verdict| verdict.sub_indication.indication()),
            sub_indication: verdict.map(|verdict| verdict.sub_indication),
            level: if baseline { self.level(located, examined, standing.as_ref(), &inside) } else { "none" }.to_owned(),
            claimed_at: located.signed_at,
            proven_at: proven,
            time_stamped_by,
            issuer: examined.signer.as_ref().map(Certificate::issuer_common_name).unwrap_or_default(),
            name: located.name.clone(),
            reason: located.reason.clone(),
            location: located.location.clone(),
            contact: located.contact.clone(),
            coverage: located.coverage,
            modified_after,
            findings,
        }
    }

    /// Best-signature-time: the earliest time at which the value is proven to have been there.
    fn proven(&self, located: &Located, inside: &Inside) -> Option<i64> {
        let document = located.revision.and_then(|revision| self.proofs.of_value(revision));
        inside.valid.iter().map(|stamp| stamp.at).chain(document).min()
    }

    fn signer(&self, located: &Located, examined: &Examined, proven: Option<i64>) -> Result<Standing, Verdict> {
        let missing = || Verdict::new(SubIndication::NoSigningCertificateFound, "signer-missing", "CMS", "the signer's certificate is not in the signature");
        let question = Question {
            signer: examined.signer.as_ref().ok_or_else(missing)?,
            others: &examined.others,
            anchors: &self.trusted.anchors,
            purpose: chain::signs_documents,
            claimed: located.signed_at,
            proven,
        };
        self.judge.judge(&question, &self.proofs)
    }
}

/// Puts the finding that decides first, and the changes that nothing allows after it.
pub(super) fn decide_first(findings: &mut Vec<Finding>, verdict: Option<&Verdict>, modifications: Vec<Finding>) {
    if let Some(verdict) = verdict {
        findings.retain(|finding| *finding != verdict.finding);
        findings.insert(0, verdict.finding.clone());
    }
    let deciding = findings.first().cloned().filter(|_| verdict.is_some());
    findings.extend(modifications.into_iter().filter(|finding| Some(finding) != deciding.as_ref()));
}

/// What is to be said besides what decides.
pub(super) fn further(located: &Located) -> impl Iterator<Item = Finding> + '_ {
    located.unjudgeable.iter().skip(1).chain(&located.remarks).cloned()
}

/// Whether it keeps the rules of the kind that it claims to be.
fn kind(located: &Located, examined: &Examined) -> Result<(), Verdict> {
    let unbound = examined.shortcomings.iter().find(|finding| finding.rule == "signing-certificate");
    match unbound {
        Some(finding) if located.sub_filter == Some(SubFilter::CadesDetached) => {
            Err(Verdict { sub_indication: SubIndication::SigConstraintsFailure, finding: finding.clone() })
        }
        _ => Ok(()),
    }
}

/// A claim that is later than the proof is a wrong clock: the proof counts, and the reader is told.
fn late_claim(located: &Located, proven: Option<i64>) -> Option<Finding> {
    let late = located.signed_at.zip(proven).is_some_and(|(claimed, proven)| claimed > proven + CLOCK_TOLERANCE);
    late.then(|| Finding::new("time-claimed-late", "M", "the signature claims a later time than the one at which it is proven to have been there"))
}
