//! Errors on their way out: RFC 9457 `application/problem+json`, one shape for every call and every layer.

use std::borrow::Cow;
use std::collections::BTreeMap;

use app::error::{AppError, Code};
use app::model::{Lang, Number};
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A refusal as a program reads it. `type` leads to the code's row on `/api/docs`.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Address of the code's explanation.
    #[serde(rename = "type")]
    kind: String,
    /// The kind in a few English words, always the same for a code.
    title: Cow<'static, str>,
    /// The HTTP status again.
    status: u16,
    /// What happened and what was kept, in the caller's language.
    detail: String,
    /// The stable code.
    code: Cow<'static, str>,
    /// What to do next.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// The live document, for `duplicate_matter`.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<Number>,
    /// Reasons by field key, for `invalid_input`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, String>,
    /// ETSI EN 319 102-1 indication, for `signature_invalid`.
    #[serde(skip_serializing_if = "Option::is_none")]
    indication: Option<String>,
    /// ETSI EN 319 102-1 sub-indication.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_indication: Option<String>,
}

/// What every call of the public API answers.
pub type Answer<T> = Result<T, Problem>;

impl Problem {
    /// Whether the server is to blame, so that nobody can say what was done.
    pub fn is_fault(&self) -> bool {
        self.status >= 500
    }

    /// A refusal of the edge itself, in the caller's language.
    pub fn edge(lang: Lang, code: Code, en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self::from(AppError::new(code, lang.pick(en.into(), zh.into())))
    }

    /// The same refusal under another status: malformed text is 400 where a wrong value is 422.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status.as_u16();
        self
    }

    /// Adds what to do next.
    #[must_use]
    pub fn with_next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }

    /// A refusal by a layer that only knows a status.
    pub fn of_status(lang: Lang, status: StatusCode) -> Self {
        let (en, zh) = match status.as_u16() {
            400 => ("The request is malformed; nothing was changed.", "请求格式不正确，未做任何更改。"),
            404 => ("There is nothing at this address.", "此地址没有任何内容。"),
            405 => ("This address does not take this method; `Allow` lists those it takes.", "此地址不支持该方法，可用方法见 Allow 头。"),
            408 => ("The request came too slowly and was given up; nothing was changed.", "请求传输过慢，已放弃，未做任何更改。"),
            413 => ("The body is larger than this call takes; nothing was changed.", "请求内容超过大小限制，未做任何更改。"),
            415 => ("This call does not take this media type.", "此接口不接受该内容类型。"),
            503 => ("The server did not finish in time. Look at the document before trying again.", "服务器未能及时完成，请先查看单据状态再重试。"),
            _ => ("Something went wrong inside Signet; the request id finds it in the log.", "Signet 内部出错，可用请求编号在日志中查找。"),
        };
        let code = match status.as_u16() {
            404 => Cow::Borrowed("not_found"),
            405 => Cow::Borrowed("method_not_allowed"),
            408 | 503 => Cow::Borrowed("timeout"),
            413 => Cow::Borrowed("too_large"),
            415 => Cow::Borrowed("unsupported_media_type"),
            code if code < 500 => Cow::Borrowed("invalid_input"),
            _ => Cow::Borrowed("internal"),
        };
        let mut problem = Self::from(AppError::new(Code::Internal, lang.pick(en, zh)));
        problem.kind = link(&code);
        problem.title = title(&code).into();
        problem.code = code;
        problem.with_status(status)
    }
}

impl Problem {
    /// The same in the shape that server functions read.
    pub fn into_function_error(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let code = match self.status {
            404 => Code::NotFound,
            413 => Code::TooLarge,
            415 => Code::UnsupportedMediaType,
            408 | 503 => Code::Offline,
            code if code < 500 => Code::InvalidInput,
            _ => Code::Internal,
        };
        (status, Json(AppError { next: self.next, ..AppError::new(code, self.detail) })).into_response()
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let code = error.code.as_str();
        Self {
            kind: link(code),
            title: title(code).into(),
            status: error.code.status(),
            detail: error.detail,
            code: code.into(),
            next: error.next,
            number: error.number,
            fields: error.fields,
            indication: error.indication,
            sub_indication: error.sub_indication,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"signet\""));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response
    }
}

/// The media type of RFC 9457.
pub const MEDIA_TYPE: &str = "application/problem+json";

fn link(code: &str) -> String {
    format!("/api/docs#{code}")
}

fn title(code: &str) -> &'static str {
    CODES.iter().find(|(known, ..)| *known == code).map_or("Refused", |(_, _, title)| title)
}

/// Every code with its status and title, for the readable page.
pub const CODES: [(&str, u16, &str); 25] = [
    ("sign_in_required", 401, "Sign in first"),
    ("wrong_credentials", 401, "Name or password is wrong"),
    ("cross_site", 403, "A state-changing request from another site"),
    ("not_permitted", 403, "Visible, but this act is not the caller's"),
    ("not_your_step", 403, "The open step does not ask for the caller"),
    ("not_found", 404, "Does not exist, or the caller may not see it"),
    ("method_not_allowed", 405, "The address does not take this method"),
    ("timeout", 408, "The request or its work took too long (408 or 503)"),
    ("duplicate_matter", 409, "A live document holds this matter"),
    ("already_decided", 409, "The step was decided already"),
    ("stale_revision", 409, "Another revision is current"),
    ("wrong_state", 409, "The document is in no state for this act"),
    ("too_large", 413, "The body is too large"),
    ("unsupported_media_type", 415, "The media type is not taken here"),
    ("invalid_input", 422, "The input is malformed (400 where it is no JSON at all)"),
    ("idempotency_mismatch", 422, "The same idempotency key came with another body"),
    ("signature_invalid", 422, "The signature does not hold"),
    ("document_refused", 422, "The PDF cannot be taken"),
    ("certificate_refused", 422, "The certificate request cannot be granted"),
    ("precondition_required", 428, "If-Match is missing"),
    ("too_many_tries", 429, "Too many tries; wait"),
    ("internal", 500, "A defect of Signet's"),
    ("store_unavailable", 503, "The file store does not answer"),
    ("index_unavailable", 503, "The index does not answer"),
    ("time_stamp_unavailable", 503, "No time stamp can be had, and the type demands one"),
];
