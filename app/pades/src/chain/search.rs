//! Looking for a path, the signer's end first (RFC 4158): by names, nearest key identifiers first, within bounds.

use std::collections::HashMap;

use super::{MAX_CHECKS, Rules, validate};
use crate::certificate::Certificate;
use crate::name;
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
    // anchors first: the shortest path is the best one
    let pool: Vec<&Certificate> = anchors.iter().chain(intermediates).collect();
    let mut search =
        Search { pool, anchors: anchors.len(), rules, checked: HashMap::new(), checks: 0, steps: 0, paths: 0, sound: None, fault: None, unsupported: None };
    if anchors.iter().any(|anchor| anchor.der() == signer.der()) {
        search.judge(vec![signer.clone()]);
    }
    search.extend(&mut vec![(usize::MAX, signer)]);
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
    /// The anchors, then the others.
    pool: Vec<&'a Certificate>,
    anchors: usize,
    rules: &'a Rules,
    /// Whether one signed the other, by their places in the pool; the signer has the last place there is.
    checked: HashMap<(usize, usize), bool>,
    checks: usize,
    steps: usize,
    paths: usize,
    /// A path that keeps the rules but is not valid at the time.
    sound: Option<Vec<Certificate>>,
    fault: Option<Verdict>,
    unsupported: Option<&'static str>,
}

impl<'a> Search<'a> {
    /// Looks for the issuers of the last certificate of `path`; true when a path was found that leaves nothing to wish.
    fn extend(&mut self, path: &mut Vec<(usize, &'a Certificate)>) -> bool {
        let (place, last) = path[path.len() - 1];
        for candidate in self.candidates(last, path.len() + 1 < MAX_LENGTH) {
            self.steps += 1;
            if self.steps > MAX_STEPS || self.paths >= MAX_PATHS {
                return false;
            }
            let issuer = self.pool[candidate];
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

    /// Who could have issued `certificate` by name: anchors first, then those with the key identifier that it names.
    fn candidates(&self, certificate: &Certificate, further: bool) -> Vec<usize> {
        let end = if further { self.pool.len() } else { self.anchors };
        let wanted = certificate.authority_key_identifier();
        let mut candidates: Vec<usize> = (0..end).filter(|place| name::same(self.pool[*place].subject(), certificate.issuer())).collect();
        candidates.sort_by_key(|place| {
            let own = self.pool[*place].subject_key_identifier();
            let differs = wanted.is_some() && own.is_some() && wanted != own;
            (differs, *place >= self.anchors)
        });
        candidates
    }

    fn issued(&mut self, subject: (usize, &Certificate), issuer: (usize, &Certificate)) -> bool {
        let pair = (subject.0, issuer.0);
        if let Some(known) = self.checked.get(&pair) {
            return *known;
        }
        if self.checks >= MAX_CHECKS {
            return false;
        }
        self.checks += 1;
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
