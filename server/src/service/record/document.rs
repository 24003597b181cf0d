//! How a document's edition ended without a new PDF.

use app::model::Number;
use serde::{Deserialize, Serialize};

/// A rejection or a withdrawal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// The document.
    pub number: Number,
    /// The edition that ended.
    pub edition: u32,
    /// The revision that was seen.
    pub revision: u32,
    /// The step that was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Account id of who did it.
    pub account: String,
    /// That account's name.
    pub by: String,
    /// Why it was rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When, unix milliseconds.
    pub at: i64,
}
