//! Decisions: what to sign, the offer, the signature, the rejection.

use leptos::prelude::*;

use super::wire::Wire;
#[cfg(feature = "ssr")]
use super::{answer, desk};
use crate::error::AppResult;
use crate::model::{Document, Number, Offer, Placement, Seen, SignatureDecision, Signing, Waiting};

/// How many documents wait for the caller, in a few bytes.
#[server(name = CountWaiting, prefix = "/rpc", endpoint = "approvals/waiting", protocol = Wire)]
pub async fn waiting() -> AppResult<Waiting> {
    answer(desk()?.waiting().await)
}

/// What a signer needs to know.
#[server(name = ReadSigning, prefix = "/rpc", endpoint = "approvals/signing", protocol = Wire)]
pub async fn signing(number: Number) -> AppResult<Signing> {
    answer(desk()?.signing(number).await)
}

/// What the server will accept for this step, this account and this revision.
#[server(name = MakeOffer, prefix = "/rpc", endpoint = "approvals/offer", protocol = Wire)]
pub async fn offer(number: Number, revision: u32, serial: String, placement: Option<Placement>) -> AppResult<Offer> {
    answer(desk()?.offer(number, revision, serial, placement).await)
}

/// Signs: only the CMS travels, as hexadecimal.
#[server(name = SignDocument, prefix = "/rpc", endpoint = "approvals/sign", protocol = Wire)]
pub async fn sign(decision: SignatureDecision) -> AppResult<Document> {
    answer(desk()?.sign(decision).await)
}

/// Rejects with a reason.
#[server(name = RejectDocument, prefix = "/rpc", endpoint = "approvals/reject", protocol = Wire)]
pub async fn reject(number: Number, seen: Seen, reason: String) -> AppResult<Document> {
    answer(desk()?.reject(number, seen, reason).await)
}

#[cfg(feature = "ssr")]
pub(super) fn register() {
    use super::registry::function;
    function::<CountWaiting>();
    function::<ReadSigning>();
    function::<MakeOffer>();
    function::<SignDocument>();
    function::<RejectDocument>();
}
