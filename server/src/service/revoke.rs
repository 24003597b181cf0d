//! Revocation: by its owner or by an administrator, with RFC 5280's reason and words of one's own beside it.

use app::model::{Certificate, Issued};

use crate::App;
use crate::caller::Person;
use crate::crash::{self, Point};
use crate::error::{Result, invalid_field, not_found};
use crate::index::{CertificateRow, MAIN, Revoking};
use crate::permission::{ManageKeys, Permit, UseKeys};
use crate::service::record::{self, CertificateRecord, Committed, Record};
use crate::service::{keep, present};

/// Most certificates that an administrator's list shows.
const LISTED: u32 = 500;

/// Revokes one of the caller's certificates; a second time changes nothing.
///
/// # Errors
/// `NotFound` for another's; no reason.
pub async fn own(app: &App, permit: Permit<UseKeys>, serial: &str, reason: &str, note: Option<String>) -> Result<Certificate> {
    let person = permit.person();
    let mine = |row: &CertificateRow| row.account == person.id;
    app.index.certificate(serial).await?.filter(mine).ok_or_else(not_found)?;
    revoke(app, serial, Some(person.id.clone()), person, reason, note).await
}

/// Revokes anyone's certificate; a second time changes nothing.
///
/// # Errors
/// `NotFound` where there is no such certificate; no reason.
pub async fn anyones(app: &App, permit: Permit<ManageKeys>, serial: &str, reason: &str, note: Option<String>) -> Result<Certificate> {
    app.index.certificate(serial).await?.ok_or_else(not_found)?;
    revoke(app, serial, None, permit.person(), reason, note).await
}

/// Certificates of all accounts, newest first; with `unproven` only new keys that count and that nothing but a sign-in stands behind.
///
/// # Errors
/// When the index does not answer.
pub async fn issued(app: &App, _permit: Permit<ManageKeys>, unproven: bool) -> Result<Vec<Issued>> {
    let now = app.clock.now();
    let rows = app.index.issued(unproven, now, LISTED).await?.into_iter();
    Ok(rows.map(|(login, name, row)| Issued { login, name, certificate: present::certificate(row, now) }).collect())
}

async fn revoke(app: &App, serial: &str, account: Option<String>, by: &Person, reason: &str, note: Option<String>) -> Result<Certificate> {
    let reason = reason.trim().to_owned();
    if !(1..=200).contains(&reason.chars().count()) || reason.chars().any(char::is_control) {
        return Err(invalid_field("reason", "Say why, in 1 to 200 characters.", "请用 1 至 200 个字符说明吊销原因。"));
    }
    let note = note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > 500 || note.chars().any(|c| c.is_control() && c != '\n')) {
        return Err(invalid_field("note", "A note has at most 500 characters.", "备注最多 500 个字符。"));
    }
    for _ in 0..record::TRIES {
        let version = app.index.record_version(MAIN, "certificate", serial).await?;
        let row = app.index.certificate(serial).await?.ok_or_else(not_found)?;
        if row.revoked_at.is_some() {
            break;
        }
        let (at, name) = (app.clock.now(), by.me.name.clone());
        let told = CertificateRow {
            revoked_at: Some(at),
            revocation_reason: Some(reason.clone()),
            revocation_note: note.clone(),
            revoked_by: Some(name.clone()),
            ..row
        };
        let kept = record::keep(app, &Record::Certificate(CertificateRecord::of(&told)), version + 1).await?;
        let revoking = Revoking {
            serial: serial.to_owned(),
            account: account.clone(),
            at,
            reason: reason.clone(),
            note: note.clone(),
            by: Some(name),
            actor: by.id.clone(),
            record: Some(kept.clone()),
        };
        let done = crash::step(Point::RevokeCommit, app.index.revoke_certificate(revoking)).await;
        match record::settle(app, MAIN, &kept, done).await? {
            Committed::Done(true) => break,
            Committed::Done(false) => {
                keep::give_up_in(app, MAIN, &kept.file).await;
                break;
            }
            Committed::Overtaken => {}
        }
    }
    let now = app.clock.now();
    Ok(present::certificate(app.index.certificate(serial).await?.ok_or_else(not_found)?, now))
}
