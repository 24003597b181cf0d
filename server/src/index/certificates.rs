//! Table `certificates`: what the authority issued, to whom, and what was revoked.

use sqlx::any::AnyRow;

use super::Index;
use super::error::IndexError;
use super::sql::{Columns, sql};

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
    /// Start of validity.
    pub not_before: i64,
    /// End of validity.
    pub not_after: i64,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// Why it was revoked.
    pub revocation_reason: Option<String>,
}

/// A revocation, for the list that the authority signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// Serial number, lower-case hexadecimal.
    pub serial: String,
    /// When.
    pub at: i64,
    /// Why.
    pub reason: String,
}

impl Index {
    /// Writes down an issued certificate, before it is handed out.
    pub async fn insert_certificate(&self, row: CertificateRow) -> Result<(), IndexError> {
        self.main()
            .write(move |connection| {
                let row = row.clone();
                Box::pin(async move {
                    sql("INSERT INTO certificates (serial, account, subject, device, der, fingerprint, not_before, not_after) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
                    .bind(row.serial)
                    .bind(row.account)
                    .bind(row.subject)
                    .bind(row.device)
                    .bind(hex::encode(row.der))
                    .bind(row.fingerprint)
                    .bind(row.not_before)
                    .bind(row.not_after)
                    .execute(connection)
                    .await
                    .map(drop)
                })
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
        let rows = sql("SELECT * FROM certificates WHERE account = $1 ORDER BY not_before DESC, serial")
            .bind(account)
            .rows(&mut *self.main().connection().await?)
            .await?;
        rows.iter().map(read).collect()
    }

    /// Revokes one of the account's certificates; false where it has no such one that is not revoked yet.
    pub async fn revoke_certificate(&self, account: &str, serial: &str, at: i64, reason: &str) -> Result<bool, IndexError> {
        let (account, serial, reason) = (account.to_owned(), serial.to_owned(), reason.to_owned());
        self.main()
            .write(move |connection| {
                let statement =
                    sql("UPDATE certificates SET revoked_at = $1, revocation_reason = $2 WHERE serial = $3 AND account = $4 AND revoked_at IS NULL")
                        .bind(at)
                        .bind(&reason)
                        .bind(&serial)
                        .bind(&account);
                Box::pin(async move { Ok(statement.execute(connection).await? == 1) })
            })
            .await
    }

    /// Every revocation, oldest first.
    pub async fn revoked(&self) -> Result<Vec<Revoked>, IndexError> {
        let rows = sql("SELECT serial, revoked_at, revocation_reason FROM certificates WHERE revoked_at IS NOT NULL ORDER BY revoked_at, serial")
            .rows(&mut *self.main().connection().await?)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(Revoked { serial: row.text("serial")?, at: row.int("revoked_at")?, reason: row.maybe_text("revocation_reason")?.unwrap_or_default() })
            })
            .collect()
    }
}

fn read(row: &AnyRow) -> Result<CertificateRow, IndexError> {
    Ok(CertificateRow {
        serial: row.text("serial")?,
        account: row.text("account")?,
        subject: row.text("subject")?,
        device: row.text("device")?,
        der: hex::decode(row.text("der")?).map_err(|_| IndexError::Corrupt("column der holds no hexadecimal".to_owned()))?,
        fingerprint: row.text("fingerprint")?,
        not_before: row.int("not_before")?,
        not_after: row.int("not_after")?,
        revoked_at: row.maybe_int("revoked_at")?,
        revocation_reason: row.maybe_text("revocation_reason")?,
    })
}
