//! What a validation needs, as of now: certificates, revocation lists, OCSP answers; and whom this server trusts.

use pades::{Evidence, Trust};

use super::stamp::Failure;
use crate::App;
use crate::error::{Result, internal};
use crate::service::{authority, revocation};

/// Everything that proves the certificates of these signers, and of the time-stamp authority, good at this moment.
pub async fn gather(app: &App, serials: &[String]) -> std::result::Result<Evidence, Failure> {
    let now = app.clock.now();
    let certificates = app.authority.anchors().into_iter().chain(app.authority.intermediates()).collect();
    let mut evidence = Evidence { certificates, crls: authority::crls(app).await?, ocsps: Vec::new() };
    for serial in serials {
        let row = app.index.certificate(serial).await.map_err(crate::error::Error::from)?;
        let row = row.ok_or_else(|| Failure::Defect(format!("the certificate {serial} is not in the index")))?;
        evidence.ocsps.extend(revocation::about(app, &row)?);
        evidence.certificates.push(row.der);
    }
    // The certificates of an outside authority travel in its tokens; what was revoked of them is fetched where the administrator said.
    if let Some(outside) = &app.outside_stamps {
        evidence.crls.extend(outside.crls(now).await.map_err(Failure::Authority)?);
    }
    evidence.certificates.extend(app.time_stamps.chain(&app.authority, now).map_err(internal)?);
    Ok(evidence)
}

/// Whom this server trusts at this moment: its own authority, and the outside authority of time stamps where one is named.
///
/// # Errors
/// When the index does not answer.
pub async fn trust(app: &App) -> Result<Trust> {
    let outside = app.outside_stamps.as_ref().map(|outside| outside.anchors().to_vec()).unwrap_or_default();
    Ok(Trust {
        anchors: app.authority.anchors(),
        intermediates: app.authority.intermediates(),
        time_stamp_anchors: app.authority.anchors().into_iter().chain(outside).collect(),
        crls: authority::crls(app).await?,
        at: app.clock.now().div_euclid(1000),
        ..Trust::default()
    })
}
