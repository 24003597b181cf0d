//! Signing: what a signer needs to know, what the server offers, what comes back.

use serde::{Deserialize, Serialize};

use super::document::Document;
use super::number::{Number, Sha256};

/// `GET …/signing`: what any PAdES program needs to sign in the caller's field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Signing {
    /// The revision to sign on top of.
    pub revision: u32,
    /// Its digest.
    pub sha256: Sha256,
    /// Full name of the signature field.
    pub field: String,
    /// Whether the field is there, to be filled. Where it is not, the signature makes it by this name.
    pub exists: bool,
    /// Page of the field, 1 is the first.
    pub page: u32,
    /// `[left, bottom, right, top]` in points: the field's rectangle, or a free place for it. Any other on a page that covers no seal and at most
    /// a quarter of the page will do.
    pub rect: [f64; 4],
    /// Key of the open step.
    pub step: String,
}

/// Where an approver puts the seal: lower left corner in points of the page's own space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placement {
    /// Left edge in points.
    pub x: i32,
    /// Lower edge in points.
    pub y: i32,
    /// The page, 1 is the first; none is the one that the type names.
    #[serde(default)]
    pub page: Option<u32>,
}

/// What the server will accept for one step, one account, one revision: the browser prepares the very same revision from `parameters`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// Id of the server's own row; sent back with the signature.
    pub id: String,
    /// The document.
    pub number: Number,
    /// The revision to sign on top of.
    pub revision: u32,
    /// Its digest.
    pub sha256: Sha256,
    /// `pades::SignatureParameters` as JSON, for the signing module.
    pub parameters: String,
    /// The page the seal is on, 1 is the first.
    pub page: u32,
    /// The seal's rectangle `[left, bottom, right, top]` in points.
    pub seal: [i32; 4],
    /// Whether the approver may move it.
    pub movable: bool,
    /// Trust anchors and issuers as PEM, for the checks in the browser.
    pub authorities: String,
    /// When the offer ends, RFC 3339 UTC.
    pub expires_at: String,
}

/// What the browser sends: only what the server cannot make itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureDecision {
    /// The document.
    pub number: Number,
    /// The offer's id.
    pub offer: String,
    /// The CMS as lower-case hexadecimal, about 1.3 kB before.
    pub cms: String,
}

/// The outcome of a decision: the document as it is now.
pub type Decided = Document;

/// The edition and revision that a person saw. A program may leave the edition out: then it is the current one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Edition, from 1.
    pub edition: Option<u32>,
    /// Revision within it, from 0.
    pub revision: u32,
}

impl From<u32> for Seen {
    fn from(revision: u32) -> Self {
        Self { edition: None, revision }
    }
}
