//! From a prepared revision to a signed one, as stages: `Prepared → ToBeSigned → Signed`. The key is elsewhere.

use crate::algorithm::{ECDSA_WITH_SHA256, der_from_raw};
use crate::attributes::signed_attributes;
use crate::certificate::{Certificate, p256_key};
use crate::cms::signed_data;
use crate::report::{SubIndication, Verdict};
use crate::{Error, Prepared};

/// A revision whose signed attributes wait for the key.
#[derive(Clone, Debug)]
pub struct ToBeSigned {
    prepared: Prepared,
    certificate: Certificate,
    attributes: Vec<u8>,
}

/// A signed revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    cms: Vec<u8>,
    tail: Vec<u8>,
}

impl Prepared {
    /// Binds the revision to the signer's certificate.
    ///
    /// # Errors
    /// `Error::Signature` when the certificate cannot be read or its key is not on P-256.
    pub fn to_be_signed(self, certificate_der: &[u8]) -> Result<ToBeSigned, Error> {
        let certificate = Certificate::read(certificate_der)?;
        p256_key(certificate.spki()).map_err(|text| Verdict::new(SubIndication::CryptoConstraintsFailure, "key", certificate.serial_hex(), text))?;
        let attributes = signed_attributes(&self.digest(), certificate_der);
        Ok(ToBeSigned { prepared: self, certificate, attributes })
    }
}

impl ToBeSigned {
    /// The DER SET to be signed with ECDSA over SHA-256; `subtle.sign` gets these bytes, not their digest.
    pub fn signed_attributes(&self) -> &[u8] {
        &self.attributes
    }

    /// Takes the signature (r then s, 32 bytes each, any s) and the issuers' certificates.
    ///
    /// # Errors
    /// `Error::Signature` with `SIG_CRYPTO_FAILURE` when another key made it; `Error::ContentsTooSmall` when it does not fit.
    pub fn signed(self, raw_r_s: &[u8; 64], chain: &[&[u8]]) -> Result<Signed, Error> {
        let (cms, prepared) = self.build(raw_r_s, chain)?;
        let tail = prepared.embed(&cms)?;
        Ok(Signed { cms, tail })
    }

    /// The CMS and the revision it belongs into.
    pub(crate) fn build(self, raw_r_s: &[u8; 64], chain: &[&[u8]]) -> Result<(Vec<u8>, Prepared), Error> {
        let signature = checked_signature(&self.certificate, &self.attributes, raw_r_s)?;
        let chain = chain.iter().map(|der| Certificate::read(der)).collect::<Result<Vec<_>, _>>()?;
        let cms = signed_data(&self.attributes, &signature, &self.certificate, &chain);
        Ok((cms, self.prepared))
    }
}

impl Signed {
    /// The CMS, the one thing that travels.
    pub fn cms(&self) -> &[u8] {
        &self.cms
    }

    /// The revision's bytes, which go after the original.
    pub fn tail(&self) -> &[u8] {
        &self.tail
    }
}

/// The signature value in DER, from r then s, when the certificate's P-256 key made it over `message`.
pub(crate) fn checked_signature(certificate: &Certificate, message: &[u8], raw_r_s: &[u8; 64]) -> Result<Vec<u8>, Verdict> {
    let wrong = |text| Verdict::new(SubIndication::SigCryptoFailure, "signature-value", certificate.serial_hex(), text);
    let signature = der_from_raw(raw_r_s).ok_or_else(|| wrong("the signature is not a pair of numbers of P-256"))?;
    let key = p256_key(certificate.spki()).map_err(wrong)?;
    if !key.verify(ECDSA_WITH_SHA256, None, message, &signature).map_err(wrong)? {
        return Err(wrong("the signature was not made with the key of this certificate"));
    }
    Ok(signature)
}
