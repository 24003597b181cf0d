//! Revocation lists (RFC 5280 §5): an issuing level's is made anew whenever it is asked for, the root's lies ready in its folder.

use std::path::Path;

use const_oid::db::rfc5912::ECDSA_WITH_SHA_256;
use der::asn1::BitString;
use der::{Decode, Encode};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{DerSignature, SigningKey};
use spki::AlgorithmIdentifierOwned;
use x509_cert::Certificate;
use x509_cert::certificate::Version;
use x509_cert::crl::{CertificateList, RevokedCert, TbsCertList};
use x509_cert::ext::ToExtension;
use x509_cert::ext::pkix::{CrlNumber, CrlReason};
use x509_cert::serial_number::SerialNumber;

use super::authority::{self, Authority};
use super::error::{AuthorityError, build};
use super::folder;
use super::issue::{authority_key, time};

/// How long an issuing level's list counts, seconds: a week.
const LIFE: i64 = 7 * 86_400;
/// How long the root's list counts, seconds: a year, for its key may be in a safe.
const ROOT_LIFE: i64 = 365 * 86_400;
/// How old the root's list gets while its key is here, seconds.
const ROOT_RENEWED: i64 = 30 * 86_400;

/// A revoked certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// The certificate's serial number, most significant byte first.
    pub serial: Vec<u8>,
    /// The mark of the key that issued it; empty for certificates from before there were issuing levels.
    pub issuer: String,
    /// When, unix seconds.
    pub at: i64,
    /// Why, in RFC 5280's word (`keyCompromise`, `superseded` …) or in words of one's own, which the list does not carry.
    pub reason: String,
}

impl Authority {
    /// The current level's list of what it issued and was revoked, DER, as of `now` (unix seconds).
    ///
    /// # Errors
    /// `Build` when a serial number or time does not fit into the list.
    pub fn crl(&self, revoked: &[Revocation], now: i64) -> Result<Vec<u8>, AuthorityError> {
        self.list(self.levels.len() - 1, revoked, now)
    }

    /// The list that `/crl.der` gives: of the authority of one level where there is one, for the certificates it issued name that
    /// address; else of the current level.
    ///
    /// # Errors
    /// As [`Self::crl`].
    pub fn named_crl(&self, revoked: &[Revocation], now: i64) -> Result<Vec<u8>, AuthorityError> {
        let first = self.levels.first().filter(|level| level.is_single() && level.key.is_some());
        if first.is_some() { self.list(0, revoked, now) } else { self.crl(revoked, now) }
    }

    /// The list of the level with this mark; none where there is no such level or its key was taken away.
    ///
    /// # Errors
    /// As [`Self::crl`].
    pub fn crl_of(&self, mark: &str, revoked: &[Revocation], now: i64) -> Result<Option<Vec<u8>>, AuthorityError> {
        let position = self.levels.iter().rposition(|level| level.mark == mark && level.key.is_some());
        position.map(|position| self.list(position, revoked, now)).transpose()
    }

    /// The lists of every level whose key is here, and the root's: what a validation needs.
    ///
    /// # Errors
    /// As [`Self::crl`].
    pub fn crls(&self, revoked: &[Revocation], now: i64) -> Result<Vec<Vec<u8>>, AuthorityError> {
        let signing = (0..self.levels.len()).filter(|position| self.levels[*position].key.is_some());
        let mut lists = signing.map(|position| self.list(position, revoked, now)).collect::<Result<Vec<_>, _>>()?;
        lists.extend(self.root_crl()?);
        Ok(lists)
    }

    /// The root's list of issuing levels that were revoked, DER; none for an authority of one level.
    ///
    /// # Errors
    /// `File` when it cannot be read.
    pub fn root_crl(&self) -> Result<Option<Vec<u8>>, AuthorityError> {
        let path = self.folder.join(folder::ROOT_LIST);
        match std::fs::read(&path) {
            Ok(list) => Ok(Some(list)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(AuthorityError::File { path, cause }),
        }
    }

    /// Until when the root's list counts, unix seconds; none for an authority of one level.
    ///
    /// # Errors
    /// `File` or `Unreadable`.
    pub fn root_crl_until(&self) -> Result<Option<i64>, AuthorityError> {
        self.root_crl()?.map(|list| Ok(times(&self.folder, &list)?.1)).transpose()
    }

    fn list(&self, position: usize, revoked: &[Revocation], now: i64) -> Result<Vec<u8>, AuthorityError> {
        let level = &self.levels[position];
        let own = |entry: &&Revocation| entry.issuer == level.mark || (entry.issuer.is_empty() && position == 0);
        let entries = revoked.iter().filter(own).map(|entry| revoked_entry(&level.certificate, entry)).collect::<Result<Vec<_>, _>>()?;
        signed_list(&level.certificate, level.key()?, entries, now, LIFE)
    }
}

/// Makes the root's list again, for a year.
///
/// # Errors
/// `RootAway` where the root's key is elsewhere; `NotNow` for an authority of one level.
pub fn renew_root(folder: &Path, passphrase: Option<&str>, now: i64) -> Result<(), AuthorityError> {
    if !folder.join(folder::ROOT).exists() {
        return Err(AuthorityError::NotNow("this authority has no root above its issuing level yet; `signet ca rollover` makes one".to_owned()));
    }
    let (root, key) = authority::root(folder, passphrase, now)?;
    write_root_list(folder, &root, &key, now)
}

/// Makes the root's list again when it is a month old and the root's key is here.
pub(super) fn renew_root_list(folder: &Path, passphrase: Option<&str>, now: i64) -> Result<(), AuthorityError> {
    if !folder.join(folder::ROOT_KEY).exists() || !folder.join(folder::ROOT).exists() {
        return Ok(());
    }
    let made = std::fs::read(folder.join(folder::ROOT_LIST)).ok().and_then(|list| times(folder, &list).ok()).map(|(made, _)| made);
    if made.is_some_and(|made| now - made < ROOT_RENEWED) { Ok(()) } else { renew_root(folder, passphrase, now) }
}

/// Writes the root's list. No issuing level was ever revoked: one whose key is lost or known to others is replaced by a rollover.
pub(super) fn write_root_list(folder: &Path, root: &Certificate, key: &SigningKey, now: i64) -> Result<(), AuthorityError> {
    folder::replace(&folder.join(folder::ROOT_LIST), &signed_list(root, key, Vec::new(), now, ROOT_LIFE)?, 0o644)
}

/// When a list was made and until when it counts, unix seconds.
fn times(folder: &Path, list: &[u8]) -> Result<(i64, i64), AuthorityError> {
    let unreadable = || AuthorityError::Unreadable(folder.join(folder::ROOT_LIST), "revocation list");
    let list: CertificateList = CertificateList::from_der(list).map_err(|_| unreadable())?;
    let seconds = |time: x509_cert::time::Time| time.to_unix_duration().as_secs() as i64;
    Ok((seconds(list.tbs_cert_list.this_update), seconds(list.tbs_cert_list.next_update.ok_or_else(unreadable)?)))
}

fn signed_list(issuer: &Certificate, key: &SigningKey, entries: Vec<RevokedCert>, now: i64, life: i64) -> Result<Vec<u8>, AuthorityError> {
    let name = issuer.tbs_certificate().subject();
    let number = CrlNumber::try_from(now.unsigned_abs()).map_err(build)?;
    let algorithm = AlgorithmIdentifierOwned { oid: ECDSA_WITH_SHA_256, parameters: None };
    let tbs_cert_list: TbsCertList = TbsCertList {
        version: Version::V2,
        signature: algorithm.clone(),
        issuer: name.clone(),
        this_update: time(now)?,
        next_update: Some(time(now + life)?),
        // RFC 5280 §5.1.2.6: an empty list is left out
        revoked_certificates: Some(entries).filter(|entries| !entries.is_empty()),
        // RFC 5280 §5.2.1: the key that signs the list, which is not the one that signed the issuer's own certificate
        crl_extensions: Some(vec![
            (&number).to_extension(name, &[]).map_err(build)?,
            (&authority_key(issuer).map_err(build)?).to_extension(name, &[]).map_err(build)?,
        ]),
    };
    let signature: DerSignature = key.sign(&tbs_cert_list.to_der().map_err(build)?);
    let signature = BitString::from_bytes(signature.as_bytes()).map_err(build)?;
    CertificateList { tbs_cert_list, signature_algorithm: algorithm, signature }.to_der().map_err(build)
}

fn revoked_entry(issuer: &Certificate, revocation: &Revocation) -> Result<RevokedCert, AuthorityError> {
    let extensions = match reason(&revocation.reason) {
        Some(reason) => Some(vec![(&reason).to_extension(issuer.tbs_certificate().subject(), &[]).map_err(build)?]),
        None => None,
    };
    Ok(RevokedCert {
        serial_number: SerialNumber::new(&revocation.serial).map_err(build)?,
        revocation_date: time(revocation.at)?,
        crl_entry_extensions: extensions,
    })
}

/// RFC 5280 §5.3.1: "unspecified" is said by saying nothing.
fn reason(text: &str) -> Option<CrlReason> {
    match text {
        "keyCompromise" => Some(CrlReason::KeyCompromise),
        "affiliationChanged" => Some(CrlReason::AffiliationChanged),
        "superseded" => Some(CrlReason::Superseded),
        "cessationOfOperation" => Some(CrlReason::CessationOfOperation),
        "privilegeWithdrawn" => Some(CrlReason::PrivilegeWithdrawn),
        _ => None,
    }
}
