//! The signing journey in the browser: check, prepare, sign, send. The key never leaves; only the CMS travels.

use js_sys::Uint8Array;

use super::key::Key;
use super::pades::{self, Prepared};
use super::{BrowserError, BrowserResult, bytes, file};
use crate::api;
use crate::model::{Document, Number, Offer, Placement, SignatureDecision};
use crate::visit::t;

/// A revision that is ready to be confirmed: what is shown is what will be signed.
#[derive(Clone)]
pub struct Ready {
    /// The server's offer that it was made from.
    pub offer: Offer,
    prepared: Prepared,
}

impl Ready {
    /// The whole file as it will be, seal included.
    pub fn preview(&self) -> Uint8Array {
        self.prepared.preview()
    }
}

/// Fetches the revision to sign, checks it against the registered digest, and verifies the signatures that are there already.
///
/// Refuses when an earlier signature does not hold: nobody should seal on top of a broken file.
pub async fn check(offer: &Offer) -> BrowserResult<Uint8Array> {
    let original = file::revision(&offer.number, offer.revision, &offer.sha256).await?;
    if offer.revision > 0 {
        let core = pades::load().await?;
        let report = core.verify(&original, &offer.authorities, js_sys::Date::now() / 1000.0)?;
        let report: serde_json::Value = serde_json::from_str(&report).map_err(|error| BrowserError(error.to_string()))?;
        if report.get("indication").and_then(|value| value.as_str()) != Some("TOTAL-PASSED") {
            return Err(BrowserError(
                t(
                    "A signature that is already on this document does not hold. Do not sign it; tell an administrator.",
                    "该单据上已有的签名未通过核验。请勿签章,并通知管理员。",
                )
                .to_owned(),
            ));
        }
    }
    Ok(original)
}

/// Asks the server for its offer and makes the very revision that the server will make.
pub async fn prepare(number: &Number, revision: u32, key: &Key, placement: Option<Placement>, checked: Option<&Uint8Array>) -> BrowserResult<(Ready, Uint8Array)> {
    let offer = api::approvals::offer(number.clone(), revision, key.serial.clone(), placement).await?;
    let original = match checked {
        Some(original) => original.clone(),
        None => check(&offer).await?,
    };
    let prepared = pades::load().await?.prepare(&original, &offer.parameters)?;
    Ok((Ready { offer, prepared }, original))
}

/// Signs what was shown and sends the CMS. The document comes back as it is now.
pub async fn confirm(ready: &Ready, key: &Key) -> BrowserResult<Document> {
    let to_be_signed = ready.prepared.to_be_signed(&key.certificate)?;
    let signature = key.sign(&to_be_signed.attributes()).await?;
    let cms = to_be_signed.signed(&signature)?;
    let decision = SignatureDecision { number: ready.offer.number.clone(), offer: ready.offer.id.clone(), cms: bytes::hex(&cms.to_vec()) };
    Ok(api::approvals::sign(decision).await?)
}
