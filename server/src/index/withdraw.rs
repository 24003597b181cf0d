//! Taking a document back: its matter is free again.

use app::model::Number;

use super::batch::Batch;
use super::error::IndexError;
use super::events::{self, EventRow};
use super::records::{self, NewRecord};
use super::rows::Outcome;
use super::sql::sql;
use super::{Index, documents, listings, rules, steps};
use crate::crash::{self, Point};

/// A withdrawal by the creator.
#[derive(Clone, Debug)]
pub struct Withdrawal {
    /// The document.
    pub number: Number,
    /// Account id of the creator.
    pub creator: String,
    /// The creator's name.
    pub by: String,
    /// When.
    pub at: i64,
    /// The record that tells of it.
    pub record: Option<NewRecord>,
}

impl Index {
    /// Takes a document back while no one has signed its edition, or after a rejection. `AlreadyDecided` where someone has
    /// signed, `WrongState` where it is signed by all or was taken back before, `Missing` where it is not this creator's.
    pub async fn withdraw(&self, withdrawal: Withdrawal) -> Result<Outcome, IndexError> {
        let Some(database) = self.home(&withdrawal.number.type_code()).await? else { return Ok(Outcome::Missing) };
        database
            .write(move |connection| {
                let withdrawal = withdrawal.clone();
                Box::pin(async move {
                    let Some(document) = crash::step(Point::WithdrawLock, documents::lock(connection, &withdrawal.number)).await? else {
                        return Ok(Outcome::Missing);
                    };
                    if let Err(refusal) = rules::withdrawn(&document, &withdrawal) {
                        return Ok(refusal);
                    }
                    let Withdrawal { number, creator, by, at, record } = withdrawal;
                    let mut batch = Batch::default();
                    let withdrawn = sql("UPDATE documents SET status = 'withdrawn', live = 0 WHERE number = $1 AND edition = $2 AND live = 1 \
                         AND (status = 'rejected' OR (status = 'pending' AND revision = 0))")
                    .bind(number.as_str())
                    .bind(document.edition);
                    batch.one(withdrawn, IndexError::Busy);
                    batch.at(Point::WithdrawDocument);
                    steps::close(&mut batch, &number, document.edition);
                    batch.at(Point::WithdrawSteps);
                    listings::refresh(&mut batch, &number);
                    batch.add(sql("DELETE FROM offers WHERE number = $1").bind(number.as_str()));
                    let event = EventRow {
                        at,
                        kind: "withdrawn".to_owned(),
                        account: creator,
                        by,
                        step: None,
                        reason: None,
                        edition: document.edition,
                        revision: document.revision,
                        sha256: Some(document.sha256),
                        level: None,
                    };
                    if let Some(record) = &record {
                        records::add(&mut batch, record, at);
                    }
                    let asked = documents::Asked::of(&mut batch, &number);
                    let told = events::record(connection, batch, &number, vec![event], |_, entry| entry.record(record.as_ref()));
                    let row = asked.there(&mut crash::step(Point::WithdrawEvent, told).await?)?;
                    Ok(Outcome::Done(Box::new(row)))
                })
            })
            .await
    }
}
