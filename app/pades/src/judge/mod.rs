//! Whether a certificate may be believed for a signature: chain, uses, revocation, validity, now or at a time in the past
//! (ETSI EN 319 102-1 §5.2.6, §5.5.4, §5.6).

mod embedded;
mod evidence;
mod past;
mod proofs;
mod statement;

pub(crate) use embedded::embedded;
pub(crate) use evidence::{Evidence, Held};
pub(crate) use proofs::Proofs;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use crate::Finding;
use crate::certificate::Certificate;
use crate::chain::{self, Rules};
use crate::report::{SubIndication, Verdict};
use crate::trust::{CLOCK_TOLERANCE, Trusted};
use statement::Statement;

/// Most times that statements about a certificate are looked for in one verification: a crafted file must not buy more signature checks.
const MAX_INQUIRIES: usize = 2_048;

/// What is asked about a signature.
pub(crate) struct Question<'q> {
    pub signer: &'q Certificate,
    /// The other certificates that the signature carries.
    pub others: &'q [Certificate],
    pub anchors: &'q [Certificate],
    /// What the signer's certificate must be for.
    pub purpose: fn(&Certificate) -> Result<(), Verdict>,
    /// When the signature says that it was made.
    pub claimed: Option<i64>,
    /// When it is proven to have been there (best-signature-time), where that is before now.
    pub proven: Option<i64>,
}

/// The answer when it is yes.
#[derive(Debug)]
pub(crate) struct Standing {
    /// The signer's certificate first, the trusted authority last.
    pub chain: Vec<Certificate>,
    /// Remarks that do not decide.
    pub remarks: Vec<Finding>,
}

/// Statements about a certificate of an issuer, by the fingerprints of the two.
type Memory = BTreeMap<([u8; 32], [u8; 32]), Rc<Vec<Statement>>>;

/// Answers questions by what is trusted and what the file brought.
pub(crate) struct Judge<'j> {
    trusted: &'j Trusted<'j>,
    evidence: &'j Evidence<'j>,
    memory: RefCell<Memory>,
    inquiries: Cell<usize>,
}

impl<'j> Judge<'j> {
    pub fn new(trusted: &'j Trusted<'j>, evidence: &'j Evidence<'j>) -> Self {
        Self { trusted, evidence, memory: RefCell::default(), inquiries: Cell::new(0) }
    }

    /// Whether the signature may be believed. `proofs` say since when each piece of evidence is proven to exist.
    pub fn judge(&self, question: &Question<'_>, proofs: &Proofs) -> Result<Standing, Verdict> {
        let at = self.trusted.at;
        let brought = self.evidence.certificates.iter().map(|(certificate, _)| certificate);
        let intermediates: Vec<_> = question.others.iter().chain(&self.trusted.intermediates).chain(brought).cloned().collect();
        let rules = Rules::new(question.purpose, question.proven.unwrap_or(at));
        let chain = chain::find(question.signer, &intermediates, question.anchors, &rules)?;
        let known: Vec<_> = chain.iter().chain(question.anchors).chain(&self.trusted.intermediates).cloned().collect();
        chain::check_carried(question.others, &known)?;
        let links: Vec<_> = (0..chain.len() - 1).map(|depth| self.statements(&chain, depth, &intermediates)).collect();
        for (depth, statements) in links.iter().enumerate() {
            not_revoked(&chain[depth], depth, statements, question, at)?;
        }
        if question.claimed.is_some_and(|time| time > at + CLOCK_TOLERANCE) {
            let text = "the signature claims to be made at a time that is still to come";
            return Err(Verdict::new(SubIndication::SigConstraintsFailure, "time-in-future", "M", text));
        }
        begun_and_not_ended(&chain[0], question)?;
        if let Some(outside) = chain.iter().find(|certificate| !certificate.valid_at(at)) {
            self.within_in_the_past(outside, &chain, &links, question, proofs)?;
        }
        let remarks = self.freshness(&chain, &links, question, proofs)?;
        Ok(Standing { chain, remarks })
    }

    /// Whether the file alone, as of the revision `newest`, says all that a verifier needs about this chain at `time`: certificates, and for
    /// each that it was not revoked (EN 319 142-1 §6.3, level B-LT).
    pub fn complete(&self, chain: &[Certificate], carried: &[Certificate], time: i64, newest: usize) -> bool {
        let intermediates: Vec<_> = carried.iter().chain(self.evidence.certificates.iter().map(|(certificate, _)| certificate)).cloned().collect();
        let there = |certificate: &Certificate| {
            let brought = |(other, revision): &(Certificate, usize)| *revision <= newest && other.der() == certificate.der();
            carried.iter().any(|other| other.der() == certificate.der()) || self.evidence.certificates.iter().any(brought)
        };
        (0..chain.len() - 1).all(|depth| {
            let statements = self.statements(chain, depth, &intermediates);
            let from_file = statements.iter().filter(|statement| statement.revision.is_some_and(|revision| revision <= newest));
            (depth == 0 || there(&chain[depth])) && statement::good_at(from_file, &chain[depth], time)
        })
    }

    /// What is known about the certificate at `depth`, found once.
    fn statements(&self, chain: &[Certificate], depth: usize, others: &[Certificate]) -> Rc<Vec<Statement>> {
        let key = (chain[depth].fingerprint(), chain[depth + 1].fingerprint());
        if let Some(known) = self.memory.borrow().get(&key) {
            return known.clone();
        }
        if self.inquiries.get() >= MAX_INQUIRIES {
            return Rc::default();
        }
        self.inquiries.set(self.inquiries.get() + 1);
        let found = Rc::new(statement::find(chain, depth, others, self.trusted, self.evidence));
        self.memory.borrow_mut().insert(key, found.clone());
        found
    }

    /// Says of which certificates nothing, or nothing recent, is known; demands it where the policy does.
    fn freshness(&self, chain: &[Certificate], links: &[Rc<Vec<Statement>>], question: &Question<'_>, proofs: &Proofs) -> Result<Vec<Finding>, Verdict> {
        let time = question.proven.unwrap_or(self.trusted.at);
        let mut remarks = Vec::new();
        for (certificate, statements) in chain.iter().zip(links) {
            if statement::good_at(statements.iter(), certificate, time) {
                continue;
            }
            let serial = certificate.serial_hex();
            remarks.push(if statements.is_empty() {
                Finding::new("revocation-not-checked", serial, "no revocation list was given for the issuer of this certificate")
            } else {
                Finding::new("revocation-stale", serial, "the revocation list is too old to say whether this certificate was revoked")
            });
        }
        match remarks.first() {
            Some(finding) if self.trusted.revocation_required => {
                // §5.6.2.2: older knowledge suffices for a signature that is proven to be older still
                let past =
                    question.proven.is_some_and(|proven| past::control_time(chain, links, self.trusted.at, proofs).is_some_and(|control| proven <= control));
                if past { Ok(remarks) } else { Err(Verdict { sub_indication: SubIndication::TryLater, finding: finding.clone() }) }
            }
            _ => Ok(remarks),
        }
    }

    /// A certificate of the chain is outside its validity now: the signature must be proven to come from when it was inside.
    fn within_in_the_past(
        &self,
        outside: &Certificate,
        chain: &[Certificate],
        links: &[Rc<Vec<Statement>>],
        question: &Question<'_>,
        proofs: &Proofs,
    ) -> Result<(), Verdict> {
        let verdict = |sub_indication, text: &str| Err(Verdict::new(sub_indication, "validity", outside.serial_hex(), text));
        let known_good = |depth: usize| statement::good_until_its_end(links[depth].iter(), &chain[depth], self.trusted.at);
        let Some(proven) = question.proven else {
            let known_good = !links.is_empty() && known_good(0);
            let sub_indication = if known_good { SubIndication::OutOfBoundsNotRevoked } else { SubIndication::OutOfBoundsNoPoe };
            return verdict(sub_indication, "a certificate of the chain is outside its validity, and nothing proves that the signature was made within");
        };
        if !chain.iter().all(|certificate| certificate.valid_at(proven)) {
            let text = "the signature is only proven to have existed when a certificate of its chain was outside its validity";
            return verdict(SubIndication::OutOfBoundsNoPoe, text);
        }
        // §5.5.4: what ended without having been revoked held when the time stamp was made; §5.6.2.4: so it did at the control time
        let ended_well = (0..links.len()).all(known_good);
        if ended_well || past::control_time(chain, links, self.trusted.at, proofs).is_some_and(|control| proven <= control) {
            return Ok(());
        }
        verdict(SubIndication::NoPoe, "a certificate of the chain has ended, and nothing says that it was still good when the signature was made")
    }
}

/// A claim to have signed after the revocation condemns itself; an earlier claim is only not proven.
fn not_revoked(certificate: &Certificate, depth: usize, statements: &[Statement], question: &Question<'_>, at: i64) -> Result<(), Verdict> {
    let Some(when) = statements.iter().filter_map(|statement| statement.revoked).min().filter(|when| *when <= at) else { return Ok(()) };
    if question.proven.is_some_and(|proven| proven < when) {
        return Ok(());
    }
    let verdict = |sub_indication, text: &str| Err(Verdict::new(sub_indication, "revoked", certificate.serial_hex(), text));
    if depth > 0 {
        return verdict(SubIndication::RevokedCaNoPoe, "an authority of the chain is revoked");
    }
    if question.claimed.is_some_and(|time| time >= when) {
        return verdict(SubIndication::Revoked, "the signature was made after its certificate was revoked");
    }
    verdict(SubIndication::RevokedNoPoe, "the certificate is revoked, and nothing proves that the signature was made before")
}

/// When the signature was made, by its own word or by proof, its certificate must have begun and not ended.
fn begun_and_not_ended(signer: &Certificate, question: &Question<'_>) -> Result<(), Verdict> {
    let verdict = |sub_indication, text: &str| Err(Verdict::new(sub_indication, "validity", signer.serial_hex(), text));
    let times = [question.claimed, question.proven];
    if times.into_iter().flatten().any(|time| time < signer.not_before()) {
        return verdict(SubIndication::NotYetValid, "the signature was made before the signer's certificate began");
    }
    // what is proven to have existed before the end was made before, whatever it says
    let proven_within = question.proven.is_some_and(|time| time <= signer.not_after());
    if question.claimed.is_some_and(|time| time > signer.not_after()) && !proven_within {
        return verdict(SubIndication::Expired, "the signature was made after the signer's certificate had ended");
    }
    Ok(())
}
