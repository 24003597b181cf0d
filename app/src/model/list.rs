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
