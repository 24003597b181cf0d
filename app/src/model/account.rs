//! People: who is signed in, and what an administrator sees and changes.

use serde::{Deserialize, Serialize};

use super::number::ClientNumber;

/// The signed-in account, as `GET /api/v1/me` gives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Me {
    /// Sign-in name.
    pub login: String,
    /// The person's name as printed on seals.
    pub name: String,
    /// The client number.
    pub client_number: ClientNumber,
    /// Role names.
    pub roles: Vec<String>,
    /// May administer people, types and health.
    #[serde(default)]
    pub admin: bool,
}

impl Me {
    /// Whether the account has the role `role`.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|r| r == role)
    }
}

/// What a person enters to sign in.
#[derive(Clone, Serialize, Deserialize)]
pub struct SignIn {
    /// Sign-in name.
    pub login: String,
    /// Password, 10 to 200 characters when set.
    pub password: String,
}

impl std::fmt::Debug for SignIn {
    /// The password never reaches a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").field("login", &self.login).finish_non_exhaustive()
    }
}

/// An account as an administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Sign-in name, never changed.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// The client number.
    pub client_number: ClientNumber,
    /// Role names.
    pub roles: Vec<String>,
    /// Type codes whose documents this account may read without taking part.
    pub reads: Vec<String>,
    /// May administer.
    pub admin: bool,
    /// May sign in.
    pub active: bool,
    /// Creation time, RFC 3339.
    pub created_at: String,
}

/// A new account or a change of one. `None` leaves a part as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct AccountChange {
    /// Sign-in name: 1 to 64 lower-case letters, digits, dots, dashes, underscores.
    pub login: String,
    /// The person's name, 1 to 80 characters.
    pub name: Option<String>,
    /// Role names, each 1 to 40 lower-case letters, digits and dashes.
    pub roles: Option<Vec<String>>,
    /// Type codes to read.
    pub reads: Option<Vec<String>>,
    /// May administer.
    pub admin: Option<bool>,
    /// May sign in.
    pub active: Option<bool>,
    /// A new password, 10 to 200 characters; ends every session of the account.
    pub password: Option<String>,
    /// End the account's access tokens as well.
    #[serde(default)]
    pub end_tokens: bool,
}

/// An account to try, listed on the sign-in page in demo mode.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DemoAccount {
    /// Sign-in name.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// Password.
    pub password: String,
    /// Which part this account plays: `creator`, `approver`, `admin`, with the roles behind.
    pub part: super::LocalText,
}

/// An API token as its owner sees it; the secret is shown once, at creation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Row id.
    pub id: String,
    /// What it is for, in its owner's words.
    pub label: String,
    /// Creation time, RFC 3339.
    pub created_at: String,
    /// Last use, RFC 3339.
    pub used_at: Option<String>,
}
