//! One level that issues: its certificate, what is above it up to the trust anchor, and its key where that is here.

use std::path::{Path, PathBuf};

use der::Encode;
use p256::ecdsa::SigningKey;
use sha2::{Digest, Sha256};
use x509_cert::Certificate;

use super::error::{AuthorityError, build};
use super::{folder, key_file};

/// An issuing level.
pub(super) struct Level {
    /// Its certificate.
    pub certificate: Certificate,
    /// The same, DER.
    pub der: Vec<u8>,
    /// What its key is called: see [`mark`].
    pub mark: String,
    /// The certificates above it, DER, the trust anchor last. Empty for an authority of one level, which is its own anchor.
    pub above: Vec<Vec<u8>>,
    /// Its key; none where it was taken away after a rollover.
    pub key: Option<SigningKey>,
}

impl Level {
    /// Reads the level whose certificate is at `path`. `is_needed` says whether its key must be there.
    pub fn read(path: &Path, key_path: impl FnOnce(&str) -> PathBuf, passphrase: Option<&str>, is_needed: bool) -> Result<Self, AuthorityError> {
        let mut level = Self::shown(path)?;
        let key_path = key_path(&level.mark);
        level.key = match key_file::open(&key_path, passphrase) {
            Ok(key) => Some(key),
            Err(AuthorityError::Missing(_)) if !is_needed => None,
            Err(error) => return Err(error),
        };
        let belongs = level.key.as_ref().is_none_or(|key| mark_of(key).is_ok_and(|mark| mark == level.mark));
        if belongs { Ok(level) } else { Err(AuthorityError::Mismatch(key_path)) }
    }

    /// Reads the level without its key.
    pub fn shown(path: &Path) -> Result<Self, AuthorityError> {
        let mut chain = folder::certificates(path)?.into_iter();
        let certificate = chain.next().ok_or_else(|| AuthorityError::Unreadable(path.to_owned(), "certificate"))?;
        let above = chain.map(|certificate| certificate.to_der().map_err(build)).collect::<Result<_, _>>()?;
        let der = certificate.to_der().map_err(build)?;
        let spki = certificate.tbs_certificate().subject_public_key_info().to_der().map_err(build)?;
        Ok(Self { certificate, der, mark: mark(&spki), above, key: None })
    }

    /// The certificate that whoever verifies must trust, DER.
    pub fn anchor(&self) -> &[u8] {
        self.above.last().unwrap_or(&self.der)
    }

    /// What lies between a person's certificate and the anchor, DER.
    pub fn between(&self) -> impl Iterator<Item = &Vec<u8>> {
        let above = self.above.len().saturating_sub(1);
        std::iter::once(&self.der).filter(|_| !self.is_single()).chain(&self.above[..above])
    }

    /// Whether it is an authority of one level.
    pub fn is_single(&self) -> bool {
        self.above.is_empty()
    }

    /// Its key, for signing.
    pub fn key(&self) -> Result<&SigningKey, AuthorityError> {
        self.key.as_ref().ok_or_else(|| AuthorityError::NotNow(format!("the key of the issuing level {} was taken away", self.mark)))
    }

    /// Last second of its validity, unix seconds.
    pub fn not_after(&self) -> i64 {
        self.certificate.tbs_certificate().validity().not_after.to_unix_duration().as_secs() as i64
    }
}

/// What a key is called in file names, addresses and the index: the first eight bytes of the SHA-256 of its SubjectPublicKeyInfo.
pub(super) fn mark(spki: &[u8]) -> String {
    hex::encode(&Sha256::digest(spki)[..8])
}

/// The mark of a private key.
pub(super) fn mark_of(key: &SigningKey) -> Result<String, AuthorityError> {
    let public = spki::EncodePublicKey::to_public_key_der(key.verifying_key()).map_err(build)?;
    Ok(mark(public.as_bytes()))
}
