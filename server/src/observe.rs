//! Every request gets an id, a line in the log, its place in the figures, and an answer in a shape its caller reads.

use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Instrument;

use crate::rest::{door, problem};
use crate::router::Edge;
use crate::site;

/// Names the request, measures it and logs it once. The query is left out: it can hold what people search for.
pub async fn observe(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let id = request_id();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let span = tracing::info_span!("request", id, method = method.as_str(), path);
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, took) = (response.status().as_u16(), started.elapsed());
    edge.figures.count(&method, status, took);
    span.in_scope(|| {
        let milliseconds = took.as_millis();
        if status >= 500 {
            tracing::error!(status, milliseconds, "answered");
        } else if site::has(&path) || path == "/healthz" || path == "/readyz" || path == "/metrics" {
            tracing::debug!(status, milliseconds, "answered");
        } else {
            tracing::info!(status, milliseconds, "answered");
        }
    });
    response.headers_mut().insert("x-request-id", HeaderValue::from_str(&id).expect("hexadecimal"));
    response
}

/// Layers and extractors that only know a status answer in plain text or nothing; callers of the API get a problem instead.
pub async fn shape(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let is_call = ["/api/", "/crl/", "/ocsp/"].iter().any(|begin| path.starts_with(begin))
        || matches!(path, "/healthz" | "/readyz" | "/metrics" | "/ca.pem" | "/crl.der" | "/root.crl.der" | "/tsa.pem" | "/tsa" | "/ocsp");
    let is_function = path.starts_with("/rpc/");
    let lang = door::language(request.extensions());
    let response = next.run(request).await;
    let status = response.status();
    let plain = response.headers().get(header::CONTENT_TYPE).is_none_or(|value| !value.as_bytes().starts_with(b"application/"));
    if !(status.is_client_error() || status.is_server_error()) || !plain {
        return response;
    }
    if is_call {
        let allow = response.headers().get(header::ALLOW).cloned();
        let mut shaped = problem::Problem::of_status(lang, status).into_response();
        if let Some(allow) = allow {
            shaped.headers_mut().insert(header::ALLOW, allow);
        }
        return shaped;
    }
    if is_function && response.headers().get("serverfnerror").is_none() {
        return problem::Problem::of_status(lang, status).into_function_error();
    }
    response
}

fn request_id() -> String {
    let mut bytes = [0; 8];
    // Only a name for the log: without randomness requests stay served, all under one name.
    let _ = getrandom::fill(&mut bytes);
    hex::encode(bytes)
}
