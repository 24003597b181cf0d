//! What the authority shows to everyone: its certificates and what it revoked.

use crate::App;
use crate::ca::Revocation;
use crate::error::{Result, internal, not_found};

/// The trust anchors, and the issuing levels after them, PEM.
pub fn anchor_pem(app: &App) -> String {
    app.authority.certificate_pem()
}

/// Whose time stamps count here, PEM: this authority, and the outside one where one is named.
///
/// # Errors
/// Never for certificates that were read.
pub fn stamp_anchors_pem(app: &App) -> Result<String> {
    let outside = app.outside_stamps.as_ref().map(crate::ca::OutsideAuthority::anchors_pem).transpose().map_err(internal)?;
    Ok(app.authority.certificate_pem() + &outside.unwrap_or_default())
}

/// The revocation list of this moment, DER: of the level that issues now, or of the authority of one level that came before it.
///
/// # Errors
/// When the index does not answer.
pub async fn crl_der(app: &App) -> Result<Vec<u8>> {
    app.authority.named_crl(&revoked(app).await?, now(app)).map_err(internal)
}

/// The revocation list of one issuing level, DER.
///
/// # Errors
/// `NotFound` for a level that is not here; when the index does not answer.
pub async fn level_crl_der(app: &App, mark: &str) -> Result<Vec<u8>> {
    app.authority.crl_of(mark, &revoked(app).await?, now(app)).map_err(internal)?.ok_or_else(not_found)
}

/// The root's revocation list, DER.
///
/// # Errors
/// `NotFound` for an authority of one level.
pub fn root_crl_der(app: &App) -> Result<Vec<u8>> {
    app.authority.root_crl().map_err(internal)?.ok_or_else(not_found)
}

/// Every list of this moment, DER: what a validation needs.
///
/// # Errors
/// When the index does not answer.
pub async fn crls(app: &App) -> Result<Vec<Vec<u8>>> {
    app.authority.crls(&revoked(app).await?, now(app)).map_err(internal)
}

async fn revoked(app: &App) -> Result<Vec<Revocation>> {
    let rows = app.index.revoked().await?.into_iter();
    rows.map(|row| {
        let serial = hex::decode(&row.serial).map_err(internal)?;
        Ok(Revocation { serial, issuer: row.issuer, at: row.at.div_euclid(1000), reason: row.reason })
    })
    .collect()
}

fn now(app: &App) -> i64 {
    app.clock.now().div_euclid(1000)
}
