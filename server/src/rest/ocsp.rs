//! `POST /ocsp` and `GET /ocsp/{request}`: whether certificates of this authority are revoked (RFC 6960 appendix A.1).

use axum::body::Bytes;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64ct::{Base64, Encoding};

use super::problem::{Answer, Problem};
use super::{door, tsa};
use crate::router::Edge;
use crate::service;

/// Longest request, base64, that an address may hold.
const LONGEST: usize = 4096;

/// Good, revoked or unknown, signed.
#[utoipa::path(post, path = "/ocsp", operation_id = "askRevocationStatus", tag = "authority", security(()),
    request_body(content = Vec<u8>, content_type = "application/ocsp-request", description = "OCSPRequest, DER"),
    responses((status = 200, content_type = "application/ocsp-response", description = "OCSPResponse, DER; a nonce is echoed"),
              (status = 415, body = Problem, content_type = "application/problem+json", description = "unsupported_media_type"),
              (status = 429, body = Problem, content_type = "application/problem+json", description = "too_many_tries: over 600 a minute")))]
pub async fn post(State(edge): State<Edge>, request: Request) -> Answer<Response> {
    let lang = door::language(request.extensions());
    if door::media_type(request.headers()) != "application/ocsp-request" {
        return Err(door::unsupported(lang, "application/ocsp-request"));
    }
    tsa::admit(&edge, &request, lang)?;
    let body = door::whole(request, &()).await?;
    Ok(answer(&edge, body).await)
}

/// The same with the request in the address, base64 and percent-encoded.
#[utoipa::path(get, path = "/ocsp/{request}", operation_id = "askRevocationStatusByAddress", tag = "authority", security(()),
    params(("request" = String, Path, description = "OCSPRequest, DER, in base64")),
    responses((status = 429, body = Problem, content_type = "application/problem+json", description = "too_many_tries: over 600 a minute"), (status = 200, content_type = "application/ocsp-response", description = "OCSPResponse, DER")))]
pub async fn get(State(edge): State<Edge>, Path(text): Path<String>, request: Request) -> Answer<Response> {
    let lang = door::language(request.extensions());
    tsa::admit(&edge, &request, lang)?;
    let der = Some(text.trim_start_matches('/')).filter(|text| text.len() <= LONGEST).and_then(|text| Base64::decode_vec(text).ok());
    let der = der.ok_or_else(|| Problem::of_status(lang, StatusCode::BAD_REQUEST))?;
    Ok(answer(&edge, der.into()).await)
}

async fn answer(edge: &Edge, request: Bytes) -> Response {
    let reply = service::revocation::answer(&edge.app, &request).await;
    ([(header::CONTENT_TYPE, "application/ocsp-response"), (header::CACHE_CONTROL, "no-store")], reply).into_response()
}
