//! Looking for a path, the signer's end first (RFC 4158): by names, nearest key identifiers first, within bounds.

use std::collections::BTreeMap;

use super::{MAX_CHECKS, Rules, validate};
use crate::certificate::Certificate;
use crate::name::Canonical;
use crate::report::{SubIndication, Verdict};

/// Longest chain that is followed.
const MAX_LENGTH: usize = 8;
/// Most steps of a search, forward and back; certificates that all sign each other lead to more paths than anybody can walk.
const MAX_STEPS: usize = 512;
/// Most whole paths that are judged.
const MAX_PATHS: usize = 16;

/// The first path from `signer` over `intermediates` to one of `anchors` that keeps the rules; the signer comes first, the anchor last.
///
/// Where all paths break a rule, the first one's fault is the error.
pub(crate) fn find(signer: &Certificate, intermediates: &[Certificate], anchors: &[Certificate], rules: &Rules) -> Result<Vec<Certificate>, Verdict> {
    let mut search = Search::new(intermediates, anchors, rules);
    search.run(signer);
    if let Some(path) = search.sound {
        return Ok(path);
    }
    Err(match (search.fault, search.unsupported) {
        (Some(fault), _) => fault,
        (None, Some(text)) => Verdict::new(SubIndication::CryptoConstraintsFailure, "chain-algorithm", signer.serial_hex(), text),
        (None, None) => Verdict::new(
            SubIndication::NoCertificateChainFound,
            "chain-not-found",
            signer.serial_hex(),
            "no chain of certificates leads from the signer to an authority that is trusted here",
        ),
    })
}

struct Search<'a> {
    /// The anchors, then the others, each with its name.
    pool: Vec<(&'a Certificate, Option<Canonical>)>,
    anchors: usize,
    rules: &'a Rules,
    /// Whether one signed the other, by their places in the pool; the signer has the last place there is.
    checked: BTreeMap<(usize, usize), bool>,
    checks: usize,
    steps: usize,
    paths: usize,
    /// A path that keeps the rules but is not valid at the time.
    sound: Option<Vec<Certificate>>,
    fault: Option<Verdict>,
    unsupported: Option<&'static str>,
}

impl<'a> Search<'a> {
    fn new(intermediates: &'a [Certificate], anchors: &'a [Certificate], rules: &'a Rules) -> Self {
        // anchors first: the shortest path is the best one
        let pool = anchors.iter().chain(intermediates).map(|certificate| (certificate, Canonical::read(certificate.subject()).ok())).collect();
        let (checked, anchors) = (BTreeMap::new(), anchors.len());
        Self { pool, anchors, rules, checked, checks: 0, steps: 0, paths: 0, sound: None, fault: None, unsupported: None }
    }

    fn run(&mut self, signer: &'a Certificate) {
        let trusted = self.pool[..self.anchors].iter().any(|(anchor, _)| anchor.der() == signer.der());
        if !trusted || !self.judge(vec![signer.clone()]) {
            self.extend(&mut vec![(usize::MAX, signer)]);
        }
    }

    /// Looks for the issuers of the last certificate of `path`; true when a path was found that leaves nothing to wish.
    fn extend(&mut self, path: &mut Vec<(usize, &'a Certificate)>) -> bool {
        let (place, last) = path[path.len() - 1];
        for candidate in self.candidates(last, path.len() + 1 < MAX_LENGTH) {
            self.steps += 1;
            if self.steps > MAX_STEPS || self.paths >= MAX_PATHS {
                return false;
            }
            let issuer = self.pool[candidate].0;
            if path.iter().any(|(_, seen)| seen.der() == issuer.der()) || !self.issued((place, last), (candidate, issuer)) {
                continue;
            }
            path.push((candidate, issuer));
            let done =
                if candidate < self.anchors { self.judge(path.iter().map(|(_, certificate)| (*certificate).clone()).collect()) } else { self.extend(path) };
            if done {
                return true;
            }
            path.pop();
        }
        false
    }

    /// Who could have issued `certificate` by name: those first that do not have another key identifier than it names.
    fn candidates(&self, certificate: &Certificate, further: bool) -> Vec<usize> {
        let end = if further { self.pool.len() } else { self.anchors };
        let wanted = certificate.authority_key_identifier();
        let issuer = Canonical::read(certificate.issuer()).ok();
        let named = (0..end).filter(|place| issuer.is_some() && self.pool[*place].1 == issuer);
        // anchors stand first in the pool already
        let (mut candidates, others): (Vec<usize>, Vec<usize>) = named.partition(|place| {
            let own = self.pool[*place].0.subject_key_identifier();
            wanted.is_none() || own.is_none() || wanted == own
        });
        candidates.extend(others);
        candidates
    }

    fn issued(&mut self, subject: (usize, &Certificate), issuer: (usize, &Certificate)) -> bool {
        let pair = (subject.0, issuer.0);
        if let Some(known) = self.checked.get(&pair) {
            return *known;
        }
        let cost = issuer.1.cost();
        if self.checks + cost > MAX_CHECKS {
            return false;
        }
        self.checks += cost;
        let signed = subject.1.signed_by(issuer.1).unwrap_or_else(|text| {
            self.unsupported = Some(text);
            false
        });
        self.checked.insert(pair, signed);
        signed
    }

    /// Judges a whole path; true when it is the one to take.
    fn judge(&mut self, path: Vec<Certificate>) -> bool {
        self.paths += 1;
        match validate::validate(&path, self.rules) {
            Err(fault) => {
                self.fault.get_or_insert(fault);
                false
            }
            Ok(()) => {
                let valid = path.iter().all(|certificate| certificate.valid_at(self.rules.at));
                if valid || self.sound.is_none() {
                    self.sound = Some(path);
                }
                valid
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::signs_documents;
    use crate::pki::{DAY, NOW, Wish, authority, certificate, person};

    fn read(der: &[u8]) -> Certificate {
        Certificate::read(der).unwrap()
    }

    fn search(signer: &[u8], intermediates: &[Vec<u8>], anchors: &[Vec<u8>]) -> (Result<Vec<Certificate>, Verdict>, usize, usize) {
        let certificates = |list: &[Vec<u8>]| list.iter().map(|der| read(der)).collect::<Vec<_>>();
        let (signer, intermediates, anchors, rules) = (read(signer), certificates(intermediates), certificates(anchors), Rules::new(signs_documents, NOW));
        let mut search = Search::new(&intermediates, &anchors, &rules);
        search.run(&signer);
        (find(&signer, &intermediates, &anchors, &rules), search.checks, search.steps)
    }

    #[test]
    fn authorities_that_all_sign_each_other_do_not_keep_anybody_busy() {
        let keys = 1..=12;
        let all: Vec<Vec<u8>> =
            keys.clone().flat_map(|own| keys.clone().map(move |by| certificate(&authority("Loop", own, own * 13 + by), "Loop", by))).collect();
        let (found, checks, steps) = search(&certificate(&person("Ming", 99, 1), "Loop", 1), &all, &[certificate(&authority("Root", 100, 1), "Root", 100)]);
        assert_eq!(found.unwrap_err().finding.rule, "chain-not-found");
        assert!(checks <= MAX_CHECKS && steps <= MAX_STEPS + MAX_LENGTH, "{checks} {steps}");
        // the same with an anchor at the end of every path, none of which is good: the leaf may not sign
        let wrong = certificate(&Wish { usage: 0b100, ..person("Ming", 99, 1) }, "Loop", 1);
        let (found, checks, steps) = search(&wrong, &all, &[certificate(&authority("Loop", 1, 1), "Loop", 1)]);
        assert_eq!(found.unwrap_err().finding.rule, "key-usage");
        assert!(checks <= MAX_CHECKS && steps <= MAX_STEPS + MAX_LENGTH, "{checks} {steps}");
    }

    #[test]
    fn the_key_identifier_leads_past_others_of_the_name() {
        let root = certificate(&authority("Root", 1, 1), "Root", 1);
        let mut pool: Vec<Vec<u8>> = (10..=110).map(|seed| certificate(&authority("Between", seed, seed), "Root", 1)).collect();
        let signer = certificate(&person("Ming", 2, 9), "Between", 105);
        let (found, checks, _) = search(&signer, &pool, std::slice::from_ref(&root));
        assert_eq!((found.unwrap().len(), checks), (3, 2));
        // without the right one there is no path, and not all are tried
        pool.retain(|der| *der != certificate(&authority("Between", 105, 105), "Root", 1));
        let (found, checks, _) = search(&signer, &pool, &[root]);
        assert!(found.is_err() && checks <= MAX_CHECKS);
    }

    #[test]
    fn a_better_path_is_taken_where_the_first_one_fails() {
        let root = certificate(&authority("Root", 1, 1), "Root", 1);
        let signer = certificate(&person("Ming", 2, 9), "between", 3);
        let good = certificate(&authority("BETWEEN", 3, 5), "root", 1);
        let no_authority = certificate(&Wish { authority: false, ..authority("Between", 3, 6) }, "Root", 1);
        let ended = certificate(&Wish { to: NOW - DAY, ..authority("Between", 3, 7) }, "Root", 1);
        let anchors = [root];
        let (found, ..) = search(&signer, &[no_authority.clone(), ended.clone(), good.clone()], &anchors);
        assert_eq!(found.unwrap()[1].der(), good);
        // what has ended is still a path; the caller decides
        assert_eq!(search(&signer, &[no_authority.clone(), ended.clone()], &anchors).0.unwrap()[1].der(), ended);
        assert_eq!(search(&signer, &[no_authority], &anchors).0.unwrap_err().finding.rule, "basic-constraints");
        let forged = certificate(&authority("Between", 3, 8), "Root", 4);
        assert_eq!(search(&signer, &[forged], &anchors).0.unwrap_err().finding.rule, "chain-not-found");
    }

    #[test]
    fn long_chains_are_followed_so_far_and_no_further() {
        let name = |number: u8| format!("Level {number}");
        let root = certificate(&authority("Level 0", 1, 1), "Level 0", 1);
        let pool: Vec<Vec<u8>> = (1..10).map(|n| certificate(&authority(&name(n), n + 1, n), &name(n - 1), n)).collect();
        for below in 1..10_u8 {
            let signer = certificate(&person("Ming", 99, 9), &name(below), below + 1);
            let found = search(&signer, &pool, std::slice::from_ref(&root)).0;
            assert_eq!(found.is_ok(), usize::from(below) + 2 <= MAX_LENGTH, "{below}");
        }
    }
}
