//! A time-stamp token (RFC 3161 §2.4.2) as stages: what is said, what the key signs, the CMS.

use sha2::{Digest, Sha256};

use super::ID_TST_INFO;
use super::info::TstInfo;
use crate::asn1;
use crate::attributes::{SHA256, signed_attributes_over};
use crate::certificate::{Certificate, p256_key};
use crate::cms::{ID_SIGNED_DATA, signer_info};
use crate::report::{SubIndication, Verdict};
use crate::sign::checked_signature;
use crate::{Error, Finding};

const ID_KP_TIME_STAMPING: const_oid::ObjectIdentifier = const_oid::ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.8");
const ID_CE_EXT_KEY_USAGE: const_oid::ObjectIdentifier = const_oid::db::rfc5280::ID_CE_EXT_KEY_USAGE;

/// A token whose signed attributes wait for the authority's key.
#[derive(Clone, Debug)]
pub struct TokenToBeSigned {
    info: Vec<u8>,
    certificate: Certificate,
    attributes: Vec<u8>,
}

/// Binds what is said to the authority's certificate.
///
/// # Errors
/// `Error::Parameter` when something in `info` cannot be encoded; `Error::Signature` when the certificate cannot be read, its key is not on
/// P-256, or it is not for time stamps alone.
pub fn token(info: &TstInfo, certificate_der: &[u8]) -> Result<TokenToBeSigned, Error> {
    let certificate = Certificate::read(certificate_der)?;
    p256_key(certificate.spki()).map_err(|text| Verdict::new(SubIndication::CryptoConstraintsFailure, "key", certificate.serial_hex(), text))?;
    check_purpose(&certificate)?;
    let info = info.der().map_err(|text| Error::Parameter(text.to_owned()))?;
    let digest: [u8; 32] = Sha256::digest(&info).into();
    let attributes = signed_attributes_over(ID_TST_INFO, &digest, certificate_der);
    Ok(TokenToBeSigned { info, certificate, attributes })
}

impl TokenToBeSigned {
    /// The DER SET to be signed with ECDSA over SHA-256.
    pub fn signed_attributes(&self) -> &[u8] {
        &self.attributes
    }

    /// The token with the authority's certificate and those of its issuers, from the signature (r then s, 32 bytes each).
    ///
    /// # Errors
    /// `Error::Signature` with `SIG_CRYPTO_FAILURE` when another key made the signature, or a certificate of `chain` cannot be read.
    pub fn signed(self, raw_r_s: &[u8; 64], chain: &[&[u8]]) -> Result<Vec<u8>, Error> {
        let chain = chain.iter().map(|der| Certificate::read(der)).collect::<Result<Vec<_>, _>>()?;
        let mut certificates: Vec<Vec<u8>> = std::iter::once(&self.certificate).chain(&chain).map(|certificate| certificate.der().to_vec()).collect();
        asn1::order(&mut certificates);
        certificates.dedup();
        self.build(raw_r_s, &certificates)
    }

    /// The token without certificates, for a request that does not ask for them.
    ///
    /// # Errors
    /// `Error::Signature` with `SIG_CRYPTO_FAILURE` when another key made the signature.
    pub fn signed_bare(self, raw_r_s: &[u8; 64]) -> Result<Vec<u8>, Error> {
        self.build(raw_r_s, &[])
    }

    fn build(self, raw_r_s: &[u8; 64], certificates: &[Vec<u8>]) -> Result<Vec<u8>, Error> {
        let signature = checked_signature(&self.certificate, &self.attributes, raw_r_s)?;
        let content = asn1::encode(0xa0, &[&asn1::encode(asn1::OCTET_STRING, &[&self.info])]);
        let certificates: Vec<&[u8]> = certificates.iter().map(Vec::as_slice).collect();
        let certificates = if certificates.is_empty() { Vec::new() } else { asn1::encode(0xa0, &certificates) };
        let signer = signer_info(&self.attributes, &signature, &self.certificate);
        let data = asn1::encode(
            asn1::SEQUENCE,
            &[
                // RFC 5652 §5.1: content other than data makes it version 3
                &[asn1::INTEGER, 1, 3],
                &asn1::encode(asn1::SET, &[SHA256]),
                &asn1::encode(asn1::SEQUENCE, &[ID_TST_INFO, &content]),
                &certificates,
                &asn1::encode(asn1::SET, &[&signer]),
            ],
        );
        Ok(asn1::encode(asn1::SEQUENCE, &[ID_SIGNED_DATA, &asn1::encode(0xa0, &[&data])]))
    }
}

/// Whether a certificate (DER) is one that time stamps may be signed with.
///
/// # Errors
/// `Error::Signature` saying why not.
pub fn may_stamp(certificate_der: &[u8]) -> Result<(), Error> {
    Ok(check_purpose(&Certificate::read(certificate_der)?)?)
}

/// RFC 3161 §2.3: extended key usage is there, critical, and names time stamping alone; the key usage must not speak against it.
pub(crate) fn check_purpose(certificate: &Certificate) -> Result<(), Verdict> {
    let critical = certificate.critical().any(|id| id == ID_CE_EXT_KEY_USAGE);
    let alone = certificate.extended_key_usage().is_some_and(|purposes| purposes == [ID_KP_TIME_STAMPING]);
    let usage = certificate.key_usage().is_none_or(|usage| usage.digital_signature() || usage.non_repudiation());
    let authority = certificate.basic_constraints().is_some_and(|constraints| constraints.ca);
    if critical && alone && usage && !authority {
        return Ok(());
    }
    let text = "the certificate is not one for time stamps and nothing else (critical extended key usage id-kp-timeStamping)";
    Err(Verdict { sub_indication: SubIndication::ChainConstraintsFailure, finding: Finding::new("time-stamp-purpose", certificate.serial_hex(), text) })
}
