//! The public HTTP API (`/api/docs`), one file per noun, over the same desk as the pages.

pub mod authority;
pub mod certificates;
pub mod decisions;
pub mod docs;
pub mod documents;
pub mod door;
pub mod file;
pub mod gate;
pub mod guard;
pub mod health;
pub mod mailbox;
pub mod me;
pub mod ocsp;
pub mod once;
pub mod openapi;
pub mod pictures;
pub mod problem;
pub mod tag;
pub mod tsa;
pub mod types;
pub mod verify;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::router::Edge;

/// Calls that ask who the caller is.
pub fn calls() -> Router<Edge> {
    Router::new()
        .route("/api/v1/me", get(me::me))
        .route("/api/v1/types", get(types::list))
        .route("/api/v1/types/{code}", get(types::read).put(types::import).layer(DefaultBodyLimit::max(2 * MEGABYTE)))
        .route("/api/v1/documents", get(documents::list).post(documents::create).layer(DefaultBodyLimit::max(SUBMISSION)))
        .route("/api/v1/documents/{number}", get(documents::read))
        .route("/api/v1/documents/{number}/file", get(file::file))
        .route("/api/v1/documents/{number}/pictures/{key}", get(pictures::picture))
        .route("/api/v1/documents/{number}/events", get(documents::events))
        .route("/api/v1/documents/{number}/signing", get(decisions::signing))
        .route("/api/v1/documents/{number}/signatures", post(decisions::sign).layer(DefaultBodyLimit::max(WHOLE)))
        .route("/api/v1/documents/{number}/rejection", post(decisions::reject).layer(DefaultBodyLimit::max(SMALL)))
        .route("/api/v1/documents/{number}/withdrawal", post(documents::withdraw).layer(DefaultBodyLimit::max(SMALL)))
        .route("/api/v1/documents/{number}/corrections", post(documents::correct).layer(DefaultBodyLimit::max(SUBMISSION)))
        .route("/api/v1/certificates", get(certificates::list).post(certificates::enrol).layer(DefaultBodyLimit::max(SMALL)))
        .route("/api/v1/certificates/{serial}/revocation", post(certificates::revoke).layer(DefaultBodyLimit::max(SMALL)))
        .route("/api/v1/mailbox", get(mailbox::list))
        .route("/api/v1/mailbox/stream", get(mailbox::stream))
        .route("/api/v1/mailbox/read", post(mailbox::read).layer(DefaultBodyLimit::max(SMALL)))
        .route("/api/v1/verify", post(verify::verify).layer(DefaultBodyLimit::max(WHOLE)))
}

/// Calls that are the same for everyone.
pub fn open_calls() -> Router<Edge> {
    Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::figures))
        .route("/ca.pem", get(authority::anchor))
        .route("/crl.der", get(authority::revocations))
        .route("/crl/{level}", get(authority::level_revocations))
        .route("/root.crl.der", get(authority::root_revocations))
        .route("/tsa.pem", get(authority::stamp_anchors))
        .route("/trail.pub", get(authority::trail_key))
        .route("/tsa", post(tsa::stamp).layer(DefaultBodyLimit::max(SMALL)))
        .route("/ocsp", post(ocsp::post).layer(DefaultBodyLimit::max(SMALL)))
        .route("/ocsp/{*request}", get(ocsp::get))
        .route("/api/v1/openapi.json", get(openapi::document))
        .route("/api/docs", get(docs::docs))
        .route("/api/docs.css", get(docs::style))
}

const MEGABYTE: usize = 1024 * 1024;
/// Reasons, cursors, certificate requests.
const SMALL: usize = 64 * 1024;
/// A PDF of 20 MiB with its JSON, or fields with pictures.
const SUBMISSION: usize = 24 * MEGABYTE;
/// A signed PDF grows with each revision.
const WHOLE: usize = 25 * MEGABYTE;
