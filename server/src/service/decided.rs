//! What approvers' acts share: the state they must have seen, and how the index's outcome reads.

use app::error::Code;
use app::model::{DecisionKind, Document, Lang, Number, TypeCode};

use crate::App;
use crate::caller::Person;
use crate::error::{Error, Result, not_found};
use crate::index::{DocumentRow, EventRow, IndexError, NewRecord, Outcome, StepFieldRow, StepRow};
use crate::permission::{self, Refusal, Subject, Verb, already_decided, sign_in_required};
use crate::service::record::Record;
use crate::service::{find, keep, present};

/// The open step and the field that this account would fill, on the revision that it saw.
///
/// # Errors
/// `StaleRevision` when the document has moved on, `NotYourStep` when there is no field for this account.
pub fn open<'a>(row: &'a DocumentRow, revision: u32, person: &Person) -> Result<(&'a StepRow, &'a StepFieldRow)> {
    if row.revision != revision {
        return Err(stale(row.revision));
    }
    let step = row.open_step().ok_or_else(already_decided)?;
    let field = step.field_for(&person.id).ok_or_else(|| Error::from(Refusal::NotYourStep))?;
    Ok((step, field))
}

/// The document after an act, or why there was none.
///
/// # Errors
/// The outcome as a person reads it.
pub fn outcome(outcome: Outcome, lang: Lang) -> Result<Document> {
    Err(match outcome {
        Outcome::Done(row) => return Ok(present::document(*row, lang)),
        Outcome::Missing => not_found(),
        Outcome::WrongState => Error::new(
            Code::WrongState,
            "The document has changed meanwhile; this act is not possible any more. Nothing was changed by it.",
            "单据状态已发生变化，无法再进行此操作，数据没有变化。",
        )
        .next("Open the document again to see where it stands.", "请重新打开单据查看当前状态。"),
        Outcome::StaleRevision => stale_now(),
        Outcome::AlreadyDecided => already_decided(),
        Outcome::NotAsked => Refusal::NotYourStep.into(),
    })
}

/// The document, where this account decided so on this revision since its request first came, milliseconds: the answer to a request whose first
/// answer was lost with its server. Its creator may have corrected it meanwhile; what was decided is told by the history.
///
/// # Errors
/// `NotFound`; when the index does not answer.
pub async fn own(app: &App, person: &Person, number: &Number, decision: Own, lang: Lang) -> Result<Option<Document>> {
    let row = find::row(app, person, number).await?;
    // A signature is noted with the revision it made, a rejection with the one it saw.
    let (kind, noted) = match decision.kind {
        DecisionKind::Signed => ("signed", decision.revision + 1),
        DecisionKind::Rejected => ("rejected", decision.revision),
    };
    let since = decision.since - APART;
    let events = app.index.events(number).await?;
    // The edition that was there when the request came.
    let edition = events.iter().rev().find(|event| event.at <= decision.since).map_or(1, |event| event.edition);
    let own = |event: &EventRow| event.account == person.id && event.kind == kind && event.edition == edition && event.revision == noted && event.at >= since;
    Ok(events.iter().any(own).then(|| present::document(row, lang)))
}

/// A decision that a request may have made.
#[derive(Clone, Copy, Debug)]
pub struct Own {
    /// The revision that was seen.
    pub revision: u32,
    /// What was decided.
    pub kind: DecisionKind,
    /// When the request first came.
    pub since: i64,
}

/// So far apart the clocks of replicas may be, milliseconds.
const APART: i64 = 2000;

/// Asked again right before a commit: storing may have taken a minute, and meanwhile the account may have been closed or have lost the role that
/// the step asks for.
///
/// # Errors
/// `SignInRequired`, `NotYourStep`; when the index does not answer.
pub async fn still_asked(app: &App, person: &Person, row: &DocumentRow) -> Result<()> {
    let account = app.index.account(&person.id).await?.filter(|account| account.active).ok_or_else(sign_in_required)?;
    let now = present::person(account);
    let asked = permission::allowed(&now, Verb::Decide, Subject::Document(present::standing(row, &now)));
    if asked { Ok(()) } else { Err(Refusal::NotYourStep.into()) }
}

/// Stores the record of an ending beside the document's files. None while the store is away: an ending needs no file, and the trail, whose
/// segments follow as soon as the store is back, tells all of it.
///
/// # Errors
/// When the index does not answer: then nothing is changed.
pub async fn ending(app: &App, row: &DocumentRow, record: Record) -> Result<Option<NewRecord>> {
    match keep::beside(app, &row.number, row.edition, row.revision, record.write()?).await {
        Ok(file) => Ok(Some(NewRecord { kind: record.kind(), object: row.number.to_string(), version: row.edition.into(), file })),
        Err(error) if error.code() == Code::StoreUnavailable => {
            tracing::warn!(%error, number = %row.number, "a document ends without a record");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// The commit of an ending; the record of one that did not happen is given up.
///
/// # Errors
/// The outcome as a person reads it.
pub async fn ended(
    app: &App,
    code: &TypeCode,
    record: Option<&NewRecord>,
    commit: impl Future<Output = std::result::Result<Outcome, IndexError>>,
    lang: Lang,
) -> Result<Document> {
    let done = match record {
        Some(record) => keep::commit(app, code, &record.file, commit).await?,
        None => commit.await?,
    };
    outcome(done, lang)
}

fn stale(current: u32) -> Error {
    stale_now().cause(format_args!("revision {current} is current"))
}

/// The document moved on.
pub fn stale_now() -> Error {
    Error::new(
        Code::StaleRevision,
        "The document has a newer revision than the one you saw. Your decision was not added.",
        "单据已有更新的版本，您的决定没有写入。",
    )
    .next("Load it again, look at it, and decide then.", "请重新打开并查看后再作决定。")
}
