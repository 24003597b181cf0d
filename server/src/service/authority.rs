//! What the authority shows to everyone: its certificate and what it revoked.

use crate::App;
use crate::ca::Revocation;
use crate::error::{Result, internal};

/// The trust anchor, PEM.
pub fn anchor_pem(app: &App) -> String {
    app.authority.certificate_pem()
}

/// The revocation list of this moment, DER.
///
/// # Errors
/// When the index does not answer.
pub async fn crl_der(app: &App) -> Result<Vec<u8>> {
    let mut revoked = Vec::new();
    for row in app.index.revoked().await? {
        let serial = hex::decode(&row.serial).map_err(internal)?;
        revoked.push(Revocation { serial, at: row.at.div_euclid(1000), reason: row.reason });
    }
    app.authority.crl(&revoked, app.clock.now().div_euclid(1000)).map_err(internal)
}
