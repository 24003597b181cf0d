//! Private keys on disk: PKCS#8 PEM, in clear or encrypted under the passphrase, for their owner alone.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use der::EncodePem;
use der::pem::{LineEnding, PemLabel};
use der::zeroize::Zeroizing;
use p256::ecdsa::SigningKey;
use pkcs8::pkcs5::pbes2;
use pkcs8::{DecodePrivateKey, EncodePrivateKey, EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};

use super::error::{AuthorityError, build};
use super::folder;

/// Rounds of PBKDF2 with SHA-256 (OWASP's figure); spent once a key at each start.
const PBKDF2_ROUNDS: u32 = 600_000;
/// Who may read a key.
pub(super) const MODE: u32 = 0o600;

/// Draws a new key.
pub(super) fn draw() -> Result<SigningKey, AuthorityError> {
    // a random number outside the group's range is drawn again; once in 2^32 draws
    for _ in 0..16 {
        let mut bytes = Zeroizing::new([0_u8; 32]);
        getrandom::fill(bytes.as_mut_slice()).map_err(build)?;
        if let Ok(key) = SigningKey::from_slice(bytes.as_slice()) {
            return Ok(key);
        }
    }
    Err(AuthorityError::Build("no key could be drawn".to_owned()))
}

/// The key as PEM.
pub(super) fn pem(key: &SigningKey, passphrase: Option<&str>) -> Result<Zeroizing<String>, AuthorityError> {
    pem_of(key.to_pkcs8_der().map_err(build)?.as_bytes(), passphrase)
}

/// Any private key (PKCS#8, DER) as PEM: PBES2 with PBKDF2 and AES-256 under a passphrase, in clear without one.
pub(super) fn pem_of(key: &[u8], passphrase: Option<&str>) -> Result<Zeroizing<String>, AuthorityError> {
    let Some(passphrase) = passphrase else {
        return der::pem::encode_string(PrivateKeyInfoRef::PEM_LABEL, LineEnding::LF, key).map(Zeroizing::new).map_err(build);
    };
    let (mut salt, mut iv) = ([0_u8; 16], [0_u8; 16]);
    getrandom::fill(&mut salt).map_err(build)?;
    getrandom::fill(&mut iv).map_err(build)?;
    let parameters = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(PBKDF2_ROUNDS, &salt, iv).map_err(build)?;
    let encrypted = parameters.encrypt(passphrase, key).map_err(build)?;
    let encrypted_data = der::asn1::OctetStringRef::new(&encrypted).map_err(build)?;
    let info = EncryptedPrivateKeyInfoRef { encryption_algorithm: parameters.into(), encrypted_data };
    info.to_pem(LineEnding::LF).map(Zeroizing::new).map_err(build)
}

/// Reads a key on P-256.
pub(super) fn open(path: &Path, passphrase: Option<&str>) -> Result<SigningKey, AuthorityError> {
    let key = open_der(path, passphrase)?;
    SigningKey::from_pkcs8_der(&key).map_err(|_| AuthorityError::Unreadable(path.to_owned(), "private key on P-256 (PKCS#8 PEM)"))
}

/// Reads any private key as PKCS#8, DER. A passphrase that is set must be needed, so that a key left in clear is noticed.
pub(super) fn open_der(path: &Path, passphrase: Option<&str>) -> Result<Zeroizing<Vec<u8>>, AuthorityError> {
    let pem = Zeroizing::new(folder::read(path)?);
    let mode = fs::metadata(path).map_err(folder::failed(path))?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(AuthorityError::Exposed(path.to_owned()));
    }
    let unreadable = || AuthorityError::Unreadable(path.to_owned(), "private key (PKCS#8 PEM)");
    let (label, der) = der::pem::decode_vec(pem.as_bytes()).map_err(|_| unreadable())?;
    let der = Zeroizing::new(der);
    match (label, passphrase) {
        (EncryptedPrivateKeyInfoRef::PEM_LABEL, None) => Err(AuthorityError::PassphraseMissing(path.to_owned())),
        (EncryptedPrivateKeyInfoRef::PEM_LABEL, Some(passphrase)) => {
            let info = EncryptedPrivateKeyInfoRef::try_from(der.as_slice()).map_err(|_| unreadable())?;
            let clear = info.decrypt(passphrase).map_err(|_| AuthorityError::PassphraseWrong(path.to_owned()))?;
            // One wrong passphrase in 256 leaves a padding that looks right.
            PrivateKeyInfoRef::try_from(clear.as_bytes()).map_err(|_| AuthorityError::PassphraseWrong(path.to_owned()))?;
            Ok(Zeroizing::new(clear.as_bytes().to_vec()))
        }
        (PrivateKeyInfoRef::PEM_LABEL, Some(_)) => Err(AuthorityError::NotEncrypted(path.to_owned())),
        (PrivateKeyInfoRef::PEM_LABEL, None) => {
            PrivateKeyInfoRef::try_from(der.as_slice()).map_err(|_| unreadable())?;
            Ok(der)
        }
        _ => Err(unreadable()),
    }
}

/// Says what is wrong with a key that is not needed now, without the work of decrypting it: one that others may read, or what is no key at all.
/// Gives the key where it lies in clear.
pub(super) fn look(path: &Path) -> Result<Option<SigningKey>, AuthorityError> {
    let pem = Zeroizing::new(folder::read(path)?);
    let label = der::pem::decode_vec(pem.as_bytes()).map(|(label, der)| (label, Zeroizing::new(der)));
    match label {
        Ok((EncryptedPrivateKeyInfoRef::PEM_LABEL, der)) if EncryptedPrivateKeyInfoRef::try_from(der.as_slice()).is_ok() => Ok(None),
        Ok((PrivateKeyInfoRef::PEM_LABEL, _)) => open(path, None).map(Some),
        _ => Err(AuthorityError::Unreadable(path.to_owned(), "private key (PKCS#8 PEM)")),
    }
}

/// Opens a key that lies there under the new passphrase, under the old one, or in clear; says whether it is as `new` wants it already.
pub(super) fn open_any(path: &Path, old: Option<&str>, new: Option<&str>) -> Result<(Zeroizing<Vec<u8>>, bool), AuthorityError> {
    let wrong = match open_der(path, new) {
        Ok(key) => return Ok((key, true)),
        Err(error @ (AuthorityError::PassphraseWrong(_) | AuthorityError::PassphraseMissing(_) | AuthorityError::NotEncrypted(_))) => error,
        Err(error) => return Err(error),
    };
    let key = match (&wrong, old) {
        (AuthorityError::NotEncrypted(_), _) => open_der(path, None)?,
        (_, Some(old)) => open_der(path, Some(old))?,
        (_, None) => return Err(wrong),
    };
    Ok((key, false))
}

/// Writes a key down under the passphrase `new`, unless it is under it already; says whether it had to be written.
pub(super) fn seal_again(path: &Path, old: Option<&str>, new: Option<&str>) -> Result<bool, AuthorityError> {
    let (key, is_done) = open_any(path, old, new)?;
    if !is_done {
        folder::replace(path, pem_of(&key, new)?.as_bytes(), MODE)?;
    }
    Ok(!is_done)
}
