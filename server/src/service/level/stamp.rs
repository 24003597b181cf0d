//! Time stamps from the one authority that counts here: the built-in one, or the outside one that the administrator named.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::App;

/// Room for the token of a document time stamp, bytes.
const TOKEN_RESERVE: usize = 16 * 1024;

/// Why there is no stamp, or no evidence.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The authority gives none.
    #[error("no time stamp: {0}")]
    Authority(String),
    /// The outside authority failed a moment ago and was not asked again.
    #[error("no time stamp: the authority failed a moment ago")]
    Resting,
    /// The signature came with a stamp of another authority's.
    #[error("the signature came with a time stamp of its own")]
    Stamped,
    /// The signature left no room for it.
    #[error("the signature leaves no room for a time stamp")]
    NoRoom,
    /// The index or the store does not answer.
    #[error(transparent)]
    Outage(#[from] crate::error::Error),
    /// What was made does not hold: a defect.
    #[error("{0}")]
    Defect(String),
}

/// The file with a stamp in the signature of `field`; no other byte changes. `eager` asks an authority that failed a moment ago all the same.
pub async fn signature(app: &App, pdf: &Bytes, field: &str, eager: bool) -> Result<Bytes, Failure> {
    let value = pades::signature_value(pdf, field).map_err(defect)?;
    let token = token(app, Sha256::digest(&value).into(), eager).await?;
    let (pdf, field) = (pdf.clone(), field.to_owned());
    let stamped = app.work(move || pades::add_time_stamp(&pdf, &field, &token)).await?;
    match stamped {
        Ok(pdf) => Ok(pdf.into()),
        Err(pades::Error::ContentsTooSmall { .. }) => Err(Failure::NoRoom),
        Err(pades::Error::Refused { rule: "time-stamped", .. }) => Err(Failure::Stamped),
        Err(error) => Err(defect(error)),
    }
}

/// The file with one more revision: a document time stamp (EN 319 142-1 §5.4.3) over all that is there.
pub async fn document(app: &App, pdf: &Bytes) -> Result<Bytes, Failure> {
    let original = pdf.clone();
    let prepared = app.work(move || prepare(&original)).await?.map_err(defect)?;
    let token = token(app, prepared.imprint(), true).await?;
    prepared.embed(&token).map(Bytes::from).map_err(defect)
}

fn prepare(pdf: &[u8]) -> Result<pades::PreparedTimeStamp, pades::Error> {
    let file = pades::pdf::Pdf::parse(pdf, &pades::Limits::default())?;
    let before = pades::locate_signatures(&file)?.iter().filter(|found| found.sub_filter == Some(pades::SubFilter::DocTimeStamp)).count();
    pades::prepare_time_stamp(pdf, &format!("time_stamp_{}", before + 1), TOKEN_RESERVE)
}

async fn token(app: &App, imprint: [u8; 32], eager: bool) -> Result<Vec<u8>, Failure> {
    let now = app.clock.now();
    match &app.outside_stamps {
        Some(outside) if !eager && outside.rests(now) => Err(Failure::Resting),
        Some(outside) => outside.token(imprint, now).await.map_err(Failure::Authority),
        None => app.time_stamps.token(&app.authority, imprint, now).map_err(|error| Failure::Authority(error.to_string())),
    }
}

pub(super) fn defect(error: impl std::fmt::Display) -> Failure {
    Failure::Defect(error.to_string())
}
