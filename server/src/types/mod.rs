//! Document types: what a type folder says, checked; what a creator sends, checked against it; what the template gets.
//!
//! Pure functions: no clock, no index, no store. In reading order: [`definition`], [`values`], [`condition`], [`matter`],
//! [`numbering`], [`data`].

pub mod blank;
pub mod condition;
pub mod data;
pub mod decimal;
pub mod definition;
pub mod matter;
pub mod numbering;
pub mod picture;
mod problem;
pub mod sample;
pub mod shipped;
mod spans;
pub mod values;

use app::model::LocalText;

pub use data::{TemplateData, document_url};
pub use problem::ImportProblem;
pub use render::qr;
pub use values::{Problems, Values};

/// A text in both languages.
pub(crate) fn both(en: impl Into<String>, zh: impl Into<String>) -> LocalText {
    LocalText { en: en.into(), zh: zh.into() }
}
