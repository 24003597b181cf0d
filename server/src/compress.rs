//! Pages and values go out compressed to whoever takes that. The site's files are compressed when it is built; PDFs and pictures are already.
//!
//! No answer holds a secret beside words that a stranger chose (the session is in a cookie that no page can read, and there are no form tokens),
//! so its length tells nobody anything (BREACH).

use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use tower_http::compression::predicate::{Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};

/// Shorter answers fit into the first packet as they are.
const SHORT: u16 = 860;
/// Higher levels cost far more time than they save bytes.
const LEVEL: i32 = 5;

/// The layer.
pub fn layer() -> CompressionLayer<impl Predicate> {
    CompressionLayer::new().quality(CompressionLevel::Precise(LEVEL)).compress_when(SizeAbove::new(SHORT).and(worth_it))
}

/// Pages and JSON. What has a strong tag stays byte for byte: the tag names these bytes. A stream of events is text, too, but must not wait.
fn worth_it(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    matches!(kind, "text/html" | "application/json" | "application/problem+json") && !headers.contains_key(header::ETAG)
}
