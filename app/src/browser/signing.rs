//! The signing journey in the browser: check, prepare, sign, send. The key never leaves; only the CMS travels.

use std::cell::RefCell;

use js_sys::Uint8Array;

use super::key::Key;
use super::pades::{self, Opened, Prepared};
use super::{BrowserResult, bytes, file, pem, report, trouble};
use crate::api;
use crate::model::{Document, Number, Offer, Placement, Sha256, SignatureDecision};
use crate::visit::t;

/// A revision that is ready to be confirmed: what is shown is what will be signed.
#[derive(Clone)]
pub struct Ready {
    /// The server's offer that it was made from.
    pub offer: Offer,
    prepared: Prepared,
}

/// How far a confirmation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The file is being checked.
    Checking,
    /// The seal is being placed.
    Sealing,
    /// The key signs.
    Signing,
    /// The signature is on its way.
    Sending,
}

impl Ready {
    /// The whole file as it will be, seal included.
    pub fn preview(&self) -> Uint8Array {
        self.prepared.preview()
    }
}

thread_local! {
    /// The revision that was checked last: moving the seal asks for no second check of the same bytes.
    static CHECKED: RefCell<Option<(Sha256, Opened)>> = const { RefCell::new(None) };
}

/// Fetches the revision to sign, checks it against the registered digest, and verifies the signatures that are there already.
///
/// Refuses when an earlier signature does not hold: nobody should seal on top of a broken file.
async fn check(offer: &Offer) -> BrowserResult<Opened> {
    let known = CHECKED.with_borrow(|checked| checked.as_ref().filter(|(digest, _)| *digest == offer.sha256).map(|(_, opened)| opened.clone()));
    if let Some(opened) = known {
        return Ok(opened);
    }
    let opened = pades::open(&file::revision(&offer.number, offer.revision, &offer.sha256).await?).await?;
    if offer.revision > 0 && !report::verify_opened(&opened, &offer.authorities).await?.passed() {
        return Err(trouble(t(
            "A signature that is already on this document does not hold. Do not sign it; tell an administrator.",
            "该单据上已有的签名未通过核验。请勿签章，并通知管理员。",
        )));
    }
    CHECKED.set(Some((offer.sha256.clone(), opened.clone())));
    Ok(opened)
}

/// Asks the server for its offer and makes the very revision that the server will make. `told` hears how far it has come.
pub async fn prepare(number: &Number, revision: u32, key: &Key, placement: Option<Placement>, told: impl Fn(Progress)) -> BrowserResult<Ready> {
    told(Progress::Checking);
    let offer = api::approvals::offer(number.clone(), revision, key.serial.clone(), placement).await?;
    let original = check(&offer).await?;
    told(Progress::Sealing);
    let prepared = original.prepare(&offer.parameters)?;
    Ok(Ready { offer, prepared })
}

/// Signs what was shown and sends the CMS. The document comes back as it is now.
pub async fn confirm(ready: &Ready, key: &Key, told: impl Fn(Progress)) -> BrowserResult<Document> {
    told(Progress::Sealing);
    let (certificate, issuers) = pem::first_certificate(&key.certificate)?;
    let to_be_signed = ready.prepared.to_be_signed(&certificate)?;
    told(Progress::Signing);
    let signature = key.sign(&to_be_signed.attributes()).await?;
    let cms = to_be_signed.signed(&signature, &issuers)?;
    told(Progress::Sending);
    let decision = SignatureDecision { number: ready.offer.number.clone(), offer: ready.offer.id.clone(), cms: bytes::hex(&cms.to_vec()) };
    api::approvals::sign(decision).await
}
