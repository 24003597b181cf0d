//! Signing: by the CMS alone over the server's own prediction, or by a whole revision from another PAdES program.

use app::error::Code;
use app::model::{Document, Lang, SignatureDecision, Status};
use bytes::Bytes;
use pades::{Before, Expected, SignatureParameters, Stored};

use crate::App;
use crate::crash::{self, Point};
use crate::error::{Error, Result, internal, invalid_field};
use crate::index::{Act, CertificateRow, DocumentRow, NewDecision, Outcome, StepFieldRow, StepRow};
use crate::permission::{Decide, Permit};
use crate::service::faults::signature_invalid;
use crate::service::{decided, keep, level, offer};
use crate::store::StorePath;

/// Longest CMS that is read, bytes.
const MAX_CMS: usize = 4096;

/// Signs by the CMS over an offer's revision.
///
/// # Errors
/// `SignatureInvalid` with the ETSI indication; `AlreadyDecided`, `StaleRevision`; an ended offer; an outage. Nothing is changed then.
pub async fn sign(app: &App, permit: Permit<Decide>, row: DocumentRow, decision: SignatureDecision, lang: Lang) -> Result<Document> {
    let person = permit.person();
    // 1. The server's own row says what may be signed.
    let offer = offer::mine(app, person, &row.number, &decision.offer).await?;
    let (step, field) = decided::open(&row, offer.revision, person)?;
    if offer.edition != row.edition || offer.position != step.position {
        return Err(crate::permission::already_decided());
    }
    let parameters: SignatureParameters = serde_json::from_str(&offer.parameters).map_err(internal)?;
    if parameters.field != field.field || parameters.new_field.is_some() != field.rect.is_none() {
        return Err(internal("an offer for another field"));
    }
    // 2. The certificate still counts.
    let now = app.clock.now();
    let certificate = offer::usable(app.index.certificate(&offer.serial).await?, person, now)?;
    // 3. The stored bytes, and the very revision that the browser prepared from the same parameters.
    let cms = cms(&decision.cms)?;
    let original = original(app, &row).await?;
    let expected = expected(app, &certificate, field, now);
    let issued = app.issued.clone();
    let accepted = app.work(move || pades::accept_stored(&Stored::new(&original), &parameters, &cms, &expected, &issued)).await?.map_err(signature_invalid)?;
    // 4. Its time, then file first and one commit.
    commit(app, permit, &row, step, &field.field, &certificate, accepted.revision.into(), lang).await
}

/// Certificates that are looked for in a file.
const LOOKED_FOR: usize = 60;
/// A longer revision is refused by its length.
const LONGEST_TAIL: usize = 2 << 20;

/// Signs by a whole signed PDF, or by the bytes appended to the current revision.
///
/// # Errors
/// As [`sign`]; anything but one new signature in the caller's own field is refused with its indication.
pub async fn outside(app: &App, permit: Permit<Decide>, row: DocumentRow, revision: u32, body: Bytes, appended: bool, lang: Lang) -> Result<Document> {
    let person = permit.person();
    // 1. The open step's field, on the revision that was signed.
    let (step, field) = decided::open(&row, revision, person)?;
    // 2. The certificates that this account may sign with.
    let now = app.clock.now();
    let mut certificates = app.index.certificates_of(&person.id).await?;
    certificates.retain(|row| row.replaced_at.is_none());
    // Those that count first; of the others the newest, to say what is wrong.
    certificates.sort_by_key(|row| !row.counts(now));
    certificates.truncate(LOOKED_FOR);
    if certificates.is_empty() {
        return Err(Error::new(Code::CertificateRefused, "You have no certificate yet. Nothing was signed.", "您还没有证书，没有签署任何内容。")
            .next("Enrol one with POST /api/v1/certificates, then sign with it.", "请先通过 POST /api/v1/certificates 申请证书。"));
    }
    crash::before(Point::SignAccept);
    // 3. Exactly one new revision that touches only that field, or makes it where it is none so far. A whole file shows by its digest that it begins with the stored one.
    let signed = if appended { Bytes::from([&original(app, &row).await?[..], &body[..]].concat()) } else { body };
    let before = before(&row)?;
    let name = field.field.clone();
    // each with its own issuer: after a rollover two levels' certificates count side by side
    let reason = offer::reason(step, &row, Lang::from_code(&row.lang).unwrap_or_default());
    let signed_as = person.me.name.clone();
    let certificates: Vec<(CertificateRow, Expected)> = certificates
        .into_iter()
        .map(|row| (row.clone(), Expected { name: signed_as.clone(), reason: reason.clone(), ..expected(app, &row, field, now) }))
        .collect();
    let (issued, whole) = (app.issued.clone(), signed.clone());
    let certificate = app
        .work(move || {
            let stored = Stored::new(&whole);
            let accept = |expected| pades::accept_outside_stored(&before, &stored, &name, expected, &issued);
            let mut refusal = None;
            for (certificate, expected) in embedded(&certificates, whole.get(before.length..).filter(|tail| tail.len() <= LONGEST_TAIL).unwrap_or_default()) {
                match accept(expected) {
                    Ok(_) => return Ok(certificate.clone()),
                    Err(error) => refusal = Some(error),
                }
            }
            // None of them is in the file: what is wrong with it is said as seen from the newest.
            let newest = certificates.first().map(|(_, expected)| expected.clone()).unwrap_or_default();
            Err(match refusal.map_or_else(|| accept(&newest), Err) {
                Err(error) => signature_invalid(error),
                Ok(_) => internal("a signature by a certificate that its file does not carry"),
            })
        })
        .await??;
    crash::after(Point::SignAccept);
    // 4. Its time, then file first and one commit.
    commit(app, permit, &row, step, &field.field, &certificate, signed, lang).await
}

#[expect(clippy::too_many_arguments, reason = "the two ways to sign meet here, and each argument is one of their findings")]
async fn commit(
    app: &App,
    permit: Permit<Decide>,
    row: &DocumentRow,
    step: &StepRow,
    field: &str,
    certificate: &CertificateRow,
    signed: Bytes,
    lang: Lang,
) -> Result<Document> {
    let person = permit.person();
    let level::Levelled { pdf, level, more } =
        crash::step(Point::SignLevel, level::after_signature(app, row, step, field, &certificate.serial, signed)).await?;
    let file = keep::keep(app, &row.number, row.edition, row.revision + 1, pdf).await?;
    // A certificate that was revoked before its signature had its time would spoil the file, and storing may have taken a minute: asked again
    // right before the commit.
    let still = async {
        offer::usable(app.index.certificate(&certificate.serial).await?, person, app.clock.now())?;
        decided::still_asked(app, person, row).await
    };
    if let Err(refusal) = still.await {
        keep::give_up(app, &row.type_code, &file).await;
        return Err(refusal);
    }
    let new = NewDecision {
        number: row.number.clone(),
        edition: row.edition,
        revision: row.revision,
        position: step.position,
        account: person.id.clone(),
        by: person.me.name.clone(),
        at: app.clock.now(),
        act: Act::Sign { serial: certificate.serial.clone(), file: file.clone(), level, more },
    };
    let done = keep::commit(app, &row.type_code, &file, crash::step(Point::SignCommit, app.index.decide(new))).await?;
    if let Outcome::Done(row) = &done {
        // What could not be had in this act is had as soon as it can be.
        if more && row.status == Status::Signed {
            app.raising.notify_one();
        }
        // The decision stands whether or not its key's last use can be noted.
        if let Err(error) = crash::step(Point::SignUsed, app.index.certificate_used(certificate, app.clock.now())).await {
            tracing::warn!(%error, serial = certificate.serial, "the use of a certificate was not noted");
        }
    }
    decided::outcome(done, lang)
}

/// The current revision.
///
/// # Errors
/// When the store is away.
pub async fn original(app: &App, row: &DocumentRow) -> Result<Bytes> {
    let path: StorePath = row.store_path.parse().map_err(internal)?;
    Ok(app.store.get(&path, row.size, &row.sha256).await?)
}

/// What the index says of the current revision.
fn before(row: &DocumentRow) -> Result<Before> {
    let sha256 = hex::decode(row.sha256.as_str()).ok().and_then(|digest| digest.try_into().ok()).ok_or_else(|| internal("a digest of another length"))?;
    Ok(Before { length: usize::try_from(row.size).map_err(internal)?, sha256 })
}

/// What a signature with this certificate must be. A certificate that no level of the authority issued is refused below.
fn expected(app: &App, certificate: &CertificateRow, field: &StepFieldRow, now: i64) -> Expected {
    Expected {
        certificates: vec![certificate.der.clone()],
        issuer: app.authority.issuer_of(&certificate.der).unwrap_or(app.authority.issuing()).to_vec(),
        intermediates: app.authority.anchors().into_iter().chain(app.authority.intermediates()).collect(),
        at: now.div_euclid(1000),
        revoked: certificate.revoked_at.and_then(|_| hex::decode(&certificate.serial).ok()).into_iter().collect(),
        new_field: field.rect.is_none(),
        ..Expected::default()
    }
}

/// The account's certificates that the appended bytes carry: a CMS in `/Contents` is hexadecimal and must hold its signer's own.
fn embedded<'a>(certificates: &'a [(CertificateRow, Expected)], tail: &[u8]) -> Vec<&'a (CertificateRow, Expected)> {
    let tail = tail.to_ascii_lowercase();
    let carries = |(row, _): &&(CertificateRow, Expected)| {
        let needle = hex::encode(&row.der);
        !needle.is_empty() && contains(&tail, needle.as_bytes())
    };
    certificates.iter().filter(carries).collect()
}

/// Whether `needle` is in `hay`.
fn contains(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|window| window == needle)
}

fn cms(text: &str) -> Result<Vec<u8>> {
    let wrong = || invalid_field("cms", "The signature is not lower-case hexadecimal of at most 4 kB.", "签名数据须为不超过 4 kB 的小写十六进制。");
    if text.len() > 2 * MAX_CMS {
        return Err(wrong());
    }
    hex::decode(text).map_err(|_| wrong())
}
