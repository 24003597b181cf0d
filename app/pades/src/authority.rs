//! Certificates of authorities among themselves: who issued whom, which of a set are roots, and whether one may stand above people.

use crate::certificate::Certificate;
use crate::report::{SubIndication, Verdict};
use crate::{Error, name};

/// Whether `issuer` issued `certificate`, both DER: the names meet and the signature holds. What cannot be read issued nothing.
pub fn is_issued_by(certificate: &[u8], issuer: &[u8]) -> bool {
    let (Ok(certificate), Ok(issuer)) = (Certificate::read(certificate), Certificate::read(issuer)) else { return false };
    name::same(certificate.issuer(), issuer.subject()) && certificate.signed_by(&issuer).unwrap_or(false)
}

/// Splits a set as a file of trusted certificates holds it: those that none of the others issued are trust anchors, the rest are
/// certificates that chains lead through. The order is kept.
pub fn split_anchors(certificates: Vec<Vec<u8>>) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let all = certificates.clone();
    certificates.into_iter().partition(|one| !all.iter().any(|other| other != one && is_issued_by(one, other)))
}

/// Checks the chain of an issuing authority, from itself up to its root, all DER: every certificate is valid at the time `at` (unix
/// seconds), signed by the next one, and may certify; the first may also sign revocation lists and its key is on P-256.
///
/// # Errors
/// `Error::Signature` with the certificate's serial number and the reason.
pub fn check_authority(chain: &[Vec<u8>], at: i64) -> Result<(), Error> {
    let chain = chain.iter().map(|der| Certificate::read(der)).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = chain.first() else {
        return Err(Verdict::new(SubIndication::NoCertificateChainFound, "chain-empty", "chain", "there is no certificate").into());
    };
    let wrong = |certificate: &Certificate, rule: &str, text: &str| {
        Err(Verdict::new(SubIndication::ChainConstraintsFailure, rule, certificate.serial_hex(), text).into())
    };
    if let Err(text) = crate::certificate::p256_key(first.spki()) {
        return wrong(first, "key", text);
    }
    if first.key_usage().is_none_or(|usage| !usage.crl_sign()) {
        return wrong(first, "key-usage", "the certificate does not allow to sign revocation lists");
    }
    for (depth, certificate) in chain.iter().enumerate() {
        let Some(constraints) = certificate.basic_constraints().filter(|constraints| constraints.ca) else {
            return wrong(certificate, "basic-constraints", "the certificate is none of an authority");
        };
        if certificate.key_usage().is_some_and(|usage| !usage.key_cert_sign()) {
            return wrong(certificate, "key-usage", "the certificate does not allow to sign certificates");
        }
        // RFC 5280 §4.2.1.9: self-issued certificates in between do not count
        let below = chain[..depth].iter().filter(|c| !c.self_issued()).count();
        if constraints.path_len_constraint.is_some_and(|most| below > usize::from(most)) {
            return wrong(certificate, "path-length", "an authority of the chain allows fewer authorities below it");
        }
        if !certificate.valid_at(at) {
            return wrong(certificate, "validity", "the certificate is not valid now");
        }
        if let Some(issuer) = chain.get(depth + 1)
            && (!name::same(certificate.issuer(), issuer.subject()) || !certificate.signed_by(issuer).unwrap_or(false))
        {
            return wrong(certificate, "issuer", "the certificate was not signed by the next one of the chain");
        }
    }
    Ok(())
}
