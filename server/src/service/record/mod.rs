//! What is written down in the store beside the documents' own files, so that the whole index can be made anew from the store alone.
//!
//! The first revision of each edition carries its [`Deed`] inside the PDF. What makes no PDF writes a [`Record`]: one small JSON file, stored
//! like any file (intent, put, then one commit with the act itself).

mod account;
mod certificate;
mod deed;
mod document;
mod types;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

pub use account::{AccountRecord, SealRecord};
pub use certificate::CertificateRecord;
pub use deed::{Deed, DeedCreator, DeedField, DeedStep};
pub use document::Ending;
pub use types::TypeRecord;

use crate::App;
use crate::error::{Result, internal};
use crate::index::{Constraint, IndexError, MAIN, NewRecord, table};
use crate::service::{keep, secret};

/// The version of all that is written here.
pub const VERSION: u32 = 1;

/// How often an act begins again whose object others change at the same moment.
pub const TRIES: usize = 12;

/// A record as its file holds it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Record {
    /// A document's edition was rejected.
    Rejected(Ending),
    /// A document was taken back.
    Withdrawn(Ending),
    /// An account as it is from now on.
    Account(AccountRecord),
    /// A certificate as it is from now on.
    Certificate(CertificateRecord),
    /// A type as it is from now on.
    Type(TypeRecord),
    /// A seal's design from now on.
    Seal(SealRecord),
}

#[derive(Serialize)]
struct Written<'a> {
    v: u32,
    #[serde(flatten)]
    record: &'a Record,
}

#[derive(Deserialize)]
struct Found {
    v: u32,
    #[serde(flatten)]
    record: Record,
}

impl Record {
    /// The file's bytes: JSON with an end of line.
    ///
    /// # Errors
    /// Never for values that passed their checks.
    pub fn write(&self) -> Result<Bytes> {
        let mut bytes = serde_json::to_vec(&Written { v: VERSION, record: self }).map_err(internal)?;
        bytes.push(b'\n');
        Ok(bytes.into())
    }

    /// Reads a record's file.
    ///
    /// # Errors
    /// In words: what it is instead.
    pub fn read(bytes: &[u8]) -> std::result::Result<Self, String> {
        let found: Found = serde_json::from_slice(bytes).map_err(|error| format!("it is no record ({error})"))?;
        if found.v == VERSION { Ok(found.record) } else { Err(format!("it is a record of version {}, which this Signet does not know", found.v)) }
    }

    /// Its word, as the index and the file have it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Rejected(_) => "rejected",
            Self::Withdrawn(_) => "withdrawn",
            Self::Account(_) => "account",
            Self::Certificate(_) => "certificate",
            Self::Type(_) => "type",
            Self::Seal(_) => "seal",
        }
    }

    /// What it tells of.
    pub fn object(&self) -> &str {
        match self {
            Self::Rejected(ending) | Self::Withdrawn(ending) => ending.number.as_str(),
            Self::Account(account) => &account.id,
            Self::Certificate(certificate) => &certificate.serial,
            Self::Type(known) => known.code.as_str(),
            Self::Seal(seal) => &seal.account,
        }
    }
}

/// Stores the record of an object in the main database: its account, certificate, type or seal. `version` is one more than the newest that
/// was there when the object was read.
///
/// # Errors
/// When index or store does not answer: then nothing is changed.
pub async fn keep(app: &App, record: &Record, version: u64) -> Result<NewRecord> {
    let (kind, object) = (record.kind(), record.object());
    let name = format!("{version}-{}.json", secret::suffix()?);
    let folder = format!("{kind}s");
    let shard = object.get(..2).unwrap_or(object);
    let file = keep::record(app, MAIN, &["records", &folder, shard, object, &name], record.write()?).await?;
    Ok(NewRecord { kind, object: object.to_owned(), version, file })
}

/// What the commit of an act with a record came to.
pub enum Committed<T> {
    /// It is done.
    Done(T),
    /// Another change of the same object was faster: begin again.
    Overtaken,
}

/// After a commit: the file of an act that did not happen is given up.
///
/// # Errors
/// The index's own.
pub async fn settle<T>(app: &App, database: &str, record: &NewRecord, done: std::result::Result<T, IndexError>) -> Result<Committed<T>> {
    match done {
        Ok(value) => Ok(Committed::Done(value)),
        Err(error) => {
            if !matches!(error, IndexError::Unknown(_)) {
                keep::give_up_in(app, database, &record.file).await;
            }
            if matches!(error, IndexError::Constraint(Constraint::RecordVersion)) { Ok(Committed::Overtaken) } else { Err(error.into()) }
        }
    }
}

/// The refusal where others were faster every time.
pub fn overtaken() -> crate::error::Error {
    IndexError::Busy.into()
}

/// Writes down accounts, certificates, types and seals that no record tells of: those from before there were records, and types that were
/// imported while the store was away. Gives how many.
///
/// # Errors
/// When index or store does not answer; what is left is written next time.
pub async fn catch_up(app: &App) -> Result<usize> {
    let mut written = 0;
    for (kind, object) in app.index.unrecorded(100).await? {
        let record = match kind {
            "account" => app.index.account(&object).await?.map(|row| Record::Account(AccountRecord::of(&row, app.clock.now(), ""))),
            "certificate" => app.index.certificate(&object).await?.map(|row| Record::Certificate(CertificateRecord::of(&row))),
            "seal" => seal(app, &object).await?.map(Record::Seal),
            _ => app.index.type_row(&object.parse().map_err(internal)?).await?.map(|row| Record::Type(TypeRecord::of(&row))),
        };
        let Some(record) = record else { continue };
        if !is_known(app, &record).await? {
            tracing::error!(kind, object, "no act made this; it gets no record. Run `signet fsck`");
            continue;
        }
        let kept = keep(app, &record, 1).await?;
        let done = app.index.add_record(MAIN, kept.clone(), app.clock.now()).await;
        if matches!(settle(app, MAIN, &kept, done).await?, Committed::Done(())) {
            written += 1;
        }
    }
    Ok(written)
}

/// An account's seal, with when it was saved.
async fn seal(app: &App, account: &str) -> Result<Option<SealRecord>> {
    let seals = table("seal_designs").ok_or_else(|| internal("seal_designs is a table"))?;
    let row = app.index.cells_where(MAIN, seals, "account", &[account.to_owned()]).await?.pop();
    let design = app.index.seal_design(account).await?;
    Ok(row.zip(design).map(|(row, design)| SealRecord { account: account.to_owned(), design, saved_at: row["saved_at"].number() }))
}

/// Whether an act made this, or it is from before acts were told: what was put into the index by hand is not made good by a record.
async fn is_known(app: &App, record: &Record) -> Result<bool> {
    if !app.index.trail_about(MAIN, record.object()).await?.is_empty() {
        return Ok(true);
    }
    let made = match record {
        Record::Account(account) => account.created_at,
        Record::Certificate(certificate) => certificate.issued_at,
        Record::Type(known) => known.imported_at,
        Record::Seal(seal) => seal.saved_at,
        Record::Rejected(_) | Record::Withdrawn(_) => return Ok(false),
    };
    let first = app.index.trail(MAIN, 0, 1).await?.first().and_then(super::history::Told::read);
    Ok(first.is_none_or(|first| made < first.at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_comes_back_as_it_was_written() {
        let ending = Ending {
            number: "EXP-2026-000001".parse().unwrap(),
            edition: 2,
            revision: 1,
            step: Some("finance".into()),
            account: "a1".into(),
            by: "陈静".into(),
            reason: Some("too much\n".into()),
            at: 5,
        };
        let record = Record::Rejected(ending);
        let bytes = record.write().unwrap();
        assert!(bytes.starts_with(br#"{"v":1,"kind":"rejected","number":"EXP-2026-000001""#), "{bytes:?}");
        assert_eq!(Record::read(&bytes).unwrap(), record);
        let newer = String::from_utf8(bytes.to_vec()).unwrap().replace("\"v\":1", "\"v\":2");
        assert!(Record::read(newer.as_bytes()).unwrap_err().contains("version 2"));
        assert!(Record::read(b"{}").is_err());
    }
}
