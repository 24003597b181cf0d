//! All that touches the browser: the key, the vault it lives in, files, the PDF viewer, the signing module and the signing journey.
//!
//! Only the browser's build (feature `hydrate`) has this room.

pub mod bytes;
pub mod file;
pub mod key;
pub mod modules;
pub mod pades;
pub mod signing;
pub mod vault;
pub mod viewer;

/// Why something in the browser did not work, in words for the person in front of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BrowserError(pub String);

impl From<wasm_bindgen::JsValue> for BrowserError {
    fn from(value: wasm_bindgen::JsValue) -> Self {
        use wasm_bindgen::JsCast;
        let text = value
            .dyn_ref::<js_sys::Error>()
            .map(|error| String::from(error.message()))
            .or_else(|| value.as_string())
            .unwrap_or_else(|| format!("{value:?}"));
        Self(text)
    }
}

impl From<idb::Error> for BrowserError {
    fn from(error: idb::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<crate::error::AppError> for BrowserError {
    fn from(error: crate::error::AppError) -> Self {
        let next = error.next.map(|next| format!(" {next}")).unwrap_or_default();
        Self(format!("{}{next}", error.detail))
    }
}

/// The result of everything in this room.
pub type BrowserResult<T> = Result<T, BrowserError>;
