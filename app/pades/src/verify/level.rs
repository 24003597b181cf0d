//! The level of a signature (ETSI EN 319 142-1 §6.3): what is there and holds.

use super::Verification;
use super::stamps::Inside;
use crate::examine::Examined;
use crate::judge::Standing;
use crate::locate::Located;

impl Verification<'_> {
    /// `PAdES-B-B` up to `PAdES-B-LTA`, of a signature that keeps the rules of the baseline.
    pub fn level(&self, located: &Located, examined: &Examined, standing: Option<&Standing>, inside: &Inside) -> &'static str {
        let Some(revision) = located.revision else { return "PAdES-B-B" };
        let document = self.stamps.iter().filter(|stamp| stamp.revision > Some(revision));
        let Some(first) = inside.valid.iter().chain(document).min_by_key(|stamp| stamp.at) else { return "PAdES-B-B" };
        let Some(standing) = standing else { return "PAdES-B-T" };
        // the time stamp in the signature is raised with it; one over the document is the newest layer, which the next one will cover
        let complete = |newest: usize| {
            let signer = self.judge.complete(&standing.chain, &examined.others, first.at, newest);
            signer && inside.valid.iter().filter(|stamp| stamp.at == first.at).all(|stamp| self.judge.complete(&stamp.chain, &stamp.carried, first.at, newest))
        };
        if !complete(usize::MAX) {
            return "PAdES-B-T";
        }
        if self.proofs.revisions().any(|newest| newest > revision && complete(newest)) { "PAdES-B-LTA" } else { "PAdES-B-LT" }
    }
}
