//! The authority's key and certificate: made at the first start, read and checked at every later one.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use der::pem::{LineEnding, PemLabel};
use der::zeroize::Zeroizing;
use der::{Decode, DecodePem, Encode, EncodePem};
use p256::ecdsa::SigningKey;
use pkcs8::pkcs5::pbes2;
use pkcs8::{DecodePrivateKey, EncodePrivateKey, EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef};
use x509_cert::Certificate;

use super::issue::root_certificate;

/// The key, PKCS#8 PEM.
const KEY_FILE: &str = "ca.key";
/// The certificate, PEM.
const CERTIFICATE_FILE: &str = "ca.pem";
/// Rounds of PBKDF2 with SHA-256 (OWASP's figure); spent once a start.
const PBKDF2_ROUNDS: u32 = 600_000;

/// Why the authority cannot be opened or cannot do what was asked; one line, with what to do next.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// A file or folder cannot be read or written.
    #[error("the certificate authority's {path} cannot be used: {cause}; give the user that runs signet access to it")]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// One of the two files is there without the other.
    #[error("the certificate authority's {0} is missing; put it back from a backup, for what was signed is checked against it")]
    Missing(PathBuf),
    /// Others may read the key.
    #[error("the certificate authority's key {0} may be read by others; run: chmod 600 {0}")]
    Exposed(PathBuf),
    /// The key is encrypted, and no passphrase is set.
    #[error("the certificate authority's key {0} is encrypted; set SIGNET_CA_PASSPHRASE_FILE to a file with its passphrase")]
    PassphraseMissing(PathBuf),
    /// The passphrase does not open the key.
    #[error("the passphrase does not open the certificate authority's key {0}; check the file that SIGNET_CA_PASSPHRASE_FILE names")]
    PassphraseWrong(PathBuf),
    /// A passphrase is set, but the key lies there in clear.
    #[error(
        "a passphrase is set, but the certificate authority's key {0} is not encrypted; encrypt it with `openssl pkcs8 -topk8 -v2 aes-256-cbc` or unset SIGNET_CA_PASSPHRASE_FILE"
    )]
    NotEncrypted(PathBuf),
    /// The passphrase is empty.
    #[error("the passphrase for the certificate authority's key is empty; put at least one character into the file that SIGNET_CA_PASSPHRASE_FILE names")]
    PassphraseEmpty,
    /// A file does not hold what it should.
    #[error("the certificate authority's {0} does not hold a {1}; put it back from a backup")]
    Unreadable(PathBuf, &'static str),
    /// The key does not belong to the certificate.
    #[error("the certificate authority's key {0} does not belong to its certificate; put both back from the same backup")]
    Mismatch(PathBuf),
    /// Something could not be built or signed.
    #[error("the certificate authority cannot make this: {0}")]
    Build(String),
}

/// A certificate authority that is ready to issue.
pub struct Authority {
    pub(super) key: SigningKey,
    pub(super) certificate: Certificate,
    pub(super) public_url: String,
    der: Vec<u8>,
}

impl Authority {
    /// Opens the authority in `folder`, or makes it when the folder is not there yet or empty. `public_url` (no slash at its end) goes
    /// into certificates as the place of the revocation list, `now` (unix seconds) into a new authority's certificate.
    ///
    /// # Errors
    /// One clear line; nothing is overwritten or repaired.
    pub fn open(folder: &Path, passphrase: Option<&str>, public_url: &str, now: i64) -> Result<Self, AuthorityError> {
        if passphrase.is_some_and(str::is_empty) {
            return Err(AuthorityError::PassphraseEmpty);
        }
        if is_new(folder)? {
            create(folder, passphrase, now)?;
        }
        let (key_path, certificate_path) = (folder.join(KEY_FILE), folder.join(CERTIFICATE_FILE));
        let key = read_key(&key_path, passphrase)?;
        let pem = read(&certificate_path)?;
        let unreadable = || AuthorityError::Unreadable(certificate_path.clone(), "certificate");
        let certificate = Certificate::from_pem(pem.as_bytes()).map_err(|_| unreadable())?;
        let der = certificate.to_der().map_err(|_| unreadable())?;
        let own = pades::Certificate::read(&der).map_err(|_| unreadable())?;
        let public = spki::EncodePublicKey::to_public_key_der(key.verifying_key()).map_err(|_| unreadable())?;
        if own.spki() != public.as_bytes() {
            return Err(AuthorityError::Mismatch(key_path));
        }
        Ok(Self { key, certificate, public_url: public_url.trim_end_matches('/').to_owned(), der })
    }

    /// The authority's certificate, DER: the trust anchor.
    pub fn certificate(&self) -> &[u8] {
        &self.der
    }

    /// The authority's certificate, PEM.
    ///
    /// # Panics
    /// Never: what was read from PEM goes back into PEM.
    pub fn certificate_pem(&self) -> String {
        self.certificate.to_pem(LineEnding::LF).expect("a certificate read from PEM is written as PEM")
    }

    /// A certificate of this authority as PEM, the authority's own after it.
    ///
    /// # Errors
    /// `Build` when `der` is no certificate.
    pub fn chain_pem(&self, der: &[u8]) -> Result<String, AuthorityError> {
        let own = Certificate::from_der(der).and_then(|certificate| certificate.to_pem(LineEnding::LF));
        Ok(own.map_err(|error| AuthorityError::Build(error.to_string()))? + &self.certificate_pem())
    }
}

/// Keys and passphrases stay out of logs.
impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("public_url", &self.public_url).finish_non_exhaustive()
    }
}

fn is_new(folder: &Path) -> Result<bool, AuthorityError> {
    match fs::read_dir(folder) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(cause) => Err(AuthorityError::File { path: folder.to_owned(), cause }),
    }
}

/// Makes key and certificate in a folder beside, and moves the folder into place: both are there or none, however the process ends.
fn create(folder: &Path, passphrase: Option<&str>, now: i64) -> Result<(), AuthorityError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |cause| AuthorityError::File { path, cause }
    };
    let key = new_key()?;
    let certificate = root_certificate(&key, now)?.to_pem(LineEnding::LF).map_err(build)?;
    let fresh = folder.with_extension(format!("new-{}", std::process::id()));
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(failed(parent))?;
    }
    let _ = fs::remove_dir_all(&fresh);
    fs::DirBuilder::new().mode(0o700).create(&fresh).map_err(failed(&fresh))?;
    write(&fresh.join(KEY_FILE), key_pem(&key, passphrase)?.as_bytes(), 0o600)?;
    write(&fresh.join(CERTIFICATE_FILE), certificate.as_bytes(), 0o644)?;
    let moved = fs::rename(&fresh, folder);
    if moved.is_err() {
        let _ = fs::remove_dir_all(&fresh);
    }
    match moved {
        // another process was first: its authority counts
        Err(error) if matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists) => Ok(()),
        other => other.map_err(failed(folder)),
    }?;
    let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::File::open(parent).and_then(|parent| parent.sync_all()).map_err(failed(folder))
}

fn new_key() -> Result<SigningKey, AuthorityError> {
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

fn key_pem(key: &SigningKey, passphrase: Option<&str>) -> Result<Zeroizing<String>, AuthorityError> {
    let Some(passphrase) = passphrase else { return key.to_pkcs8_pem(LineEnding::LF).map_err(build) };
    let (mut salt, mut iv) = ([0_u8; 16], [0_u8; 16]);
    getrandom::fill(&mut salt).map_err(build)?;
    getrandom::fill(&mut iv).map_err(build)?;
    let parameters = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(PBKDF2_ROUNDS, &salt, iv).map_err(build)?;
    let encrypted = parameters.encrypt(passphrase, key.to_pkcs8_der().map_err(build)?.as_bytes()).map_err(build)?;
    let encrypted_data = der::asn1::OctetStringRef::new(&encrypted).map_err(build)?;
    let info = EncryptedPrivateKeyInfoRef { encryption_algorithm: parameters.into(), encrypted_data };
    info.to_pem(LineEnding::LF).map(Zeroizing::new).map_err(build)
}

fn read_key(path: &Path, passphrase: Option<&str>) -> Result<SigningKey, AuthorityError> {
    let pem = Zeroizing::new(read(path)?);
    let mode = fs::metadata(path).map_err(|cause| AuthorityError::File { path: path.to_owned(), cause })?.permissions().mode();
    if mode & 0o077 != 0 {
        return Err(AuthorityError::Exposed(path.to_owned()));
    }
    let unreadable = || AuthorityError::Unreadable(path.to_owned(), "private key on P-256 (PKCS#8 PEM)");
    let (label, der) = der::pem::decode_vec(pem.as_bytes()).map_err(|_| unreadable())?;
    let der = Zeroizing::new(der);
    match (label, passphrase) {
        (EncryptedPrivateKeyInfoRef::PEM_LABEL, None) => Err(AuthorityError::PassphraseMissing(path.to_owned())),
        (EncryptedPrivateKeyInfoRef::PEM_LABEL, Some(passphrase)) => {
            let info = EncryptedPrivateKeyInfoRef::try_from(der.as_slice()).map_err(|_| unreadable())?;
            let clear = info.decrypt(passphrase).map_err(|_| AuthorityError::PassphraseWrong(path.to_owned()))?;
            SigningKey::from_pkcs8_der(clear.as_bytes()).map_err(|_| AuthorityError::PassphraseWrong(path.to_owned()))
        }
        (PrivateKeyInfoRef::PEM_LABEL, Some(_)) => Err(AuthorityError::NotEncrypted(path.to_owned())),
        (PrivateKeyInfoRef::PEM_LABEL, None) => SigningKey::from_pkcs8_der(&der).map_err(|_| unreadable()),
        _ => Err(unreadable()),
    }
}

fn read(path: &Path) -> Result<String, AuthorityError> {
    fs::read_to_string(path).map_err(|cause| match cause.kind() {
        io::ErrorKind::NotFound => AuthorityError::Missing(path.to_owned()),
        io::ErrorKind::InvalidData => AuthorityError::Unreadable(path.to_owned(), "PEM text"),
        _ => AuthorityError::File { path: path.to_owned(), cause },
    })
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> Result<(), AuthorityError> {
    let mut options = fs::OpenOptions::new();
    let written = options.write(true).create_new(true).mode(mode).open(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(|cause| AuthorityError::File { path: path.to_owned(), cause })
}

pub(super) fn build(error: impl std::fmt::Display) -> AuthorityError {
    AuthorityError::Build(error.to_string())
}
