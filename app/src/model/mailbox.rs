//! The mailbox: results on their way back to the creator, in order.

use serde::{Deserialize, Serialize};

use super::document::DecisionKind;
use super::number::Number;

/// One result for the creator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Delivery {
    /// Opaque place in the mailbox; resume after it.
    pub cursor: String,
    /// The document.
    pub number: Number,
    /// `signed` or `rejected`.
    pub decision: DecisionKind,
    /// The reason of a rejection.
    pub reason: Option<String>,
    /// Revision of the result.
    pub revision: u32,
    /// When, RFC 3339 UTC.
    pub at: String,
    /// The document's title.
    #[serde(default)]
    pub title: String,
    /// Who decided last.
    #[serde(default)]
    pub by: String,
    /// Not confirmed as arrived yet.
    #[serde(default)]
    pub unread: bool,
}

/// The mailbox page: newest first, with the count of what is unread.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mailbox {
    /// Newest first.
    pub deliveries: Vec<Delivery>,
    /// How many are unread in all.
    pub unread: u32,
    /// Cursor of the newest delivery, to resume the live stream.
    pub newest: Option<String>,
}
