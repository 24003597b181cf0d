//! Documents: find, read, create, preview, take back, correct.

use leptos::prelude::*;
use leptos::server_fn::codec::{ByteStream, MultipartData, MultipartFormData, Streaming};

#[cfg(feature = "ssr")]
use bytes::Bytes;

use super::wire::{TextAnswer, Wire};
#[cfg(feature = "ssr")]
use super::{answer, desk};
#[cfg(feature = "ssr")]
use crate::error::Code;
use crate::error::{AppError, AppResult};
use crate::model::{Document, DocumentView, Event, NewDocument, Number, Page, Query, Submitted};

/// Documents the caller may see, each with no more of its values than a list shows.
#[server(name = ListDocuments, prefix = "/rpc", endpoint = "documents/list", protocol = Wire)]
pub async fn documents(query: Query) -> AppResult<Page<Document>> {
    answer(desk()?.listed(query).await)
}

/// One document.
#[server(name = ReadDocument, prefix = "/rpc", endpoint = "documents/document", protocol = Wire)]
pub async fn document(number: Number) -> AppResult<Document> {
    answer(desk()?.document(number).await)
}

/// One document with all that its page shows. Pictures are there by their addresses.
#[server(name = ViewDocument, prefix = "/rpc", endpoint = "documents/view", protocol = Wire)]
pub async fn view(number: Number) -> AppResult<DocumentView> {
    answer(desk()?.view(number).await)
}

/// A document's history, oldest first.
#[server(name = ListEvents, prefix = "/rpc", endpoint = "documents/events", protocol = Wire)]
pub async fn events(number: Number) -> AppResult<Vec<Event>> {
    answer(desk()?.events(number).await)
}

/// Creates a document. Parts: `document` (`NewDocument` as JSON), `key` (idempotency key), `file` (a PDF, for upload types).
#[server(name = SubmitDocument, prefix = "/rpc", endpoint = "documents/submit", input = MultipartFormData, output = TextAnswer)]
pub async fn submit(data: MultipartData) -> AppResult<Submitted> {
    let parts = answer(read_parts(data).await)?;
    answer(desk()?.submit(parts.document, parts.file, parts.key).await)
}

/// The PDF as it would be. Parts as in [`submit`], without `key`.
#[server(name = PreviewDocument, prefix = "/rpc", endpoint = "documents/preview", input = MultipartFormData, output = Streaming)]
pub async fn preview(data: MultipartData) -> AppResult<ByteStream<AppError>> {
    let parts = answer(read_parts(data).await)?;
    let pdf = answer(desk()?.preview(parts.document, parts.file).await)?;
    Ok(super::once(pdf))
}

/// The live document that holds the matter of these fields.
#[server(name = MatterHolder, prefix = "/rpc", endpoint = "documents/matter_holder", protocol = Wire)]
pub async fn matter_holder(new: NewDocument) -> AppResult<Option<Number>> {
    answer(desk()?.matter_holder(new).await)
}

/// Takes a document back.
#[server(name = WithdrawDocument, prefix = "/rpc", endpoint = "documents/withdraw", protocol = Wire)]
pub async fn withdraw(number: Number) -> AppResult<Document> {
    answer(desk()?.withdraw(number).await)
}

/// The next edition of a rejected document. Parts as in [`submit`], and `number`.
#[server(name = CorrectDocument, prefix = "/rpc", endpoint = "documents/correct", input = MultipartFormData, output = TextAnswer)]
pub async fn correct(data: MultipartData) -> AppResult<Submitted> {
    let parts = answer(read_parts(data).await)?;
    let number = answer(parts.number.ok_or_else(|| missing("number")))?;
    answer(desk()?.correct(number, parts.document, parts.file, parts.key).await)
}

#[cfg(feature = "ssr")]
struct Parts {
    document: NewDocument,
    number: Option<Number>,
    file: Option<Bytes>,
    key: Option<String>,
}

#[cfg(feature = "ssr")]
async fn read_parts(data: MultipartData) -> AppResult<Parts> {
    // Nobody's megabytes are not read.
    if desk()?.me().is_none() {
        return Err(AppError::new(Code::SignInRequired, "Sign in first. 请先登录。"));
    }
    let mut multipart = data.into_inner().ok_or_else(|| missing("document"))?;
    let (mut document, mut number, mut file, mut key) = (None, None, None, None);
    while let Some(field) = multipart.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(broken)?;
        match name.as_str() {
            "document" => document = Some(serde_json::from_slice::<NewDocument>(&bytes).map_err(broken)?),
            "number" => number = Some(text(&bytes)?.parse::<Number>().map_err(broken)?),
            "key" => key = Some(text(&bytes)?).filter(|key| !key.is_empty()),
            // A form that was sent without choosing a file still has the part.
            "file" => file = Some(bytes).filter(|bytes| !bytes.is_empty()),
            _ => return Err(AppError::new(Code::InvalidInput, format!("There is no part “{name}”. 没有“{name}”这一部分。"))),
        }
    }
    let document = document.ok_or_else(|| missing("document"))?;
    Ok(Parts { document, number, file, key })
}

#[cfg(feature = "ssr")]
fn text(bytes: &Bytes) -> AppResult<String> {
    String::from_utf8(bytes.to_vec()).map_err(broken)
}

#[cfg(feature = "ssr")]
fn missing(part: &str) -> AppError {
    AppError::new(Code::InvalidInput, format!("The part “{part}” is missing. 缺少“{part}”部分。"))
}

#[cfg(feature = "ssr")]
fn broken(error: impl std::fmt::Display) -> AppError {
    AppError::new(Code::InvalidInput, format!("The form could not be read; nothing was created. 无法读取表单，未创建任何单据。({error})"))
}

#[cfg(feature = "ssr")]
pub(super) fn register() {
    use super::registry::function;
    function::<ListDocuments>();
    function::<ReadDocument>();
    function::<ViewDocument>();
    function::<ListEvents>();
    function::<SubmitDocument>();
    function::<PreviewDocument>();
    function::<MatterHolder>();
    function::<WithdrawDocument>();
    function::<CorrectDocument>();
}
