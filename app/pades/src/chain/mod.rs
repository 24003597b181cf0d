//! From a certificate to a trusted authority: paths found within bounds, and each judged after RFC 5280 §6.1.

mod constraints;
mod host;
mod policy;
mod search;
#[cfg(test)]
mod tests;
mod validate;

use crate::certificate::Certificate;
use crate::report::{SubIndication, Verdict};

pub(crate) use policy::Policies;
pub(crate) use search::find;
pub(crate) use validate::{check_uses, signs_documents};

/// Most signature checks spent on finding one chain, counted as checks with RSA-2048; a crafted set of certificates must not buy more.
const MAX_CHECKS: usize = 64;

/// What a chain is wanted for.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// What the first certificate of the chain must be for.
    pub purpose: fn(&Certificate) -> Result<(), Verdict>,
    /// When, unix seconds: a chain valid then is preferred. Whether one is demanded is for the caller to say, who knows what is proven.
    pub at: i64,
    /// Certificate policies; nothing is asked of them by default.
    pub policies: Policies,
}

impl Rules {
    /// Rules that ask nothing of the policies beyond what the certificates themselves demand.
    pub fn new(purpose: fn(&Certificate) -> Result<(), Verdict>, at: i64) -> Self {
        Self { purpose, at, policies: Policies::default() }
    }
}

/// Every certificate that a signature carries must itself be signed by one that is known. Nothing in a CMS protects them, so this is what
/// keeps altered ones, shown by other programs as if they were genuine, from going unnoticed.
pub(crate) fn check_carried(carried: &[Certificate], known: &[Certificate]) -> Result<(), Verdict> {
    let mut checks = 0;
    let (mut sound, mut open): (Vec<&Certificate>, Vec<&Certificate>) =
        (known.iter().collect(), carried.iter().filter(|certificate| known.iter().all(|other| other.der() != certificate.der())).collect());
    // one that only itself or another such one signed leads nowhere
    loop {
        let before = open.len();
        open.retain(|certificate| {
            let mut issuers = sound.iter().filter(|issuer| crate::name::same(issuer.subject(), certificate.issuer()));
            let signed = issuers.any(|issuer| {
                checks += issuer.cost();
                checks <= MAX_CHECKS && certificate.signed_by(issuer).unwrap_or(false)
            });
            if signed {
                sound.push(certificate);
            }
            !signed
        });
        match open.first() {
            None => break,
            Some(_) if open.len() < before => {}
            Some(certificate) => {
                let text = "the signature carries a certificate that no known authority signed";
                return Err(Verdict::new(SubIndication::ChainConstraintsFailure, "certificate-stray", certificate.serial_hex(), text));
            }
        }
    }
    Ok(())
}
