//! Taking a document back: while no one has signed, or after a rejection. Its matter is free again.

use app::model::{Document, Lang};

use crate::App;
use crate::crash::{self, Point};
use crate::error::Result;
use crate::index::{DocumentRow, Withdrawal};
use crate::permission::{Permit, Withdraw};
use crate::service::record::{Ending, Record};
use crate::service::{decided, keep};

/// Takes it back.
///
/// # Errors
/// `WrongState` when someone was faster.
pub async fn withdraw(app: &App, permit: Permit<Withdraw>, row: DocumentRow, lang: Lang) -> Result<Document> {
    let person = permit.person();
    let at = app.clock.now();
    let (account, by) = (person.id.clone(), person.me.name.clone());
    let ending = Ending { number: row.number.clone(), edition: row.edition, revision: row.revision, step: None, account, by, reason: None, at };
    let record = decided::ending(app, &row, Record::Withdrawn(ending)).await?;
    let withdrawal = Withdrawal { number: row.number.clone(), creator: person.id.clone(), by: person.me.name.clone(), at, record: Some(record.clone()) };
    let commit = crash::step(Point::WithdrawCommit, app.index.withdraw(withdrawal));
    decided::outcome(keep::commit(app, &row.type_code, &record.file, commit).await?, lang)
}
