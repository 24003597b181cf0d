//! From a signer's certificate to a trusted authority (RFC 5280 §6), and whether anything on the way is revoked.

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5280::{ID_CE_BASIC_CONSTRAINTS, ID_CE_CERTIFICATE_POLICIES, ID_CE_EXT_KEY_USAGE, ID_CE_KEY_USAGE};

use crate::certificate::Certificate;
use crate::report::{SubIndication, Verdict};

/// Longest chain that is followed.
const MAX_LENGTH: usize = 8;
/// Most signature checks spent on finding one chain; a crafted set of certificates must not buy more.
const MAX_CHECKS: usize = 64;
/// What an extended key usage may name for the certificate to sign documents: any, e-mail protection, client authentication,
/// document signing (RFC 9336), and the two vendors' forms of it.
const SIGNING_PURPOSES: [ObjectIdentifier; 6] = [
    ObjectIdentifier::new_unwrap("2.5.29.37.0"),
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.4"),
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2"),
    ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.36"),
    ObjectIdentifier::new_unwrap("1.2.840.113583.1.1.5"),
    ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.10.3.12"),
];

/// The signer's certificate first, the trusted authority last.
pub(crate) fn build(signer: &Certificate, intermediates: &[Certificate], anchors: &[Certificate]) -> Result<Vec<Certificate>, Verdict> {
    let mut search = Search { intermediates, anchors, checks: 0, unsupported: None };
    let mut path = vec![signer.clone()];
    if anchors.iter().any(|anchor| anchor.der() == signer.der()) || search.extend(&mut path) {
        return Ok(path);
    }
    Err(match search.unsupported {
        Some(text) => Verdict::new(SubIndication::CryptoConstraintsFailure, "chain-algorithm", signer.serial_hex(), text),
        None => Verdict::new(
            SubIndication::NoCertificateChainFound,
            "chain-not-found",
            signer.serial_hex(),
            "no chain of certificates leads from the signer to an authority that is trusted here",
        ),
    })
}

struct Search<'a> {
    intermediates: &'a [Certificate],
    anchors: &'a [Certificate],
    checks: usize,
    unsupported: Option<&'static str>,
}

impl Search<'_> {
    fn extend(&mut self, path: &mut Vec<Certificate>) -> bool {
        let last = path[path.len() - 1].clone();
        for anchor in self.anchors {
            if self.issued(&last, anchor) {
                path.push(anchor.clone());
                return true;
            }
        }
        if path.len() + 1 >= MAX_LENGTH {
            return false;
        }
        for intermediate in self.intermediates {
            if path.iter().any(|c| c.der() == intermediate.der()) || !self.issued(&last, intermediate) {
                continue;
            }
            path.push(intermediate.clone());
            if self.extend(path) {
                return true;
            }
            path.pop();
        }
        false
    }

    fn issued(&mut self, subject: &Certificate, issuer: &Certificate) -> bool {
        if subject.issuer() != issuer.subject() || self.checks >= MAX_CHECKS {
            return false;
        }
        self.checks += 1;
        subject.signed_by(issuer).unwrap_or_else(|text| {
            self.unsupported = Some(text);
            false
        })
    }
}

/// What each certificate of the chain may be used for; times are checked elsewhere.
pub(crate) fn check_uses(chain: &[Certificate]) -> Result<(), Verdict> {
    check_uses_as(chain, |signer| {
        let text = "the signer's certificate is not for signing documents";
        let wrong = || Verdict::new(SubIndication::ChainConstraintsFailure, "key-usage", signer.serial_hex(), text);
        if may_sign_documents(signer) { Ok(()) } else { Err(wrong()) }
    })
}

/// The same where the first certificate is for something else, which `purpose` checks.
pub(crate) fn check_uses_as(chain: &[Certificate], purpose: impl Fn(&Certificate) -> Result<(), Verdict>) -> Result<(), Verdict> {
    for (depth, certificate) in chain.iter().enumerate() {
        let wrong = |rule: &str, text: &str| Err(Verdict::new(SubIndication::ChainConstraintsFailure, rule, certificate.serial_hex(), text));
        if certificate.critical().any(|id| ![ID_CE_BASIC_CONSTRAINTS, ID_CE_KEY_USAGE, ID_CE_EXT_KEY_USAGE, ID_CE_CERTIFICATE_POLICIES].contains(&id)) {
            return wrong("extension-unknown", "a certificate of the chain sets a condition (critical extension) that is not understood here");
        }
        if depth == 0 {
            purpose(certificate)?;
            continue;
        }
        let authority = certificate.basic_constraints().filter(|constraints| constraints.ca);
        let Some(authority) = authority else {
            return wrong("basic-constraints", "a certificate of the chain signed another one but is no authority");
        };
        if certificate.key_usage().is_some_and(|usage| !usage.key_cert_sign()) {
            return wrong("key-usage", "an authority of the chain may not sign certificates");
        }
        // RFC 5280 §4.2.1.9: self-issued certificates in between do not count
        let below = chain[1..depth].iter().filter(|c| c.issuer() != c.subject()).count();
        if authority.path_len_constraint.is_some_and(|most| below > usize::from(most)) {
            return wrong("path-length", "an authority of the chain has more authorities below it than it may");
        }
    }
    Ok(())
}

/// Every certificate that a signature carries must itself be signed by one that is known. Nothing in a CMS protects them, so this is what
/// keeps altered ones, shown by other programs as if they were genuine, from going unnoticed.
pub(crate) fn check_carried(carried: &[Certificate], known: &[Certificate]) -> Result<(), Verdict> {
    let mut checks = 0;
    for certificate in carried {
        let sound = known.iter().any(|other| other.der() == certificate.der()) || {
            let mut issuers = known.iter().chain(carried).filter(|issuer| issuer.subject() == certificate.issuer());
            issuers.any(|issuer| {
                checks += 1;
                checks <= MAX_CHECKS && certificate.signed_by(issuer).unwrap_or(false)
            })
        };
        if !sound {
            let text = "the signature carries a certificate that no known authority signed";
            return Err(Verdict::new(SubIndication::ChainConstraintsFailure, "certificate-stray", certificate.serial_hex(), text));
        }
    }
    Ok(())
}

/// Key usage must say digital signature or non-repudiation, and an extended key usage must not speak against it.
fn may_sign_documents(certificate: &Certificate) -> bool {
    let usage = certificate.key_usage().is_some_and(|usage| usage.digital_signature() || usage.non_repudiation());
    let purpose = certificate.extended_key_usage().is_none_or(|purposes| purposes.iter().any(|p| SIGNING_PURPOSES.contains(p)));
    usage && purpose
}
