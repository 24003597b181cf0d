//! The authority to outsiders: its certificates and its revocation lists.

use app::model::Lang;
use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::header;
use axum::response::IntoResponse;

use super::problem::{Answer, Problem};
use super::tsa;
use crate::router::Edge;
use crate::service;

/// The trust anchor as PEM, and after it the issuing certificates that chains lead through.
#[utoipa::path(get, path = "/ca.pem", operation_id = "readTrustAnchor", tag = "authority", security(()), responses((status = 200, content_type = "application/x-pem-file", description = "The root's certificate, the issuing levels' after it")))]
pub async fn anchor(State(edge): State<Edge>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/x-pem-file"), (header::CACHE_CONTROL, "no-cache")], service::authority::anchor_pem(&edge.app))
}

/// Whose time stamps count here, as PEM: this authority, and the outside one where one is named.
#[utoipa::path(get, path = "/tsa.pem", operation_id = "readTimeStampAnchors", tag = "authority", security(()), responses((status = 200, content_type = "application/x-pem-file", description = "Certificates that time-stamp authorities lead to")))]
pub async fn stamp_anchors(State(edge): State<Edge>, lang: Option<Extension<Lang>>) -> Answer<impl IntoResponse> {
    let lang = lang.map(|Extension(lang)| lang).unwrap_or_default();
    let pem = service::authority::stamp_anchors_pem(&edge.app).map_err(|error| error.translate(lang))?;
    Ok(([(header::CONTENT_TYPE, "application/x-pem-file"), (header::CACHE_CONTROL, "no-cache")], pem))
}

/// The public key of the audit trail's checkpoints, as signed notes (C2SP) write it: name, key hash and Ed25519 key. `server/TRAIL.md` says how
/// to check a trail with it.
#[utoipa::path(get, path = "/trail.pub", operation_id = "readTrailKey", tag = "authority", security(()), responses((status = 200, content_type = "text/plain", description = "`signet-trail+<key hash>+<base64>`")))]
pub async fn trail_key(State(edge): State<Edge>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; charset=utf-8"), (header::CACHE_CONTROL, "no-cache")], format!("{}\n", edge.app.trail_key.verifier()))
}

/// The revocation list (RFC 5280) of the issuing level, signed now.
#[utoipa::path(get, path = "/crl.der", operation_id = "readRevocationList", tag = "authority", security(()), responses((status = 429, body = Problem, content_type = "application/problem+json", description = "too_many_tries: over 600 a minute"), (status = 200, content_type = "application/pkix-crl", description = "The revocation list"), (status = 503, body = Problem, content_type = "application/problem+json", description = "index_unavailable")))]
pub async fn revocations(State(edge): State<Edge>, lang: Option<Extension<Lang>>, request: Request) -> Answer<impl IntoResponse> {
    tsa::admit(&edge, &request, lang.as_ref().map(|Extension(lang)| *lang).unwrap_or_default())?;
    list(service::authority::crl_der(&edge.app).await, lang)
}

/// The revocation list of one issuing level, signed now: the address in the certificates it issued.
#[utoipa::path(get, path = "/crl/{level}", operation_id = "readEarlierRevocationList", tag = "authority", security(()), params(("level" = String, Path, description = "The mark of the level's key, with `.der` behind it")),
    responses((status = 429, body = Problem, content_type = "application/problem+json", description = "too_many_tries: over 600 a minute"), (status = 200, content_type = "application/pkix-crl", description = "The revocation list"), (status = 404, body = Problem, content_type = "application/problem+json", description = "not_found")))]
pub async fn level_revocations(
    State(edge): State<Edge>,
    Path(level): Path<String>,
    lang: Option<Extension<Lang>>,
    request: Request,
) -> Answer<impl IntoResponse> {
    tsa::admit(&edge, &request, lang.as_ref().map(|Extension(lang)| *lang).unwrap_or_default())?;
    list(service::authority::level_crl_der(&edge.app, level.strip_suffix(".der").unwrap_or_default()).await, lang)
}

/// The root's revocation list: which issuing levels it revoked.
#[utoipa::path(get, path = "/root.crl.der", operation_id = "readRootRevocationList", tag = "authority", security(()), responses((status = 200, content_type = "application/pkix-crl", description = "The revocation list"), (status = 404, body = Problem, content_type = "application/problem+json", description = "not_found")))]
pub async fn root_revocations(State(edge): State<Edge>, lang: Option<Extension<Lang>>) -> Answer<impl IntoResponse> {
    list(service::authority::root_crl_der(&edge.app), lang)
}

fn list(list: crate::error::Result<Vec<u8>>, lang: Option<Extension<Lang>>) -> Answer<impl IntoResponse> {
    let lang = lang.map(|Extension(lang)| lang).unwrap_or_default();
    let list = list.map_err(|error| error.translate(lang))?;
    Ok(([(header::CONTENT_TYPE, "application/pkix-crl"), (header::CACHE_CONTROL, "no-cache")], list))
}
