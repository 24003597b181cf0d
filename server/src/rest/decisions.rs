//! Decisions by programs: what a signer needs, the signature, the rejection.

use std::sync::Arc;

use app::error::Code;
use app::model::{DecisionKind, Document, Number, Signing};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};

use super::documents::created;
use super::door::{self, Door, Named, Sent};
use super::once::{self, once};
use super::problem::{Answer, Problem};
use super::tag;
use crate::caller::Caller;
use crate::router::Edge;
use crate::service::decided::Own;
use crate::{App, service};

/// What any PAdES program needs to sign in the caller's field: it fills the field, or makes it where `exists` is false.
#[utoipa::path(get, path = "/api/v1/documents/{number}/signing", operation_id = "prepareSignature", tag = "decisions",
    params(("number" = Number, Path, description = "The unique number")),
    responses((status = 200, body = Signing, description = "Field, place and revision; `ETag` is the revision"), (status = 403, body = Problem, content_type = "application/problem+json", description = "not_your_step"),
              (status = 404, body = Problem, content_type = "application/problem+json", description = "not_found"), (status = 409, body = Problem, content_type = "application/problem+json", description = "already_decided, wrong_state"),
              (status = 422, body = Problem, content_type = "application/problem+json", description = "document_refused: no page has room for another seal"),
              (status = 503, body = Problem, content_type = "application/problem+json", description = "store_unavailable, index_unavailable")))]
pub async fn signing(door: Door, Named(number): Named<Number>) -> Answer<Response> {
    let signing = door.desk.signing(number).await?;
    Ok(([(header::ETAG, tag::quoted(&signing.revision.to_string()))], Json(signing)).into_response())
}

/// Signs the open step: the whole signed PDF, or only the bytes appended to the revision.
///
/// Reserve 16 kB for the signature's contents: a time stamp goes into it here. Without room for one the signature is kept as it is, unless the
/// document's type demands a stamp; it is then proven by a document time stamp after the last approver.
#[utoipa::path(post, path = "/api/v1/documents/{number}/signatures", operation_id = "signDocument", tag = "decisions",
    params(("number" = Number, Path, description = "The unique number"), ("If-Match" = String, Header, description = "The revision that was signed, `\"0\"`"),
           ("Idempotency-Key" = Option<String>, Header, description = "The same key and body give the first answer again")),
    request_body(content((Vec<u8> = "application/pdf"), (Vec<u8> = "application/vnd.signet.revision"))),
    responses((status = 201, body = Document, description = "Signed"), (status = 403, body = Problem, content_type = "application/problem+json", description = "not_your_step"),
              (status = 409, body = Problem, content_type = "application/problem+json", description = "already_decided, stale_revision"),
              (status = 422, body = Problem, content_type = "application/problem+json", description = "signature_invalid, with `indication` and `sub_indication`"),
              (status = 428, body = Problem, content_type = "application/problem+json", description = "precondition_required")))]
pub async fn sign(
    door: Door,
    State(edge): State<Edge>,
    Extension(caller): Extension<Caller>,
    Named(number): Named<Number>,
    request: Request,
) -> Answer<Response> {
    door.signed_in()?;
    let appended = match door::media_type(request.headers()).as_str() {
        "application/pdf" => false,
        "application/vnd.signet.revision" => true,
        _ => return Err(door::unsupported(door.lang, "application/pdf or application/vnd.signet.revision")),
    };
    let revision = door::expected_revision(door.lang, request.headers())?;
    let key = door::idempotency_key(door.lang, request.headers())?;
    let body = door::whole(request, &()).await?;
    let what = once::Request::new(key, &format!("signatures {number} {revision} {appended}"), &body);
    let desk = door.desk.clone();
    let (app, named) = (edge.app.clone(), number.clone());
    let done = move |since| stands(app, caller, named, Own { revision, kind: DecisionKind::Signed, since });
    once(&edge.app, &door, what, async move { Ok(created(&desk.sign_outside(number, revision, body, appended).await?)) }, done).await
}

/// Rejects the open step with a reason.
#[utoipa::path(post, path = "/api/v1/documents/{number}/rejection", operation_id = "rejectDocument", tag = "decisions",
    params(("number" = Number, Path, description = "The unique number"), ("If-Match" = String, Header, description = "The revision that was read, `\"0\"`; with its edition in front, `\"2-0\"`, also the edition is asked for"),
           ("Idempotency-Key" = Option<String>, Header, description = "The same key and body give the first answer again")),
    request_body = Reason,
    responses((status = 201, body = Document, description = "Rejected"), (status = 403, body = Problem, content_type = "application/problem+json", description = "not_your_step"),
              (status = 409, body = Problem, content_type = "application/problem+json", description = "already_decided, stale_revision"),
              (status = 422, body = Problem, content_type = "application/problem+json", description = "invalid_input"), (status = 428, body = Problem, content_type = "application/problem+json", description = "precondition_required")))]
pub async fn reject(
    door: Door,
    State(edge): State<Edge>,
    Extension(caller): Extension<Caller>,
    Named(number): Named<Number>,
    headers: HeaderMap,
    Sent(sent): Sent<Reason>,
) -> Answer<Response> {
    let seen = door::expected_seen(door.lang, &headers)?;
    let revision = seen.revision;
    let reason = sent.checked(&door)?;
    let key = door::idempotency_key(door.lang, &headers)?;
    let what = once::Request::new(
        key,
        &format!("rejection {number} {}{revision}", seen.edition.map(|edition| format!("{edition}-")).unwrap_or_default()),
        reason.as_bytes(),
    );
    let desk = door.desk.clone();
    let (app, named) = (edge.app.clone(), number.clone());
    let done = move |since| stands(app, caller, named, Own { revision, kind: DecisionKind::Rejected, since });
    once(&edge.app, &door, what, async move { Ok(created(&desk.reject(number, seen, reason).await?)) }, done).await
}

/// The answer to a decision that this caller made already.
async fn stands(app: Arc<App>, caller: Caller, number: Number, decision: Own) -> Answer<Option<Response>> {
    let Some(person) = &caller.account else { return Ok(None) };
    let found = service::decided::own(&app, person, &number, decision, caller.lang).await;
    Ok(found.map_err(|error| error.translate(caller.lang))?.map(|document| created(&document)))
}

/// Why.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// 1 to 2,000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
}

impl Reason {
    /// The reason without blanks round it, or a refusal.
    pub fn checked(self, door: &Door) -> Answer<String> {
        let reason = self.reason.trim();
        if (1..=2000).contains(&reason.chars().count()) {
            return Ok(reason.to_owned());
        }
        Err(Problem::edge(
            door.lang,
            Code::InvalidInput,
            "A reason has 1 to 2,000 characters; nothing was decided.",
            "理由须为 1 至 2000 个字符，尚未作出任何决定。",
        ))
    }
}
