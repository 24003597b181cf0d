//! `POST /api/v1/verify`: the validation report of any PDF.

use std::time::Duration;

use app::error::Code;
use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::door::{self, Door};
use super::problem::{Answer, Problem};
use super::tsa;
use crate::router::Edge;
use crate::service;

/// How long a file may take to arrive: its sender holds a place meanwhile.
const WHOLE_BODY: Duration = Duration::from_secs(20);

/// Judges every signature of a PDF against this authority and its revocation list.
#[utoipa::path(post, path = "/api/v1/verify", tag = "authority", security(()),
    request_body(content = Vec<u8>, content_type = "application/pdf", description = "At most 25 MB"),
    responses((status = 200, content_type = "application/json", description = "The report, as `signet verify --json` prints it"), (status = 413, body = Problem, content_type = "application/problem+json", description = "too_large"),
              (status = 422, body = Problem, content_type = "application/problem+json", description = "document_refused: no readable PDF"), (status = 429, body = Problem, content_type = "application/problem+json", description = "too_many_tries: others are being verified")))]
pub async fn verify(door: Door, State(edge): State<Edge>, request: Request) -> Answer<Response> {
    if !matches!(door::media_type(request.headers()).as_str(), "application/pdf" | "application/octet-stream") {
        return Err(door::unsupported(door.lang, "application/pdf"));
    }
    tsa::admit(&edge, &request, door.lang)?;
    let busy = || {
        Problem::edge(
            door.lang,
            Code::TooManyTries,
            "Other files are being verified just now; this one was not looked at.",
            "正在验证其他文件，本文件尚未处理。",
        )
        .with_next(door.lang.pick("Try again in a few seconds.", "请几秒后再试。"))
    };
    // Taken before the body is read, so that waiting callers hold no 25 MB each.
    let permit = edge.verifying.clone().try_acquire_owned().map_err(|_| busy())?;
    let body = tokio::time::timeout(WHOLE_BODY, door::whole(request, &())).await.map_err(|_| Problem::of_status(door.lang, StatusCode::REQUEST_TIMEOUT))??;
    // The place is free when the work is done, not when the caller went away.
    let report = service::verify::run(&edge.app, body, permit).await;
    Ok(Json(report.map_err(|error| error.translate(door.lang))?).into_response())
}
