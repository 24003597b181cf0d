//! A small certificate authority with fixed keys: the same bytes in every run.

use std::time::Duration;

use der::asn1::{ObjectIdentifier, OctetString};
use der::{Any, DateTime, Decode, Encode, Tag};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, Signature, SigningKey};
use spki::{EncodePublicKey, SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder, CrlBuilder};
use x509_cert::certificate::TbsCertificate;
use x509_cert::crl::RevokedCert;
use x509_cert::ext::pkix::{AuthorityKeyIdentifier, BasicConstraints, CrlNumber, ExtendedKeyUsage, KeyUsage, KeyUsages, SubjectKeyIdentifier};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::{Time, Validity};

/// 2026-11-23 00:00:00 UTC, when most tests happen.
pub const NOW: i64 = 1_795_392_000;
/// A day in seconds.
pub const DAY: i64 = 86_400;

/// What a certificate says.
#[derive(Clone)]
pub struct Wish<'a> {
    pub name: &'a str,
    pub seed: u8,
    pub serial: u8,
    pub from: i64,
    pub to: i64,
    pub authority: bool,
    pub usage: u8,
    /// The one extended key usage, critical.
    pub purpose: Option<&'static str>,
}

/// A person's ordinary certificate.
pub fn person(name: &str, seed: u8, serial: u8) -> Wish<'_> {
    Wish { name, seed, serial, from: NOW - DAY, to: NOW + 700 * DAY, authority: false, usage: 0b11, purpose: None }
}

/// An authority's ordinary certificate.
pub fn authority(name: &str, seed: u8, serial: u8) -> Wish<'_> {
    Wish { name, seed, serial, from: NOW - 100 * DAY, to: NOW + 7000 * DAY, authority: true, usage: 0b110_0000, purpose: None }
}

/// The key with this number.
pub fn key(seed: u8) -> SigningKey {
    SigningKey::from_slice(&[seed; 32]).expect("a small number is a key")
}

/// Signs as WebCrypto does: r then s.
pub fn raw(key: &SigningKey, bytes: &[u8]) -> [u8; 64] {
    let signature: Signature = key.sign(bytes);
    signature.to_bytes().into()
}

/// A certificate for `wish` signed by the key `issuer_seed` in the name `issuer`, DER.
pub fn certificate(wish: &Wish<'_>, issuer: &str, issuer_seed: u8) -> Vec<u8> {
    let public = key(wish.seed).verifying_key().to_public_key_der().unwrap();
    let spki = SubjectPublicKeyInfoOwned::from_der(public.as_bytes()).unwrap();
    let profile = Profile { issuer: name(issuer), subject: name(wish.name), authority: wish.authority, usage: wish.usage, purpose: wish.purpose };
    let serial = SerialNumber::new(&[wish.serial]).unwrap();
    let builder = CertificateBuilder::new(profile, serial, Validity::new(time(wish.from), time(wish.to)), spki).unwrap();
    builder.build::<_, DerSignature>(&key(issuer_seed)).unwrap().to_der().unwrap()
}

/// A revocation list of `issuer` (DER certificate, key number), DER.
pub fn crl(issuer: &[u8], issuer_seed: u8, from: i64, to: i64, revoked: &[(u8, i64)]) -> Vec<u8> {
    let issuer = x509_cert::Certificate::from_der(issuer).unwrap();
    let mut builder: CrlBuilder = CrlBuilder::new_with_this_update(&issuer, CrlNumber::try_from(1_u8).unwrap(), time(from)).unwrap();
    builder = builder.with_next_update(Some(time(to)));
    if !revoked.is_empty() {
        builder = builder.with_certificates(revoked.iter().map(|(serial, at)| RevokedCert {
            serial_number: SerialNumber::new(&[*serial]).unwrap(),
            revocation_date: time(*at),
            crl_entry_extensions: None,
        }));
    }
    builder.build::<_, DerSignature>(&key(issuer_seed)).unwrap().to_der().unwrap()
}

fn time(unix: i64) -> Time {
    DateTime::from_unix_duration(Duration::from_secs(unix as u64)).unwrap().into()
}

fn name(text: &str) -> Name {
    let oid = ObjectIdentifier::new_unwrap("2.5.4.3");
    let value = Any::new(Tag::Utf8String, text.as_bytes()).unwrap();
    let mut names = RdnSequence::default();
    names.push(RelativeDistinguishedName::try_from(vec![AttributeTypeAndValue { oid, value }]).unwrap());
    Name::from_der(&names.to_der().unwrap()).unwrap()
}

struct Profile {
    issuer: Name,
    subject: Name,
    authority: bool,
    usage: u8,
    purpose: Option<&'static str>,
}

impl BuilderProfile for Profile {
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
        let all = [
            KeyUsages::DigitalSignature,
            KeyUsages::NonRepudiation,
            KeyUsages::KeyEncipherment,
            KeyUsages::DataEncipherment,
            KeyUsages::KeyAgreement,
            KeyUsages::KeyCertSign,
            KeyUsages::CRLSign,
        ];
        let mut usage = None.into();
        for (bit, flag) in all.into_iter().enumerate() {
            if self.usage >> bit & 1 == 1 {
                usage |= flag;
            }
        }
        let id = |key: &SubjectPublicKeyInfoRef<'_>| OctetString::new(&key.subject_public_key.raw_bytes()[1..21]);
        let authority = AuthorityKeyIdentifier { key_identifier: Some(id(&issuer)?), ..Default::default() };
        let mut extensions = vec![
            (&BasicConstraints { ca: self.authority, path_len_constraint: None }).to_extension(&self.subject, &[])?,
            (&KeyUsage(usage)).to_extension(&self.subject, &[])?,
            (&SubjectKeyIdentifier(id(&key)?)).to_extension(&self.subject, &[])?,
            (&authority).to_extension(&self.subject, &[])?,
        ];
        if let Some(purpose) = self.purpose {
            let usage = ExtendedKeyUsage(vec![ObjectIdentifier::new_unwrap(purpose)]);
            extensions.push(Extension { extn_id: ObjectIdentifier::new_unwrap("2.5.29.37"), critical: true, extn_value: OctetString::new(usage.to_der()?)? });
        }
        Ok(extensions)
    }
}
