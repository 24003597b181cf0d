//! One path judged (RFC 5280 §6.1.3 to §6.1.5): uses, lengths, names, policies. Signatures were checked on the way, times are for the caller.

use const_oid::ObjectIdentifier;

use super::Rules;
use super::constraints::{Names, Subtrees};
use super::policy::PolicyState;
use crate::asn1::Read;
use crate::certificate::Certificate;
use crate::report::{SubIndication, Verdict};

/// Extensions that may be critical, numbers under `id-ce`: key identifiers, key usage, alternative names, basic constraints, name
/// constraints, distribution points, policies with mappings and constraints, extended key usage, inhibitAnyPolicy.
const UNDERSTOOD: [u8; 13] = [14, 35, 15, 17, 18, 19, 30, 31, 32, 33, 36, 37, 54];
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

/// What each certificate of the chain, the signer's first, may be used for; times are checked elsewhere.
pub(crate) fn check_uses(chain: &[Certificate]) -> Result<(), Verdict> {
    validate(chain, &Rules::new(signs_documents, 0))
}

/// Key usage must say digital signature or non-repudiation, and an extended key usage must not speak against it.
pub(crate) fn signs_documents(certificate: &Certificate) -> Result<(), Verdict> {
    let usage = certificate.key_usage().is_some_and(|usage| usage.digital_signature() || usage.non_repudiation());
    let purpose = certificate.extended_key_usage().is_none_or(|purposes| purposes.iter().any(|p| SIGNING_PURPOSES.contains(p)));
    if usage && purpose { Ok(()) } else { Err(wrong("key-usage", certificate, "the signer's certificate is not for signing documents")) }
}

/// Judges a path by the rules. The anchor at its end must be an authority, too, and its own limits count.
pub(super) fn validate(path: &[Certificate], rules: &Rules) -> Result<(), Verdict> {
    for (depth, certificate) in path.iter().enumerate() {
        if certificate.unknown_critical(&UNDERSTOOD) {
            let text = "a certificate of the chain sets a condition (critical extension) that is not understood here";
            return Err(wrong("extension-unknown", certificate, text));
        }
        if depth > 0 { authority(path, depth)? } else { (rules.purpose)(certificate)? }
    }
    names(path)?;
    policies(path, rules)
}

/// Whether the certificate at `depth` may have signed the one before it.
fn authority(path: &[Certificate], depth: usize) -> Result<(), Verdict> {
    let certificate = &path[depth];
    let Some(constraints) = certificate.basic_constraints().filter(|constraints| constraints.ca) else {
        return Err(wrong("basic-constraints", certificate, "a certificate of the chain signed another one but is no authority"));
    };
    if certificate.key_usage().is_some_and(|usage| !usage.key_cert_sign()) {
        return Err(wrong("key-usage", certificate, "an authority of the chain may not sign certificates"));
    }
    // RFC 5280 §4.2.1.9: self-issued certificates in between do not count
    let below = path[1..depth].iter().filter(|certificate| !certificate.self_issued()).count();
    if constraints.path_len_constraint.is_some_and(|most| below > usize::from(most)) {
        return Err(wrong("path-length", certificate, "an authority of the chain has more authorities below it than it may"));
    }
    Ok(())
}

/// RFC 5280 §6.1.3 (b) and (c): every name below an authority keeps the constraints of every authority above.
fn names(path: &[Certificate]) -> Result<(), Verdict> {
    let mut above: Vec<Subtrees> = Vec::new();
    for (depth, certificate) in path.iter().enumerate().rev() {
        let refuse = |text| wrong("name-constraints", certificate, text);
        // self-issued ones in between are the authority itself with another key
        if !above.is_empty() && (depth == 0 || !certificate.self_issued()) {
            let names = Names::of(certificate).map_err(refuse)?;
            for subtrees in &above {
                subtrees.check(&names).map_err(refuse)?;
            }
        }
        if depth > 0 {
            above.extend(Subtrees::of(certificate).map_err(refuse)?);
        }
    }
    Ok(())
}

/// The anchor itself takes no part in the policies.
fn policies(path: &[Certificate], rules: &Rules) -> Result<(), Verdict> {
    let below = &path[..path.len().saturating_sub(1)];
    let mut state = PolicyState::new(&rules.policies, below.len());
    for (depth, certificate) in below.iter().enumerate().rev() {
        let step: Read<()> =
            state.certificate(certificate, depth == 0).and_then(|()| if depth > 0 { state.prepare(certificate) } else { state.end(certificate) });
        step.map_err(|text| wrong("policy", certificate, text))?;
    }
    Ok(())
}

fn wrong(rule: &str, certificate: &Certificate, text: &str) -> Verdict {
    Verdict::new(SubIndication::ChainConstraintsFailure, rule, certificate.serial_hex(), text)
}
