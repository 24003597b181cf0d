//! What the server will accept from its own page: a row with field, seal, time and approver, valid for ten minutes.

use app::error::Code;
use app::model::{Lang, Number, Offer, Placement, Signing};
use pades::{Appearance, NewField, Rect, SealPlaces, SignatureParameters};

use crate::App;
use crate::caller::Person;
use crate::clock::{self, offset_minutes, rfc3339};
use crate::error::{Error, Result, internal, invalid_field, not_found};
use crate::index::{CertificateRow, DocumentRow, OfferRow, StepFieldRow, StepRow, new_id};
use crate::permission::{Decide, Permit};
use crate::service::place::Sheet;
use crate::service::room::{self, Room};
use crate::service::seals::{self, Words};
use crate::service::{decided, level, paper, route, sign};

/// How long an approver may take between the seal and the signature, milliseconds.
const LIFETIME: i64 = 10 * 60 * 1000;

/// What any signing program needs to know.
///
/// # Errors
/// When the step was decided meanwhile; when the store is away, or no page has room, where the field is to be made.
pub async fn signing(app: &App, permit: &Permit<Decide>, row: &DocumentRow) -> Result<Signing> {
    let (step, field) = decided::open(row, row.revision, permit.person())?;
    let room = match field.rect {
        Some(rect) => Room { page: field.page as u32, rect },
        None => {
            let (places, printed) = places(app, row, field.page as u32).await?;
            room::anywhere(&places, field.page as u32, &printed)?
        }
    };
    Ok(Signing {
        revision: row.revision,
        sha256: row.sha256.clone(),
        field: field.field.clone(),
        exists: field.rect.is_some(),
        page: room.page,
        rect: room.rect.map(f64::from),
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
    let place = place(app, &row, field, placement).await?;
    let rect = place.room.rect;
    let lang = Lang::from_code(&row.lang).unwrap_or_default();
    let caption = step.name.pick(lang);
    let time = clock::printed(now);
    let design = app.index.seal_design(&person.id).await?.unwrap_or_default();
    let words = Words { name: &person.me.name, caption, time: &time, number: row.number.as_str() };
    // the drawing has its own space, in points: what is drawn in it looks the same on any page
    let (across, up) = place.sheet(rect).size();
    let points = |units: i32| ((f64::from(units) * place.unit).round() as i32).max(1);
    let drawing = seals::drawing(words, &design, step.design, (points(across), points(up)));
    let parameters = SignatureParameters {
        field: field.field.clone(),
        new_field: field.rect.is_none().then(|| NewField { page: place.room.page as i32, tooltip: route::tooltip(&step.name, field.account_name.as_deref()) }),
        signer_name: person.me.name.clone(),
        reason: Some(reason(step, &row, lang)),
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
        page: place.room.page,
        seal: rect,
        movable: field.movable,
        authorities: app.authority.certificate_pem(),
        expires_at: rfc3339(offer.expires_at),
    })
}

/// What a decision says of itself in its signature (`/Reason`): as what, about which document.
pub fn reason(step: &StepRow, row: &DocumentRow, lang: Lang) -> String {
    format!("{} · {}", step.name.pick(lang), row.number)
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

/// Where the seal goes, and how far its page is shown turned.
struct Place {
    room: Room,
    rotate: i32,
    unit: f64,
}

impl Place {
    fn sheet(&self, visible: Rect) -> Sheet {
        Sheet { visible, rotate: self.rotate, unit: self.unit }
    }
}

/// The field itself, or a place of the approver's: in a field of earlier days that is the whole page, or on any page where the field is to be made.
async fn place(app: &App, row: &DocumentRow, field: &StepFieldRow, placement: Option<Placement>) -> Result<Place> {
    let page = field.page as u32;
    let Some(rect) = field.rect else {
        let (places, printed) = places(app, row, page).await?;
        let room = match placement {
            Some(placement) => room::chosen(&places, page, placement)?,
            None => room::anywhere(&places, page, &printed)?,
        };
        let geometry = places.pages.get(room.page as usize - 1);
        return Ok(Place { room, rotate: geometry.map_or(0, |page| page.rotate), unit: geometry.map_or(1.0, |page| page.unit) });
    };
    let sheet = Sheet { visible: rect, rotate: field.rotate, unit: 1.0 };
    let rect = if field.movable { within(&sheet, placement)? } else { rect };
    Ok(Place { room: Room { page, rect }, rotate: field.rotate, unit: 1.0 })
}

/// A place in a field that is the whole page.
fn within(sheet: &Sheet, placement: Option<Placement>) -> Result<Rect> {
    let [left, bottom, right, top] = sheet.visible;
    let side = room::side(sheet);
    match placement {
        Some(Placement { x, y, page: _ }) => {
            let inside = x >= left && y >= bottom && x.checked_add(side).is_some_and(|r| r <= right) && y.checked_add(side).is_some_and(|t| t <= top);
            if !inside {
                return Err(invalid_field("placement", "The seal must lie on the page.", "签章必须位于页面之内。"));
            }
            Ok([x, y, x + side, y + side])
        }
        // Low on the right, where a reader looks for it.
        None => {
            let (across, up) = sheet.size();
            let (x, y) = ((across - side - 28).max(0), 28.min(up - side));
            Ok(sheet.to_page([x, y, x + side, y + side]))
        }
    }
}

/// Where seals are in the current revision, and where else the planned page is printed.
async fn places(app: &App, row: &DocumentRow, planned: u32) -> Result<(SealPlaces, Vec<[f64; 4]>)> {
    let file = sign::original(app, row).await?;
    let read = file.clone();
    let places = app.work(move || pades::seal_places(&read)).await?.map_err(internal)?;
    let at = planned.saturating_sub(1) as usize;
    let Some(page) = places.pages.get(at) else { return Ok((places, Vec::new())) };
    let printed = app.typesetting.ink(None, file, at).await?.map_or_else(Vec::new, |ink| paper::printed(page, &ink));
    Ok((places, printed))
}
