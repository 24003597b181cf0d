//! `POST /tsa`: the built-in time-stamp authority over HTTP (RFC 3161 §3.4).

use app::error::Code;
use app::model::Lang;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::door;
use super::problem::{Answer, Problem};
use crate::router::Edge;
use crate::session;

/// A time stamp over a digest. A rejection is an answer too: its failure is inside, the status stays 200.
#[utoipa::path(post, path = "/tsa", operation_id = "makeTimeStamp", tag = "authority", security(()),
    request_body(content = Vec<u8>, content_type = "application/timestamp-query", description = "TimeStampReq, DER; SHA-256, SHA-384 or SHA-512"),
    responses((status = 200, content_type = "application/timestamp-reply", description = "TimeStampResp, DER"),
              (status = 415, body = Problem, content_type = "application/problem+json", description = "unsupported_media_type"),
              (status = 429, body = Problem, content_type = "application/problem+json", description = "too_many_tries: over 600 a minute")))]
pub async fn stamp(State(edge): State<Edge>, request: Request) -> Answer<Response> {
    let lang = door::language(request.extensions());
    if door::media_type(request.headers()) != "application/timestamp-query" {
        return Err(door::unsupported(lang, "application/timestamp-query"));
    }
    admit(&edge, &request, lang)?;
    let body = door::whole(request, &()).await?;
    let app = edge.app.clone();
    // A signature takes a tenth of a millisecond, a renewal of the key a moment: off the threads that serve.
    let reply = edge.app.work(move || app.time_stamps.answer(&app.authority, &body, app.clock.now())).await;
    let reply = reply.map_err(|error| error.translate(lang))?;
    Ok(([(header::CONTENT_TYPE, "application/timestamp-reply"), (header::CACHE_CONTROL, "no-store")], reply).into_response())
}

/// Counts the call against its address's share.
pub(super) fn admit(edge: &Edge, request: &Request, lang: Lang) -> Answer<()> {
    let peer = session::peer(request, &edge.app.config.proxies);
    if edge.gate.admits(peer, edge.app.clock.now()) {
        return Ok(());
    }
    let problem = Problem::edge(lang, Code::TooManyTries, "Too many of these calls came from your address.", "来自您地址的此类请求过多。");
    Err(problem.with_next(lang.pick("Wait a minute, then go on at most ten times a second.", "请等待一分钟，之后每秒不超过十次。")))
}
