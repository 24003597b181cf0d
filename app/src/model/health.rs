//! Health: what the first run and the health page check, in words.

use serde::{Deserialize, Serialize};

use super::text::LocalText;

/// One part's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// `store`, `index`, `authority`, `time_stamps`, `clock`, `fonts`, `mail`.
    pub part: String,
    /// Works.
    pub ok: bool,
    /// What is so, and what to do when it is not.
    pub text: LocalText,
}

/// All parts' states.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Every part.
    pub checks: Vec<Check>,
}
