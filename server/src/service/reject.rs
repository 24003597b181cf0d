//! Rejecting: a reason instead of a seal; the document goes back to its creator.

use app::model::{Document, Lang, Seen};

use crate::App;
use crate::crash::{self, Point};
use crate::error::{Result, invalid_field};
use crate::index::{Act, DocumentRow, NewDecision};
use crate::permission::{Decide, Permit};
use crate::service::record::{Ending, Record};
use crate::service::{decided, keep};

/// Rejects the open step.
///
/// # Errors
/// No reason, `StaleRevision`, `AlreadyDecided`.
pub async fn reject(app: &App, permit: Permit<Decide>, row: DocumentRow, seen: Seen, reason: &str, lang: Lang) -> Result<Document> {
    let person = permit.person();
    let reason = reason.trim();
    if !(1..=2000).contains(&reason.chars().count()) || reason.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(invalid_field("reason", "Say why, in 1 to 2,000 characters.", "请用 1 至 2000 个字符说明驳回原因。"));
    }
    let Seen { edition, revision } = seen;
    // Another edition may be at the same revision.
    if edition.is_some_and(|edition| edition != row.edition) {
        return Err(decided::stale_now());
    }
    let (step, _) = decided::open(&row, revision, person)?;
    let at = app.clock.now();
    let ending = Ending {
        number: row.number.clone(),
        edition: row.edition,
        revision,
        step: Some(step.key.clone()),
        account: person.id.clone(),
        by: person.me.name.clone(),
        reason: Some(reason.to_owned()),
        at,
    };
    // No PDF tells of a rejection: a record in the store does, there before the commit like any file.
    let record = decided::ending(app, &row, Record::Rejected(ending)).await?;
    if let Err(refusal) = decided::still_asked(app, person, &row).await {
        if let Some(record) = &record {
            keep::give_up(app, &row.type_code, &record.file).await;
        }
        return Err(refusal);
    }
    let new = NewDecision {
        number: row.number.clone(),
        edition: row.edition,
        revision,
        position: step.position,
        account: person.id.clone(),
        by: person.me.name.clone(),
        at,
        act: Act::Reject { reason: reason.to_owned(), record: record.clone() },
    };
    let commit = crash::step(Point::RejectCommit, app.index.decide(new));
    decided::ended(app, &row.type_code, record.as_ref(), commit, lang).await
}
