//! Lists: a page of items and the way to the next.

use serde::{Deserialize, Serialize};

/// One page of a list. `next` is an opaque cursor, null at the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Page<T> {
    /// At most `limit` items.
    pub items: Vec<T>,
    /// Cursor of the next page.
    pub next: Option<String>,
}

/// What waits for the caller's decision, in a few bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// How many documents; counted up to 1,000.
    pub count: u32,
    /// Another one as soon as others wait: a list that was read under the same mark need not be read again.
    pub mark: String,
}
