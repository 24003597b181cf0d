//! The key of one of the authority's services (time stamps, answers about revocation) with its certificate: made at the first start,
//! renewed in time and when the issuing level changed, always with a fresh key.
//!
//! `tsa.pem` holds the certificate and its issuers, `tsa-<mark>.key` the key of that certificate, `ocsp-<level>.pem` and `ocsp-<level>-<mark>.key`
//! the same for each issuing level. A crash between the two writes leaves a key that nothing names.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use const_oid::ObjectIdentifier;
use der::Encode;
use der::zeroize::Zeroizing;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use spki::EncodePublicKey;

use super::authority::{Authority, pem};
use super::error::{AuthorityError, build};
use super::level::{Level, mark, mark_of};
use super::{folder, key_file};

const DAY: i64 = 86_400;
/// A certificate that ends within this time is replaced, seconds.
const BEFORE_END: i64 = 30 * DAY;

/// What a service is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// RFC 3161 time stamps.
    TimeStamps,
    /// RFC 6960 answers.
    Revocation,
}

impl Purpose {
    /// What its files begin with: there are as many that answer about revocation as levels that issued.
    fn stem(self, level: &Level) -> String {
        match self {
            Self::TimeStamps => "tsa".to_owned(),
            Self::Revocation => format!("ocsp-{}", level.mark),
        }
    }

    /// Its name in the certificate.
    pub fn name(self) -> &'static str {
        match self {
            Self::TimeStamps => "Signet Time Stamps",
            Self::Revocation => "Signet Revocation Answers",
        }
    }

    /// Its one extended key usage.
    pub fn usage(self) -> ObjectIdentifier {
        match self {
            Self::TimeStamps => const_oid::db::rfc5280::ID_KP_TIME_STAMPING,
            Self::Revocation => const_oid::db::rfc5280::ID_KP_OCSP_SIGNING,
        }
    }

    /// How long its certificate lasts, seconds. A stamp proves as long as its certificate can be checked, so that one lasts long.
    pub fn life(self) -> i64 {
        match self {
            Self::TimeStamps => 10 * 365 * DAY,
            Self::Revocation => 90 * DAY,
        }
    }

    /// How long one key is used, seconds.
    fn use_of_key(self) -> i64 {
        match self {
            Self::TimeStamps => 365 * DAY,
            Self::Revocation => self.life(),
        }
    }
}

/// A key with its certificate.
pub(super) struct Credential {
    key: SigningKey,
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// Its issuers below the trust anchor, DER, the nearest first.
    pub issuers: Vec<Vec<u8>>,
    not_before: i64,
    not_after: i64,
}

impl Credential {
    /// Signs with ECDSA over SHA-256: r then s.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let signature: Signature = self.key.sign(message);
        signature.to_bytes().into()
    }

    /// The end of its validity, unix seconds.
    pub fn not_after(&self) -> i64 {
        self.not_after
    }

    fn new(key: SigningKey, certificate: Vec<u8>, issuers: Vec<Vec<u8>>) -> Result<Self, AuthorityError> {
        let read = pades::Certificate::read(&certificate).map_err(build)?;
        Ok(Self { key, not_before: read.not_before(), not_after: read.not_after(), certificate, issuers })
    }

    fn is_due(&self, purpose: Purpose, level: &Level, now: i64) -> bool {
        let ends = now > self.not_after - BEFORE_END && self.not_after < level.not_after();
        ends || now > self.not_before + purpose.use_of_key() || !level.between().eq(&self.issuers)
    }
}

/// A service's credential, kept in the authority's folder.
pub(super) struct Kept {
    passphrase: Option<Zeroizing<String>>,
    purpose: Purpose,
    current: RwLock<Arc<Credential>>,
}

impl Kept {
    /// Opens the credential in the authority's folder, or makes it where there is none, certified by `level`.
    pub fn open(authority: &Authority, passphrase: Option<&str>, purpose: Purpose, level: &Level, now: i64) -> Result<Self, AuthorityError> {
        let folder = &authority.folder;
        let credential = match read(folder, passphrase, &purpose.stem(level)) {
            Ok(credential) => credential,
            // Nothing hangs on this key but what is still to be signed: a lost one is replaced.
            Err(AuthorityError::Missing(_)) => make(authority, passphrase, purpose, level, now)?,
            Err(error) => return Err(error),
        };
        let passphrase = passphrase.map(|text| Zeroizing::new(text.to_owned()));
        let kept = Self { passphrase, purpose, current: RwLock::new(Arc::new(credential)) };
        kept.current(authority, level, now)?;
        Ok(kept)
    }

    /// The credential to sign with now, renewed where it is due.
    ///
    /// # Errors
    /// When it cannot be renewed and has ended.
    pub fn current(&self, authority: &Authority, level: &Level, now: i64) -> Result<Arc<Credential>, AuthorityError> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner).clone();
        if !current.is_due(self.purpose, level, now) {
            return Ok(current);
        }
        let mut place = self.current.write().unwrap_or_else(PoisonError::into_inner);
        if !place.is_due(self.purpose, level, now) {
            return Ok(place.clone());
        }
        let passphrase = self.passphrase.as_ref().map(|text| text.as_str());
        // A replica over the same folder may have renewed it already.
        let renewed = match read(&authority.folder, passphrase, &self.purpose.stem(level)) {
            Ok(other) if !other.is_due(self.purpose, level, now) => Ok(other),
            _ => make(authority, passphrase, self.purpose, level, now),
        };
        match renewed {
            Ok(renewed) => {
                *place = Arc::new(renewed);
                Ok(place.clone())
            }
            Err(error) if now <= place.not_after => {
                tracing::error!(%error, service = self.purpose.name(), "its certificate could not be renewed; the old one is used until it ends");
                Ok(place.clone())
            }
            Err(error) => Err(error),
        }
    }
}

/// A fresh key with its certificate, written down: the key first, then the certificate that names it, then the old key goes.
fn make(authority: &Authority, passphrase: Option<&str>, purpose: Purpose, level: &Level, now: i64) -> Result<Credential, AuthorityError> {
    let (folder, stem) = (&authority.folder, purpose.stem(level));
    let key = key_file::draw()?;
    let public = key.verifying_key().to_public_key_der().map_err(build)?;
    let certificate = authority.certify_service(purpose, level, public.as_bytes(), now)?;
    let issuers: Vec<Vec<u8>> = level.between().cloned().collect();
    let chain = std::iter::once(&certificate).chain(&issuers).map(|der| pem(der)).collect::<Result<String, _>>()?;
    let place = key_path(folder, &stem, &mark_of(&key)?);
    folder::write(&place, key_file::pem(&key, passphrase)?.as_bytes(), key_file::MODE)?;
    folder::replace(&folder.join(format!("{stem}.pem")), chain.as_bytes(), 0o644)?;
    for old in folder::keys(folder)? {
        let ours = old.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(&format!("{stem}-")));
        if ours && old != place {
            // A key that stays behind signs nothing any more: no one names it.
            let _ = std::fs::remove_file(&old);
        }
    }
    Credential::new(key, certificate, issuers)
}

fn read(folder: &Path, passphrase: Option<&str>, stem: &str) -> Result<Credential, AuthorityError> {
    let path = folder.join(format!("{stem}.pem"));
    let chain = folder::certificates(&path)?;
    let mut chain = chain.iter().map(|certificate| certificate.to_der().map_err(build)).collect::<Result<Vec<_>, _>>()?.into_iter();
    let certificate = chain.next().ok_or_else(|| AuthorityError::Unreadable(path.clone(), "certificate"))?;
    let public = pades::Certificate::read(&certificate).map_err(|_| AuthorityError::Unreadable(path.clone(), "certificate"))?.spki().to_vec();
    let place = key_path(folder, stem, &mark(&public));
    let key = key_file::open(&place, passphrase)?;
    if key.verifying_key().to_public_key_der().map_err(build)?.as_bytes() != public {
        return Err(AuthorityError::Mismatch(place));
    }
    Credential::new(key, certificate, chain.collect())
}

/// Where the key with this mark is.
fn key_path(folder: &Path, stem: &str, mark: &str) -> PathBuf {
    folder.join(format!("{stem}-{mark}.key"))
}
