//! The authority to outsiders: its certificate and its revocation list.

use app::model::Lang;
use axum::Extension;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use super::problem::{Answer, Problem};
use crate::router::Edge;
use crate::service;

/// The trust anchor as PEM.
#[utoipa::path(get, path = "/ca.pem", tag = "authority", security(()), responses((status = 200, content_type = "application/x-pem-file", description = "The authority's certificate")))]
pub async fn anchor(State(edge): State<Edge>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/x-pem-file"), (header::CACHE_CONTROL, "no-cache")], service::authority::anchor_pem(&edge.app))
}

/// The revocation list (RFC 5280), signed now.
#[utoipa::path(get, path = "/crl.der", tag = "authority", security(()), responses((status = 200, content_type = "application/pkix-crl", description = "The revocation list"), (status = 503, body = Problem, content_type = "application/problem+json", description = "index_unavailable")))]
pub async fn revocations(State(edge): State<Edge>, lang: Option<Extension<Lang>>) -> Answer<impl IntoResponse> {
    let lang = lang.map(|Extension(lang)| lang).unwrap_or_default();
    let list = service::authority::crl_der(&edge.app).await.map_err(|error| error.translate(lang))?;
    Ok(([(header::CONTENT_TYPE, "application/pkix-crl"), (header::CACHE_CONTROL, "no-cache")], list))
}
