//! Correcting a rejected document: the same number goes on with its next edition.

use app::model::Number;

use super::batch::Batch;
use super::connect::Kind;
use super::create::{self, EditionContent};
use super::error::IndexError;
use super::events::{self, EventRow};
use super::idempotency::{self, NewIdempotency};
use super::rows::Outcome;
use super::sql::sql;
use super::{Index, documents, rules};
use crate::crash::{self, Point};

/// The next edition, by the creator.
#[derive(Clone, Debug)]
pub struct Correction {
    /// The document.
    pub number: Number,
    /// The rejected edition that is corrected.
    pub edition: u32,
    /// What the next edition holds.
    pub content: EditionContent,
    /// Account id of the creator.
    pub creator: String,
    /// The creator's name.
    pub by: String,
    /// The language the new file was made in.
    pub lang: String,
    /// When.
    pub at: i64,
    /// The request's key, if it had one.
    pub idempotency: Option<NewIdempotency>,
}

impl Index {
    /// Makes the next edition real; its route starts again. `StaleRevision` where another edition is current, `WrongState` where
    /// it was not rejected. The same constraints as for a creation.
    pub async fn correct(&self, correction: Correction) -> Result<Outcome, IndexError> {
        let Some(database) = self.home(&correction.number.type_code()).await? else { return Ok(Outcome::Missing) };
        database
            .write(move |connection| {
                let new = correction.clone();
                Box::pin(async move {
                    let (number, content) = (&new.number, &new.content);
                    let document = match crash::step(Point::CorrectLock, documents::lock(connection, number)).await? {
                        Some(document) if document.creator == new.creator => document,
                        _ => return Ok(Err(Outcome::Missing)),
                    };
                    // A twin of the same request waited for the lock and now finds the key used: that, not the state, is its answer.
                    idempotency::must_be_new(connection, new.idempotency.as_ref()).await?;
                    let edition = match rules::corrected(&document, &new) {
                        Ok(edition) => edition,
                        Err(refusal) => return Ok(Err(refusal)),
                    };
                    let mut batch = Batch::default();
                    idempotency::insert(&mut batch, Point::CorrectKey, new.idempotency.clone(), number, new.at);
                    let corrected = sql("UPDATE documents SET edition = $1, status = 'pending', matter = $2, title = $3, revision = 0, level = 'none', raise_at = NULL, sha256 = $4, size = $5, \
                         store_path = $6, fields = $7, search = $8, lang = $9 WHERE number = $10 AND status = 'rejected' AND edition = $11 AND live = 1")
                    .bind(edition)
                    .bind(&content.matter)
                    .bind(&content.title)
                    .bind(content.file.sha256.as_str())
                    .bind(content.file.size)
                    .bind(&content.file.store_path)
                    .bind(content.fields_text())
                    .bind(content.search_text(number, &document.creator_name))
                    .bind(&new.lang)
                    .bind(number.as_str())
                    .bind(new.edition);
                    batch.one(corrected, IndexError::Busy);
                    batch.at(Point::CorrectDocument);
                    create::edition(Kind::of(connection), &mut batch, number, edition, content, new.at)?;
                    let asked = documents::Asked::of(&mut batch, number);
                    let event = EventRow {
                        at: new.at,
                        kind: "corrected".to_owned(),
                        account: new.creator.clone(),
                        by: new.by.clone(),
                        step: None,
                        reason: None,
                        edition,
                        revision: 0,
                        sha256: Some(content.file.sha256.clone()),
                        level: None,
                    };
                    let told = events::record(connection, batch, number, vec![event], |_, entry| create::stored(entry, &content.file));
                    Ok(Ok(asked.there(&mut crash::step(Point::CorrectEvent, told).await?)?))
                })
            })
            .await
            .map(|done| done.map_or_else(|refusal| refusal, |row| Outcome::Done(Box::new(row))))
    }
}
