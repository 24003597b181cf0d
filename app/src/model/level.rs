//! How long a document's signatures can be proven: the levels of ETSI EN 319 142-1.

use serde::{Deserialize, Serialize};

/// The lowest level of all signatures of a document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub enum Level {
    /// No signature yet.
    #[default]
    #[serde(rename = "none")]
    None,
    /// Signed; only the signer's word says when.
    #[serde(rename = "PAdES-B-B")]
    Basic,
    /// A time stamp proves when the signature was there.
    #[serde(rename = "PAdES-B-T")]
    TimeStamped,
    /// All that a validation needs is inside: certificates and revocation.
    #[serde(rename = "PAdES-B-LT")]
    LongTerm,
    /// A document time stamp keeps that evidence beyond the life of certificates and algorithms.
    #[serde(rename = "PAdES-B-LTA")]
    Archival,
}

impl Level {
    /// As the standard and the reports write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Basic => "PAdES-B-B",
            Self::TimeStamped => "PAdES-B-T",
            Self::LongTerm => "PAdES-B-LT",
            Self::Archival => "PAdES-B-LTA",
        }
    }

    /// Reads [`Self::as_str`]; anything else is no level.
    pub fn read(text: &str) -> Self {
        [Self::Basic, Self::TimeStamped, Self::LongTerm, Self::Archival].into_iter().find(|level| level.as_str() == text).unwrap_or_default()
    }
}
