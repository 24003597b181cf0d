//! People and their seals as records hold them: never a password, a session or a token.

use app::model::{ClientNumber, SealDesign};
use serde::{Deserialize, Serialize};

use crate::index::AccountRow;

/// An account as it is from `at` on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRecord {
    /// Row id.
    pub id: String,
    /// Sign-in name.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// The client number.
    pub client_number: ClientNumber,
    /// Role names, in order.
    pub roles: Vec<String>,
    /// Type codes to read, in order.
    pub reads: Vec<String>,
    /// May administer.
    pub admin: bool,
    /// May sign in.
    pub active: bool,
    /// When it was made, unix milliseconds.
    pub created_at: i64,
    /// When it became so, unix milliseconds.
    pub at: i64,
    /// Account id of who made it so; empty for the command line.
    pub by: String,
}

impl AccountRecord {
    /// The record of an account as it is now.
    pub fn of(row: &AccountRow, at: i64, by: &str) -> Self {
        Self {
            id: row.id.clone(),
            login: row.login.clone(),
            name: row.name.clone(),
            client_number: row.client_number.clone(),
            roles: in_order(row.roles.clone()),
            reads: in_order(row.reads.clone()),
            admin: row.admin,
            active: row.active,
            created_at: row.created_at,
            at,
            by: by.to_owned(),
        }
    }
}

/// Each once, in the order of their bytes.
pub fn in_order(mut values: Vec<String>) -> Vec<String> {
    values.sort();
    values.dedup();
    values
}

/// A person's seal from `saved_at` on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealRecord {
    /// Account id.
    pub account: String,
    /// The design.
    pub design: SealDesign,
    /// When it was saved, unix milliseconds.
    pub saved_at: i64,
}
