//! All that touches the browser: the key, the vault it lives in, files, the PDF viewer, the signing module and the signing journey.
//!
//! Only the browser's build (feature `hydrate`) has this room. What goes wrong here is an [`AppError`] like any other, in the words
//! of the person in front of it.

pub mod bytes;
pub mod draft;
pub mod file;
pub mod form_data;
pub mod key;
pub mod modules;
pub mod offline;
pub mod pades;
pub mod pem;
pub mod photo;
pub mod pieces;
pub mod report;
pub mod signing;
pub mod vault;
pub mod viewer;

use crate::error::{AppError, AppResult, Code};

/// The result of everything in this room.
pub type BrowserResult<T> = AppResult<T>;

/// What the browser could not do, in words.
pub fn trouble(text: impl Into<String>) -> AppError {
    AppError::new(Code::Browser, text)
}

impl From<wasm_bindgen::JsValue> for AppError {
    fn from(value: wasm_bindgen::JsValue) -> Self {
        use wasm_bindgen::JsCast;
        let text =
            value.dyn_ref::<js_sys::Error>().map(|error| String::from(error.message())).or_else(|| value.as_string()).unwrap_or_else(|| format!("{value:?}"));
        trouble(text)
    }
}

impl From<idb::Error> for AppError {
    fn from(error: idb::Error) -> Self {
        trouble(error.to_string())
    }
}
