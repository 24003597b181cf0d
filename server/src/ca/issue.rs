//! Certificates: the root's, the issuing levels', and those of the people who sign.

use std::time::Duration;

use const_oid::db::rfc4519::{COMMON_NAME, ORGANIZATION_NAME, SERIAL_NUMBER, USER_ID};
use der::asn1::{Ia5String, ObjectIdentifier, OctetString, UtcTime};
use der::referenced::OwnedToRef;
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
use x509_cert::ext::pkix::{
    AccessDescription, AuthorityInfoAccessSyntax, AuthorityKeyIdentifier, BasicConstraints, CrlDistributionPoints, KeyUsage, KeyUsages, SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::{Time, Validity};

use super::authority::Authority;
use super::error::{AuthorityError, build};
use super::level::{Level, mark_of};

/// How long a root lasts, seconds: twenty years.
const ROOT_VALIDITY: i64 = 20 * 365 * 86_400;
/// How long an issuing level lasts, seconds: ten years.
const ISSUING_VALIDITY: i64 = 10 * 365 * 86_400;
/// How long a person's certificate lasts, seconds: two years.
const VALIDITY: i64 = 2 * 365 * 86_400;
/// How far back validity begins, seconds: clocks differ.
pub(super) const BACKDATE: i64 = 300;
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
        let level = self.current();
        let profile = Person { subject, issuer: level.certificate.clone(), crl: self.crl_address(level), ocsp: format!("{}/ocsp", self.public_url) };
        let validity = Validity::new(time(now - BACKDATE)?, time((now + VALIDITY).min(level.not_after()))?);
        certificate(profile, serial, validity, key, level.key()?)?.to_der().map_err(build)
    }

    /// Where the list is that names what a level issued and was revoked. Each level has an address of its own, so that a certificate
    /// finds its own issuer's list after a rollover too.
    pub(super) fn crl_address(&self, level: &Level) -> String {
        if level.is_single() { format!("{}/crl.der", self.public_url) } else { format!("{}/crl/{}.der", self.public_url, level.mark) }
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

/// The self-signed certificate of a new root.
pub(super) fn root_certificate(key: &SigningKey, now: i64) -> Result<Certificate, AuthorityError> {
    let subject = authority_name("Signet Root", key)?;
    let validity = Validity::new(time(now - BACKDATE)?, time(now + ROOT_VALIDITY)?);
    certificate(Above { issuer: None, subject, crl: None, below: 1 }, &new_serial()?, validity, public(key)?, key)
}

/// The certificate of an issuing level, by the root.
pub(super) fn issuing_certificate(
    root: &Certificate,
    root_key: &SigningKey,
    key: &SigningKey,
    public_url: &str,
    now: i64,
) -> Result<Certificate, AuthorityError> {
    let subject = authority_name("Signet Issuing", key)?;
    let end = root.tbs_certificate().validity().not_after.to_unix_duration().as_secs() as i64;
    let validity = Validity::new(time(now - BACKDATE)?, time((now + ISSUING_VALIDITY).min(end))?);
    let crl = Some(format!("{public_url}/root.crl.der"));
    certificate(Above { issuer: Some(root.clone()), subject, crl, below: 0 }, &new_serial()?, validity, public(key)?, root_key)
}

/// The name of an authority's level: what it is, and the beginning of its key's mark.
pub(super) fn authority_name(what: &str, key: &SigningKey) -> Result<Name, AuthorityError> {
    let name = format!("{what} {}", &mark_of(key)?[..8]);
    distinguished_name(&[(ORGANIZATION_NAME, Tag::Utf8String, "Signet"), (COMMON_NAME, Tag::Utf8String, &name)])
}

/// The public half of a key.
pub(super) fn public(key: &SigningKey) -> Result<SubjectPublicKeyInfoOwned, AuthorityError> {
    let public = key.verifying_key().to_public_key_der().map_err(build)?;
    SubjectPublicKeyInfoOwned::from_der(public.as_bytes()).map_err(build)
}

/// Builds and signs a certificate.
pub(super) fn certificate(
    profile: impl BuilderProfile,
    serial: &[u8],
    validity: Validity,
    key: SubjectPublicKeyInfoOwned,
    signer: &SigningKey,
) -> Result<Certificate, AuthorityError> {
    let serial = SerialNumber::new(serial).map_err(build)?;
    CertificateBuilder::new(profile, serial, validity, key).and_then(|builder| builder.build::<_, DerSignature>(signer)).map_err(build)
}

/// Unix seconds as a certificate writes them.
pub(super) fn time(unix: i64) -> Result<Time, AuthorityError> {
    let seconds = u64::try_from(unix).map_err(build)?;
    let time = DateTime::from_unix_duration(Duration::from_secs(seconds)).map_err(build)?;
    // RFC 5280 §4.1.2.5: two digits of the year up to 2049
    Ok(if time.year() < 2050 { Time::from(UtcTime::from_date_time(time).map_err(build)?) } else { Time::from(time) })
}

/// A level of the authority.
struct Above {
    /// Who certifies it; none for a root.
    issuer: Option<Certificate>,
    subject: Name,
    /// Where the issuer's revocation list is.
    crl: Option<String>,
    /// How many levels may stand below it.
    below: u8,
}

impl BuilderProfile for Above {
    fn get_issuer(&self, subject: &Name) -> Name {
        self.issuer.as_ref().map_or_else(|| subject.clone(), |issuer| issuer.tbs_certificate().subject().clone())
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
        let mut extensions = authority_extensions(name, self.below)?;
        extensions.push((&subject_key(&key)?).to_extension(name, &[])?);
        if let Some(issuer) = &self.issuer {
            extensions.push((&authority_key(issuer)?).to_extension(name, &[])?);
        }
        if let Some(crl) = &self.crl {
            extensions.push((&list_at(crl)?).to_extension(name, &[])?);
        }
        Ok(extensions)
    }
}

/// What makes a certificate one of an authority: it may certify, and sign revocation lists.
pub(super) fn authority_extensions(name: &Name, below: u8) -> der::Result<Vec<Extension>> {
    Ok(vec![
        (&BasicConstraints { ca: true, path_len_constraint: Some(below) }).to_extension(name, &[])?,
        (&KeyUsage(KeyUsages::KeyCertSign | KeyUsages::CRLSign)).to_extension(name, &[])?,
    ])
}

struct Person {
    subject: Name,
    issuer: Certificate,
    crl: String,
    ocsp: String,
}

impl BuilderProfile for Person {
    fn get_issuer(&self, _: &Name) -> Name {
        self.issuer.tbs_certificate().subject().clone()
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
            (&BasicConstraints { ca: false, path_len_constraint: None }).to_extension(name, &[])?,
            (&KeyUsage(KeyUsages::DigitalSignature | KeyUsages::NonRepudiation)).to_extension(name, &[])?,
            (&subject_key(&key)?).to_extension(name, &[])?,
            (&authority_key(&self.issuer)?).to_extension(name, &[])?,
            (&list_at(&self.crl)?).to_extension(name, &[])?,
            (&answers_at(&self.ocsp)?).to_extension(name, &[])?,
        ])
    }
}

/// Where a revocation list is.
pub(super) fn list_at(address: &str) -> der::Result<CrlDistributionPoints> {
    let place = GeneralName::UniformResourceIdentifier(Ia5String::new(address)?);
    let point = DistributionPoint { distribution_point: Some(DistributionPointName::FullName(vec![place])), reasons: None, crl_issuer: None };
    Ok(CrlDistributionPoints(vec![point]))
}

/// Where questions about revocation are answered (RFC 5280 §4.2.2.1).
fn answers_at(address: &str) -> der::Result<AuthorityInfoAccessSyntax> {
    let place = GeneralName::UniformResourceIdentifier(Ia5String::new(address)?);
    Ok(AuthorityInfoAccessSyntax(vec![AccessDescription { access_method: const_oid::db::rfc5280::ID_AD_OCSP, access_location: place }]))
}

/// The key of an issuer as what it signs names it: as its own certificate says, whichever way it was counted there.
pub(super) fn authority_key(issuer: &Certificate) -> der::Result<AuthorityKeyIdentifier> {
    let own = issuer.tbs_certificate().get_extension::<SubjectKeyIdentifier>()?.map(|(_, own)| own);
    let own = match own {
        Some(own) => own,
        None => subject_key(&issuer.tbs_certificate().subject_public_key_info().owned_to_ref())?,
    };
    Ok(AuthorityKeyIdentifier { key_identifier: Some(own.0), ..Default::default() })
}

/// RFC 7093 §2 method 1: the left 160 bits of the key's SHA-256.
pub(super) fn subject_key(key: &SubjectPublicKeyInfoRef<'_>) -> der::Result<SubjectKeyIdentifier> {
    let digest = Sha256::digest(key.subject_public_key.raw_bytes());
    OctetString::new(&digest[..20]).map(SubjectKeyIdentifier)
}

pub(super) fn distinguished_name(parts: &[(ObjectIdentifier, Tag, &str)]) -> Result<Name, AuthorityError> {
    let mut names = RdnSequence::default();
    for (oid, tag, text) in parts {
        let value = Any::new(*tag, text.as_bytes()).map_err(build)?;
        names.push(RelativeDistinguishedName::try_from(vec![AttributeTypeAndValue { oid: *oid, value }]).map_err(build)?);
    }
    Name::from_der(&names.to_der().map_err(build)?).map_err(build)
}
