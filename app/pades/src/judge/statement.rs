//! What one revocation list or OCSP response says about one certificate.

use crate::certificate::Certificate;
use crate::ocsp::{CertificateStatus, OcspResponse};
use crate::revocation::{self, RevocationList, Status};
use crate::trust::{CLOCK_TOLERANCE, Trusted};

use super::Evidence;

/// How long an OCSP response that does not say it is taken to hold, seconds.
const DAY: i64 = 86_400;

/// Good, or revoked since; as known at a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Statement {
    /// When it was known (thisUpdate), unix seconds.
    pub issued_at: i64,
    /// Until when it holds (nextUpdate).
    pub until: i64,
    /// Since when the certificate is revoked; `None` is good.
    pub revoked: Option<i64>,
    /// The revision of the file that brought it; `None` where it was given from outside.
    pub revision: Option<usize>,
}

/// Everything that is said about the certificate at `depth` of `chain` by those who may.
pub(super) fn find(chain: &[Certificate], depth: usize, others: &[Certificate], trusted: &Trusted<'_>, evidence: &Evidence<'_>) -> Vec<Statement> {
    let mut found = Vec::new();
    // lists that were given belong together: part lists and changes to lists (RFC 5280 §5.2.4) speak with the one they are of
    let together = revocation::status(chain, depth, &trusted.lists, others, trusted.at);
    match together {
        Status::Revoked(when) => found.push(Statement { issued_at: trusted.at, until: trusted.at, revoked: Some(when), revision: None }),
        Status::Good => found.push(Statement { issued_at: trusted.at, until: trusted.at, revoked: None, revision: None }),
        Status::Stale | Status::Unknown => {}
    }
    let given = trusted.lists.iter().filter_map(|list| from_list(chain, depth, others, list, None));
    // each by itself says what was known at its time
    found.extend(given.filter(|statement| statement.revoked.is_none() && !matches!(together, Status::Revoked(when) if when <= statement.issued_at)));
    found.extend(evidence.lists.iter().filter_map(|(list, revision)| from_list(chain, depth, others, list, Some(*revision))));
    let responses = trusted.responses.iter().map(|response| (response, None)).chain(evidence.responses.iter().map(|(response, own)| (response, Some(*own))));
    let lists = || trusted.lists.iter().chain(evidence.lists.iter().map(|(list, _)| list));
    found.extend(responses.filter_map(|(response, revision)| from_response(chain, depth, lists(), response, revision)));
    // what claims to be issued in the future is not known yet
    found.retain(|statement| statement.issued_at <= trusted.at + CLOCK_TOLERANCE);
    found
}

/// Whether one of the statements says that the certificate was good at `time`: in its own time, or later, while the certificate ran.
pub(super) fn good_at<'s>(mut statements: impl Iterator<Item = &'s Statement>, certificate: &Certificate, time: i64) -> bool {
    statements.any(|statement| {
        let holds = statement.issued_at >= time || (statement.issued_at <= time + CLOCK_TOLERANCE && time <= statement.until);
        // of those that have ended the newer ones no longer speak
        statement.revoked.is_none() && holds && statement.issued_at <= certificate.not_after()
    })
}

/// Whether the certificate is known to have been good until its end, or is good now.
pub(super) fn good_until_its_end<'s>(mut statements: impl Iterator<Item = &'s Statement>, certificate: &Certificate, at: i64) -> bool {
    let end = certificate.not_after().min(at);
    statements.any(|statement| statement.revoked.is_none() && statement.issued_at <= certificate.not_after() && statement.until >= end)
}

/// A list is current at the moment it is issued, so that is when it is asked.
fn from_list(chain: &[Certificate], depth: usize, others: &[Certificate], list: &RevocationList<'_>, revision: Option<usize>) -> Option<Statement> {
    let revoked = match revocation::status(chain, depth, std::slice::from_ref(list), others, list.issued_at()) {
        Status::Revoked(when) => Some(when),
        Status::Good => None,
        Status::Stale | Status::Unknown => return None,
    };
    Some(Statement { issued_at: list.issued_at(), until: list.next_update().unwrap_or(i64::MAX), revoked, revision })
}

fn from_response<'l>(
    chain: &[Certificate],
    depth: usize,
    mut lists: impl Iterator<Item = &'l RevocationList<'l>>,
    response: &OcspResponse<'_>,
    revision: Option<usize>,
) -> Option<Statement> {
    let (certificate, issuer) = (&chain[depth], &chain[depth + 1]);
    let answer = response.about(certificate, issuer)?;
    let revoked = match answer.status {
        CertificateStatus::Good => None,
        CertificateStatus::Revoked { at, .. } => Some(at),
        CertificateStatus::Unknown => return None,
    };
    if answer.this_update > response.produced_at + CLOCK_TOLERANCE {
        return None;
    }
    // who was appointed may itself be revoked; without a word about it the appointment stands (RFC 6960 §4.2.2.2.1)
    if let Some(responder) = response.answered_for(issuer).ok()? {
        let path = [std::slice::from_ref(responder), &chain[depth + 1..]].concat();
        let gone = |list: &RevocationList<'_>| matches!(revocation::status(&path, 0, std::slice::from_ref(list), &[], list.issued_at()), Status::Revoked(when) if when <= response.produced_at);
        if lists.any(gone) {
            return None;
        }
    }
    Some(Statement { issued_at: answer.this_update, until: answer.next_update.unwrap_or(answer.this_update + DAY), revoked, revision })
}
