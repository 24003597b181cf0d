//! What the signing core finds about a file's signatures, as values.

use std::cell::RefCell;

use js_sys::Uint8Array;
use serde::Deserialize;

use super::{BrowserResult, pades, trouble};
use crate::visit::t;

/// The report on one file (`pades::Report`).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Report {
    /// The worst indication of all.
    pub indication: String,
    /// One entry a signature, in the order in which they were made.
    pub signatures: Vec<Signature>,
}

/// One signature.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Signature {
    /// The field it fills.
    pub field: String,
    /// Common name in the signer's certificate.
    pub signer: String,
    /// Serial number of the certificate.
    pub serial: String,
    /// ETSI EN 319 102-1 indication.
    pub indication: String,
    /// ETSI EN 319 102-1 sub-indication.
    pub sub_indication: Option<String>,
    /// PAdES level.
    pub level: String,
    /// `whole-file`, `revision` or `partial`.
    pub coverage: String,
    /// `none`, `allowed` or `forbidden`.
    pub modified_after: String,
    /// The reasons.
    pub findings: Vec<Finding>,
}

/// One reason.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Finding {
    /// The clause it is about.
    pub rule: String,
    /// The object it is about.
    pub object: String,
    /// In words.
    pub text: String,
}

impl Report {
    /// Whether at least one signature is there and all of them hold.
    pub fn passed(&self) -> bool {
        self.indication == "TOTAL-PASSED" && !self.signatures.is_empty()
    }
}

impl Signature {
    /// Whether it holds.
    pub fn passed(&self) -> bool {
        self.indication == "TOTAL-PASSED"
    }
}

/// Verifies every signature of `pdf` now, trusting the authorities in `trust` (PEM).
pub async fn verify(pdf: &Uint8Array, trust: &str) -> BrowserResult<Report> {
    let text = pades::load().await?.verify(pdf, trust, js_sys::Date::now() / 1000.0)?;
    serde_json::from_str(&text).map_err(|error| trouble(error.to_string()))
}

thread_local! {
    static AUTHORITY: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// This server's trust anchor in PEM, read once a visit.
pub async fn authority() -> BrowserResult<String> {
    if let Some(known) = AUTHORITY.with_borrow(Clone::clone) {
        return Ok(known);
    }
    let unreachable = || trouble(t("The authority's certificate could not be read. Try again when you are online.", "无法读取签发机构证书,请联网后重试。"));
    let reply = gloo_net::http::Request::get("/ca.pem").send().await.map_err(|_| unreachable())?;
    if !reply.ok() {
        return Err(unreachable());
    }
    let pem = reply.text().await.map_err(|_| unreachable())?;
    AUTHORITY.set(Some(pem.clone()));
    Ok(pem)
}
