//! Keys: a certificate for a proven key, the caller's list, and the caller's word for a new one.

use app::error::Code;
use app::model::{Certificate, Continuity, Enrolment, Renewal};
use bytes::Bytes;

use crate::App;
use crate::caller::Person;
use crate::clock::rfc3339;
use crate::crash::{self, Point};
use crate::error::{Error, Result, internal, invalid_field, not_found};
use crate::index::{CertificateRow, Issuance, MAIN};
use crate::permission::{Permit, UseKeys};
use crate::service::record::{self, CertificateRecord, Committed, Record};
use crate::service::{keep, present, secret};

/// Certificates of one account that count at a time; a lost key is an everyday case, a thousand are not.
const AT_MOST: usize = 50;

/// The caller's certificates, newest first: also those that were revoked, replaced, or whose time is over.
///
/// # Errors
/// When the index does not answer.
pub async fn certificates(app: &App, permit: Permit<UseKeys>) -> Result<Vec<Certificate>> {
    let now = app.clock.now();
    Ok(app.index.certificates_of(&permit.person().id).await?.into_iter().map(|row| present::certificate(row, now)).collect())
}

/// Grants a PKCS#10 request after checking that its sender holds the key, and for a renewal the old key too.
///
/// # Errors
/// `CertificateRefused` for other keys than P-256, a false proof, a key that is spent, or too many certificates.
pub async fn enrol(app: &App, permit: Permit<UseKeys>, request: Bytes, device: &str, renewal: Option<Renewal>) -> Result<Enrolment> {
    let person = permit.person();
    // 1. The device's name and the proof of possession.
    let device = device.trim();
    if device.is_empty() || device.chars().count() > 80 || device.chars().any(char::is_control) {
        return Err(invalid_field("device", "Name the device in 1 to 80 characters.", "请用 1 至 80 个字符填写设备名称。"));
    }
    let request = app.work(move || pades::check_request(&request)).await?.map_err(|error| refused(&error.to_string()))?;
    // 2. The old key's word for the new one.
    let now = app.clock.now();
    let renews = match renewal {
        Some(renewal) => Some(renewed(app, person, &request, renewal, now).await?),
        None => None,
    };
    // 3. The certificate says who the account is, never what the request claims.
    crash::before(Point::EnrolIssue);
    let serial = crate::ca::new_serial().map_err(internal)?;
    let me = &person.me;
    let der = app.authority.issue(&request, &me.name, &me.login, me.client_number.as_str(), &serial, now.div_euclid(1000)).map_err(internal)?;
    let chain = app.authority.chain_pem(&der).map_err(internal)?;
    let certificate = pades::Certificate::read(&der).map_err(internal)?;
    crash::after(Point::EnrolIssue);
    let row = CertificateRow {
        serial: hex::encode(serial),
        account: person.id.clone(),
        subject: certificate.common_name(),
        device: device.to_owned(),
        fingerprint: secret::digest(&der),
        issuer: app.authority.mark().to_owned(),
        key_sha256: secret::digest(certificate.spki()),
        issued_at: now,
        not_before: certificate.not_before() * 1000,
        not_after: certificate.not_after() * 1000,
        continuity: Continuity::default(),
        renews,
        replaced_at: None,
        used_at: None,
        confirmed_at: None,
        revoked_at: None,
        revocation_reason: None,
        revocation_note: None,
        revoked_by: None,
        der,
    };
    // 4. In the index before it is handed out; what it follows from is decided there.
    match crash::step(Point::EnrolCommit, insert(app, row)).await? {
        Issuance::Done(row) => Ok(Enrolment { serial: row.serial, certificate: chain, not_after: rfc3339(row.not_after), continuity: row.continuity }),
        Issuance::TooMany => {
            Err(refused("this account has fifty certificates that count, or was issued five hundred within a day; revoke those of devices no longer used"))
        }
        Issuance::KeySpent => Err(refused("this key was certified for another account or revoked; make a new one")),
        Issuance::RenewedGone => Err(gone()),
        Issuance::Inactive => Err(crate::permission::sign_in_required()),
        Issuance::Changed(..) => Err(record::overtaken()),
    }
}

/// Writes a certificate down, its record first. The record tells of its continuity, which another key of the account may change meanwhile.
async fn insert(app: &App, mut row: CertificateRow) -> Result<Issuance> {
    for _ in 0..record::TRIES {
        match app.index.foresee_certificate(&row, AT_MOST).await? {
            Issuance::Done(foreseen) => row = *foreseen,
            refused => return Ok(refused),
        }
        let kept = record::keep(app, &Record::Certificate(CertificateRecord::of(&row)), 1).await?;
        let done = app.index.insert_certificate(row.clone(), AT_MOST, Some(kept.clone())).await;
        match record::settle(app, MAIN, &kept, done).await? {
            Committed::Done(Issuance::Changed(..)) | Committed::Overtaken => keep::give_up_in(app, MAIN, &kept.file).await,
            Committed::Done(done @ Issuance::Done(_)) => return Ok(done),
            Committed::Done(refused) => {
                keep::give_up_in(app, MAIN, &kept.file).await;
                return Ok(refused);
            }
        }
    }
    Err(record::overtaken())
}

/// Notes that a new key is the caller's own.
///
/// # Errors
/// `NotFound` for another's.
pub async fn confirm(app: &App, permit: Permit<UseKeys>, serial: &str) -> Result<Certificate> {
    let account = &permit.person().id;
    let own = |row: &CertificateRow| row.account == *account;
    for _ in 0..record::TRIES {
        let version = app.index.record_version(MAIN, "certificate", serial).await?;
        let mut row = app.index.certificate(serial).await?.filter(own).ok_or_else(not_found)?;
        let now = app.clock.now();
        if row.confirmed_at.is_some() {
            break;
        }
        row.confirmed_at = Some(now);
        let kept = record::keep(app, &Record::Certificate(CertificateRecord::of(&row)), version + 1).await?;
        let done = app.index.confirm_certificate(account, serial, now, Some(kept.clone())).await;
        if let Committed::Done(found) = record::settle(app, MAIN, &kept, done).await? {
            if found {
                break;
            }
            return Err(not_found());
        }
    }
    Ok(present::certificate(app.index.certificate(serial).await?.ok_or_else(not_found)?, app.clock.now()))
}

/// The serial number of the caller's certificate whose key signed the request.
async fn renewed(app: &App, person: &Person, request: &pades::Request, renewal: Renewal, now: i64) -> Result<String> {
    let own = |row: &CertificateRow| row.account == person.id && row.counts(now);
    let old = app.index.certificate(&renewal.serial).await?.filter(own).ok_or_else(gone)?;
    let signature = hex::decode(&renewal.countersignature).ok().filter(|signature| signature.len() <= 80);
    let signature = signature.ok_or_else(|| {
        invalid_field(
            "countersignature",
            "The old key's signature over the new request is lower-case hexadecimal: 64 bytes r then s, or DER.",
            "旧密钥对新请求的签名须为小写十六进制：64 字节 r‖s，或 DER。",
        )
    })?;
    request.countersigned_by(&old.der, &signature).map_err(|error| refused(&error.to_string()))?;
    Ok(old.serial)
}

fn refused(why: &str) -> Error {
    Error::new(Code::CertificateRefused, format!("No certificate was issued: {why}."), format!("没有签发证书：{why}。"))
        .next("Send a PKCS#10 request for a P-256 key, signed by that key.", "请提交由 P-256 密钥自签的 PKCS#10 请求。")
}

fn gone() -> Error {
    Error::new(
        Code::CertificateRefused,
        "No certificate was issued: the certificate to renew is none of yours that counts (it was revoked, replaced, or its time is over).",
        "没有签发证书：要续期的证书不是您的有效证书（已吊销、已被取代或已到期）。",
    )
    .next("Ask for a certificate without renewing; the key then counts as a new one.", "请不带续期信息重新申请，该密钥将作为新密钥登记。")
}
