//! Checked identifiers. Raw text becomes one of these once, at the edge; inside nothing is checked again.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What was wrong with a text that should have been an identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub &'static str);

macro_rules! checked_text {
    ($(#[$doc:meta])* $name:ident, $check:expr, $problem:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Malformed;
            fn from_str(text: &str) -> Result<Self, Malformed> {
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.to_owned())) } else { Err(Malformed($problem)) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = Malformed;
            fn try_from(text: String) -> Result<Self, Malformed> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        #[cfg(feature = "utoipa")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                String::schema()
            }
        }

        #[cfg(feature = "utoipa")]
        impl utoipa::ToSchema for $name {}
    };
}

fn is_type_code(text: &str) -> bool {
    (1..=12).contains(&text.len()) && text.starts_with(|c: char| c.is_ascii_uppercase()) && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

checked_text! {
    /// A type's code, `EXP`: 1 to 12 capital letters and digits, a letter first.
    TypeCode, is_type_code, "a type code is 1 to 12 capital letters and digits, a letter first"
}

checked_text! {
    /// A document's unique number, `EXP-2026-000123`: the type code, then at most 60 letters, digits, dashes and dots.
    Number,
    |text| {
        text.len() <= 60
            && !text.contains("..")
            && text.split_once('-').is_some_and(|(code, rest)| {
                is_type_code(code) && !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
            })
    },
    "a document number is a type code, a dash and at most 60 letters, digits, dashes and dots"
}

impl Number {
    /// The type code in front, which says which database holds the document.
    pub fn type_code(&self) -> TypeCode {
        let code = self.0.split('-').next().unwrap_or_default();
        TypeCode(code.to_owned())
    }
}

checked_text! {
    /// An account's client number, `C00042`: a C and at least five digits.
    ClientNumber,
    |text| text.len() >= 6 && text.len() <= 12 && text.starts_with('C') && text[1..].bytes().all(|b| b.is_ascii_digit()),
    "a client number is a C and at least five digits"
}

checked_text! {
    /// A SHA-256 digest as 64 lower-case hexadecimal digits.
    Sha256,
    |text| text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)),
    "a SHA-256 digest is 64 lower-case hexadecimal digits"
}
