//! Whether a certificate was revoked, from lists that its authority signed (RFC 5280 §6.3).

mod list;
mod scope;

pub(crate) use list::RevocationList;

use crate::certificate::Certificate;
use crate::chain::{self, Rules};
use crate::name;
use list::{Reason, Revocation};

/// Most signature checks spent on one certificate's status, counted as checks with RSA-2048.
const MAX_CHECKS: usize = 64;
/// Most of them spent on looking for other signers than the issuer.
const MAX_OTHER_CHECKS: usize = 16;
/// Most signers of lists whose own chains are looked for.
const MAX_SIGNERS: usize = 3;
/// How deep the question goes whether the certificate that signed a list is itself revoked.
const MAX_NESTING: usize = 2;

/// What the lists say about one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Revoked at this time, unix seconds.
    Revoked(i64),
    /// Current lists for all reasons do not name it.
    Good,
    /// There is a list, but its time is over or still to come.
    Stale,
    /// There is no list, or none for all reasons.
    Unknown,
}

/// What `lists` say about the certificate at `depth` of a chain (the anchor last), as seen at the time `at`. The earliest revocation counts.
/// Only so many signatures are checked: lists from a source that is trusted go before those that came with a document.
///
/// A list may also be signed by another key of the same authority, or by one that the certificate names, when that one's certificate is in
/// `others` or the chain and leads to the chain's anchor (RFC 5280 §6.3.3 (f)).
pub(crate) fn status(chain: &[Certificate], depth: usize, lists: &[RevocationList<'_>], others: &[Certificate], at: i64) -> Status {
    Inquiry { lists, others, at, checks: 0, signers: 0 }.status(chain, depth, 0)
}

struct Inquiry<'a> {
    lists: &'a [RevocationList<'a>],
    others: &'a [Certificate],
    at: i64,
    checks: usize,
    signers: usize,
}

impl Inquiry<'_> {
    fn status(&mut self, chain: &[Certificate], depth: usize, nesting: usize) -> Status {
        let (Some(certificate), true) = (chain.get(depth), depth + 1 < chain.len()) else { return Status::Unknown };
        let lists = self.lists;
        let fitting = lists.iter().map(|list| (list, list.reasons_for(certificate))).filter(|(_, reasons)| *reasons != 0);
        // the issuer's own key first, so that lists and certificates which somebody else put there cannot use up the checks before
        let (mut trusted, rest): (Vec<_>, Vec<_>) = fitting.partition(|(list, _)| self.signed_by(list, &chain[depth + 1]));
        self.checks = MAX_CHECKS - MAX_OTHER_CHECKS;
        trusted.extend(rest.into_iter().filter(|(list, _)| self.signed_by_another(list, chain, depth, nesting)));
        let entry = |list: &RevocationList<'_>| list.entry(certificate.serial_integer(), certificate.issuer());
        let deltas = || trusted.iter().map(|(list, _)| *list).filter(|list| list.base.is_some());
        let mut revoked: Option<i64> = deltas().filter_map(entry).filter(|entry| entry.reason != Reason::RemoveFromList).map(|entry| entry.at).min();
        let (mut reasons, mut stale) = (0, false);
        for (list, covered) in trusted.iter().filter(|(list, _)| list.base.is_none()) {
            match entry(list) {
                Some(found) if !released(list, found, deltas(), entry) => revoked = Some(revoked.map_or(found.at, |before| before.min(found.at))),
                _ if list.current(self.at) => reasons |= covered,
                _ => stale = true,
            }
        }
        match revoked {
            Some(when) => Status::Revoked(when),
            None if reasons == scope::ALL_REASONS => Status::Good,
            None if stale => Status::Stale,
            None => Status::Unknown,
        }
    }

    /// Whether the authority above the certificate signed the list with another key of its own, or the one that the certificate names instead.
    fn signed_by_another(&mut self, list: &RevocationList<'_>, chain: &[Certificate], depth: usize, nesting: usize) -> bool {
        let (issuer, anchor) = (&chain[depth + 1], &chain[chain.len() - 1]);
        let mut known: Vec<Certificate> = chain[depth + 1..].to_vec();
        known.extend(self.others.iter().filter(|other| chain.iter().all(|c| c.der() != other.der())).cloned());
        known.iter().any(|signer| {
            signer.der() != issuer.der() && nesting < MAX_NESTING && self.signed_by(list, signer) && self.leads_to(signer, &known, anchor, nesting)
        })
    }

    fn signed_by(&mut self, list: &RevocationList<'_>, signer: &Certificate) -> bool {
        if !name::same(list.issuer, signer.subject()) || signer.key_usage().is_some_and(|usage| !usage.crl_sign()) || self.checks + signer.cost() > MAX_CHECKS {
            return false;
        }
        self.checks += signer.cost();
        list.signed_by(signer).unwrap_or(false)
    }

    /// Whether a list's signer leads to the anchor, is valid, and nothing on its way is revoked.
    fn leads_to(&mut self, signer: &Certificate, known: &[Certificate], anchor: &Certificate, nesting: usize) -> bool {
        if signer.der() == anchor.der() {
            return true;
        }
        self.signers += 1;
        if self.signers > MAX_SIGNERS {
            return false;
        }
        let rules = Rules::new(|_| Ok(()), self.at);
        let Ok(path) = chain::find(signer, known, std::slice::from_ref(anchor), &rules) else { return false };
        let valid = path.iter().all(|certificate| certificate.valid_at(self.at));
        valid && (0..path.len() - 1).all(|depth| !matches!(self.status(&path, depth, nesting + 1), Status::Revoked(_)))
    }
}

/// Whether a delta list that builds on `list` took a certificate off its hold (RFC 5280 §5.3.1).
fn released<'a>(
    list: &RevocationList<'_>,
    found: Revocation,
    mut deltas: impl Iterator<Item = &'a RevocationList<'a>>,
    entry: impl Fn(&RevocationList<'_>) -> Option<Revocation>,
) -> bool {
    found.reason == Reason::Hold && deltas.any(|delta| delta.builds_on(list) && entry(delta).is_some_and(|entry| entry.reason == Reason::RemoveFromList))
}
