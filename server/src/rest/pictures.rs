//! `GET /api/v1/documents/{number}/pictures/{key}`: the picture in a field. Its tag is its digest.

use app::model::{Number, Sha256};
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::door::{Asked, Door};
use super::problem::{Answer, Problem};
use super::tag;

/// What may stand behind the `?`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    sha256: Option<Sha256>,
}

/// The picture in a field of the current edition, as it was sent.
#[utoipa::path(get, path = "/api/v1/documents/{number}/pictures/{key}", operation_id = "readDocumentPicture", tag = "documents",
    params(
        ("number" = Number, Path, description = "The unique number"),
        ("key" = String, Path, description = "The field's key"),
        ("sha256" = Option<String>, Query, description = "The picture's digest: another one is not found"),
        ("If-None-Match" = Option<String>, Header, description = "An earlier ETag"),
    ),
    responses(
        (status = 200, content_type = "image/jpeg", description = "The picture, JPEG or PNG; `ETag` is its SHA-256"),
        (status = 304, description = "The same picture"),
    ))]
pub async fn picture(door: Door, Path((number, key)): Path<(String, String)>, Asked(which): Asked<Which>, headers: HeaderMap) -> Answer<Response> {
    let missing = || Problem::of_status(door.lang, StatusCode::NOT_FOUND);
    let number: Number = number.parse().map_err(|_| missing())?;
    let picture = door.desk.picture(number, key).await?;
    if which.sha256.is_some_and(|sha256| sha256 != picture.sha256) {
        return Err(missing());
    }
    let tag = tag::quoted(picture.sha256.as_str());
    let mut response = if tag::matches(&headers, &tag) { StatusCode::NOT_MODIFIED.into_response() } else { picture.bytes.into_response() };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(picture.media_type));
    headers.insert(header::ETAG, tag);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
    // Kept, but asked about each time: the right to see it may be gone.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}
