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
        self.to_be_signed_by(Certificate::read(certificate_der)?)
    }

    /// The same with a certificate that is read already.
    ///
    /// # Errors
    /// `Error::Signature` when its key is not on P-256.
    pub fn to_be_signed_by(self, certificate: Certificate) -> Result<ToBeSigned, Error> {
        p256_key(certificate.spki()).map_err(|text| Verdict::new(SubIndication::CryptoConstraintsFailure, "key", certificate.serial_hex(), text))?;
        let attributes = signed_attributes(&self.digest(), certificate.der());
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
        let signature = checked_signature(&self.certificate, &self.attributes, raw_r_s)?;
        let chain = chain.iter().map(|der| Certificate::read(der)).collect::<Result<Vec<_>, _>>()?;
        self.assembled(&signature, &chain)
    }

    /// The same without the check that the certificate's key made the signature: for those who hold that very key, or check what they get.
    ///
    /// # Errors
    /// `Error::Signature` with `SIG_CRYPTO_FAILURE` when the numbers are no signature; `Error::ContentsTooSmall` when it does not fit.
    pub fn signed_unverified(self, raw_r_s: &[u8; 64], chain: &[Certificate]) -> Result<Signed, Error> {
        let signature = der_from_raw(raw_r_s).ok_or_else(|| unsigned(&self.certificate, NO_PAIR))?;
        self.assembled(&signature, chain)
    }

    fn assembled(self, signature: &[u8], chain: &[Certificate]) -> Result<Signed, Error> {
        let cms = signed_data(&self.attributes, signature, &self.certificate, chain);
        let tail = self.prepared.embed(&cms)?;
        Ok(Signed { cms, tail })
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

const NO_PAIR: &str = "the signature is not a pair of numbers of P-256";

/// The signature value in DER, from r then s, when the certificate's P-256 key made it over `message`.
pub(crate) fn checked_signature(certificate: &Certificate, message: &[u8], raw_r_s: &[u8; 64]) -> Result<Vec<u8>, Verdict> {
    let wrong = |text| unsigned(certificate, text);
    let signature = der_from_raw(raw_r_s).ok_or_else(|| wrong(NO_PAIR))?;
    let key = p256_key(certificate.spki()).map_err(wrong)?;
    if !key.verify(ECDSA_WITH_SHA256, None, message, &signature).map_err(wrong)? {
        return Err(wrong("the signature was not made with the key of this certificate"));
    }
    Ok(signature)
}

fn unsigned(certificate: &Certificate, text: &str) -> Verdict {
    Verdict::new(SubIndication::SigCryptoFailure, "signature-value", certificate.serial_hex(), text)
}
