//! Revocation: by its owner or by an administrator, with RFC 5280's reason and words of one's own beside it.

use app::model::{Certificate, Issued};

use crate::App;
use crate::crash::{self, Point};
use crate::error::{Result, invalid_field, not_found};
use crate::index::{CertificateRow, Revoking};
use crate::permission::{ManageKeys, Permit, UseKeys};
use crate::service::present;

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
    revoke(app, serial, Some(person.id.clone()), person.me.name.clone(), reason, note).await
}

/// Revokes anyone's certificate; a second time changes nothing.
///
/// # Errors
/// `NotFound` where there is no such certificate; no reason.
pub async fn anyones(app: &App, permit: Permit<ManageKeys>, serial: &str, reason: &str, note: Option<String>) -> Result<Certificate> {
    app.index.certificate(serial).await?.ok_or_else(not_found)?;
    revoke(app, serial, None, permit.person().me.name.clone(), reason, note).await
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

async fn revoke(app: &App, serial: &str, account: Option<String>, by: String, reason: &str, note: Option<String>) -> Result<Certificate> {
    let reason = reason.trim().to_owned();
    if !(1..=200).contains(&reason.chars().count()) || reason.chars().any(char::is_control) {
        return Err(invalid_field("reason", "Say why, in 1 to 200 characters.", "请用 1 至 200 个字符说明吊销原因。"));
    }
    let note = note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    if note.as_ref().is_some_and(|note| note.chars().count() > 500 || note.chars().any(|c| c.is_control() && c != '\n')) {
        return Err(invalid_field("note", "A note has at most 500 characters.", "备注最多 500 个字符。"));
    }
    let now = app.clock.now();
    let revoking = Revoking { serial: serial.to_owned(), account, at: now, reason, note, by: Some(by) };
    crash::step(Point::RevokeCommit, app.index.revoke_certificate(revoking)).await?;
    Ok(present::certificate(app.index.certificate(serial).await?.ok_or_else(not_found)?, now))
}
