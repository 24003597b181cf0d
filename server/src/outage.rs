//! What people and programs see while a part is away that nothing can be shown without: a page in words that tries again by itself, a
//! problem for programs; and the server that waits at its start until its index answers.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use app::error::AppError;
use app::markup::escaped;
use app::model::Lang;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::error::Error;
use crate::{security, session, site};

/// Whether a person's browser asked for a page, so that the answer is read by a person.
pub fn wants_page(request: &Request) -> bool {
    let path = request.uri().path();
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("text/html"));
    matches!(*request.method(), Method::GET | Method::HEAD) && accepts && !path.starts_with("/api/") && !path.starts_with("/rpc/")
}

/// A page that does not come is drawn anew. The rendering library has had several defects by which a drawing waits for ever (leptos issues 4673,
/// 4773 and 4851); a second drawing comes at once. Asking for a page changes nothing, so it may be asked twice.
pub async fn drawn_again(request: Request, next: Next) -> Response {
    drawn_within(PATIENCE, request, next).await
}

async fn drawn_within(patience: Duration, request: Request, next: Next) -> Response {
    if !wants_page(&request) {
        return next.run(request).await;
    }
    let (parts, body) = request.into_parts();
    let first = Request::from_parts(parts.clone(), Body::empty());
    if let Ok(response) = tokio::time::timeout(patience, next.clone().run(first)).await {
        return response;
    }
    tracing::warn!(path = parts.uri.path(), "a page did not come and is drawn anew");
    next.run(Request::from_parts(parts, body)).await
}

/// How long a page may take: longer than any wait for the index.
const PATIENCE: Duration = Duration::from_secs(12);

/// The error as a page of its own. It asks again every few seconds, so whoever waits sees the part come back.
pub fn page(lang: Lang, error: &AppError) -> Response {
    let title = lang.pick("Signet is waiting", "Signet 正在等待");
    let again = lang.pick("This page tries again by itself every five seconds.", "本页每五秒自动重试。");
    let text = format!(
        "<!DOCTYPE html><html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta http-equiv=\"refresh\" content=\"5\"><title>{title}</title><link rel=\"stylesheet\" href=\"/pkg/signet.css\"></head>\
         <body><main class=\"page\"><h1>{title}</h1><p role=\"alert\">{}</p><p>{}</p><p>{again}</p></main></body></html>",
        lang.code(),
        escaped(&error.detail),
        escaped(error.next.as_deref().unwrap_or_default()),
    );
    let mut response = (StatusCode::SERVICE_UNAVAILABLE, text).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

/// Why the server waits; it changes while it does.
#[derive(Clone)]
pub struct Why(Arc<RwLock<Error>>);

impl Why {
    /// The first reason.
    pub fn new(error: Error) -> Self {
        Self(Arc::new(RwLock::new(error)))
    }

    /// The newest reason; true when it reads differently.
    pub fn becomes(&self, error: Error) -> bool {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let differs = held.to_string() != error.to_string();
        *held = error;
        differs
    }

    fn told(&self, lang: Lang) -> AppError {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone().translate(lang)
    }
}

/// All that a server can answer that has not opened its index: that it lives, that it is not ready and why, and the site's own files.
pub fn waiting(why: Why) -> Router {
    Router::new().fallback(answer).with_state(why)
}

async fn answer(State(why): State<Why>, request: Request) -> Response {
    let lang = session::lang(request.headers());
    let path = request.uri().path();
    if path == "/healthz" {
        return "alive\n".into_response();
    }
    if let Some(file) = site::answer(request.method(), path, request.headers()) {
        return file;
    }
    let mut response = if wants_page(&request) { page(lang, &why.told(lang)) } else { security::refuse(path, why.told(lang)) };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; style-src 'self'; frame-ancestors 'none'"));
    response
}

/// An error in the shape that its request reads.
pub fn refuse(request_wants_page: bool, path: &str, lang: Lang, error: AppError) -> Response {
    if request_wants_page && error.code.status() == StatusCode::SERVICE_UNAVAILABLE.as_u16() {
        return page(lang, &error);
    }
    security::refuse(path, error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::to_bytes;
    use tower::ServiceExt;

    #[tokio::test]
    async fn a_page_that_does_not_come_is_drawn_anew() {
        use std::sync::atomic::{AtomicU32, Ordering};
        let asked = Arc::new(AtomicU32::new(0));
        let seen = asked.clone();
        let page = move || {
            let seen = seen.clone();
            async move {
                if seen.fetch_add(1, Ordering::SeqCst) == 0 {
                    std::future::pending::<()>().await;
                }
                "drawn"
            }
        };
        let again = |request, next| drawn_within(Duration::from_millis(30), request, next);
        let router = Router::new().route("/documents", axum::routing::get(page)).layer(axum::middleware::from_fn(again));
        let request = |accept: &str| Request::builder().uri("/documents").header("accept", accept).body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request("text/html")).await.unwrap();
        assert_eq!((response.status(), asked.load(Ordering::SeqCst)), (StatusCode::OK, 2));
        // Programs wait as long as they like.
        asked.store(0, Ordering::SeqCst);
        assert!(tokio::time::timeout(Duration::from_millis(300), router.oneshot(request("application/json"))).await.is_err());
    }

    #[tokio::test]
    async fn while_it_waits_it_says_why_to_people_and_programs() {
        let error = Error::from(crate::index::IndexError::Unavailable("<connection> refused".to_owned()));
        let router = waiting(Why::new(error));
        let ask = |path: &str, accept: &str, language: &str| {
            let request = Request::builder().uri(path).header("accept", accept).header("accept-language", language).body(Body::empty()).unwrap();
            let router = router.clone();
            async move {
                let response = router.oneshot(request).await.unwrap();
                let status = response.status().as_u16();
                (status, String::from_utf8(to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec()).unwrap())
            }
        };
        assert_eq!(ask("/healthz", "*/*", "en").await, (200, "alive\n".to_owned()));
        let (status, text) = ask("/readyz", "*/*", "en").await;
        assert!(status == 503 && text.contains("\"index_unavailable\"") && !text.contains("refused"), "{text}");
        let (status, text) = ask("/documents", "text/html,*/*", "zh-CN").await;
        assert!(status == 503 && text.contains("索引数据库") && text.contains("lang=\"zh\""), "{text}");
        let (status, text) = ask("/api/v1/documents", "text/html", "zh").await;
        assert!(status == 503 && text.contains("索引数据库") && text.starts_with('{'), "{text}");
    }
}
