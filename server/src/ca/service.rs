//! Certificates of the authority's own services: time stamps and answers about revocation.

use const_oid::ObjectIdentifier;
use der::asn1::Null;
use der::{Decode, Encode, Tag};
use spki::{SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use x509_cert::Certificate;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::certificate::TbsCertificate;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, KeyUsage, KeyUsages};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::time::Validity;

use super::authority::Authority;
use super::credential::Purpose;
use super::error::{AuthorityError, build};
use super::issue::{BACKDATE, authority_key, certificate, distinguished_name, list_at, new_serial, subject_key, time};
use super::level::Level;

/// `id-pkix-ocsp-nocheck` (RFC 6960 §4.2.2.2.1).
const ID_PKIX_OCSP_NOCHECK: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.5");

impl Authority {
    /// A certificate, DER, for the key (SPKI, DER) of one of the authority's services, by an issuing level. `now` is unix seconds.
    pub(super) fn certify_service(&self, purpose: Purpose, level: &Level, spki: &[u8], now: i64) -> Result<Vec<u8>, AuthorityError> {
        let subject = distinguished_name(&[
            (const_oid::db::rfc4519::ORGANIZATION_NAME, Tag::Utf8String, "Signet"),
            (const_oid::db::rfc4519::COMMON_NAME, Tag::Utf8String, purpose.name()),
        ])?;
        let key = SubjectPublicKeyInfoOwned::from_der(spki).map_err(build)?;
        let profile = Service { subject, issuer: level.certificate.clone(), purpose, crl: self.crl_address(level) };
        let validity = Validity::new(time(now - BACKDATE)?, time((now + purpose.life()).min(level.not_after()))?);
        certificate(profile, &new_serial()?, validity, key, level.key()?)?.to_der().map_err(build)
    }
}

struct Service {
    subject: Name,
    issuer: Certificate,
    purpose: Purpose,
    crl: String,
}

impl BuilderProfile for Service {
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
        let mut extensions = vec![
            (&BasicConstraints { ca: false, path_len_constraint: None }).to_extension(name, &[])?,
            (&KeyUsage(KeyUsages::DigitalSignature.into())).to_extension(name, &[])?,
            // RFC 3161 §2.3: critical, and nothing else
            (true, &ExtendedKeyUsage(vec![self.purpose.usage()])).to_extension(name, &[])?,
            (&subject_key(&key)?).to_extension(name, &[])?,
            (&authority_key(&self.issuer)?).to_extension(name, &[])?,
        ];
        match self.purpose {
            Purpose::TimeStamps => extensions.push((&list_at(&self.crl)?).to_extension(name, &[])?),
            // Its answers would have to prove its own standing; it lasts three months instead.
            Purpose::Revocation => extensions.push((ID_PKIX_OCSP_NOCHECK, false, &Null).to_extension(name, &[])?),
        }
        Ok(extensions)
    }
}
