//! Certificates that were found to be issued by an authority, so that a person's next signature costs one verification and not two.

use std::collections::BTreeSet;
use std::sync::Mutex;

use sha2::{Digest, Sha256};

use crate::certificate::Certificate;

/// Pairs that are kept; then it begins anew. One takes some 50 bytes.
const MAX_PAIRS: usize = 20_000;

/// What a server remembers from one signature to the next: which certificate was signed by which. That never changes; whether either is
/// valid, revoked or anybody's is asked every time.
#[derive(Debug, Default)]
pub struct Known {
    /// SHA-256 over the digests of both.
    issued: Mutex<BTreeSet<[u8; 32]>>,
}

impl Known {
    /// Whether `issuer` signed `certificate`. What is not so, or cannot be told, is not remembered.
    pub(crate) fn issued(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        let pair = Sha256::new_with_prefix(certificate.fingerprint()).chain_update(issuer.fingerprint()).finalize().into();
        // nobody panics while holding it, and a set that was left in the middle would still hold only true pairs
        let lock = || self.issued.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if lock().contains(&pair) {
            return true;
        }
        let issued = certificate.signed_by(issuer).unwrap_or(false);
        if issued {
            let mut pairs = lock();
            if pairs.len() >= MAX_PAIRS {
                pairs.clear();
            }
            pairs.insert(pair);
        }
        issued
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examine_tests::pki::{authority, certificate, person};

    #[test]
    fn only_what_is_so_is_remembered() {
        let [root, other] = [1, 5].map(|seed| Certificate::read(&certificate(&authority("Root", seed, 1), "Root", seed)).unwrap());
        let ming = Certificate::read(&certificate(&person("Ming", 2, 9), "Root", 1)).unwrap();
        let known = Known::default();
        for remembered in [1, 1] {
            assert!(known.issued(&ming, &root));
            // the same name, another key
            assert!(!known.issued(&ming, &other));
            assert!(!known.issued(&root, &ming));
            assert_eq!(known.issued.lock().unwrap().len(), remembered);
        }
    }
}
