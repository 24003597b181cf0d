//! OCSPResponse read strictly and checked: who answers must be the issuer itself or one it appointed (RFC 6960 §3.2, §4.2.2.2).

use const_oid::ObjectIdentifier;
use sha1::{Digest as _, Sha1};

use super::request::{CertificateId, nonce, public_key};
use super::{CertificateStatus, ID_BASIC};
use crate::Error;
use crate::asn1::{self, Element, Read};
use crate::certificate::{Certificate, bits, signed};
use crate::moment;
use crate::report::{SubIndication, Verdict};
use crate::trust::CLOCK_TOLERANCE;

/// Longest response that is read.
const MAX_BYTES: usize = 256 * 1024;
/// Most answers and certificates in one response.
const MAX_PARTS: usize = 64;
const ID_KP_OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");

/// A response whose responder is not checked yet.
pub(crate) struct OcspResponse<'a> {
    data: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
    responder: Responder<'a>,
    /// When it was signed, unix seconds.
    pub produced_at: i64,
    answers: Vec<Single>,
    nonce: Option<Vec<u8>>,
    /// The certificates it carries.
    pub certificates: Vec<Certificate>,
}

/// What it says about one certificate.
pub(crate) struct Single {
    id: CertificateId,
    pub status: CertificateStatus,
    pub this_update: i64,
    pub next_update: Option<i64>,
}

enum Responder<'a> {
    Name(&'a [u8]),
    Key(&'a [u8]),
}

impl<'a> OcspResponse<'a> {
    pub fn parse(der: &'a [u8]) -> Read<Self> {
        if der.len() > MAX_BYTES {
            return Err("the OCSP response is longer than 256 KiB");
        }
        let mut outer = asn1::whole(der, asn1::SEQUENCE)?.inside();
        if outer.next(asn1::ENUMERATED)?.value != [0] {
            return Err("the OCSP responder gave no answer");
        }
        let mut bytes = asn1::whole(outer.next(0xa0)?.value, asn1::SEQUENCE)?.inside();
        outer.end()?;
        if bytes.next(asn1::OID)?.raw != ID_BASIC {
            return Err("the OCSP response is of an unknown kind");
        }
        let basic = bytes.next(asn1::OCTET_STRING)?.value;
        bytes.end()?;
        let mut fields = asn1::whole(basic, asn1::SEQUENCE)?.inside();
        let data = fields.next(asn1::SEQUENCE)?;
        let algorithm = fields.next(asn1::SEQUENCE)?.raw;
        let signature = bits(fields.next(asn1::BIT_STRING)?.value)?;
        let carried = fields.optional(0xa0)?;
        fields.end()?;
        let mut fields = data.inside();
        if fields.optional(0xa0)?.is_some_and(|version| version.value != [asn1::INTEGER, 1, 0]) {
            return Err("the OCSP response has another version than 1");
        }
        let responder = fields.any()?;
        let responder = match responder.tag {
            0xa1 => Responder::Name(asn1::whole(responder.value, asn1::SEQUENCE)?.raw),
            0xa2 => Responder::Key(asn1::whole(responder.value, asn1::OCTET_STRING)?.value),
            _ => return Err("the OCSP response does not say who answers"),
        };
        let produced_at = moment::read(fields.next(asn1::GENERALIZED_TIME)?)?;
        let answers = list(fields.next(asn1::SEQUENCE)?, single)?;
        let nonce = fields.optional(0xa1)?.map(|extensions| nonce(extensions.value)).transpose()?.flatten();
        fields.end()?;
        let certificates = match carried {
            Some(carried) => list(asn1::whole(carried.value, asn1::SEQUENCE)?, |element| Certificate::parse(element.raw))?,
            None => Vec::new(),
        };
        Ok(Self { data: data.raw, algorithm, signature, responder, produced_at, answers, nonce, certificates })
    }

    /// What it says about `certificate` of `issuer`.
    pub fn about(&self, certificate: &Certificate, issuer: &Certificate) -> Option<&Single> {
        self.answers.iter().find(|answer| answer.id.names(certificate, issuer))
    }

    /// Who answered, if that is `issuer` or one appointed by it: `Ok(None)` is the issuer itself, `Ok(Some(…))` the appointed one.
    pub fn answered_for(&self, issuer: &Certificate) -> Result<Option<&Certificate>, &'static str> {
        if self.named(issuer) && signed(self.data, self.algorithm, self.signature, issuer).unwrap_or(false) {
            return Ok(None);
        }
        for certificate in self.certificates.iter().filter(|certificate| self.named(certificate)) {
            let appointed = certificate.extended_key_usage().is_some_and(|purposes| purposes.contains(&ID_KP_OCSP_SIGNING))
                && certificate.issuer() == issuer.subject()
                && (certificate.not_before()..=certificate.not_after()).contains(&self.produced_at);
            if appointed && certificate.signed_by(issuer).unwrap_or(false) && signed(self.data, self.algorithm, self.signature, certificate).unwrap_or(false) {
                return Ok(Some(certificate));
            }
        }
        Err("the OCSP response was not signed by the issuer or one it appointed")
    }

    fn named(&self, certificate: &Certificate) -> bool {
        match self.responder {
            Responder::Name(name) => name == certificate.subject(),
            Responder::Key(hash) => public_key(certificate).is_ok_and(|key| Sha1::digest(key).as_slice() == hash),
        }
    }
}

/// Checks an answer to `request` for one certificate, as who asked does: right responder, right certificate, right nonce, right time.
///
/// # Errors
/// `Error::Signature` saying what does not fit.
pub fn check_response(response: &[u8], certificate_der: &[u8], issuer_der: &[u8], nonce: &[u8], at: i64) -> Result<CertificateStatus, Error> {
    let wrong = |text: &str| Error::from(Verdict::new(SubIndication::TryLater, "ocsp-answer", "OCSP response", text));
    let (certificate, issuer) = (Certificate::read(certificate_der)?, Certificate::read(issuer_der)?);
    let response = OcspResponse::parse(response).map_err(wrong)?;
    response.answered_for(&issuer).map_err(wrong)?;
    // RFC 9654 §2: a responder may leave the nonce out, but not change it
    if response.nonce.as_deref().is_some_and(|echoed| echoed != nonce) {
        return Err(wrong("the OCSP response answers another request"));
    }
    let answer = response.about(&certificate, &issuer).ok_or_else(|| wrong("the OCSP response is about other certificates"))?;
    if answer.this_update > at + CLOCK_TOLERANCE || answer.next_update.is_some_and(|next| next < at - CLOCK_TOLERANCE) {
        return Err(wrong("the OCSP response is not of now"));
    }
    Ok(answer.status)
}

fn single(element: Element<'_>) -> Read<Single> {
    let mut fields = element.inside();
    let id = CertificateId::read(fields.next(asn1::SEQUENCE)?)?;
    let state = fields.any()?;
    let status = match (state.tag, state.value) {
        (0x80, []) => CertificateStatus::Good,
        (0x82, []) => CertificateStatus::Unknown,
        (0xa1, _) => {
            let mut parts = state.inside();
            let at = moment::read(parts.next(asn1::GENERALIZED_TIME)?)?;
            let reason = parts.optional(0xa0)?.map(|reason| asn1::whole(reason.value, asn1::ENUMERATED)).transpose()?;
            parts.end()?;
            CertificateStatus::Revoked { at, reason: reason.and_then(|reason| reason.value.first().copied()) }
        }
        _ => return Err("the OCSP response gives an unknown state"),
    };
    let this_update = moment::read(fields.next(asn1::GENERALIZED_TIME)?)?;
    let next_update = fields.optional(0xa0)?.map(|next| moment::read(asn1::whole(next.value, asn1::GENERALIZED_TIME)?)).transpose()?;
    if let Some(extensions) = fields.optional(0xa1)? {
        nonce(extensions.value)?;
    }
    fields.end()?;
    Ok(Single { id, status, this_update, next_update })
}

fn list<'a, T>(element: Element<'a>, read: impl Fn(Element<'a>) -> Read<T>) -> Read<Vec<T>> {
    let (mut found, mut items) = (Vec::new(), element.inside());
    while !items.is_empty() {
        found.push(read(items.next(asn1::SEQUENCE)?)?);
        if found.len() > MAX_PARTS {
            return Err("the OCSP response has more than 64 answers or certificates");
        }
    }
    Ok(found)
}
