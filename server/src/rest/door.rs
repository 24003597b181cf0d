//! What calls take in: the caller's desk, JSON, query values, preconditions. Raw input becomes a checked value here, once.

use std::sync::Arc;

use app::desk::{Desk, DeskHandle};
use app::error::Code;
use app::model::{Lang, Page, Seen};
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use serde::de::DeserializeOwned;

use super::problem::{Answer, Problem};
use crate::caller::Caller;
use crate::permission::sign_in_required;

/// The caller's desk and language, put there by the session layer.
pub struct Door {
    /// What the caller may ask.
    pub desk: Arc<dyn Desk>,
    /// The language the caller reads.
    pub lang: Lang,
    /// Account id of a signed-in caller.
    pub account: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Door {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        let DeskHandle(desk) = parts.extensions.get::<DeskHandle>().cloned().ok_or_else(|| Problem::of_status(Lang::En, StatusCode::INTERNAL_SERVER_ERROR))?;
        let account = parts.extensions.get::<Caller>().and_then(|caller| caller.account.as_ref()).map(|person| person.id.clone());
        Ok(Self { desk, lang: lang(parts), account })
    }
}

impl Door {
    /// Refuses who is not signed in, before a body of megabytes is read.
    pub fn signed_in(&self) -> Answer<()> {
        if self.desk.me().is_some() { Ok(()) } else { Err(Problem::from(sign_in_required().translate(self.lang))) }
    }
}

/// A checked part of the path. What is no such identifier does not exist.
pub struct Named<T>(pub T);

impl<S: Send + Sync, T: std::str::FromStr> FromRequestParts<S> for Named<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Answer<Self> {
        let missing = Problem::of_status(lang(parts), StatusCode::NOT_FOUND);
        let Ok(Path(text)) = Path::<String>::from_request_parts(parts, state).await else { return Err(missing) };
        text.parse().map(Self).map_err(|_| missing)
    }
}

/// Values behind the `?`; an empty one counts as absent, an unknown one is refused.
pub struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Answer<Self> {
        let kept: Vec<&str> =
            parts.uri.query().unwrap_or_default().split('&').filter(|pair| pair.split_once('=').is_some_and(|(_, value)| !value.is_empty())).collect();
        let uri: Uri = format!("/?{}", kept.join("&")).parse().map_err(|_| Problem::of_status(lang(parts), StatusCode::BAD_REQUEST))?;
        match Query::try_from_uri(&uri) {
            Ok(Query(asked)) => Ok(Self(asked)),
            Err(error) => {
                let lang = lang(parts);
                Err(Problem::edge(
                    lang,
                    Code::InvalidInput,
                    format!("The query is not as it should be: {}.", reason(&error)),
                    format!("查询参数不正确：{}。", reason(&error)),
                ))
            }
        }
    }
}

/// A JSON body. Unknown members are refused by the types themselves.
pub struct Sent<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Sent<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Answer<Self> {
        let (lang, media) = (language(request.extensions()), media_type(request.headers()));
        if media != "application/json" {
            return Err(unsupported(lang, "application/json"));
        }
        let bytes = whole(request, state).await?;
        json(lang, &bytes).map(Self)
    }
}

/// The whole body, or why it could not be had: too large, too slow, broken off.
pub async fn whole<S: Send + Sync>(request: Request, state: &S) -> Answer<Bytes> {
    let lang = language(request.extensions());
    Bytes::from_request(request, state).await.map_err(|rejection| Problem::of_status(lang, rejection.status()))
}

/// Reads JSON: malformed text is 400, a wrong value or unknown member 422, each with its place.
pub fn json<T: DeserializeOwned>(lang: Lang, bytes: &[u8]) -> Answer<T> {
    serde_json::from_slice(bytes).map_err(|error| {
        let problem = Problem::edge(lang, Code::InvalidInput, format!("The body is not as it should be: {error}."), format!("请求内容不正确：{error}。"));
        if error.is_data() { problem } else { problem.with_status(StatusCode::BAD_REQUEST) }
    })
}

/// `If-Match: "<revision>"` or `"<edition>-<revision>"`: which revision the decision is about.
pub fn expected_seen(lang: Lang, headers: &HeaderMap) -> Answer<Seen> {
    let required = || {
        Problem::edge(
            lang,
            Code::PreconditionRequired,
            "A decision names the revision it is about; nothing was decided.",
            "决定必须指明所针对的版本，尚未作出任何决定。",
        )
        .with_next(lang.pick("Send If-Match: \"<revision>\" with the revision that /signing gave.", "请附上 If-Match: \"<版本号>\"，版本号由 /signing 给出。"))
    };
    let value = headers.get(header::IF_MATCH).ok_or_else(required)?.to_str().unwrap_or_default().trim();
    if value == "*" {
        return Err(required());
    }
    let text = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value);
    let count = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten();
    let seen = match text.split_once('-') {
        Some((edition, revision)) => count(edition).zip(count(revision)).map(|(edition, revision)| Seen { edition: Some(edition), revision }),
        None => count(text).map(Seen::from),
    };
    seen.ok_or_else(|| {
        Problem::edge(lang, Code::InvalidInput, "If-Match is not a revision in quotes, such as \"1\".", "If-Match 应为带引号的版本号，例如 \"1\"。")
    })
}

/// The same where the edition is known otherwise.
pub fn expected_revision(lang: Lang, headers: &HeaderMap) -> Answer<u32> {
    Ok(expected_seen(lang, headers)?.revision)
}

/// `Idempotency-Key`: 1 to 200 visible ASCII characters.
pub fn idempotency_key(lang: Lang, headers: &HeaderMap) -> Answer<Option<String>> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(text) if (1..=200).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) => Ok(Some(text.to_owned())),
        _ => Err(Problem::edge(
            lang,
            Code::InvalidInput,
            "Idempotency-Key is 1 to 200 visible ASCII characters without spaces.",
            "Idempotency-Key 须为 1 至 200 个可见 ASCII 字符，不含空格。",
        )),
    }
}

/// How much of a list is asked for.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    limit: Option<u32>,
    cursor: Option<String>,
}

impl Part {
    /// One page of a list that is at hand as a whole.
    pub fn of<T>(self, lang: Lang, all: Vec<T>) -> Answer<Page<T>> {
        let limit = checked_limit(lang, self.limit)? as usize;
        let start: usize = match self.cursor {
            None => 0,
            Some(cursor) => cursor.strip_prefix('n').and_then(|rest| rest.parse().ok()).ok_or_else(|| bad_cursor(lang))?,
        };
        let length = all.len();
        let items: Vec<T> = all.into_iter().skip(start).take(limit).collect();
        let end = start.saturating_add(items.len());
        Ok(Page { next: (end < length && !items.is_empty()).then(|| format!("n{end}")), items })
    }
}

/// `limit`: 1 to 200, 50 where none is asked for.
pub fn checked_limit(lang: Lang, limit: Option<u32>) -> Answer<u32> {
    match limit.unwrap_or(50) {
        limit @ 1..=200 => Ok(limit),
        _ => Err(Problem::edge(lang, Code::InvalidInput, "limit is a number from 1 to 200.", "limit 须为 1 至 200 之间的数字。")),
    }
}

fn bad_cursor(lang: Lang) -> Problem {
    Problem::edge(lang, Code::InvalidInput, "The cursor is none of this list's; start again without one.", "游标无效，请不带游标重新开始。")
}

/// A refusal that names what the call takes instead.
pub fn unsupported(lang: Lang, right: &str) -> Problem {
    Problem::edge(lang, Code::UnsupportedMediaType, format!("This call takes Content-Type: {right}."), format!("此接口的 Content-Type 须为 {right}。"))
}

/// The media type without its parameters, in lower case; empty where none is named.
pub fn media_type(headers: &HeaderMap) -> String {
    let text = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn lang(parts: &Parts) -> Lang {
    language(&parts.extensions)
}

/// The language the session layer found; English before it.
pub fn language(extensions: &axum::http::Extensions) -> Lang {
    extensions.get::<Lang>().copied().unwrap_or_default()
}

/// The innermost cause, which names the value; the layers above only repeat that a query failed.
fn reason(error: &dyn std::error::Error) -> String {
    let mut innermost = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}
