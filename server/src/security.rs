//! The headers of every answer, and the one rule for requests that change something.

use app::error::{AppError, Code};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use leptos::nonce::Nonce;

use crate::rest::problem::Problem;
use crate::router::Edge;
use crate::session;

/// Puts a fresh nonce into the request and the policy that names it, with the other headers, onto the answer. An answer's own policy stays.
pub async fn headers(State(edge): State<Edge>, mut request: Request, next: Next) -> Response {
    let nonce = Nonce::new();
    request.extensions_mut().insert(nonce.clone());
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let policy = HeaderValue::from_str(&policy(&nonce)).expect("a nonce is base64url");
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    for (name, value) in FIXED {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    // Pages and values are someone's own; only the site's files say otherwise themselves.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if edge.app.config.is_https() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

/// The viewer draws with workers, blobs of pictures and its own fonts; everything else is this origin's or nothing.
fn policy(nonce: &Nonce) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; \
         connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}

const FIXED: [(&str, &str); 5] = [
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// Refuses requests that change something when another site may have sent them. One rule for pages, server functions and API.
pub async fn same_origin(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    if is_safe(request.method()) || may_change(request.headers(), &session::cookie_name(&edge.app.config)) {
        return next.run(request).await;
    }
    let lang = crate::rest::door::language(request.extensions());
    let error = AppError::new(
        Code::CrossSite,
        lang.pick("This request came from another site and was refused; nothing was changed.", "此请求来自其他网站，已拒绝，未做任何更改。"),
    )
    .with_next(lang.pick("Open Signet itself and try again there.", "请直接打开 Signet 后重试。"));
    refuse(request.uri().path(), error)
}

/// An error in the shape that the asking side reads: server functions their own, everyone else a problem.
pub fn refuse(path: &str, error: AppError) -> Response {
    if path.starts_with("/rpc/") {
        let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        return (status, Json(error)).into_response();
    }
    Problem::from(error).into_response()
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// `Sec-Fetch-Site` is the browser's own word and decides where it is there; else `Origin` must be this host. A token that no browser
/// sends by itself needs neither. Without all of these only a request that carries no session passes: it has nothing to be misused.
fn may_change(headers: &HeaderMap, cookie: &str) -> bool {
    let has_session = session::cookie(headers, cookie).is_some();
    if !has_session && session::bearer(headers).is_some() {
        return true;
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin" || site == "none";
    }
    match headers.get(header::ORIGIN) {
        Some(origin) => is_own(origin, headers.get(header::HOST)),
        None => !has_session,
    }
}

fn is_own(origin: &HeaderValue, host: Option<&HeaderValue>) -> bool {
    let origin = origin.to_str().ok().and_then(|text| text.split_once("://")).map(|(_, host)| host);
    match (origin, host.and_then(|host| host.to_str().ok())) {
        (Some(origin), Some(host)) => origin.eq_ignore_ascii_case(host),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_change_something() {
        let cookie = ("cookie", "a=1; signet=s");
        let cases: &[(&[(&'static str, &'static str)], bool)] = &[
            (&[cookie, ("sec-fetch-site", "same-origin")], true),
            (&[cookie, ("sec-fetch-site", "none")], true),
            (&[cookie, ("sec-fetch-site", "same-site")], false),
            (&[cookie, ("sec-fetch-site", "cross-site"), ("origin", "https://s.example"), ("host", "s.example")], false),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[cookie, ("origin", "https://s.example"), ("host", "s.example")], true),
            (&[cookie, ("origin", "https://s.example"), ("host", "s.example:8443")], false),
            (&[cookie, ("origin", "https://evil.example"), ("host", "s.example")], false),
            (&[cookie, ("origin", "null"), ("host", "s.example")], false),
            (&[cookie, ("origin", "https://s.example")], false),
            (&[cookie], false),
            (&[("host", "s.example")], true),
            (&[("origin", "https://evil.example"), ("host", "s.example")], false),
            (&[("authorization", "Bearer t"), ("sec-fetch-site", "cross-site")], true),
            (&[cookie, ("authorization", "Bearer t"), ("sec-fetch-site", "cross-site")], false),
            (&[cookie, ("authorization", "Bearer t")], false),
        ];
        for (pairs, expected) in cases {
            let headers: HeaderMap = pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect();
            assert_eq!(may_change(&headers, "signet"), *expected, "{pairs:?}");
        }
    }

    #[test]
    fn the_policy_allows_no_inline_script() {
        let policy = policy(&Nonce::from_value("n0nce"));
        assert!(policy.contains("'nonce-n0nce'") && !policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
    }
}
