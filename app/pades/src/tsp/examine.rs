//! A time-stamp token by itself: well made, by its certificate's key, over what it says. Whom to trust is asked elsewhere.

use sha1::{Digest as _, Sha1};

use super::ID_TST_INFO;
use super::info::TstInfo;
use crate::algorithm::PublicKey;
use crate::asn1::{self, Read};
use crate::attributes;
use crate::certificate::Certificate;
use crate::cms::Cms;
use crate::report::{SubIndication, Verdict};
use crate::{Digest, Finding};

/// signingCertificate (RFC 2634 §5.4), which names the certificate by SHA-1. RFC 5816 keeps it beside the newer form.
const SIGNING_CERTIFICATE: &[u8] = &[0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x0c];

/// What was seen, as far as the examination came.
#[derive(Debug, Default)]
pub(crate) struct ExaminedToken {
    /// What it says.
    pub info: Option<TstInfo>,
    /// The authority's certificate, told apart but not trusted yet.
    pub signer: Option<Certificate>,
    /// The other certificates that it carries.
    pub others: Vec<Certificate>,
    /// Why it does not hold; `None` when it does.
    pub verdict: Option<Verdict>,
}

/// Examines a token. `known` are certificates that the authority's may be among when the token carries none.
pub(crate) fn examine(token: &[u8], known: &[Certificate]) -> ExaminedToken {
    let mut seen = ExaminedToken::default();
    seen.verdict = look(token, known, &mut seen).err();
    seen
}

impl ExaminedToken {
    /// Whether it holds as far as can be said without its authority's certificate, which a bare token does not carry.
    pub fn holds_or_is_bare(&self) -> Result<(), Verdict> {
        match &self.verdict {
            Some(verdict) if verdict.finding.rule != "time-stamp-bare" => Err(verdict.clone()),
            _ => Ok(()),
        }
    }

    /// Whether the imprint is that of what was stamped; `digest` gives the digest by the imprint's algorithm.
    pub fn check_imprint(&self, object: &str, digest: impl FnOnce(Digest) -> Option<Vec<u8>>) -> Result<(), Verdict> {
        let imprint = self.info.as_ref().map(|info| &info.imprint);
        if imprint.is_some_and(|imprint| digest(imprint.algorithm()).is_some_and(|digest| digest == imprint.hash())) {
            return Ok(());
        }
        let text = "the time stamp is over other bytes than these";
        Err(Verdict::new(SubIndication::HashFailure, "time-stamp-imprint", object, text))
    }
}

fn look(token: &[u8], known: &[Certificate], seen: &mut ExaminedToken) -> Result<(), Verdict> {
    let format = |text: &'static str| Verdict::new(SubIndication::FormatFailure, "time-stamp-format", "time stamp", text);
    let cms = Cms::parse_carrying(token, ID_TST_INFO).map_err(format)?;
    let content = cms.content.unwrap_or_default();
    let info = TstInfo::read(content).map_err(format)?;
    seen.info = Some(info);
    let signer = signing_certificate(&cms, known, seen)?;
    let serial = signer.serial_hex();
    seen.signer = Some(signer.clone());
    let crypto = |rule: &'static str| {
        let serial = serial.clone();
        move |text: &'static str| Verdict::new(SubIndication::CryptoConstraintsFailure, rule, serial, text)
    };
    let digest = Digest::from_identifier(cms.digest_algorithm).map_err(crypto("signature-algorithm"))?;
    let key = PublicKey::from_spki(signer.spki()).map_err(crypto("key"))?;
    let signed = attributes::read_over(cms.signed_attributes.inside(), ID_TST_INFO).map_err(format)?;
    let named = match &signed.certificate {
        Some(id) => id.names(&signer),
        None => named_by_sha1(&cms, &signer).map_err(format)?,
    };
    if !named {
        let text = "the time stamp does not bind its authority's certificate (signingCertificate)";
        return Err(Verdict::new(SubIndication::NoSigningCertificateFound, "time-stamp-signer", serial, text));
    }
    if signed.message_digest != digest.of(&[content]) {
        let text = "what the time stamp says is not what was signed";
        return Err(Verdict::new(SubIndication::HashFailure, "time-stamp-digest", "time stamp", text));
    }
    let made = key.verify(cms.signature_algorithm, Some(digest), &cms.signed_bytes(), cms.signature).map_err(crypto("signature-algorithm"))?;
    if !made {
        let text = "the time stamp was not made by the key of its authority's certificate";
        return Err(Verdict::new(SubIndication::SigCryptoFailure, "time-stamp-signature", serial, text));
    }
    Ok(())
}

fn signing_certificate(cms: &Cms<'_>, known: &[Certificate], seen: &mut ExaminedToken) -> Result<Certificate, Verdict> {
    let missing = |rule, text| Verdict { sub_indication: SubIndication::NoSigningCertificateFound, finding: Finding::new(rule, "time stamp", text) };
    let mut carried = Vec::new();
    for der in &cms.certificates {
        carried.push(Certificate::parse(der).map_err(|text| Verdict::new(SubIndication::FormatFailure, "certificate-unreadable", "time stamp", text))?);
    }
    let (mut named, others): (Vec<_>, Vec<_>) = carried.into_iter().partition(|certificate| cms.names(certificate));
    seen.others = others;
    if named.len() > 1 {
        return Err(missing("time-stamp-signer", "the time stamp carries two certificates that could be its authority's"));
    }
    let known = || known.iter().find(|certificate| cms.names(certificate)).cloned();
    named.pop().or_else(known).ok_or_else(|| missing("time-stamp-bare", "the certificate of the time stamp's authority is not there"))
}

/// The older way of naming the certificate. SHA-1 is no proof by itself any more: issuer, serial number and key are checked besides.
fn named_by_sha1(cms: &Cms<'_>, signer: &Certificate) -> Read<bool> {
    let mut found = attributes::list(cms.signed_attributes.inside())?.into_iter().filter(|(oid, _)| *oid == SIGNING_CERTIFICATE);
    let (Some((_, values)), None) = (found.next(), found.next()) else { return Ok(false) };
    let mut values = values.inside();
    let value = values.next(asn1::SEQUENCE)?;
    values.end()?;
    let hash = value.inside().next(asn1::SEQUENCE)?.inside().next(asn1::SEQUENCE)?.inside().next(asn1::OCTET_STRING)?.value;
    Ok(hash == Sha1::digest(signer.der()).as_slice())
}
