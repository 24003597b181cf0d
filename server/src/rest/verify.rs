//! `POST /api/v1/verify`: the validation report of any PDF.

use std::error::Error as _;
use std::net::IpAddr;
use std::time::Duration;

use app::error::Code;
use app::model::Lang;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Json, RequestExt};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use http_body_util::LengthLimitError;
use tokio::sync::OwnedSemaphorePermit;

use super::door::{self, Door};
use super::problem::{Answer, Problem};
use super::tsa;
use crate::caller::household;
use crate::places::Place;
use crate::router::Edge;
use crate::{service, session};

/// How long a file that is there waits for its turn, and one that comes for room.
const PATIENCE: Duration = Duration::from_secs(10);

/// Room for files that come or wait, in units of [`UNIT`]: 96 MB.
pub const ROOM: usize = 6 * 1024;
const UNIT: usize = 16 * 1024;
/// From this size on a file counts as large, bytes.
const LARGE: usize = 1024 * 1024;
/// So many large ones an address may have here at once.
pub const LARGE_ONES: usize = 2;

/// What a file holds until it is judged.
type Held = (Option<OwnedSemaphorePermit>, Option<Place<IpAddr>>);

/// Judges every signature of a PDF against this authority and its revocation list.
#[utoipa::path(post, path = "/api/v1/verify", operation_id = "verifyFile", tag = "authority", security(()),
    request_body(content = Vec<u8>, content_type = "application/pdf", description = "At most 25 MB"),
    responses((status = 200, content_type = "application/json", description = "The report, as `signet verify --json` prints it"), (status = 413, body = Problem, content_type = "application/problem+json", description = "too_large"),
              (status = 422, body = Problem, content_type = "application/problem+json", description = "document_refused: no readable PDF"), (status = 429, body = Problem, content_type = "application/problem+json", description = "too_many_tries: others are being verified")))]
pub async fn verify(door: Door, State(edge): State<Edge>, request: Request) -> Answer<Response> {
    if !matches!(door::media_type(request.headers()).as_str(), "application/pdf" | "application/octet-stream") {
        return Err(door::unsupported(door.lang, "application/pdf"));
    }
    tsa::admit(&edge, &request, door.lang)?;
    // A turn is taken when the file is there: whoever only seems to send one holds up nobody.
    let (body, room) = gathered(&edge, request, door.lang).await?;
    let turn = tokio::time::timeout(PATIENCE, edge.verifying.clone().acquire_owned()).await.ok().and_then(Result::ok).ok_or_else(|| busy(door.lang))?;
    // The place is free when the work is done, not when the caller went away.
    let report = service::verify::run(&edge.app, body, (turn, room)).await;
    Ok(Json(report.map_err(|error| error.translate(door.lang))?).into_response())
}

/// The whole file, with the room that it takes. What came of all unfinished ones is bounded, however many they are; and nobody fills the room
/// alone.
async fn gathered(edge: &Edge, request: Request, lang: Lang) -> Answer<(Bytes, Held)> {
    let (room, sender) = (&edge.unverified, household(session::peer(&request, &edge.app.config.proxies)));
    let mut pieces = request.into_limited_body().into_data_stream();
    let (mut file, mut held, mut large) = (BytesMut::new(), None::<OwnedSemaphorePermit>, None);
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| broken(lang, &error))?;
        if large.is_none() && file.len() + piece.len() > LARGE {
            large = Some(edge.large.take(sender).ok_or_else(|| busy(lang))?);
        }
        let needed = (file.len() + piece.len()).div_ceil(UNIT) - file.len().div_ceil(UNIT);
        let more = tokio::time::timeout(PATIENCE, room.clone().acquire_many_owned(needed as u32)).await.ok().and_then(Result::ok).ok_or_else(|| busy(lang))?;
        match &mut held {
            Some(held) => held.merge(more),
            None => held = Some(more),
        }
        file.extend_from_slice(&piece);
    }
    Ok((file.freeze(), (held, large)))
}

fn broken(lang: Lang, error: &axum::Error) -> Problem {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.is::<LengthLimitError>() {
            return Problem::of_status(lang, StatusCode::PAYLOAD_TOO_LARGE);
        }
        cause = inner.source();
    }
    Problem::of_status(lang, StatusCode::BAD_REQUEST)
}

fn busy(lang: Lang) -> Problem {
    Problem::edge(lang, Code::TooManyTries, "Other files are being verified just now; this one was not looked at.", "正在验证其他文件，本文件尚未处理。")
        .with_next(lang.pick("Try again in a few seconds.", "请几秒后再试。"))
}
