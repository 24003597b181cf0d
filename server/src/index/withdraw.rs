//! Taking a document back: its matter is free again.

use app::model::Number;

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
                    crash::before(Point::WithdrawDocument);
                    let changed = sql("UPDATE documents SET status = 'withdrawn', live = 0 WHERE number = $1 AND edition = $2 AND live = 1 \
                         AND (status = 'rejected' OR (status = 'pending' AND revision = 0))")
                    .bind(number.as_str())
                    .bind(document.edition)
                    .execute(connection)
                    .await?;
                    if changed != 1 {
                        return Err(IndexError::Busy);
                    }
                    crash::after(Point::WithdrawDocument);
                    crash::step(Point::WithdrawSteps, steps::close(connection, &number, document.edition)).await?;
                    listings::refresh(connection, &number).await?;
                    sql("DELETE FROM offers WHERE number = $1").bind(number.as_str()).execute(connection).await?;
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
                    records::add_some(connection, record.as_ref(), at).await?;
                    let row = documents::read(connection, &number).await?.ok_or_else(|| IndexError::Defect("a locked document went away".to_owned()))?;
                    crash::step(Point::WithdrawEvent, events::record(connection, &number, vec![event], |_, entry| entry.record(record.as_ref()))).await?;
                    Ok(Outcome::Done(Box::new(row)))
                })
            })
            .await
    }
}
