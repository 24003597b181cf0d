//! Taking a document back: while no one has signed, or after a rejection. Its matter is free again.

use app::model::{Document, Lang};

use crate::App;
use crate::crash::{self, Point};
use crate::error::Result;
use crate::index::{DocumentRow, Withdrawal};
use crate::permission::{Permit, Withdraw};
use crate::service::decided;
use crate::service::record::{Ending, Record};

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
    let withdrawal = Withdrawal { number: row.number.clone(), creator: person.id.clone(), by: person.me.name.clone(), at, record: record.clone() };
    let commit = crash::step(Point::WithdrawCommit, app.index.withdraw(withdrawal));
    decided::ended(app, &row.type_code, record.as_ref(), commit, lang).await
}
