//! `GET /api/v1/documents/{number}/file`: the PDF, whole or in part. Its tag is its digest.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use app::desk::{FileContent, OpenFile};
use app::error::Code;
use app::model::Number;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{Stream, stream};

use super::door::{Asked, Door, Named};
use super::guard;
use super::problem::{Answer, Problem};
use super::tag;
use crate::caller::Caller;
use crate::router::Edge;
use crate::service::watch::Reading;

/// What may stand behind the `?`.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Which {
    revision: Option<u32>,
    download: Option<u8>,
}

/// The PDF: the newest revision, or the one named.
#[utoipa::path(get, path = "/api/v1/documents/{number}/file", operation_id = "readDocumentFile", tag = "documents",
    params(
        ("number" = Number, Path, description = "The unique number"),
        ("revision" = Option<u32>, Query, description = "A revision of the current edition; the newest where absent"),
        ("download" = Option<u8>, Query, description = "1: as an attachment"),
        ("Range" = Option<String>, Header, description = "One range of bytes"),
        ("If-None-Match" = Option<String>, Header, description = "An earlier ETag"),
    ),
    responses(
        (status = 200, content_type = "application/pdf", description = "The whole; `ETag` is its SHA-256. Broken off, short of its Content-Length, when the right to it is taken meanwhile"),
        (status = 206, content_type = "application/pdf", description = "The range"),
        (status = 304, description = "The same bytes"),
        (status = 404, body = Problem, content_type = "application/problem+json", description = "not_found"),
        (status = 416, body = Problem, content_type = "application/problem+json", description = "No such range; Content-Range has the length"),
        (status = 503, body = Problem, content_type = "application/problem+json", description = "store_unavailable"),
    ))]
pub async fn file(
    door: Door,
    State(edge): State<Edge>,
    Extension(caller): Extension<Caller>,
    Named(number): Named<Number>,
    Asked(which): Asked<Which>,
    headers: HeaderMap,
) -> Answer<Response> {
    let reading = Reading::begin(edge.app.clone(), caller, number.clone());
    let OpenFile { sha256, name, size, content } = door.desk.open_file(number, which.revision).await?;
    let tag = tag::quoted(sha256.as_str());
    let mut response = if tag::matches(&headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        match part(&headers, &tag, size) {
            Part::Whole => body(content, 0..size).into_response(),
            Part::Of(range) => {
                let place = format!("bytes {}-{}/{size}", range.start, range.end - 1);
                (StatusCode::PARTIAL_CONTENT, [(header::CONTENT_RANGE, place)], body(content, range)).into_response()
            }
            Part::None => {
                let problem = Problem::edge(door.lang, Code::InvalidInput, "The file has no such range of bytes.", "文件没有该字节范围。")
                    .with_status(StatusCode::RANGE_NOT_SATISFIABLE);
                let place = format!("bytes */{size}");
                return Ok(([(header::CONTENT_RANGE, place)], problem).into_response());
            }
        }
    };
    let disposition = if which.download == Some(1) { "attachment" } else { "inline" };
    let disposition = HeaderValue::from_str(&format!("{disposition}; filename=\"{}\"", plain(&name))).expect("only plain ASCII is left");
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers.insert(header::ETAG, tag);
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(guard::while_read(response, reading))
}

/// Bytes sent at a time from the disk.
const PIECE: u64 = 256 * 1024;

/// The range of a checked file, with its length said.
fn body(content: FileContent, range: Range<u64>) -> ([(header::HeaderName, u64); 1], Body) {
    let length = range.end - range.start;
    let body = match content {
        FileContent::Memory(bytes) => Body::from(bytes.slice(range.start as usize..range.end as usize)),
        FileContent::Disk(file) => Body::from_stream(pieces(file, range)),
    };
    ([(header::CONTENT_LENGTH, length)], body)
}

fn pieces(file: File, range: Range<u64>) -> impl Stream<Item = io::Result<Bytes>> {
    stream::try_unfold((Arc::new(file), range), |(file, Range { start, end })| async move {
        let length = PIECE.min(end - start);
        if length == 0 {
            return Ok(None);
        }
        let open = file.clone();
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; length as usize];
            open.read_exact_at(&mut piece, start).map(|()| Bytes::from(piece))
        });
        let piece = read.await.map_err(io::Error::other)??;
        Ok(Some((piece, (file, start + length..end))))
    })
}

/// A name of ours, made safe once more before it enters a header.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_')).collect()
}

#[derive(Debug, PartialEq)]
enum Part {
    Whole,
    Of(Range<u64>),
    None,
}

/// RFC 9110 §14.2: a single range is honoured; several, a foreign unit or a malformed one are ignored.
fn part(headers: &HeaderMap, tag: &HeaderValue, length: u64) -> Part {
    let Some(range) = headers.get(header::RANGE).and_then(|value| value.to_str().ok()) else { return Part::Whole };
    if headers.get(header::IF_RANGE).is_some_and(|value| value != tag) {
        return Part::Whole;
    }
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|range| range.trim().split_once('-')) else { return Part::Whole };
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if range.contains(',') || !digits(first) || !digits(last) || (first.is_empty() && last.is_empty()) {
        return Part::Whole;
    }
    // A number beyond the range lies behind every file.
    let number = |text: &str| text.parse::<u64>().unwrap_or(u64::MAX);
    let (start, end) = match (first, last) {
        ("", last) => (length.saturating_sub(number(last)), length),
        (first, "") => (number(first), length),
        (first, last) if number(last) < number(first) => return Part::Whole,
        (first, last) => (number(first), number(last).saturating_add(1).min(length)),
    };
    if start < end { Part::Of(start..end) } else { Part::None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_cut_and_doubtful_ones_are_ignored() {
        let tag = tag::quoted("d");
        for (range, expected) in [
            ("bytes=0-9", Part::Of(0..10)),
            ("bytes=90-", Part::Of(90..100)),
            ("bytes=-10", Part::Of(90..100)),
            ("bytes=-1000", Part::Of(0..100)),
            ("bytes=5-1000", Part::Of(5..100)),
            ("bytes=5-99999999999999999999999", Part::Of(5..100)),
            ("bytes=100-", Part::None),
            ("bytes=99999999999999999999999-", Part::None),
            ("bytes=-0", Part::None),
            ("bytes=0-1,3-4", Part::Whole),
            ("bytes=9-1", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("lines=0-9", Part::Whole),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::RANGE, HeaderValue::from_static(range));
            assert_eq!(part(&headers, &tag, 100), expected, "{range}");
        }
    }

    #[test]
    fn an_empty_file_has_no_range_and_an_old_tag_gives_the_whole() {
        let mut headers = HeaderMap::new();
        headers.insert(header::RANGE, HeaderValue::from_static("bytes=0-"));
        assert_eq!(part(&headers, &tag::quoted("d"), 0), Part::None);
        headers.insert(header::IF_RANGE, HeaderValue::from_static("\"old\""));
        assert_eq!(part(&headers, &tag::quoted("d"), 100), Part::Whole);
    }
}
