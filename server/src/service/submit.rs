//! Creating a document: checked, numbered, made, stored, then made real by one commit.

use app::error::Code;
use app::model::{Decide, Document, Lang, NewDocument, Number, Status, Step, StepStatus, Submitted};
use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::App;
use crate::caller::Person;
use crate::clock::{date, rfc3339};
use crate::crash::{self, Point};
use crate::error::{Error, Result, internal, invalid};
use crate::index::{Constraint, EditionContent, IndexError, NewDocumentRow, NewIdempotency};
use crate::permission::{Permit, Submit};
use crate::service::catalog::Type;
use crate::service::edition::{self, Draft, Moments};
use crate::service::{keep, present};
use crate::types;

/// A creation as it was sent.
pub struct Creation {
    /// The type, as found for the permit.
    pub known: Type,
    /// The values.
    pub new: NewDocument,
    /// The PDF of an upload type.
    pub file: Option<Bytes>,
    /// `Idempotency-Key`.
    pub key: Option<String>,
    /// The language the document is made in.
    pub lang: Lang,
}

/// Creates a document.
///
/// # Errors
/// `InvalidInput`, `DocumentRefused`, `DuplicateMatter` with the live number, `IdempotencyMismatch`, or an outage. A number may be
/// lost then, nothing else.
pub async fn submit(app: &App, permit: Permit<Submit>, creation: Creation) -> Result<Submitted> {
    let Creation { known, new, file, key, lang } = creation;
    let creator = permit.person();
    // 1. The same request as before gets the same answer.
    let request = Request::read(key, "create", &new, file.as_ref())?;
    if let Some(before) = request.answered(app, creator).await? {
        return Ok(before);
    }
    // 2. Values, conditions, people, matter.
    let draft = crash::step(Point::CreateDraft, edition::draft(app, known, new, file, lang)).await?;
    if let Some(holder) = app.index.live_holder(&draft.definition.code, &draft.matter).await? {
        // A twin of this request may have made it a moment ago.
        return match request.answered(app, creator).await? {
            Some(before) => Ok(before),
            None => Err(duplicate(app, creator, holder).await),
        };
    }
    // 3. The number.
    let number = crash::step(Point::CreateNumber, number(app, &draft)).await?;
    // 4. Revision 0, and its place in the store.
    let at = app.clock.now();
    let made = crash::step(Point::CreateRender, draft.make(app, creator, &number, 1, Moments { created_at: at, at })).await?;
    let file = keep::keep(app, &number, 1, 0, made.pdf.clone()).await?;
    // 5. The one commit.
    let content = draft.content(&made, file.clone());
    let answer = answer(&number, &content, creator, &draft, 1, at, at);
    let new = NewDocumentRow {
        number: number.clone(),
        content,
        creator: creator.id.clone(),
        creator_client_number: creator.me.client_number.clone(),
        creator_name: creator.me.name.clone(),
        lang: lang.code().to_owned(),
        at,
        idempotency: request.row(creator, &answer)?,
    };
    match keep::commit(app, &number.type_code(), &file, crash::step(Point::CreateCommit, app.index.create(new))).await {
        Ok(row) => Ok(Submitted { document: present::document(row, lang), fresh: true }),
        Err(error) => settle(app, creator, &request, &draft, error).await,
    }
}

/// After a refused commit: a twin of this request was faster, or another document of the matter was.
pub(super) async fn settle(app: &App, creator: &Person, request: &Request, draft: &Draft, error: IndexError) -> Result<Submitted> {
    let otherwise = Error::from(error.clone());
    match error {
        IndexError::Constraint(Constraint::IdempotencyKey) => request.answered(app, creator).await?.ok_or(otherwise),
        IndexError::Constraint(Constraint::LiveMatter) => match app.index.live_holder(&draft.definition.code, &draft.matter).await? {
            Some(holder) => Err(duplicate(app, creator, holder).await),
            None => Err(otherwise),
        },
        _ => Err(otherwise),
    }
}

/// The live document that holds the matter of these values.
///
/// # Errors
/// Malformed values.
pub async fn matter_holder(app: &App, _permit: Permit<Submit>, known: Type, new: &NewDocument) -> Result<Option<Number>> {
    // While a form is being filled in, the other fields may still be empty: only the matter's own matter here.
    let matter = types::matter::matter(&known.definition, &new.fields);
    Ok(app.index.live_holder(&known.definition.code, &matter).await?)
}

/// The PDF as it would be with what is there already: what is missing or wrong is an empty place, never a refusal.
///
/// # Errors
/// An upload without its PDF or with one that cannot be taken; a template that fails.
pub async fn preview(app: &App, permit: Permit<Submit>, known: Type, new: NewDocument, file: Option<Bytes>, lang: Lang) -> Result<Bytes> {
    let draft = edition::sketch(app, known, &new, file, lang).await?;
    draft.preview(app, permit.person()).await
}

async fn number(app: &App, draft: &Draft) -> Result<Number> {
    let definition = &draft.definition;
    let today = date(app.clock.now());
    let counter = types::numbering::scope(&definition.number, today.year(), today.month());
    let sequence = app.index.allocate_sequence(&definition.code, &counter).await?;
    let number = types::numbering::number(&definition.number, today.year(), today.month(), sequence);
    number.ok_or_else(|| internal(format_args!("the pattern {} gives no number", definition.number)))
}

/// Someone's live document is about the same matter. Its title is told only to those who may see it.
async fn duplicate(app: &App, creator: &Person, number: Number) -> Error {
    let seen = app.index.find(&number, &present::viewer(creator)).await.ok().flatten();
    let title = seen.map(|row| format!(" “{}”", row.title)).unwrap_or_default();
    Error::new(
        Code::DuplicateMatter,
        format!("This matter already has a live document: {number}{title}. No second one was created."),
        format!("该事项已有在办单据：{number}{title}，没有重复创建。"),
    )
    .next("Open that document; if it was rejected, its creator can correct it.", "请打开该单据；如已被驳回，创建人可以更正后重新提交。")
    .number(number)
}

/// A key that another request used; `en` and `zh` say what came of it.
pub fn mismatch(en: &str, zh: &str) -> Error {
    Error::new(Code::IdempotencyMismatch, format!("This Idempotency-Key was used for another request{en}."), format!("该 Idempotency-Key 已用于其他请求{zh}。"))
        .next("Use a new key for a new request.", "新请求请使用新的键。")
}

/// A request with its key and the digest of all that it says.
pub(super) struct Request {
    key: Option<String>,
    digest: String,
}

impl Request {
    pub(super) fn read(key: Option<String>, verb: &str, new: &NewDocument, file: Option<&Bytes>) -> Result<Self> {
        if key.as_ref().is_some_and(|key| key.is_empty() || key.len() > 200 || !key.bytes().all(|b| (0x20..0x7f).contains(&b))) {
            return Err(invalid("An Idempotency-Key has 1 to 200 printable ASCII characters.", "Idempotency-Key 须为 1 至 200 个可打印 ASCII 字符。"));
        }
        let mut hash = Sha256::new();
        hash.update(verb);
        hash.update([0]);
        hash.update(serde_json::to_vec(new).map_err(internal)?);
        hash.update([0]);
        hash.update(file.map(Sha256::digest).unwrap_or_default());
        Ok(Self { key, digest: hex::encode(hash.finalize()) })
    }

    /// The first answer, when the key was used with the same body.
    pub(super) async fn answered(&self, app: &App, creator: &Person) -> Result<Option<Submitted>> {
        let Some(key) = &self.key else { return Ok(None) };
        let Some(row) = app.index.idempotent(&creator.id, key).await? else {
            let elsewhere = app.index.is_key_claimed(creator.me.client_number.as_str(), key).await?;
            return if elsewhere { Err(mismatch("; nothing was created", "，没有创建任何内容")) } else { Ok(None) };
        };
        if row.body_sha256 != self.digest {
            return Err(mismatch(&format!(", which made {}; nothing was created", row.number), &format!("（单据 {}），没有创建任何内容", row.number)));
        }
        let document = serde_json::from_str(&row.answer).map_err(internal)?;
        Ok(Some(Submitted { document, fresh: false }))
    }

    pub(super) fn row(&self, creator: &Person, answer: &Document) -> Result<Option<NewIdempotency>> {
        let Some(key) = self.key.clone() else { return Ok(None) };
        let answer = serde_json::to_string(answer).map_err(internal)?;
        Ok(Some(NewIdempotency { account: creator.id.clone(), key, body_sha256: self.digest.clone(), answer }))
    }
}

/// The answer to this request, written down before the commit so that a repeated request gets it word for word.
pub(super) fn answer(number: &Number, content: &EditionContent, creator: &Person, draft: &Draft, edition: u32, created_at: i64, at: i64) -> Document {
    let lang = draft.lang();
    let steps = content.steps.iter().enumerate().map(|(index, step)| Step {
        key: step.key.clone(),
        name: step.name.pick(lang).to_owned(),
        role: step.role.clone(),
        decide: step.decide,
        status: if index == 0 { StepStatus::Open } else { StepStatus::Waiting },
        decisions: Vec::new(),
        opened_at: (index == 0).then(|| rfc3339(at)),
        awaits: match step.decide {
            Decide::All if index == 0 => step.fields.iter().filter_map(|field| field.account_name.clone()).collect(),
            _ => Vec::new(),
        },
    });
    Document {
        number: number.clone(),
        type_code: number.type_code(),
        title: content.title.clone(),
        edition,
        matter: content.matter.clone(),
        status: Status::Pending,
        creator: app::model::Creator { client_number: creator.me.client_number.clone(), name: creator.me.name.clone() },
        fields: content.fields.clone(),
        revision: 0,
        level: app::model::Level::None,
        sha256: content.file.sha256.clone(),
        size: content.file.size,
        store_path: content.file.store_path.clone(),
        created_at: rfc3339(created_at),
        steps: steps.collect(),
    }
}
