//! Documents: create, list, read, history, take back, correct.

use app::model::{Document, Event, NewDocument, Number, Page, Query, Submitted, TypeCode};
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::door::{self, Asked, Door, Named, Part};
use super::problem::{Answer, Problem};
use super::tag;
use crate::crash::{self, Point};
use app::error::Code;

/// Creates a document, from JSON or from JSON and a PDF.
///
/// Two parts make a multipart body: `document`, the JSON, and `file`, the PDF of an upload type.
#[utoipa::path(post, path = "/api/v1/documents", operation_id = "createDocument", tag = "documents",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body give the first answer again")),
    request_body(content(
        (NewDocument = "application/json"),
        (Upload = "multipart/form-data"),
    )),
    responses(
        (status = 201, body = Document, description = "Created; Location names it"),
        (status = 409, body = Problem, content_type = "application/problem+json", description = "duplicate_matter, with the live document's `number`"),
        (status = 422, body = Problem, content_type = "application/problem+json", description = "invalid_input, document_refused, idempotency_mismatch"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "store_unavailable, index_unavailable"),
    ))]
pub async fn create(door: Door, request: Request) -> Answer<Response> {
    let key = door::idempotency_key(door.lang, request.headers())?;
    let (new, file) = submission(&door, request).await?;
    let submitted = door.desk.submit(new, file, key).await?;
    Ok(made(&submitted))
}

/// Documents that the caller may see.
#[utoipa::path(get, path = "/api/v1/documents", operation_id = "listDocuments", tag = "documents",
    params(
        ("box" = Option<app::model::Box>, Query, description = "`inbox` waits for the caller's decision; `all` where absent"),
        ("type" = Option<TypeCode>, Query, description = "Only this type"),
        ("status" = Option<app::model::Status>, Query, description = "Only this status"),
        ("q" = Option<String>, Query, description = "Text in number, title, matter or creator's name"),
        ("from" = Option<String>, Query, description = "Created at or after: RFC 3339 or YYYY-MM-DD"),
        ("to" = Option<String>, Query, description = "Created before: RFC 3339, or YYYY-MM-DD with that day included"),
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200, description = "50 where absent"),
        ("cursor" = Option<String>, Query, description = "`next` of the page before"),
    ),
    responses((status = 200, body = Page<Document>, description = "One page")))]
pub async fn list(door: Door, Asked(query): Asked<Query>) -> Answer<Json<Page<Document>>> {
    let limit = Some(door::checked_limit(door.lang, query.limit)?);
    Ok(Json(door.desk.documents(Query { limit, ..query }).await?))
}

/// One document. Its `ETag` is its state.
#[utoipa::path(get, path = "/api/v1/documents/{number}", operation_id = "readDocument", tag = "documents",
    params(("number" = Number, Path, description = "The unique number"), ("If-None-Match" = Option<String>, Header, description = "An earlier ETag")),
    responses(
        (status = 200, body = Document, description = "The document"),
        (status = 304, description = "Still in that state"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "Does not exist, or the caller may not see it"),
    ))]
pub async fn read(door: Door, Named(number): Named<Number>, headers: HeaderMap) -> Answer<Response> {
    let document = door.desk.document(number).await?;
    let tag = tag::quoted(&document.state());
    // Steps are named in the caller's language.
    let in_language = HeaderValue::from_static("accept-language, cookie");
    if tag::matches(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag), (header::VARY, in_language)]).into_response());
    }
    Ok(([(header::ETAG, tag), (header::VARY, in_language)], Json(document)).into_response())
}

/// Its history, oldest first.
#[utoipa::path(get, path = "/api/v1/documents/{number}/events", operation_id = "listDocumentEvents", tag = "documents",
    params(("number" = Number, Path, description = "The unique number"), ("limit" = Option<u32>, Query, description = "1 to 200, 50 where absent"), ("cursor" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Page<Event>, description = "One page"), (status = 404, body = Problem, content_type = "application/problem+json", description = "not_found")))]
pub async fn events(door: Door, Named(number): Named<Number>, Asked(part): Asked<Part>) -> Answer<Json<Page<Event>>> {
    let events = door.desk.events(number).await?;
    part.of(door.lang, events).map(Json)
}

/// Takes a document back, by its creator, while no one has signed or after a rejection.
#[utoipa::path(post, path = "/api/v1/documents/{number}/withdrawal", operation_id = "withdrawDocument", tag = "documents",
    params(("number" = Number, Path, description = "The unique number")),
    responses((status = 200, body = Document, description = "Withdrawn; its matter is free again"), (status = 404, body = Problem, content_type = "application/problem+json", description = "not_found"), (status = 409, body = Problem, content_type = "application/problem+json", description = "wrong_state")))]
pub async fn withdraw(door: Door, Named(number): Named<Number>, request: Request) -> Answer<Json<Document>> {
    let body = door::whole(request, &()).await?;
    if !body.is_empty() {
        door::json::<Nothing>(door.lang, &body)?;
    }
    Ok(Json(door.desk.withdraw(number).await?))
}

/// The next edition of a rejected document: the number stays.
#[utoipa::path(post, path = "/api/v1/documents/{number}/corrections", operation_id = "correctDocument", tag = "documents",
    params(("number" = Number, Path, description = "The unique number"), ("Idempotency-Key" = Option<String>, Header, description = "The same key and body give the first answer again")),
    request_body(content(
        (NewDocument = "application/json"),
        (Upload = "multipart/form-data"),
    )),
    responses((status = 201, body = Document, description = "Edition + 1"), (status = 404, body = Problem, content_type = "application/problem+json", description = "not_found"), (status = 409, body = Problem, content_type = "application/problem+json", description = "wrong_state, duplicate_matter")))]
pub async fn correct(door: Door, Named(number): Named<Number>, request: Request) -> Answer<Response> {
    let key = door::idempotency_key(door.lang, request.headers())?;
    let (new, file) = submission(&door, request).await?;
    let submitted = door.desk.correct(number, new, file, key).await?;
    Ok(made(&submitted))
}

/// The two parts of an upload.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the body to readers of the OpenAPI document; the parts are read one by one")]
pub struct Upload {
    /// The document as JSON.
    document: NewDocument,
    /// The PDF, `application/pdf`.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

fn made(submitted: &Submitted) -> Response {
    created(&submitted.document)
}

/// 201 with the document, its address and its state.
pub fn created(document: &Document) -> Response {
    crash::before(Point::AnswerSend);
    let place = HeaderValue::from_str(&format!("/api/v1/documents/{}", document.number)).expect("a number is plain ASCII");
    let response = (StatusCode::CREATED, [(header::LOCATION, place), (header::ETAG, tag::quoted(&document.state()))], Json(document)).into_response();
    crash::after(Point::AnswerSend);
    response
}

async fn submission(door: &Door, request: Request) -> Answer<(NewDocument, Option<Bytes>)> {
    door.signed_in()?;
    match door::media_type(request.headers()).as_str() {
        "application/json" => {
            let body = door::whole(request, &()).await?;
            Ok((door::json(door.lang, &body)?, None))
        }
        "multipart/form-data" => parts(door, request).await,
        _ => Err(door::unsupported(door.lang, "application/json or multipart/form-data")),
    }
}

async fn parts(door: &Door, request: Request) -> Answer<(NewDocument, Option<Bytes>)> {
    let lang = door.lang;
    let broken = |error: axum::extract::multipart::MultipartError| Problem::of_status(lang, error.status());
    let wrong = |en: &str, zh: &str| Problem::edge(lang, Code::InvalidInput, en, zh);
    let mut multipart = Multipart::from_request(request, &())
        .await
        .map_err(|_| wrong("The multipart body has no boundary.", "multipart 请求缺少 boundary。").with_status(StatusCode::BAD_REQUEST))?;
    let (mut document, mut file) = (None, None);
    while let Some(part) = multipart.next_field().await.map_err(broken)? {
        let name = part.name().unwrap_or_default().to_owned();
        let media = part.content_type().unwrap_or_default().to_ascii_lowercase();
        match name.as_str() {
            "document" if document.is_none() => document = Some(door::json(lang, &part.bytes().await.map_err(broken)?)?),
            "file" if file.is_none() && media == "application/pdf" => file = Some(part.bytes().await.map_err(broken)?),
            "file" if file.is_none() => return Err(door::unsupported(lang, "application/pdf (part `file`)")),
            _ => return Err(wrong("The parts are `document` (JSON) and `file` (PDF), each once.", "multipart 只能有 document（JSON）和 file（PDF）各一个。")),
        }
    }
    let document = document.ok_or_else(|| wrong("The part `document` is missing.", "缺少 document 部分。"))?;
    Ok((document, file))
}
