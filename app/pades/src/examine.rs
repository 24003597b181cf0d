//! A signature by itself: is it well made, over these bytes, by this certificate's key? Whom to trust is asked elsewhere.

use crate::asn1::Read;
use crate::attributes::{self, SIGNATURE_TIME_STAMP};
use crate::certificate::Certificate;
use crate::cms::Cms;
use crate::report::{SubIndication, Verdict};
use crate::{Digest, Finding};

/// What was seen, as far as the examination came.
#[derive(Debug, Default)]
pub(crate) struct Examined {
    /// The signer's certificate, told apart but not trusted yet.
    pub signer: Option<Certificate>,
    /// The other embedded certificates.
    pub others: Vec<Certificate>,
    /// Why the signature does not hold; `None` when it does.
    pub verdict: Option<Verdict>,
    /// What keeps it below the level PAdES-B-B.
    pub shortcomings: Vec<Finding>,
    /// Whether it carries a time stamp.
    pub time_stamp: bool,
    /// Whether it carries unsigned attributes other than a time stamp, or revocation lists.
    pub extras: bool,
}

/// Examines `cms` as the signature over a document; `digest` computes the document's digest, or says that its bytes are not there.
pub(crate) fn examine(cms: &[u8], digest: &dyn Fn(Digest) -> Option<Vec<u8>>) -> Examined {
    let mut seen = Examined::default();
    seen.verdict = look(cms, digest, &mut seen).err();
    seen
}

fn look(bytes: &[u8], digest: &dyn Fn(Digest) -> Option<Vec<u8>>, seen: &mut Examined) -> Result<(), Verdict> {
    let format = |rule: &'static str| move |text: &'static str| Verdict::new(SubIndication::FormatFailure, rule, "CMS", text);
    let cms = Cms::parse(bytes).map_err(format("cms-format"))?;
    extras(&cms, seen).map_err(format("cms-unsigned-attributes"))?;
    let signer = signing_certificate(&cms, seen)?;
    let serial = signer.serial_hex();
    seen.signer = Some(signer.clone());
    let unaccepted = |rule: &'static str, object: &str| {
        let object = object.to_owned();
        move |text: &'static str| Verdict::new(SubIndication::CryptoConstraintsFailure, rule, object, text)
    };
    let algorithm = Digest::from_identifier(cms.digest_algorithm).map_err(unaccepted("digest-algorithm", "CMS"))?;
    let key = signer.key().map_err(unaccepted("key", &serial))?;
    let attributes = attributes::read(cms.signed_attributes.inside()).map_err(format("signed-attributes"))?;
    match &attributes.certificate {
        Some(id) if !id.names(&signer) => {
            let text = "the signature names another certificate than the one it carries";
            return Err(Verdict::new(SubIndication::NoSigningCertificateFound, "signing-certificate", serial, text));
        }
        Some(_) => {}
        None => {
            seen.shortcomings.push(Finding::new("signing-certificate", "CMS", "the signature does not bind the signer's certificate (signingCertificateV2)"));
        }
    }
    if attributes.signing_time {
        seen.shortcomings.push(Finding::new("signing-time", "CMS", "the signature says its time twice (signing-time attribute), which PAdES forbids"));
    }
    if Some(attributes.message_digest) != digest(algorithm).as_deref() {
        let text = "the document's bytes are not the ones that were signed";
        return Err(Verdict::new(SubIndication::HashFailure, "message-digest", "document", text));
    }
    let made_by_key = key.verify(cms.signature_algorithm, Some(algorithm), &cms.signed_bytes(), cms.signature);
    if !made_by_key.map_err(unaccepted("signature-algorithm", "CMS"))? {
        let text = "the signature value was not made by the key of the signer's certificate";
        return Err(Verdict::new(SubIndication::SigCryptoFailure, "signature-value", serial, text));
    }
    Ok(())
}

/// The one embedded certificate that the signature names. Two that could be meant, or a second one with the signer's key, are confusion.
fn signing_certificate(cms: &Cms<'_>, seen: &mut Examined) -> Result<Certificate, Verdict> {
    let missing = |rule, text| Verdict::new(SubIndication::NoSigningCertificateFound, rule, "CMS", text);
    let mut certificates = Vec::new();
    for der in &cms.certificates {
        certificates.push(Certificate::parse(der).map_err(|text| Verdict::new(SubIndication::FormatFailure, "certificate-unreadable", "CMS", text))?);
    }
    let (mut named, others): (Vec<_>, Vec<_>) = certificates.into_iter().partition(|certificate| cms.names(certificate));
    let signer = named.pop().ok_or_else(|| missing("signer-missing", "the signer's certificate is not in the signature"))?;
    if !named.is_empty() || others.iter().any(|other| other.spki() == signer.spki()) {
        return Err(missing("signer-ambiguous", "the signature carries two certificates that could be the signer's"));
    }
    seen.others = others;
    Ok(signer)
}

fn extras(cms: &Cms<'_>, seen: &mut Examined) -> Read<()> {
    seen.extras = cms.revocation.is_some();
    if let Some(unsigned) = cms.unsigned_attributes {
        for (oid, _) in attributes::list(unsigned.inside())? {
            if oid == SIGNATURE_TIME_STAMP { seen.time_stamp = true } else { seen.extras = true }
        }
    }
    Ok(())
}
