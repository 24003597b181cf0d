//! Correcting a rejected document: the same number goes on with its next edition, and the whole route starts again.

use app::error::Code;
use app::model::Submitted;

use crate::App;
use crate::crash::{self, Point};
use crate::error::{Error, Result, invalid_field};
use crate::index::{Correction, DocumentRow, Outcome};
use crate::permission::{Correct, Permit};
use crate::service::edition::Moments;
use crate::service::submit::{self, Creation, Request};
use crate::service::{decided, edition, keep, present};

/// Makes the next edition.
///
/// # Errors
/// As for a creation; `WrongState` when it was withdrawn or corrected meanwhile.
pub async fn correct(app: &App, permit: Permit<Correct>, row: DocumentRow, creation: Creation) -> Result<Submitted> {
    let Creation { known, new, file, key, lang } = creation;
    let creator = permit.person();
    if new.type_code != row.type_code {
        return Err(invalid_field("type", "A correction keeps the type of its document.", "更正不能改变单据类型。"));
    }
    // 1. Values, conditions, people, matter: as for a creation. Its own matter is its own to keep.
    let request = Request::read(key, row.number.as_str(), &new, file.as_ref())?;
    let draft = crash::step(Point::CorrectDraft, edition::draft(app, known, new, file, lang)).await?;
    if app.index.live_holder(&row.type_code, &draft.matter).await?.is_some_and(|holder| holder != row.number) {
        return Err(duplicate_elsewhere(app, &row, &draft.matter).await?);
    }
    // 2. The next edition's revision 0, and its place in the store.
    let next = row.edition + 1;
    let at = app.clock.now();
    let moments = Moments { created_at: row.created_at, at };
    let made = crash::step(Point::CorrectRender, draft.make(app, creator, &row.number, next, moments)).await?;
    let file = keep::keep(app, &row.number, next, 0, made.pdf.clone()).await?;
    // 3. The one commit.
    let content = draft.content(&made, file.clone());
    let answer = submit::answer(&row.number, &content, creator, &draft, next, row.created_at, at);
    let correction = Correction {
        number: row.number.clone(),
        edition: row.edition,
        content,
        creator: creator.id.clone(),
        by: creator.me.name.clone(),
        lang: lang.code().to_owned(),
        at,
        idempotency: request.row(creator, &answer)?,
    };
    match keep::commit(app, &row.type_code, &file, crash::step(Point::CorrectCommit, app.index.correct(correction))).await {
        Ok(Outcome::Done(row)) => Ok(Submitted { document: present::document(*row, lang), fresh: true }),
        Ok(refused) => decided::outcome(refused, lang).map(|document| Submitted { document, fresh: true }),
        Err(error) => submit::settle(app, creator, &request, &draft, error).await,
    }
}

/// The answer to a correction that was made already with the same key; asked before the permit, which a corrected document no longer gives.
///
/// # Errors
/// `IdempotencyMismatch`.
pub async fn answered(app: &App, person: &crate::caller::Person, row: &DocumentRow, creation: &Creation) -> Result<Option<Submitted>> {
    let request = Request::read(creation.key.clone(), row.number.as_str(), &creation.new, creation.file.as_ref())?;
    request.answered(app, person).await
}

async fn duplicate_elsewhere(app: &App, row: &DocumentRow, matter: &str) -> Result<Error> {
    let holder = app.index.live_holder(&row.type_code, matter).await?;
    let name = holder.as_ref().map(ToString::to_string).unwrap_or_default();
    let error = Error::new(
        Code::DuplicateMatter,
        format!("The corrected matter already has a live document: {name}. Nothing was changed."),
        format!("更正后的事项已有在办单据：{name}，数据没有变化。"),
    )
    .next("Keep this document's own matter, or withdraw it.", "请保留本单据原有事项，或撤回本单据。");
    Ok(match holder {
        Some(number) => error.number(number),
        None => error,
    })
}
