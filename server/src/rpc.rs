//! The door of the server functions: the one media type that each takes, a body that is there before it begins, and the status of what went wrong.
//! The library behind it takes any media type for the one it expects, panics without a multipart boundary, and calls a fault of its own what it
//! cannot read.

use app::error::{AppError, Code};
use axum::body::{Body, to_bytes};
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::caller::Caller;
use crate::rest::door;
use crate::rest::problem::Problem;

/// Refuses what the server function of this address does not read.
pub async fn door(request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let Some(media_type) = app::api::media_type(path).filter(|_| request.method() == Method::POST) else { return next.run(request).await };
    match admitted(media_type, request).await {
        Ok(request) => told(next.run(request).await).await,
        Err(problem) => problem.into_function_error(),
    }
}

async fn admitted(media_type: &str, mut request: Request) -> Result<Request, Problem> {
    let lang = door::language(request.extensions());
    if door::media_type(request.headers()) != media_type {
        return Err(Problem::of_status(lang, StatusCode::UNSUPPORTED_MEDIA_TYPE));
    }
    if media_type == "multipart/form-data" {
        // Read as it comes, by the function itself.
        let sent = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        return if multer::parse_boundary(sent).is_ok() { Ok(request) } else { Err(Problem::of_status(lang, StatusCode::BAD_REQUEST)) };
    }
    let known = request.extensions().get::<Caller>().is_some_and(|caller| caller.account.is_some());
    DefaultBodyLimit::max(if known { MOST } else { MOST_OF_NOBODY }).apply(&mut request);
    let (parts, body) = request.into_parts();
    let bytes = door::whole(Request::from_parts(parts.clone(), body), &()).await?;
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// What could not be read is answered with the status of that, as all other errors are by the functions themselves.
async fn told(response: Response) -> Response {
    if response.status() != StatusCode::INTERNAL_SERVER_ERROR || !response.headers().contains_key("serverfnerror") {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, MOST).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    if let Ok(AppError { code: code @ Code::InvalidInput, .. }) = serde_json::from_slice(&bytes) {
        parts.status = StatusCode::from_u16(code.status()).unwrap_or(parts.status);
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// The longest question that is no file: a type with its template, a signature with what it appends.
const MOST: usize = 2 * 1024 * 1024;
/// Who has not signed in has a name and a password to send.
const MOST_OF_NOBODY: usize = 16 * 1024;
