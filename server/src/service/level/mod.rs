//! Time and evidence for signatures (ETSI EN 319 142-1): a time stamp in each one, and after the last one all that a validation needs in years.
//!
//! The stamp goes into the signature's CMS, on the same revision, before anything is stored: the next approver's signature covers it.
//! After the last approver the same file gets a DSS (certificates, revocation lists, OCSP answers) and a document time stamp over all of it,
//! still inside the one act, so what is returned is final. What could not be had then is had later, by `later`, as one more revision of
//! the signed document. A signature that got no stamp keeps its bytes: a document time stamp over the whole file proves that it existed, which
//! the standard takes for the same level (EN 319 142-1 §6.3, signature time stamp or document time stamp).

mod evidence;
mod final_revision;
pub mod later;
mod stamp;

use app::error::Code;
use app::model::{Decide, Level, StepStatus, TimeStamps};
use bytes::Bytes;

use crate::App;
use crate::crash::{self, Point};
use crate::error::{Error, Result, internal};
use crate::index::{DocumentRow, StepRow};
use crate::service::catalog;

pub use evidence::trust;
pub use stamp::Failure;

/// Room that a signature leaves for its CMS, bytes: 2 kB with the chain, 2 kB for a built-in stamp, up to 8 kB for one from outside.
pub fn contents_reserve(app: &App) -> usize {
    if app.outside_stamps.is_some() { 16 * 1024 } else { 8 * 1024 }
}

/// A file about to be stored, and the lowest level of its signatures.
pub struct Levelled {
    /// The file.
    pub pdf: Bytes,
    /// The level.
    pub level: Level,
    /// Whether more could be had later.
    pub more: bool,
}

/// What time and evidence add to a file whose `field` has just been signed in `step` with the certificate `serial`.
///
/// # Errors
/// `TimeStampUnavailable` where the type demands a stamp and there is none; when the index does not answer. Nothing is changed then.
pub async fn after_signature(app: &App, row: &DocumentRow, step: &StepRow, field: &str, serial: &str, signed: Bytes) -> Result<Levelled> {
    // 1. The stamp in the signature itself.
    let stamped = crash::step(Point::LevelStamp, stamp::signature(app, &signed, field, false)).await;
    let stamped = match stamped {
        // A type that demands one has it asked for in any case, and is refused only for what comes of that.
        Err(Failure::Resting) if required(app, row).await? => stamp::signature(app, &signed, field, true).await,
        other => other,
    };
    let stamped = match stamped {
        // Another program may bring a stamp of its own: it counts when its authority does.
        Err(Failure::Stamped) if holds_stamp(app, &signed, field).await? => Ok(signed.clone()),
        other => other,
    };
    let file = match stamped {
        Ok(pdf) => {
            let level = if row.level == Level::None { Level::TimeStamped } else { row.level.min(Level::TimeStamped) };
            Levelled { pdf, level, more: true }
        }
        Err(failure) if required(app, row).await? => return Err(refused(&failure)),
        Err(failure) => {
            tracing::warn!(number = %row.number, %failure, "the signature is kept without a time stamp");
            Levelled { pdf: signed, level: Level::Basic, more: true }
        }
    };
    // 2. After the last one, what makes it last. Without a stamp now there is none for this either.
    if !is_last(row, step) || file.level < Level::TimeStamped {
        return Ok(file);
    }
    let serials = row.steps.iter().flat_map(|step| &step.decisions).filter_map(|decision| decision.serial.clone()).chain([serial.to_owned()]).collect();
    match final_revision::make(app, &file, serials).await {
        Ok(made) => Ok(made),
        Err(failure) => {
            tracing::warn!(number = %row.number, %failure, "the evidence for later could not be added now; it will be tried again");
            Ok(file)
        }
    }
}

/// Whether the signature in `field` carries a time stamp that this server believes.
async fn holds_stamp(app: &App, pdf: &Bytes, field: &str) -> Result<bool> {
    let (trust, pdf) = (trust(app).await?, pdf.clone());
    let report = app.work(move || pades::verify(&pdf, &trust)).await?.map_err(internal)?;
    Ok(report.signatures.iter().any(|signature| signature.field == field && Level::read(&signature.level) >= Level::TimeStamped))
}

/// Whether nothing more is to be signed after this step's open decision.
fn is_last(row: &DocumentRow, step: &StepRow) -> bool {
    let more_in_step = step.decide == Decide::All && step.decisions.len() + 1 < step.fields.len();
    !more_in_step && !row.steps.iter().any(|other| other.status == StepStatus::Waiting)
}

/// Whether the document's type demands time stamps.
async fn required(app: &App, row: &DocumentRow) -> Result<bool> {
    Ok(catalog::known(app, &row.type_code).await?.is_some_and(|known| known.definition.time_stamp == TimeStamps::Required))
}

fn refused(failure: &Failure) -> Error {
    let error = match failure {
        Failure::Stamped => Error::new(
            Code::TimeStampUnavailable,
            "This document must be time-stamped by an authority that is trusted here; the signature came with a stamp of another. Nothing was signed.",
            "该类型单据必须由受信任的机构加盖时间戳，而签名自带其他机构的时间戳，没有签署任何内容。",
        )
        .next("Sign again without a time stamp; the stamp is added here.", "请不带时间戳重新签名，系统会自动加盖。"),
        Failure::NoRoom => Error::new(
            Code::TimeStampUnavailable,
            "This document must be time-stamped, but the signature leaves no room for a stamp. Nothing was signed.",
            "该类型单据必须加盖时间戳，但签名没有预留空间，没有签署任何内容。",
        )
        .next("Sign again with at least 16 kB reserved for the signature's contents.", "请在签名时为签名内容预留至少 16 kB 后重试。"),
        _ => Error::new(
            Code::TimeStampUnavailable,
            "This document must be time-stamped, but the time-stamp authority gives no stamp now. Nothing was signed.",
            "该类型单据必须加盖时间戳，但时间戳服务暂时不可用，没有签署任何内容。",
        )
        .next(
            "Try again in a minute. If it stays so, ask an administrator to look at the health page.",
            "请一分钟后重试。如仍如此，请管理员查看系统状态页面。",
        ),
    };
    error.cause(failure)
}
