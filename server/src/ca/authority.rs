//! The authority: a root that is trusted, and below it the level that issues. Made at the first start, read and checked at every later one.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use der::pem::LineEnding;
use der::{Decode, EncodePem};
use x509_cert::Certificate;

use super::error::{AuthorityError, build};
use super::level::Level;
use super::{crl, folder, issue, key_file, rollover};

/// A certificate authority that is ready to issue.
pub struct Authority {
    /// Oldest first; the last one issues.
    pub(super) levels: Vec<Level>,
    /// Levels that a rollover put into the folder since the start, without their keys: what another replica issues by them counts here too.
    later: RwLock<Later>,
    pub(super) folder: PathBuf,
    pub(super) public_url: String,
}

impl Authority {
    /// Opens the authority in `folder`, or makes it when the folder is not there yet or empty. `public_url` (no slash at its end) goes
    /// into certificates as the place of the revocation lists, `now` (unix seconds) into a new authority's certificates. The root's key
    /// need not be there. A folder of one level from before is opened as it is; `signet ca rollover` gives it an issuing level.
    ///
    /// # Errors
    /// One clear line; nothing is overwritten or repaired.
    pub fn open(folder: &Path, passphrase: Option<&str>, public_url: &str, now: i64) -> Result<Self, AuthorityError> {
        if passphrase.is_some_and(str::is_empty) {
            return Err(AuthorityError::PassphraseEmpty);
        }
        let public_url = public_url.trim_end_matches('/').to_owned();
        if folder::is_new(folder)? {
            create(folder, passphrase, &public_url, now)?;
        }
        let mut levels = Vec::new();
        let numbers = folder::numbers(folder)?;
        if is_single(folder, &numbers) {
            levels.push(Level::read(&folder.join(folder::SINGLE), |_| folder.join(folder::SINGLE_KEY), passphrase, numbers.is_empty())?);
        } else if numbers.is_empty() {
            let missing = if folder.join(folder::ROOT).exists() { folder::issuing(folder, 1) } else { folder.join(folder::ROOT) };
            return Err(AuthorityError::Missing(missing));
        }
        for number in &numbers {
            let is_current = Some(number) == numbers.last();
            levels.push(Level::read(&folder::issuing(folder, *number), |mark| folder::issuing_key(folder, mark), passphrase, is_current)?);
        }
        check_root_key(folder)?;
        // The root's list is renewed while its key is here. Without it the list from before goes on, and the health page says until when.
        if let Err(error) = crl::renew_root_list(folder, passphrase, now) {
            tracing::info!(%error, "the root's revocation list was not renewed");
        }
        Ok(Self { levels, later: RwLock::new(Later { numbers, levels: Vec::new() }), folder: folder.to_owned(), public_url })
    }

    /// The certificate of the level that issues now, DER.
    pub fn issuing(&self) -> &[u8] {
        &self.current().der
    }

    /// The certificates that whoever verifies must trust, DER, the newest first.
    pub fn anchors(&self) -> Vec<Vec<u8>> {
        distinct(self.newest_first().map(|level| level.anchor().to_vec()))
    }

    /// The certificates between people's and the anchors, DER, the newest first.
    pub fn intermediates(&self) -> Vec<Vec<u8>> {
        let anchors = self.anchors();
        distinct(self.newest_first().flat_map(|level| level.between().cloned())).into_iter().filter(|der| !anchors.contains(der)).collect()
    }

    /// The certificate that issued this one (DER), DER; none where no level did.
    pub fn issuer_of(&self, der: &[u8]) -> Option<&[u8]> {
        self.level_of(der).map(|level| level.der.as_slice())
    }

    /// The trust anchors as PEM, the issuing levels after them: what `/ca.pem` gives.
    ///
    /// # Panics
    /// Never: what was read from PEM goes back into PEM.
    pub fn certificate_pem(&self) -> String {
        let all = self.anchors().into_iter().chain(self.intermediates());
        all.map(|der| pem(&der).expect("a certificate read from PEM is written as PEM")).collect()
    }

    /// A certificate of this authority as PEM, the certificate that issued it after it.
    ///
    /// # Errors
    /// `Build` when `der` is no certificate of this authority's.
    pub fn chain_pem(&self, der: &[u8]) -> Result<String, AuthorityError> {
        let issuer = self.issuer_of(der).ok_or_else(|| build("a certificate of another authority"))?;
        Ok(pem(der)? + &pem(issuer)?)
    }

    /// What the key of the issuing level is called in the index, for certificates issued now.
    pub fn mark(&self) -> &str {
        &self.current().mark
    }

    /// Every level of the authority in `folder`, oldest first, without opening a key.
    ///
    /// # Errors
    /// A file that cannot be read; `None` where there is no authority yet.
    pub fn levels(folder: &Path) -> Result<Vec<Shown>, AuthorityError> {
        let authority = shown(folder)?;
        let last = authority.levels.len() - 1;
        let levels = authority.levels.iter().enumerate().map(|(position, level)| {
            let own = pades::Certificate::read(&level.der).map_err(build)?;
            Ok(Shown {
                name: own.common_name(),
                mark: level.mark.clone(),
                anchor: pades::Certificate::read(level.anchor()).map_err(build)?.common_name(),
                not_before: own.not_before(),
                not_after: own.not_after(),
                is_current: position == last,
            })
        });
        levels.collect()
    }

    /// The level that issues now.
    pub(super) fn current(&self) -> &Level {
        self.levels.last().expect("open() gives at least one level")
    }

    /// The level that issued a certificate. One that nobody here knows may have come with a rollover: the folder is looked at again.
    fn level_of(&self, der: &[u8]) -> Option<&Level> {
        let certificate = Certificate::from_der(der).ok()?;
        let issuer = certificate.tbs_certificate().issuer();
        let known = || self.newest_first().find(|level| level.certificate.tbs_certificate().subject() == issuer);
        known().or_else(|| {
            self.look_again();
            known()
        })
    }

    fn newest_first(&self) -> impl Iterator<Item = &Level> {
        let later: Vec<&Level> = self.later.read().unwrap_or_else(PoisonError::into_inner).levels.clone();
        later.into_iter().rev().chain(self.levels.iter().rev())
    }

    /// Takes up the levels that came into the folder since.
    fn look_again(&self) {
        let mut later = self.later.write().unwrap_or_else(PoisonError::into_inner);
        for number in folder::numbers(&self.folder).unwrap_or_default() {
            if later.numbers.contains(&number) {
                continue;
            }
            match Level::shown(&folder::issuing(&self.folder, number)) {
                Ok(level) => {
                    tracing::info!(mark = level.mark, "a new issuing level counts; this server issues by it from its next start");
                    later.numbers.push(number);
                    // A handful in a server's life, and callers hold on to them.
                    later.levels.push(Box::leak(Box::new(level)));
                }
                Err(error) => tracing::warn!(%error, "a new issuing level cannot be read yet"),
            }
        }
    }
}

/// Levels from after the start.
#[derive(Default)]
struct Later {
    /// The numbers that are known, those from the start too.
    numbers: Vec<u32>,
    levels: Vec<&'static Level>,
}

/// A level as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Common name of its certificate.
    pub name: String,
    /// What its key is called.
    pub mark: String,
    /// Common name of the trust anchor above it.
    pub anchor: String,
    /// First second of its validity, unix seconds.
    pub not_before: i64,
    /// Last second of its validity, unix seconds.
    pub not_after: i64,
    /// Whether it issues now.
    pub is_current: bool,
}

/// Keys and passphrases stay out of logs.
impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").field("public_url", &self.public_url).finish_non_exhaustive()
    }
}

/// Whether a level from before the issuing levels is there, or was: its key alone says so too.
pub(super) fn is_single(folder: &Path, numbers: &[u32]) -> bool {
    folder.join(folder::SINGLE).exists() || (numbers.is_empty() && folder.join(folder::SINGLE_KEY).exists())
}

/// The certificates of the authority in `folder`, DER, anchors first, without opening a key; none where there is no authority yet.
///
/// # Errors
/// A file that cannot be read.
pub fn certificates(folder: &Path) -> Result<Option<Vec<Vec<u8>>>, AuthorityError> {
    if folder::is_new(folder)? {
        return Ok(None);
    }
    let authority = shown(folder)?;
    Ok(Some(authority.anchors().into_iter().chain(authority.intermediates()).collect()))
}

/// The authority in `folder` without its keys: for what only reads certificates.
pub(super) fn shown(folder: &Path) -> Result<Authority, AuthorityError> {
    if folder::is_new(folder)? {
        return Err(AuthorityError::None(folder.to_owned()));
    }
    let numbers = folder::numbers(folder)?;
    let mut levels = Vec::new();
    if is_single(folder, &numbers) {
        levels.push(Level::shown(&folder.join(folder::SINGLE))?);
    }
    for number in numbers {
        levels.push(Level::shown(&folder::issuing(folder, number))?);
    }
    if levels.is_empty() {
        return Err(AuthorityError::Missing(folder::issuing(folder, 1)));
    }
    Ok(Authority { levels, later: RwLock::default(), folder: folder.to_owned(), public_url: String::new() })
}

/// Makes root and issuing level in a folder beside, and moves the folder into place: all is there or nothing, however the process ends.
fn create(folder: &Path, passphrase: Option<&str>, public_url: &str, now: i64) -> Result<(), AuthorityError> {
    let fresh = folder.with_extension(format!("new-{}", std::process::id()));
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).map_err(folder::failed(parent))?;
    }
    let _ = fs::remove_dir_all(&fresh);
    fs::DirBuilder::new().mode(0o700).create(&fresh).map_err(folder::failed(&fresh))?;
    rollover::add_level(&fresh, passphrase, public_url, now)?;
    let moved = fs::rename(&fresh, folder);
    if moved.is_err() {
        let _ = fs::remove_dir_all(&fresh);
    }
    match moved {
        // another process was first: its authority counts
        Err(error) if matches!(error.kind(), std::io::ErrorKind::DirectoryNotEmpty | std::io::ErrorKind::AlreadyExists) => Ok(()),
        other => other.map_err(folder::failed(folder)),
    }?;
    folder::sync(folder)
}

/// The root's certificate and key; both are made where the folder has neither.
pub(super) fn root(folder: &Path, passphrase: Option<&str>, now: i64) -> Result<(Certificate, p256::ecdsa::SigningKey), AuthorityError> {
    let (path, key_path) = (folder.join(folder::ROOT), folder.join(folder::ROOT_KEY));
    if path.exists() {
        let certificate = folder::certificates(&path)?.swap_remove(0);
        let key = match key_file::open(&key_path, passphrase) {
            Err(AuthorityError::Missing(path)) => return Err(AuthorityError::RootAway(path)),
            other => other?,
        };
        let own = issue::public(&key)?;
        if *certificate.tbs_certificate().subject_public_key_info() != own {
            return Err(AuthorityError::Mismatch(key_path));
        }
        return Ok((certificate, key));
    }
    // a key without certificate is what a crash between the two left: it signed nothing yet
    let key = if key_path.exists() {
        key_file::open(&key_path, passphrase)?
    } else {
        let key = key_file::draw()?;
        folder::write(&key_path, key_file::pem(&key, passphrase)?.as_bytes(), key_file::MODE)?;
        key
    };
    let certificate = issue::root_certificate(&key, now)?;
    folder::replace(&path, certificate.to_pem(LineEnding::LF).map_err(build)?.as_bytes(), 0o644)?;
    Ok((certificate, key))
}

/// The root's key may be away. What lies in its place must be it: in years, when it is needed, it is too late to notice.
fn check_root_key(folder: &Path) -> Result<(), AuthorityError> {
    let (path, key_path) = (folder.join(folder::ROOT), folder.join(folder::ROOT_KEY));
    if !path.exists() || !key_path.exists() {
        return Ok(());
    }
    let Some(key) = key_file::look(&key_path)? else { return Ok(()) };
    let own = issue::public(&key)?;
    let belongs = folder::certificates(&path)?.first().is_some_and(|certificate| *certificate.tbs_certificate().subject_public_key_info() == own);
    if belongs { Ok(()) } else { Err(AuthorityError::Mismatch(key_path)) }
}

/// A certificate, DER, as PEM.
pub(super) fn pem(der: &[u8]) -> Result<String, AuthorityError> {
    Certificate::from_der(der).and_then(|certificate| certificate.to_pem(LineEnding::LF)).map_err(build)
}

fn distinct(all: impl Iterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = Vec::new();
    for der in all {
        if !found.contains(&der) {
            found.push(der);
        }
    }
    found
}
