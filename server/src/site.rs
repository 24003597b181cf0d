//! The built site inside the program: scripts, styles, modules and icons, compressed beforehand, each with its digest as tag.
//!
//! The files come from `main.rs`: this library is built beside the site, not after it, and is not built again when a style changes.

use std::sync::OnceLock;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use rust_embed::EmbeddedFile;

use crate::rest::tag;

/// Finds a file of the site by its path.
pub type Files = fn(&str) -> Option<EmbeddedFile>;

static FILES: OnceLock<Files> = OnceLock::new();

/// Names the files, once, before anything is served. Without them there are none, as in most tests.
pub fn carry(files: Files) {
    FILES.get_or_init(|| files);
}

fn find(path: &str) -> Option<EmbeddedFile> {
    FILES.get().and_then(|files| files(path))
}

/// Whether the site has a file at this path of an address.
pub fn has(path: &str) -> bool {
    place(path).is_some_and(|path| find(path).is_some())
}

/// The file at this path, in the best form the browser takes; nothing when there is none.
pub fn answer(method: &Method, path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
    let path = place(path)?;
    let plain = find(path)?;
    if method != Method::GET && method != Method::HEAD {
        let response = Response::builder().status(StatusCode::METHOD_NOT_ALLOWED).header(header::ALLOW, "GET, HEAD");
        return Some(response.body(Body::empty()).expect("fixed headers are valid"));
    }
    let (encoding, file) = ["br", "gzip"]
        .into_iter()
        .filter(|encoding| accepts(headers, encoding))
        .find_map(|encoding| Some((Some(encoding), find(&format!("{path}.{}", suffix(encoding)))?)))
        .unwrap_or((None, plain));
    let tag = tag::quoted(&hex::encode(&file.metadata.sha256_hash()[..16]));
    let mut response = Response::new(Body::empty());
    if tag::matches(headers, &tag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(file.data.len()));
        if method == Method::GET {
            *response.body_mut() = match file.data {
                std::borrow::Cow::Borrowed(bytes) => Body::from(bytes),
                std::borrow::Cow::Owned(bytes) => Body::from(bytes),
            };
        }
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(path)));
    headers.insert(header::ETAG, tag);
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let cache = if is_hashed(path) { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Some(response)
}

/// The path inside the site: no step upwards, no compressed copy by its own name.
fn place(path: &str) -> Option<&str> {
    let path = path.strip_prefix('/')?;
    let odd = path.is_empty() || path.split('/').any(|part| part.is_empty() || part.starts_with('.'));
    (!odd && !path.contains('\\') && !has_extension(path, "br") && !has_extension(path, "gz")).then_some(path)
}

fn suffix(encoding: &str) -> &'static str {
    if encoding == "br" { "br" } else { "gz" }
}

/// Whether `Accept-Encoding` names the encoding without refusing it by `q=0`.
pub fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|one| {
        let mut parts = one.split(';').map(str::trim);
        parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding)) && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
    })
}

/// A name such as `app.3f9a1c77.js` or `app-3f9a1c77.js` never gets other content.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.split(['.', '-']).skip(1).any(|part| part.len() >= 8 && part.bytes().all(|b| b.is_ascii_hexdigit()) && part.bytes().any(|b| b.is_ascii_digit()))
}

fn has_extension(path: &str, extension: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case(extension))
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "ttf" => "font/ttf",
        "html" => "text/html; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_clean_paths_lead_into_the_site() {
        for path in ["/", "", "/../Cargo.toml", "/a//b", "/.env", "/pkg/signet.js.br", "/pkg/signet.js.gz", "/a\\b"] {
            assert_eq!(place(path), None, "{path}");
        }
        assert_eq!(place("/pkg/signet.js"), Some("pkg/signet.js"));
    }

    #[test]
    fn hashed_names_are_kept_for_long() {
        assert!(is_hashed("pkg/app.3f9a1c77.js") && is_hashed("app-0123456789abcdef.css"));
        assert!(!is_hashed("pkg/signet.js") && !is_hashed("pdfjs/pdf.worker.min.mjs") && !is_hashed("icon-192.png"));
    }

    #[test]
    fn encodings_are_weighed() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip;q=0, BR;q=0.5"));
        assert!(accepts(&headers, "br") && !accepts(&headers, "gzip"));
    }
}
