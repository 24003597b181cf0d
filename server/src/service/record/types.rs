//! Types as records hold them.

use app::model::TypeCode;
use serde::{Deserialize, Serialize};

use crate::index::TypeRow;

/// A type as it was imported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeRecord {
    /// The code.
    pub code: TypeCode,
    /// The database that holds its documents.
    pub database: String,
    /// `type.toml`.
    pub definition: String,
    /// `template.typ`; none for uploads.
    pub template: Option<String>,
    /// When it was imported, unix milliseconds.
    pub imported_at: i64,
    /// Account id of who imported it; empty for the command line.
    pub imported_by: String,
}

impl TypeRecord {
    /// The record of a type as it is now.
    pub fn of(row: &TypeRow) -> Self {
        let TypeRow { code, database, definition, template, imported_at, imported_by } = row.clone();
        Self { code, database, definition, template, imported_at, imported_by }
    }
}
