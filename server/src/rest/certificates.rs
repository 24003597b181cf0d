//! The caller's certificates: enrol, list, revoke.

use app::model::{Certificate, Enrolment, Page, Renewal};
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

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

/// A renewal: the request, and the old key's word for it.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Renewed {
    /// PKCS#10, PEM.
    request: String,
    /// Serial number of the caller's certificate that is renewed.
    renews: String,
    /// Its key's ECDSA signature with SHA-256 over the request's DER: 64 bytes r then s, or DER; hexadecimal.
    countersignature: String,
}

/// Grants a certificate for a P-256 key whose possession the request proves.
///
/// As JSON with the old key's signature over the new request it is a renewal (`continuity` "renewed"): the old certificate signs until the
/// new one did for the first time. Without, the account's first certificate is "first" and every later one "new", which its owner and
/// the administrators are shown. A key that was revoked, or belongs to another account, is refused.
#[utoipa::path(post, path = "/api/v1/certificates", operation_id = "enrolCertificate", tag = "certificates",
    params(("device" = Option<String>, Query, description = "What the key is for, in its owner's words"), ("Idempotency-Key" = Option<String>, Header, description = "The same key and body give the first answer again")),
    request_body(content((Vec<u8> = "application/pkcs10"), (Renewed = "application/json")), description = "PKCS#10, PEM or DER; or JSON to renew"),
    responses((status = 201, body = Enrolment, description = "The certificate, the issuer's after it"), (status = 422, body = Problem, content_type = "application/problem+json", description = "certificate_refused")))]
pub async fn enrol(door: Door, State(edge): State<Edge>, Asked(wanted): Asked<For>, request: Request) -> Answer<Response> {
    let media = door::media_type(request.headers());
    if !matches!(media.as_str(), "application/pkcs10" | "application/json") {
        return Err(door::unsupported(door.lang, "application/pkcs10"));
    }
    let key = door::idempotency_key(door.lang, request.headers())?;
    let body = door::whole(request, &()).await?;
    let device = wanted.device.unwrap_or_else(|| door.lang.pick("A program of mine", "我的程序").to_owned());
    let what = once::Request::new(key, &format!("certificates {device}"), &body);
    let desk = door.desk.clone();
    let renewed: Option<Renewed> = if media == "application/json" { Some(door::json(door.lang, &body)?) } else { None };
    let nothing = |_| std::future::ready(Ok(None));
    let act = async move {
        let enrolment = match renewed {
            None => desk.enrol(body, device).await?,
            Some(Renewed { request, renews, countersignature }) => {
                let renewal = Renewal { serial: renews.to_ascii_lowercase(), countersignature: countersignature.to_ascii_lowercase() };
                desk.renew(request.into(), device, renewal).await?
            }
        };
        let place = format!("/api/v1/certificates/{}", enrolment.serial);
        Ok((StatusCode::CREATED, [(header::LOCATION, place)], Json(enrolment)).into_response())
    };
    once(&edge.app, &door, what, act, nothing).await
}

/// The caller's certificates, newest first: every one that was ever issued, also revoked, replaced and ended ones.
#[utoipa::path(get, path = "/api/v1/certificates", operation_id = "listCertificates", tag = "certificates",
    params(("limit" = Option<u32>, Query, description = "1 to 200, 50 where absent"), ("cursor" = Option<String>, Query, description = "`next` of the page before")),
    responses((status = 200, body = Page<Certificate>, description = "One page")))]
pub async fn list(door: Door, Asked(part): Asked<Part>) -> Answer<Json<Page<Certificate>>> {
    let certificates = door.desk.certificates().await?;
    part.of(door.lang, certificates).map(Json)
}

/// Why a certificate is revoked.
#[derive(serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Why {
    /// `keyCompromise`, `superseded`, `cessationOfOperation`, `affiliationChanged`, `privilegeWithdrawn`, or words of one's own, which the
    /// revocation list does not carry; 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
    /// What else is to be kept, at most 500 characters.
    note: Option<String>,
}

/// Revokes one of the caller's certificates.
#[utoipa::path(post, path = "/api/v1/certificates/{serial}/revocation", operation_id = "revokeCertificate", tag = "certificates",
    params(("serial" = String, Path, description = "Serial number in hexadecimal")), request_body = Why,
    responses((status = 200, body = Certificate, description = "Revoked, now on the revocation list"), (status = 404, body = Problem, content_type = "application/problem+json", description = "not_found")))]
pub async fn revoke(door: Door, Path(serial): Path<String>, Sent(why): Sent<Why>) -> Answer<Json<Certificate>> {
    Ok(Json(door.desk.revoke(serial.to_ascii_lowercase(), why.reason, why.note).await?))
}
