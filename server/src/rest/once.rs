//! `Idempotency-Key` where the index's own transaction does not know it: the same request again is answered as the first was.

use std::future::Future;
use std::sync::Arc;

use app::error::Code;
use app::model::{Document, Lang};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::door::Door;
use super::problem::{Answer, Problem};
use super::tag;
use crate::App;
use crate::crash::{self, Point};
use crate::index::{Answered, Claim};
use crate::service::submit;

/// One request as its repetition must look: who, by which key, exactly what.
pub struct Request {
    key: Option<String>,
    digest: String,
}

impl Request {
    /// `what` names the call and its values, `body` is what was sent.
    pub fn new(key: Option<String>, what: &str, body: &[u8]) -> Self {
        let digest = Sha256::new().chain_update((what.len() as u64).to_be_bytes()).chain_update(what).chain_update(body).finalize();
        Self { key, digest: hex::encode(digest) }
    }
}

/// Acts once for a key. Runs to its end even when the client goes away, so that a key is never left half used. `done` answers where the act
/// of a server that went away stands already, since the request first came.
pub async fn once<F, D>(app: &Arc<App>, door: &Door, request: Request, act: F, done: impl FnOnce(i64) -> D + Send + 'static) -> Answer<Response>
where
    F: Future<Output = Answer<Response>> + Send + 'static,
    D: Future<Output = Answer<Option<Response>>> + Send + 'static,
{
    let (Some(key), Some(me), Some(id)) = (request.key, door.desk.me(), door.account.clone()) else { return act.await };
    let (app, lang, account) = (app.clone(), door.lang, me.client_number.to_string());
    let task = tokio::spawn(async move {
        let refused = |error: crate::index::IndexError| Problem::from(crate::error::Error::from(error).translate(lang));
        // Creations and corrections keep their keys beside their documents.
        if app.index.idempotent(&id, &key).await.map_err(refused)?.is_some() {
            return Err(mismatch(lang));
        }
        let claim = app.index.claim_key(&account, &key, &request.digest, app.clock.now(), PATIENCE);
        let stands = match crash::step(Point::OnceClaim, claim).await.map_err(refused)? {
            Claim::Before(answered) => return Ok(again(answered)),
            Claim::Another => return Err(mismatch(lang)),
            Claim::UnderWay => return Err(under_way(lang)),
            Claim::Ours => Ok(None),
            Claim::Again(since) => done(since).await,
        };
        let acted = match stands {
            Ok(Some(response)) => Ok(response),
            Ok(None) => act.await,
            Err(problem) => Err(problem),
        };
        match acted {
            Ok(response) => {
                let (response, answered) = taken(response).await;
                // The act is done, whether or not its answer can be kept for a repetition.
                if let Err(error) = crash::step(Point::OnceKeep, app.index.keep_answer(&account, &key, answered)).await {
                    tracing::warn!(%error, key, "an answer was not kept");
                }
                Ok(response)
            }
            Err(problem) => {
                // After an outage nobody knows whether it was done.
                let given_back = async {
                    if problem.is_fault() { app.index.doubt_key(&account, &key, PATIENCE).await } else { app.index.release_key(&account, &key).await }
                };
                if let Err(error) = crash::step(Point::OnceRelease, given_back).await {
                    tracing::warn!(%error, key, "an idempotency key stays taken for two minutes");
                }
                Err(problem)
            }
        }
    });
    task.await.unwrap_or_else(|_| Err(Problem::of_status(lang, StatusCode::INTERNAL_SERVER_ERROR)))
}

/// An answer and what is kept of it. Answers of these calls are a few kilobytes of JSON.
async fn taken(response: Response) -> (Response, Answered) {
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let location = parts.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let answered = Answered { status: parts.status.as_u16(), location, body: String::from_utf8_lossy(&bytes).into_owned() };
    (Response::from_parts(parts, Body::from(bytes)), answered)
}

fn again(answered: Answered) -> Response {
    let status = StatusCode::from_u16(answered.status).unwrap_or(StatusCode::OK);
    let state = serde_json::from_str::<Document>(&answered.body).ok().map(|document| document.state());
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], answered.body).into_response();
    if let Ok(location) = HeaderValue::from_str(&answered.location)
        && !location.is_empty()
    {
        response.headers_mut().insert(header::LOCATION, location);
    }
    // A document's state is told again, too.
    if let Some(state) = state {
        response.headers_mut().insert(header::ETAG, tag::quoted(&state));
    }
    response
}

fn mismatch(lang: Lang) -> Problem {
    submit::mismatch("; nothing was changed", "，未做任何更改").translate(lang).into()
}

fn under_way(lang: Lang) -> Problem {
    Problem::edge(lang, Code::WrongState, "The first request with this Idempotency-Key is still under way.", "使用该 Idempotency-Key 的首个请求仍在处理中。")
        .with_next(lang.pick("Send the same again in a few seconds.", "请几秒后重发同一请求。"))
}

/// Longer than any request may take.
const PATIENCE: i64 = 120_000;
