//! Table `offers`: what the server will accept from its own page, one row per offer.

use app::model::Number;

use super::Index;
use super::error::IndexError;
use super::sql::{Columns, sql};

/// An offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferRow {
    /// Row id.
    pub id: String,
    /// The document.
    pub number: Number,
    /// Its edition.
    pub edition: u32,
    /// The revision to sign on top of.
    pub revision: u32,
    /// Position of the open step.
    pub position: u32,
    /// Account id of the approver.
    pub account: String,
    /// Serial number of the certificate.
    pub serial: String,
    /// `pades::SignatureParameters` as JSON.
    pub parameters: String,
    /// When it was made.
    pub created_at: i64,
    /// When it ends.
    pub expires_at: i64,
}

impl Index {
    /// Writes an offer down.
    pub async fn insert_offer(&self, row: OfferRow) -> Result<(), IndexError> {
        self.home_for_writing(&row.number.type_code())
            .await?
            .write(move |connection| {
                let row = row.clone();
                Box::pin(async move {
                    sql("INSERT INTO offers (id, number, edition, revision, position, account, serial, parameters, created_at, expires_at) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
                    .bind(row.id)
                    .bind(row.number.as_str())
                    .bind(row.edition)
                    .bind(row.revision)
                    .bind(row.position)
                    .bind(row.account)
                    .bind(row.serial)
                    .bind(row.parameters)
                    .bind(row.created_at)
                    .bind(row.expires_at)
                    .execute(connection)
                    .await
                    .map(drop)
                })
            })
            .await
    }

    /// An offer for this document. Whose it is and whether it ended is for the caller to compare.
    pub async fn offer(&self, number: &Number, id: &str) -> Result<Option<OfferRow>, IndexError> {
        let Some(database) = self.home(&number.type_code()).await? else { return Ok(None) };
        let row = sql("SELECT * FROM offers WHERE id = $1 AND number = $2").bind(id).bind(number.as_str()).row(&mut *database.connection().await?).await?;
        row.map(|row| {
            Ok(OfferRow {
                id: row.text("id")?,
                number: row.parsed("number")?,
                edition: row.small("edition")?,
                revision: row.small("revision")?,
                position: row.small("position")?,
                account: row.text("account")?,
                serial: row.text("serial")?,
                parameters: row.text("parameters")?,
                created_at: row.int("created_at")?,
                expires_at: row.int("expires_at")?,
            })
        })
        .transpose()
    }
}
