//! What the server will accept from its own page: a row with field, seal, time and approver, valid for ten minutes.

use app::error::Code;
use app::model::{Lang, Number, Offer, Placement, Signing};
use pades::{Appearance, Rect, SignatureParameters};

use crate::App;
use crate::caller::Person;
use crate::clock::{self, offset_minutes, rfc3339};
use crate::error::{Error, Result, internal, invalid_field, not_found};
use crate::index::{CertificateRow, DocumentRow, OfferRow, StepFieldRow, new_id};
use crate::permission::{Decide, Permit};
use crate::service::place::Sheet;
use crate::service::seals::{self, Words};
use crate::service::{decided, level, route};

/// How long an approver may take between the seal and the signature, milliseconds.
const LIFETIME: i64 = 10 * 60 * 1000;

/// What any signing program needs to know.
///
/// # Errors
/// When the step was decided meanwhile.
pub fn signing(permit: &Permit<Decide>, row: &DocumentRow) -> Result<Signing> {
    let (step, field) = decided::open(row, row.revision, permit.person())?;
    let rect = field.rect.ok_or_else(|| internal("a field without a rectangle"))?;
    Ok(Signing {
        revision: row.revision,
        sha256: row.sha256.clone(),
        field: field.field.clone(),
        page: field.page as u32,
        rect: rect.map(f64::from),
        step: step.key.clone(),
    })
}

/// Writes the offer down and gives it.
///
/// # Errors
/// A certificate that is not the caller's or does not count any more; a place outside the page; a newer revision.
pub async fn offer(app: &App, permit: Permit<Decide>, row: DocumentRow, revision: u32, serial: String, placement: Option<Placement>) -> Result<Offer> {
    let person = permit.person();
    // 1. The open step's field, on the revision that was seen.
    let (step, field) = decided::open(&row, revision, person)?;
    // 2. The certificate counts and is the caller's.
    let now = app.clock.now();
    usable(app.index.certificate(&serial).await?, person, now)?;
    // 3. The seal and its place.
    let rect = place(field, placement)?;
    let lang = Lang::from_code(&row.lang).unwrap_or_default();
    let caption = step.name.pick(lang);
    let time = clock::printed(now);
    let design = app.index.seal_design(&person.id).await?.unwrap_or_default();
    let words = Words { name: &person.me.name, caption, time: &time, number: row.number.as_str() };
    let drawing = seals::drawing(words, &design, step.design, Sheet { visible: rect, rotate: field.rotate }.size());
    let parameters = SignatureParameters {
        field: field.field.clone(),
        new_field: None,
        signer_name: person.me.name.clone(),
        reason: Some(format!("{caption} · {}", row.number)),
        location: None,
        signed_at: now.div_euclid(1000),
        utc_offset_minutes: offset_minutes(now),
        appearance: Appearance { width: drawing.width, height: drawing.height, content: drawing.content },
        placement: rect,
        contents_reserve: level::contents_reserve(app),
    };
    let parameters = serde_json::to_string(&parameters).map_err(internal)?;
    // 4. The row.
    let offer = OfferRow {
        id: new_id(),
        number: row.number.clone(),
        edition: row.edition,
        revision,
        position: step.position,
        account: person.id.clone(),
        serial,
        parameters: parameters.clone(),
        created_at: now,
        expires_at: now + LIFETIME,
    };
    app.index.insert_offer(offer.clone()).await?;
    Ok(Offer {
        id: offer.id,
        number: row.number.clone(),
        revision,
        sha256: row.sha256.clone(),
        parameters,
        page: field.page as u32,
        seal: rect,
        movable: field.movable,
        authorities: app.authority.certificate_pem(),
        expires_at: rfc3339(offer.expires_at),
    })
}

/// The caller's offer, when it has not ended.
///
/// # Errors
/// `NotFound` for another's, `StaleRevision` for one that ended.
pub async fn mine(app: &App, person: &Person, number: &Number, id: &str) -> Result<OfferRow> {
    let row = app.index.offer(number, id).await?.filter(|row| row.account == person.id).ok_or_else(expired)?;
    if row.expires_at > app.clock.now() { Ok(row) } else { Err(expired()) }
}

/// The certificate, when this account may sign with it now.
///
/// # Errors
/// `CertificateRefused` when it is revoked or out of its time; another's does not exist.
pub fn usable(row: Option<CertificateRow>, person: &Person, now: i64) -> Result<CertificateRow> {
    let row = row
        .filter(|row| row.account == person.id)
        .ok_or_else(|| not_found().next("Make a key on this device first: Keys page.", "请先在“密钥”页面为本设备创建密钥。"))?;
    if row.revoked_at.is_some() {
        return Err(refused("This certificate was revoked.", "该证书已吊销。"));
    }
    if row.replaced_at.is_some() {
        return Err(refused("This certificate was replaced by a newer one.", "该证书已被新证书取代。"));
    }
    if now < row.not_before || now > row.not_after {
        return Err(refused("This certificate is outside its validity.", "该证书不在有效期内。"));
    }
    Ok(row)
}

fn refused(en: &str, zh: &str) -> Error {
    Error::new(Code::CertificateRefused, format!("{en} Nothing was signed."), format!("{zh}没有签署任何内容。"))
        .next("Make a new key on this device and sign with that.", "请在本设备创建新的密钥后再签署。")
}

fn expired() -> Error {
    Error::new(Code::StaleRevision, "The time to finish this signature is over. Nothing was signed.", "本次签署已超时，没有签署任何内容。")
        .next("Start signing again; it takes one tap.", "请重新点击签署。")
}

/// Where the seal goes: the field itself, or a place of the approver's inside it.
fn place(field: &StepFieldRow, placement: Option<Placement>) -> Result<Rect> {
    let rect = field.rect.ok_or_else(|| internal("a field without a rectangle"))?;
    if !field.movable {
        return Ok(rect);
    }
    let [left, bottom, right, top] = rect;
    let (width, height) = route::movable_seal();
    let (width, height) = (width.min(right - left), height.min(top - bottom));
    let placed = match placement {
        Some(Placement { x, y }) => {
            let inside = x >= left && y >= bottom && x.checked_add(width).is_some_and(|r| r <= right) && y.checked_add(height).is_some_and(|t| t <= top);
            if !inside {
                return Err(invalid_field("placement", "The seal must lie on the page.", "签章必须位于页面之内。"));
            }
            [x, y, x + width, y + height]
        }
        // Low on the right, where a reader looks for it.
        None => {
            let sheet = Sheet { visible: rect, rotate: field.rotate };
            let (across, up) = sheet.size();
            let (x, y) = ((across - width - 28).max(0), 28.min(up - height));
            sheet.to_page([x, y, x + width, y + height])
        }
    };
    Ok(placed)
}
