//! Certificates: the authority's own, and those of the people who sign.

use std::time::Duration;

use const_oid::db::rfc4519::{COMMON_NAME, ORGANIZATION_NAME, SERIAL_NUMBER, USER_ID};
use der::asn1::{Ia5String, ObjectIdentifier, OctetString};
use der::{Any, DateTime, Decode, Encode, Tag};
use p256::ecdsa::{DerSignature, SigningKey};
use sha2::{Digest, Sha256};
use spki::{EncodePublicKey, SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use x509_cert::Certificate;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::ext::pkix::crl::dp::DistributionPoint;
use x509_cert::ext::pkix::name::{DistributionPointName, GeneralName};
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, BasicConstraints, CrlDistributionPoints, KeyUsage, KeyUsages, SubjectKeyIdentifier};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::{Time, Validity};

use super::authority::{Authority, AuthorityError, build};

/// How long an authority lasts, seconds: twenty years.
const ROOT_VALIDITY: i64 = 20 * 365 * 86_400;
/// How long a person's certificate lasts, seconds: two years.
const VALIDITY: i64 = 2 * 365 * 86_400;
/// How far back validity begins, seconds: clocks differ.
const BACKDATE: i64 = 300;
/// Most characters of a common name (RFC 5280, ub-common-name).
const MAX_NAME: usize = 64;

impl Authority {
    /// Issues a certificate, DER, for the key of a checked request: the name, login and client number are the account's, never the
    /// request's. `serial` is 1 to 20 bytes that no other certificate has (see `new_serial`), `now` unix seconds.
    ///
    /// # Errors
    /// `Build` when a value does not fit into a certificate.
    pub fn issue(&self, request: &pades::Request, name: &str, login: &str, client_number: &str, serial: &[u8], now: i64) -> Result<Vec<u8>, AuthorityError> {
        let common_name: String = name.chars().take(MAX_NAME).collect();
        let subject = distinguished_name(&[
            (COMMON_NAME, Tag::Utf8String, &common_name),
            (USER_ID, Tag::Utf8String, login),
            (SERIAL_NUMBER, Tag::PrintableString, client_number),
        ])?;
        let key = SubjectPublicKeyInfoOwned::from_der(&request.spki).map_err(build)?;
        let profile = Person { subject, issuer: self.certificate.tbs_certificate().subject().clone(), crl: format!("{}/crl.der", self.public_url) };
        let end = self.certificate.tbs_certificate().validity().not_after.to_unix_duration().as_secs() as i64;
        let validity = Validity::new(time(now - BACKDATE)?, time((now + VALIDITY).min(end))?);
        let serial = SerialNumber::new(serial).map_err(build)?;
        let certificate = CertificateBuilder::new(profile, serial, validity, key).and_then(|builder| builder.build::<_, DerSignature>(&self.key));
        certificate.map_err(build)?.to_der().map_err(build)
    }
}

/// A serial number as RFC 5280 wants it: 16 random bytes, positive, never with a leading zero byte.
///
/// # Errors
/// `Build` when the system gives no random bytes.
pub fn new_serial() -> Result<[u8; 16], AuthorityError> {
    let mut serial = [0; 16];
    getrandom::fill(&mut serial).map_err(build)?;
    serial[0] = serial[0] & 0x3f | 0x40;
    Ok(serial)
}

/// The self-signed certificate of a new authority.
pub(super) fn root_certificate(key: &SigningKey, now: i64) -> Result<Certificate, AuthorityError> {
    let public = key.verifying_key().to_public_key_der().map_err(build)?;
    let mark: String = Sha256::digest(public.as_bytes()).iter().take(4).map(|b| format!("{b:02x}")).collect();
    let subject = distinguished_name(&[(ORGANIZATION_NAME, Tag::Utf8String, "Signet"), (COMMON_NAME, Tag::Utf8String, &format!("Signet Authority {mark}"))])?;
    let key_info = SubjectPublicKeyInfoOwned::from_der(public.as_bytes()).map_err(build)?;
    let validity = Validity::new(time(now - BACKDATE)?, time(now + ROOT_VALIDITY)?);
    let serial = SerialNumber::new(&new_serial()?).map_err(build)?;
    let builder = CertificateBuilder::new(Root { subject }, serial, validity, key_info);
    builder.and_then(|builder| builder.build::<_, DerSignature>(key)).map_err(build)
}

/// Unix seconds as a certificate writes them.
pub(super) fn time(unix: i64) -> Result<Time, AuthorityError> {
    let seconds = u64::try_from(unix).map_err(build)?;
    DateTime::from_unix_duration(Duration::from_secs(seconds)).map(Time::from).map_err(build)
}

struct Root {
    subject: Name,
}

impl BuilderProfile for Root {
    fn get_issuer(&self, subject: &Name) -> Name {
        subject.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        key: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        _: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        let name = &self.subject;
        Ok(vec![
            (&BasicConstraints { ca: true, path_len_constraint: Some(0) }).to_extension(name, &[])?,
            (&KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign)).to_extension(name, &[])?,
            (&subject_key(&key)?).to_extension(name, &[])?,
        ])
    }
}

struct Person {
    subject: Name,
    issuer: Name,
    crl: String,
}

impl BuilderProfile for Person {
    fn get_issuer(&self, _: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        key: SubjectPublicKeyInfoRef<'_>,
        issuer: SubjectPublicKeyInfoRef<'_>,
        _: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        let name = &self.subject;
        let place = GeneralName::UniformResourceIdentifier(Ia5String::new(&self.crl)?);
        let point = DistributionPoint { distribution_point: Some(DistributionPointName::FullName(vec![place])), reasons: None, crl_issuer: None };
        let authority = AuthorityKeyIdentifier { key_identifier: Some(subject_key(&issuer)?.0), ..Default::default() };
        Ok(vec![
            (&BasicConstraints { ca: false, path_len_constraint: None }).to_extension(name, &[])?,
            (&KeyUsage(KeyUsages::DigitalSignature | KeyUsages::NonRepudiation)).to_extension(name, &[])?,
            (&subject_key(&key)?).to_extension(name, &[])?,
            (&authority).to_extension(name, &[])?,
            (&CrlDistributionPoints(vec![point])).to_extension(name, &[])?,
        ])
    }
}

/// RFC 7093 §2 method 1: the left 160 bits of the key's SHA-256.
fn subject_key(key: &SubjectPublicKeyInfoRef<'_>) -> der::Result<SubjectKeyIdentifier> {
    let digest = Sha256::digest(key.subject_public_key.raw_bytes());
    OctetString::new(&digest[..20]).map(SubjectKeyIdentifier)
}

fn distinguished_name(parts: &[(ObjectIdentifier, Tag, &str)]) -> Result<Name, AuthorityError> {
    let mut names = RdnSequence::default();
    for (oid, tag, text) in parts {
        let value = Any::new(*tag, text.as_bytes()).map_err(build)?;
        names.push(RelativeDistinguishedName::try_from(vec![AttributeTypeAndValue { oid: *oid, value }]).map_err(build)?);
    }
    Name::from_der(&names.to_der().map_err(build)?).map_err(build)
}
