//! Time stamps: those over the document, which prove all that they cover, and those inside a signature, which prove its value
//! (ETSI EN 319 102-1 §5.4, §5.5.4, §5.6.2.3).

use super::Verification;
use super::place::{forbidden, in_file, place, unjudgeable};
use crate::Finding;
use crate::asn1;
use crate::attributes::{self, SIGNATURE_TIME_STAMP};
use crate::certificate::Certificate;
use crate::cms::Cms;
use crate::judge::{Question, Standing};
use crate::locate::Located;
use crate::report::{EntryKind, Indication, SignatureReport, SubIndication, Verdict};
use crate::tsp::{self, ExaminedToken};

/// Most time stamps that are looked at in one signature.
const MAX_TOKENS: usize = 8;

/// A time stamp that holds.
#[derive(Clone, Debug)]
pub(super) struct Stamp {
    /// When, unix seconds.
    pub at: i64,
    /// How far the true time may lie from that, seconds, rounded up.
    pub accuracy: i64,
    /// Common name of the authority.
    pub authority: String,
    /// The authority's certificate first, the anchor last.
    pub chain: Vec<Certificate>,
    /// The certificates that the token carries, the authority's own among them.
    pub carried: Vec<Certificate>,
    /// The revision that it closes, for one over the document.
    pub revision: Option<usize>,
}

impl Stamp {
    /// Whether this one, which the other covers, says to be younger than that: then one of them is wrong.
    pub fn contradicts(&self, covering: &Self) -> bool {
        self.at - self.accuracy > covering.at + covering.accuracy
    }
}

/// The time stamps in one signature.
#[derive(Default)]
pub(super) struct Inside {
    pub valid: Vec<Stamp>,
    /// A token that is broken or over something else.
    pub broken: Option<Verdict>,
    /// Why others prove nothing.
    pub remarks: Vec<Finding>,
}

impl Verification<'_> {
    /// The entry of a document time stamp; one that holds is a proof from now on.
    pub fn document_time_stamp(&mut self, located: &Located, examined: &ExaminedToken) -> SignatureReport {
        let (modified_after, modifications, remarks) = self.changes.after(located);
        let mut findings = Vec::new();
        let stamp = place(located, in_file(self.file.bytes(), located), &mut findings)
            .and_then(|()| examined.verdict.clone().map_or(Ok(()), Err))
            .and_then(|()| forbidden(&modifications).map_or(Ok(()), Err))
            .and_then(|()| unjudgeable(located).map_or(Ok(()), Err))
            .and_then(|()| self.stamp(examined, located.revision, &mut findings))
            .and_then(|stamp| self.in_order(stamp, located));
        let verdict = stamp.as_ref().err().cloned();
        if let Ok(stamp) = stamp {
            if let Some(revision) = stamp.revision {
                self.proofs.add(revision, stamp.at);
            }
            self.stamps.push(stamp);
        }
        super::signature::decide_first(&mut findings, verdict.as_ref(), modifications);
        findings.extend(super::signature::further(located).chain(remarks).chain(self.remarks.iter().cloned()));
        let signer = examined.signer.as_ref();
        SignatureReport {
            field: located.field.clone(),
            kind: EntryKind::DocumentTimeStamp,
            signer: signer.map(Certificate::common_name).unwrap_or_default(),
            serial: signer.map(Certificate::serial_hex).unwrap_or_default(),
            indication: verdict.as_ref().map_or(Indication::TotalPassed, |verdict| verdict.sub_indication.indication()),
            sub_indication: verdict.map(|verdict| verdict.sub_indication),
            level: "none".to_owned(),
            claimed_at: examined.info.as_ref().map(|info| info.at),
            proven_at: located.revision.and_then(|revision| self.proofs.of_value(revision)),
            time_stamped_by: None,
            issuer: signer.map(Certificate::issuer_common_name).unwrap_or_default(),
            name: None,
            reason: None,
            location: None,
            contact: None,
            coverage: located.coverage,
            modified_after,
            findings,
        }
    }

    /// The time stamps in the signature that closes `revision`.
    pub fn inside(&self, cms: &[u8], revision: Option<usize>) -> Inside {
        let mut inside = Inside::default();
        let Ok(cms) = Cms::parse(cms) else { return inside };
        let known: Vec<_> = self.trusted.intermediates.iter().chain(self.evidence.certificates.iter().map(|(certificate, _)| certificate)).cloned().collect();
        for token in tokens(&cms) {
            let examined = tsp::examine(token, &known);
            let sound = examined.verdict.clone().map_or(Ok(()), Err).and_then(|()| examined.check_imprint("CMS", |digest| Some(digest.of(&[cms.signature]))));
            if let Err(verdict) = sound {
                // a signature that was given a broken or foreign time stamp has been tampered with, even though its value holds
                inside.broken.get_or_insert(Verdict { sub_indication: SubIndication::SigConstraintsFailure, finding: verdict.finding });
                continue;
            }
            match self.stamp(&examined, revision, &mut inside.remarks) {
                Ok(stamp) => inside.valid.push(Stamp { revision: None, ..stamp }),
                Err(verdict) => {
                    let text = format!("the time stamp in the signature proves nothing here: {}", verdict.finding.text);
                    inside.remarks.push(Finding::new("time-stamp-not-trusted", verdict.finding.object, text));
                }
            }
        }
        inside
    }

    /// Judges a token that is sound by itself. `revision` is the one whose signature holds it.
    fn stamp(&self, examined: &ExaminedToken, revision: Option<usize>, remarks: &mut Vec<Finding>) -> Result<Stamp, Verdict> {
        let missing = || Verdict::new(SubIndication::FormatFailure, "time-stamp-format", "time stamp", "the time stamp is incomplete");
        let (info, signer) = examined.info.as_ref().zip(examined.signer.as_ref()).ok_or_else(missing)?;
        let question = Question {
            signer,
            others: &examined.others,
            anchors: &self.trusted.time_stamp_anchors,
            purpose: tsp::check_purpose,
            claimed: Some(info.at),
            proven: revision.and_then(|revision| self.proofs.of_value(revision)),
        };
        let Standing { chain, remarks: found } = self.judge.judge(&question, &self.proofs)?;
        remarks.extend(found);
        let accuracy = info.accuracy.map_or(0, |accuracy| i64::from(accuracy.seconds) + i64::from(accuracy.millis > 0 || accuracy.micros > 0));
        let carried = examined.others.iter().chain([signer]).cloned().collect();
        Ok(Stamp { at: info.at, accuracy, authority: signer.common_name(), chain, carried, revision })
    }

    /// A time stamp that a newer one covers cannot be younger (§5.5.4: TIMESTAMP_ORDER_FAILURE).
    fn in_order(&self, stamp: Stamp, located: &Located) -> Result<Stamp, Verdict> {
        match self.contradicted(&stamp, located) {
            Some(verdict) => Err(verdict),
            None => Ok(stamp),
        }
    }

    /// Whether a document time stamp after this signature contradicts one in it, or this one.
    pub fn contradicted(&self, stamp: &Stamp, located: &Located) -> Option<Verdict> {
        let covering = self.stamps.iter().filter(|other| other.revision > located.revision);
        let text = "a time stamp is covered by an earlier one";
        let wrong = || Verdict::new(SubIndication::TimestampOrderFailure, "time-stamp-order", located.field.clone(), text);
        covering.into_iter().any(|other| stamp.contradicts(other)).then(wrong)
    }
}

/// The tokens among the unsigned attributes.
fn tokens<'a>(cms: &Cms<'a>) -> Vec<&'a [u8]> {
    let attributes = cms.unsigned_attributes.and_then(|unsigned| attributes::list(unsigned.inside()).ok()).unwrap_or_default();
    let mut found = Vec::new();
    for (_, values) in attributes.into_iter().filter(|(oid, _)| *oid == SIGNATURE_TIME_STAMP) {
        let mut values = values.inside();
        while let Ok(token) = values.next(asn1::SEQUENCE) {
            found.push(token.raw);
        }
    }
    found.truncate(MAX_TOKENS);
    found
}
