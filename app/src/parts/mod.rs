//! View pieces that pages share.

#![expect(missing_docs, reason = "the macro turns properties into fields; their names say it")]

pub mod alive;
pub mod certificate;
pub mod checks;
pub mod chop;
#[cfg(feature = "hydrate")]
pub mod device_key;
pub mod dialog;
pub mod document_row;
#[cfg(feature = "hydrate")]
pub mod enclosed;
#[cfg(feature = "hydrate")]
pub mod facts;
pub mod form;
pub mod frame;
pub mod history;
pub mod icon;
#[cfg(feature = "hydrate")]
pub mod key_notice;
pub mod level;
pub mod live;
pub mod menu;
pub mod moment;
pub mod note;
pub mod pdf_stage;
pub mod proof;
pub mod revoke;
pub mod seal_picture;
#[cfg(feature = "hydrate")]
pub mod sheets;
pub mod states;
pub mod status;
pub mod steps;
pub mod toast;
pub mod values;
