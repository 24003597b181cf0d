//! Modules that are loaded only where they are used: the signing core and the PDF viewer.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::BrowserResult;

// A module script of our own: `import()` cannot be called by name from Rust.
#[wasm_bindgen(inline_js = "export function load(url) { return import(url); }")]
extern "C" {
    fn load(url: &str) -> js_sys::Promise;
}

/// Loads a module of this site once; the browser keeps it.
pub async fn import(url: &str) -> BrowserResult<JsValue> {
    Ok(JsFuture::from(load(url)).await?)
}
