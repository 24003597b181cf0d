//! Whether certificates are revoked, answered from the index (RFC 6960).

use std::collections::HashMap;

use pades::ocsp::{self, OcspRequest, Refusal};

use crate::App;
use crate::ca::Standing;
use crate::error::{Result, internal};
use crate::index::CertificateRow;

/// The answer to a request (OCSPRequest, DER): OCSPResponse, DER, always; what goes wrong here is said in it.
pub async fn answer(app: &App, request: &[u8]) -> Vec<u8> {
    let Ok(request) = ocsp::read_request(request) else { return ocsp::refused(Refusal::MalformedRequest) };
    match signed(app, &request).await {
        Ok(response) => response,
        Err(error) => {
            error.log("ocsp");
            ocsp::refused(Refusal::TryLater)
        }
    }
}

/// An answer about one certificate as evidence in a file, DER; none where its issuing level cannot sign any more.
///
/// # Errors
/// When the responder cannot sign.
pub fn about(app: &App, row: &CertificateRow) -> Result<Option<Vec<u8>>> {
    let Some(issuer) = app.authority.issuer_of(&row.der) else { return Ok(None) };
    let request = ocsp::request(&row.der, issuer, &[], false).and_then(|der| ocsp::read_request(&der)).map_err(internal)?;
    let standing = standing(Some(row));
    let now = app.clock.now().div_euclid(1000);
    let response = app.responder.answer(&app.authority, &request.questions, None, now, |_| standing.clone()).map_err(internal)?;
    // A refusal is no evidence.
    Ok((response.len() > 64).then_some(response))
}

async fn signed(app: &App, request: &OcspRequest) -> Result<Vec<u8>> {
    let mut known = HashMap::new();
    for question in &request.questions {
        let serial = hex::encode(question.serial());
        let row = app.index.certificate(&serial).await?;
        known.insert(serial, standing(row.as_ref()));
    }
    // The authority's own time stamps are by a certificate that is in no account's name.
    let now = app.clock.now();
    if let Some(own) = app.time_stamps.chain(&app.authority, now).ok().and_then(|chain| pades::Certificate::read(chain.first()?).ok()) {
        known.entry(own.serial_hex()).and_modify(|standing| *standing = Standing::Good);
    }
    let standing = |serial: &str| known.get(serial).cloned().unwrap_or(Standing::Unknown);
    app.responder.answer(&app.authority, &request.questions, request.nonce.as_deref(), now.div_euclid(1000), standing).map_err(internal)
}

fn standing(row: Option<&CertificateRow>) -> Standing {
    match row {
        None => Standing::Unknown,
        Some(row) => match row.revoked_at {
            None => Standing::Good,
            Some(at) => Standing::Revoked(at.div_euclid(1000), row.revocation_reason.clone().unwrap_or_default()),
        },
    }
}
