//! Table `certificates`: what the authority issued, to whom, how each follows from the one before, and what was revoked.

use app::model::Continuity;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::Index;
use super::error::IndexError;
use super::records::{self, NewRecord};
use super::sql::{Columns, sql, word};
use super::trail::{self, Entry};
use crate::crash::{self, Point};

/// An issued certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateRow {
    /// Serial number, lower-case hexadecimal.
    pub serial: String,
    /// Account id.
    pub account: String,
    /// Subject common name.
    pub subject: String,
    /// The device or program it is for.
    pub device: String,
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// SHA-256 of `der`, lower-case hexadecimal.
    pub fingerprint: String,
    /// Mark of the key that issued it; empty from before there were issuing levels.
    pub issuer: String,
    /// SHA-256 of the certified key (SubjectPublicKeyInfo), lower-case hexadecimal; empty where it was not written down.
    pub key_sha256: String,
    /// When it was issued.
    pub issued_at: i64,
    /// Start of validity.
    pub not_before: i64,
    /// End of validity.
    pub not_after: i64,
    /// How it follows from the account's certificates before.
    pub continuity: Continuity,
    /// The certificate whose key signed the request for this one.
    pub renews: Option<String>,
    /// When a certificate that renews this one signed first; this one signs nothing from then on.
    pub replaced_at: Option<i64>,
    /// When it signed last, to the minute.
    pub used_at: Option<i64>,
    /// When its owner said that a new key is his.
    pub confirmed_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// Why it was revoked: RFC 5280's word, or words of one's own.
    pub revocation_reason: Option<String>,
    /// More about it, in words of one's own.
    pub revocation_note: Option<String>,
    /// Name of whoever revoked it; none where the account's end did.
    pub revoked_by: Option<String>,
}

impl CertificateRow {
    /// Whether it may still sign at the time `now`.
    pub fn counts(&self, now: i64) -> bool {
        self.revoked_at.is_none() && self.replaced_at.is_none() && self.not_after > now
    }
}

/// What became of a certificate that was to be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Issuance {
    /// It is in the index, with its continuity.
    Done(Box<CertificateRow>),
    /// The account has as many that count as it may.
    TooMany,
    /// Another account holds a certificate for this key, or one for it was revoked.
    KeySpent,
    /// The certificate it was to renew does not count any more.
    RenewedGone,
    /// The account may not sign in any more.
    Inactive,
    /// Its continuity is another one than its record tells: begin again.
    Changed(Continuity, Option<String>),
}

/// A revocation as someone asks for it.
#[derive(Clone, Debug, Default)]
pub struct Revoking {
    /// Serial number.
    pub serial: String,
    /// Only when it is this account's.
    pub account: Option<String>,
    /// When.
    pub at: i64,
    /// RFC 5280's word, or words of one's own.
    pub reason: String,
    /// More about it.
    pub note: Option<String>,
    /// Name of whoever asks.
    pub by: Option<String>,
    /// Account id of whoever asks.
    pub actor: String,
    /// The record that tells of it.
    pub record: Option<NewRecord>,
}

/// A revocation, for the list that the authority signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// Serial number, lower-case hexadecimal.
    pub serial: String,
    /// Mark of the key that issued it; empty from before there were issuing levels.
    pub issuer: String,
    /// When.
    pub at: i64,
    /// Why.
    pub reason: String,
}

/// A use is written down at most this often, milliseconds.
const SIGHT: i64 = 60_000;

impl Index {
    /// Writes down an issued certificate, before it is handed out. Its continuity is decided here, under the account's lock: `renews` is
    /// the certificate whose key signed the request; a request for a key that counts already follows from that key's certificate. With a
    /// record the row says the continuity that the record tells; another one is `Changed`, and nothing happens.
    pub async fn insert_certificate(&self, row: CertificateRow, at_most: usize, record: Option<NewRecord>) -> Result<Issuance, IndexError> {
        self.main()
            .write(move |connection| {
                let (row, record) = (row.clone(), record.clone());
                Box::pin(async move { insert(connection, row, at_most, record).await })
            })
            .await
    }

    /// What would become of a certificate if it were written down now.
    pub async fn foresee_certificate(&self, row: &CertificateRow, at_most: usize) -> Result<Issuance, IndexError> {
        let row = row.clone();
        self.main()
            .snapshot(move |connection| {
                let row = row.clone();
                Box::pin(async move { judge(connection, row, at_most).await })
            })
            .await
    }

    /// One certificate.
    pub async fn certificate(&self, serial: &str) -> Result<Option<CertificateRow>, IndexError> {
        let row = sql("SELECT * FROM certificates WHERE serial = $1").bind(serial).row(&mut *self.main().connection().await?).await?;
        row.as_ref().map(read).transpose()
    }

    /// An account's certificates, newest first.
    pub async fn certificates_of(&self, account: &str) -> Result<Vec<CertificateRow>, IndexError> {
        of(&mut *self.main().connection().await?, account).await
    }

    /// Certificates of all accounts, newest first, each with its account's sign-in name and name; with `unproven` only new keys that
    /// count, that nothing but a sign-in stands behind.
    pub async fn issued(&self, unproven: bool, now: i64, at_most: u32) -> Result<Vec<(String, String, CertificateRow)>, IndexError> {
        let mut statement = sql("SELECT c.*, a.login AS account_login, a.name AS account_name FROM certificates c JOIN accounts a ON a.id = c.account");
        if unproven {
            let now = statement.place(now);
            statement.push(&format!(" WHERE c.continuity = 'new' AND c.revoked_at IS NULL AND c.replaced_at IS NULL AND c.not_after > {now}"));
        }
        let at_most = statement.place(at_most);
        statement.push(&format!(" ORDER BY c.issued_at DESC, c.serial LIMIT {at_most}"));
        let rows = statement.rows(&mut *self.main().connection().await?).await?;
        rows.iter().map(|row| Ok((row.text("account_login")?, row.text("account_name")?, read(row)?))).collect()
    }

    /// Revokes a certificate; false where there is no such one that is not revoked yet.
    pub async fn revoke_certificate(&self, revoking: Revoking) -> Result<bool, IndexError> {
        self.main()
            .write(move |connection| {
                let Revoking { serial, account, at, reason, note, by, actor, record } = revoking.clone();
                let entry = Entry::new(at, "certificate-revoked", &serial).fact("account", actor).fact("by", &by).fact("reason", &reason).fact("note", &note);
                let mut statement = sql("UPDATE certificates SET revoked_at = $1, revocation_reason = $2, revocation_note = $3, revoked_by = $4 \
                     WHERE serial = $5 AND revoked_at IS NULL")
                .bind(at)
                .bind(reason)
                .bind(note)
                .bind(by)
                .bind(serial);
                if let Some(account) = account {
                    let account = statement.place(account);
                    statement.push(&format!(" AND account = {account}"));
                }
                Box::pin(async move {
                    if crash::step(Point::RevokeRow, statement.execute(connection)).await? != 1 {
                        return Ok(false);
                    }
                    records::add_some(connection, record.as_ref(), at).await?;
                    trail::append(connection, vec![entry.record(record.as_ref())]).await?;
                    Ok(true)
                })
            })
            .await
    }

    /// Notes that a certificate signed. The one it renews signs nothing more from its first time on: until then a browser that lost the
    /// new key on the way still has the old one.
    pub async fn certificate_used(&self, row: &CertificateRow, at: i64) -> Result<(), IndexError> {
        if row.used_at.is_some_and(|used| at - used < SIGHT) {
            return Ok(());
        }
        let (serial, renews) = (row.serial.clone(), row.renews.clone().filter(|_| row.used_at.is_none()));
        self.main()
            .write(move |connection| {
                let (serial, renews) = (serial.clone(), renews.clone());
                Box::pin(async move {
                    sql("UPDATE certificates SET used_at = $1 WHERE serial = $2 AND (used_at IS NULL OR used_at < $1)")
                        .bind(at)
                        .bind(&serial)
                        .execute(connection)
                        .await?;
                    if let Some(old) = renews {
                        let replaced = sql("UPDATE certificates SET replaced_at = $1 WHERE serial = $2 AND replaced_at IS NULL")
                            .bind(at)
                            .bind(&old)
                            .execute(connection)
                            .await?;
                        if replaced == 1 {
                            trail::append(connection, vec![Entry::new(at, "certificate-replaced", &old).fact("by_certificate", &serial)]).await?;
                        }
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Notes that the owner knows this key; false where the account has no such certificate.
    pub async fn confirm_certificate(&self, account: &str, serial: &str, at: i64, record: Option<NewRecord>) -> Result<bool, IndexError> {
        let (account, serial) = (account.to_owned(), serial.to_owned());
        self.main()
            .write(move |connection| {
                let (account, serial, record) = (account.clone(), serial.clone(), record.clone());
                Box::pin(async move {
                    let confirmed = sql("UPDATE certificates SET confirmed_at = $1 WHERE serial = $2 AND account = $3 AND confirmed_at IS NULL")
                        .bind(at)
                        .bind(&serial)
                        .bind(&account)
                        .execute(connection)
                        .await?;
                    if confirmed == 1 {
                        records::add_some(connection, record.as_ref(), at).await?;
                        let entry = Entry::new(at, "certificate-confirmed", &serial).fact("account", &account).record(record.as_ref());
                        trail::append(connection, vec![entry]).await?;
                        return Ok(true);
                    }
                    let own = sql("SELECT 1 AS one FROM certificates WHERE serial = $1 AND account = $2").bind(serial).bind(account).row(connection).await?;
                    Ok(own.is_some())
                })
            })
            .await
    }

    /// Every revocation, oldest first.
    pub async fn revoked(&self) -> Result<Vec<Revoked>, IndexError> {
        let rows = sql("SELECT serial, issuer, revoked_at, revocation_reason FROM certificates WHERE revoked_at IS NOT NULL ORDER BY revoked_at, serial")
            .rows(&mut *self.main().connection().await?)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Revoked {
                    serial: row.text("serial")?,
                    issuer: row.text("issuer")?,
                    at: row.int("revoked_at")?,
                    reason: row.maybe_text("revocation_reason")?.unwrap_or_default(),
                })
            })
            .collect()
    }
}

/// Revokes all that counts of an account that ends (RFC 5280: privilegeWithdrawn). Part of the change of the account.
pub(super) async fn withdraw(connection: &mut AnyConnection, account: &str, at: i64) -> Result<(), IndexError> {
    sql("UPDATE certificates SET revoked_at = $1, revocation_reason = 'privilegeWithdrawn' WHERE account = $2 AND revoked_at IS NULL AND not_after > $1")
        .bind(at)
        .bind(account)
        .execute(connection)
        .await
        .map(drop)
}

async fn insert(connection: &mut AnyConnection, row: CertificateRow, at_most: usize, record: Option<NewRecord>) -> Result<Issuance, IndexError> {
    // Locks the account's row: of two first keys that race one comes first.
    if sql("UPDATE accounts SET active = active WHERE id = $1 AND active = 1").bind(&row.account).execute(connection).await? != 1 {
        return Ok(Issuance::Inactive);
    }
    let (told, renewed) = (row.continuity, row.renews.clone());
    let row = match judge(connection, row, at_most).await? {
        Issuance::Done(row) if record.is_some() && (row.continuity != told || row.renews != renewed) => {
            return Ok(Issuance::Changed(row.continuity, row.renews));
        }
        Issuance::Done(row) => *row,
        refused => return Ok(refused),
    };
    write(connection, &row).await?;
    records::add_some(connection, record.as_ref(), row.issued_at).await?;
    let entry = Entry::new(row.issued_at, "certificate-issued", &row.serial)
        .fact("account", &row.account)
        .fact("subject", &row.subject)
        .fact("device", &row.device)
        .fact("fingerprint", &row.fingerprint)
        .fact("issuer", &row.issuer)
        .fact("continuity", row.continuity)
        .fact("renews", &row.renews)
        .record(record.as_ref());
    trail::append(connection, vec![entry]).await?;
    Ok(Issuance::Done(Box::new(row)))
}

/// Certificates that an account may be issued within a day, whatever became of them: each that is revoked stays on the list for ever.
const A_DAY: usize = 500;
const DAY: i64 = 24 * 60 * 60 * 1000;

/// The certificate with its continuity, or why it may not be.
async fn judge(connection: &mut AnyConnection, mut row: CertificateRow, at_most: usize) -> Result<Issuance, IndexError> {
    let held = of(connection, &row.account).await?;
    let lately = held.iter().filter(|other| other.issued_at > row.issued_at - DAY).count();
    if lately >= A_DAY || held.iter().filter(|other| other.counts(row.issued_at)).count() >= at_most {
        return Ok(Issuance::TooMany);
    }
    let same_key = sql("SELECT * FROM certificates WHERE key_sha256 = $1 AND key_sha256 <> ''").bind(&row.key_sha256).rows(connection).await?;
    let same_key = same_key.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    if same_key.iter().any(|other| other.account != row.account || other.revoked_at.is_some()) {
        return Ok(Issuance::KeySpent);
    }
    let proven = |other: &&CertificateRow| other.counts(row.issued_at);
    row.continuity = match &row.renews {
        Some(old) if !held.iter().filter(proven).any(|other| other.serial == *old) => return Ok(Issuance::RenewedGone),
        Some(_) => Continuity::Renewed,
        None if held.is_empty() => Continuity::First,
        None => match same_key.iter().find(proven) {
            Some(same) => {
                row.renews = Some(same.serial.clone());
                Continuity::Renewed
            }
            None => Continuity::New,
        },
    };
    Ok(Issuance::Done(Box::new(row)))
}

async fn write(connection: &mut AnyConnection, row: &CertificateRow) -> Result<(), IndexError> {
    crash::before(Point::EnrolRow);
    sql("INSERT INTO certificates (serial, account, subject, device, der, fingerprint, issuer, key_sha256, issued_at, not_before, not_after, continuity, renews) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)")
    .bind(&row.serial)
    .bind(&row.account)
    .bind(&row.subject)
    .bind(&row.device)
    .bind(hex::encode(&row.der))
    .bind(&row.fingerprint)
    .bind(&row.issuer)
    .bind(&row.key_sha256)
    .bind(row.issued_at)
    .bind(row.not_before)
    .bind(row.not_after)
    .bind(word(row.continuity))
    .bind(row.renews.clone())
    .execute(connection)
    .await?;
    crash::after(Point::EnrolRow);
    Ok(())
}

async fn of(connection: &mut AnyConnection, account: &str) -> Result<Vec<CertificateRow>, IndexError> {
    let rows = sql("SELECT * FROM certificates WHERE account = $1 ORDER BY issued_at DESC, serial").bind(account).rows(connection).await?;
    rows.iter().map(read).collect()
}

fn read(row: &AnyRow) -> Result<CertificateRow, IndexError> {
    Ok(CertificateRow {
        serial: row.text("serial")?,
        account: row.text("account")?,
        subject: row.text("subject")?,
        device: row.text("device")?,
        der: hex::decode(row.text("der")?).map_err(|_| IndexError::Corrupt("column der holds no hexadecimal".to_owned()))?,
        fingerprint: row.text("fingerprint")?,
        issuer: row.text("issuer")?,
        key_sha256: row.text("key_sha256")?,
        issued_at: row.int("issued_at")?,
        not_before: row.int("not_before")?,
        not_after: row.int("not_after")?,
        continuity: row.word("continuity")?,
        renews: row.maybe_text("renews")?,
        replaced_at: row.maybe_int("replaced_at")?,
        used_at: row.maybe_int("used_at")?,
        confirmed_at: row.maybe_int("confirmed_at")?,
        revoked_at: row.maybe_int("revoked_at")?,
        revocation_reason: row.maybe_text("revocation_reason")?,
        revocation_note: row.maybe_text("revocation_note")?,
        revoked_by: row.maybe_text("revoked_by")?,
    })
}
