//! The caller's certificates: enrol, list, revoke.

use app::model::{Certificate, Enrolment, Page};
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::decisions::Reason;
use super::door::{self, Asked, Door, Part, Sent};
use super::once::{self, once};
use super::problem::{Answer, Problem};
use crate::router::Edge;

/// What may stand behind the `?` of an enrolment.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct For {
    device: Option<String>,
}

/// Grants a certificate for a P-256 key whose possession the request proves.
#[utoipa::path(post, path = "/api/v1/certificates", tag = "certificates",
    params(("device" = Option<String>, Query, description = "What the key is for, in its owner's words"), ("Idempotency-Key" = Option<String>, Header, description = "The same key and body give the first answer again")),
    request_body(content = Vec<u8>, content_type = "application/pkcs10", description = "PKCS#10, PEM or DER"),
    responses((status = 201, body = Enrolment, description = "The certificate, the issuer's after it"), (status = 422, body = Problem, content_type = "application/problem+json", description = "certificate_refused")))]
pub async fn enrol(door: Door, State(edge): State<Edge>, Asked(wanted): Asked<For>, request: Request) -> Answer<Response> {
    if door::media_type(request.headers()) != "application/pkcs10" {
        return Err(door::unsupported(door.lang, "application/pkcs10"));
    }
    let key = door::idempotency_key(door.lang, request.headers())?;
    let body = door::whole(request, &()).await?;
    let device = wanted.device.unwrap_or_else(|| door.lang.pick("A program of mine", "我的程序").to_owned());
    let what = once::Request::new(key, &format!("certificates {device}"), &body);
    let desk = door.desk.clone();
    once(&edge.app, &door, what, async move {
        let enrolment = desk.enrol(body, device).await?;
        let place = format!("/api/v1/certificates/{}", enrolment.serial);
        Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(enrolment)).into_response())
    })
    .await
}

/// The caller's certificates, newest first.
#[utoipa::path(get, path = "/api/v1/certificates", tag = "certificates",
    params(("limit" = Option<u32>, Query, description = "1 to 200, 50 where absent"), ("cursor" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Page<Certificate>, description = "One page")))]
pub async fn list(door: Door, Asked(part): Asked<Part>) -> Answer<Json<Page<Certificate>>> {
    let certificates = door.desk.certificates().await?;
    part.of(door.lang, certificates).map(Json)
}

/// Revokes one of the caller's certificates.
#[utoipa::path(post, path = "/api/v1/certificates/{serial}/revocation", tag = "certificates",
    params(("serial" = String, Path, description = "Serial number in hexadecimal")), request_body = Reason,
    responses((status = 200, body = Certificate, description = "Revoked, now on the revocation list"), (status = 404, body = Problem, content_type = "application/problem+json", description = "not_found")))]
pub async fn revoke(door: Door, Path(serial): Path<String>, Sent(sent): Sent<Reason>) -> Answer<Json<Certificate>> {
    let reason = sent.checked(&door)?;
    Ok(Json(door.desk.revoke(serial.to_ascii_lowercase(), reason).await?))
}
