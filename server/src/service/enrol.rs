//! Keys: a certificate for a proven key, the caller's list, and revocation.

use app::error::Code;
use app::model::{Certificate, Enrolment};
use bytes::Bytes;

use crate::App;
use crate::clock::rfc3339;
use crate::error::{Error, Result, internal, invalid_field, not_found};
use crate::index::CertificateRow;
use crate::permission::{Permit, UseKeys};
use crate::service::{present, secret};

/// Certificates of one account that count at a time; a lost key is an everyday case, a thousand are not.
const AT_MOST: usize = 50;

/// The caller's certificates, newest first.
///
/// # Errors
/// When the index does not answer.
pub async fn certificates(app: &App, permit: Permit<UseKeys>) -> Result<Vec<Certificate>> {
    Ok(app.index.certificates_of(&permit.person().id).await?.into_iter().map(present::certificate).collect())
}

/// Grants a PKCS#10 request after checking that its sender holds the key.
///
/// # Errors
/// `CertificateRefused` for other keys than P-256, a false proof, or too many certificates.
pub async fn enrol(app: &App, permit: Permit<UseKeys>, request: Bytes, device: &str) -> Result<Enrolment> {
    let person = permit.person();
    // 1. The device's name and the proof of possession.
    let device = device.trim();
    if device.is_empty() || device.chars().count() > 80 || device.chars().any(char::is_control) {
        return Err(invalid_field("device", "Name the device in 1 to 80 characters.", "请用 1 至 80 个字符填写设备名称。"));
    }
    let request = app.work(move || pades::check_request(&request)).await?.map_err(|error| refused(&error.to_string()))?;
    // 2. Not without end.
    let now = app.clock.now();
    let held = app.index.certificates_of(&person.id).await?;
    if held.iter().filter(|row| row.revoked_at.is_none() && row.not_after > now).count() >= AT_MOST {
        return Err(refused("this account has fifty certificates that count; revoke those of devices no longer used"));
    }
    // 3. The certificate says who the account is, never what the request claims.
    let serial = crate::ca::new_serial().map_err(internal)?;
    let me = &person.me;
    let der = app.authority.issue(&request, &me.name, &me.login, me.client_number.as_str(), &serial, now.div_euclid(1000)).map_err(internal)?;
    let certificate = pades::Certificate::read(&der).map_err(internal)?;
    let row = CertificateRow {
        serial: hex::encode(serial),
        account: person.id.clone(),
        subject: certificate.common_name(),
        device: device.to_owned(),
        fingerprint: secret::digest(&der),
        not_before: certificate.not_before() * 1000,
        not_after: certificate.not_after() * 1000,
        revoked_at: None,
        revocation_reason: None,
        der,
    };
    let chain = app.authority.chain_pem(&row.der).map_err(internal)?;
    let enrolment = Enrolment { serial: row.serial.clone(), certificate: chain, not_after: rfc3339(row.not_after) };
    app.index.insert_certificate(row).await?;
    Ok(enrolment)
}

/// Revokes one of the caller's certificates; a second time changes nothing.
///
/// # Errors
/// `NotFound` for another's; no reason.
pub async fn revoke(app: &App, permit: Permit<UseKeys>, serial: &str, reason: &str) -> Result<Certificate> {
    let reason = reason.trim();
    if !(1..=200).contains(&reason.chars().count()) || reason.chars().any(char::is_control) {
        return Err(invalid_field("reason", "Say why, in 1 to 200 characters.", "请用 1 至 200 个字符说明吊销原因。"));
    }
    let person = permit.person();
    let mine = |row: &CertificateRow| row.account == person.id;
    app.index.certificate(serial).await?.filter(mine).ok_or_else(not_found)?;
    app.index.revoke_certificate(&person.id, serial, app.clock.now(), reason).await?;
    let row = app.index.certificate(serial).await?.ok_or_else(not_found)?;
    Ok(present::certificate(row))
}

fn refused(why: &str) -> Error {
    Error::new(Code::CertificateRefused, format!("No certificate was issued: {why}."), format!("没有签发证书：{why}。"))
        .next("Send a PKCS#10 request for a P-256 key, signed by that key.", "请提交由 P-256 密钥自签的 PKCS#10 请求。")
}
