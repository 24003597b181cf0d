//! What the signing core finds about a file's signatures, as values.

use std::cell::RefCell;
use std::thread::LocalKey;

use js_sys::Uint8Array;
use serde::Deserialize;

use super::pades::{self, Opened};
use super::{BrowserResult, trouble};
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
    /// `signature`, or `document-time-stamp`: that one says when, not who.
    #[serde(default)]
    pub kind: String,
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
    /// When it says that it was made, unix seconds.
    pub claimed_at: Option<i64>,
    /// Since when time stamps prove it, unix seconds.
    pub proven_at: Option<i64>,
    /// Who gave that time.
    pub time_stamped_by: Option<String>,
    /// Who issued the signer's certificate.
    #[serde(default)]
    pub issuer: String,
    /// The signer's own words: name, reason, place, contact.
    pub name: Option<String>,
    /// Why it was signed.
    pub reason: Option<String>,
    /// Where it was signed.
    pub location: Option<String>,
    /// How to reach the signer.
    pub contact: Option<String>,
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
    /// Whether it is a time stamp over the document and nobody's signature.
    pub fn is_time_stamp(&self) -> bool {
        self.kind == "document-time-stamp"
    }

    /// Whether it holds.
    pub fn passed(&self) -> bool {
        self.indication == "TOTAL-PASSED"
    }
}

/// Verifies every signature of `pdf` now, trusting the authorities in `trust` (PEM), and for time stamps those that this server names.
pub async fn verify(pdf: &Uint8Array, trust: &str) -> BrowserResult<Report> {
    verify_opened(&pades::open(pdf).await?, trust).await
}

/// The same for a file that the core has already.
pub async fn verify_opened(pdf: &Opened, trust: &str) -> BrowserResult<Report> {
    // Without them, the authorities in `trust` are asked for time stamps too: the built-in one is theirs.
    let stamps = told(&STAMPS, "/tsa.pem").await;
    let text = pdf.verify(trust, js_sys::Date::now() / 1000.0, stamps)?;
    serde_json::from_str(&text).map_err(|error| trouble(error.to_string()))
}

thread_local! {
    static AUTHORITY: RefCell<Option<String>> = const { RefCell::new(None) };
    static STAMPS: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// This server's trust anchor in PEM, read once a visit.
pub async fn authority() -> BrowserResult<String> {
    let unreachable = || trouble(t("The authority's certificate could not be read. Try again when you are online.", "无法读取签发机构证书，请联网后重试。"));
    told(&AUTHORITY, "/ca.pem").await.ok_or_else(unreachable)
}

/// A text of this server's that stays the same for a visit.
async fn told(kept: &'static LocalKey<RefCell<Option<String>>>, path: &str) -> Option<String> {
    if let Some(known) = kept.with_borrow(Clone::clone) {
        return Some(known);
    }
    let reply = gloo_net::http::Request::get(path).send().await.ok().filter(gloo_net::http::Response::ok)?;
    let text = reply.text().await.ok()?;
    kept.set(Some(text.clone()));
    Some(text)
}
