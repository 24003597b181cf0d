//! Taking a document back: while no one has signed, or after a rejection. Its matter is free again.

use app::model::{Document, Lang};

use crate::App;
use crate::crash::{self, Point};
use crate::error::Result;
use crate::index::{DocumentRow, Withdrawal};
use crate::permission::{Permit, Withdraw};
use crate::service::decided;

/// Takes it back.
///
/// # Errors
/// `WrongState` when someone was faster.
pub async fn withdraw(app: &App, permit: Permit<Withdraw>, row: DocumentRow, lang: Lang) -> Result<Document> {
    let person = permit.person();
    let withdrawal = Withdrawal { number: row.number, creator: person.id.clone(), by: person.me.name.clone(), at: app.clock.now() };
    decided::outcome(crash::step(Point::WithdrawCommit, app.index.withdraw(withdrawal)).await?, lang)
}
