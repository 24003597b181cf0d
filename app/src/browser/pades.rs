//! The signing core (`app/pades` as a WebAssembly module of its own), loaded when a page signs or verifies.

use js_sys::{Array, Function, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::{BrowserResult, modules};

#[wasm_bindgen]
extern "C" {
    /// The module's face, see `app/pades/src/wasm.rs`.
    #[derive(Clone)]
    pub type Pades;

    #[wasm_bindgen(method, catch)]
    fn default(this: &Pades) -> Result<js_sys::Promise, JsValue>;

    /// The `CertificationRequestInfo` for a public key (SPKI), DER, to be signed.
    #[wasm_bindgen(method, catch)]
    pub fn request_info(this: &Pades, common_name: &str, spki: &Uint8Array) -> Result<Uint8Array, JsValue>;

    /// The PKCS#10 request, DER.
    #[wasm_bindgen(method, catch)]
    pub fn request(this: &Pades, info: &Uint8Array, signature: &Uint8Array) -> Result<Uint8Array, JsValue>;

    /// A file whose bytes are hashed once for checking and signing.
    #[derive(Clone)]
    pub type Opened;

    /// The validation report as JSON. `trust` is PEM, `at` is Unix seconds, `stamps` (PEM) whose time stamps count.
    #[wasm_bindgen(method, catch)]
    pub fn verify(this: &Opened, trust: &str, at: f64, stamps: Option<String>) -> Result<String, JsValue>;

    /// Makes the next revision from `pades::SignatureParameters` in JSON.
    #[wasm_bindgen(method, catch)]
    pub fn prepare(this: &Opened, parameters: &str) -> Result<Prepared, JsValue>;

    /// A revision that waits for its signature.
    #[derive(Clone)]
    pub type Prepared;

    /// The whole file as it will look, the signature still empty.
    #[wasm_bindgen(method)]
    pub fn preview(this: &Prepared) -> Uint8Array;

    /// Binds the signer's certificate (DER).
    #[wasm_bindgen(method, catch)]
    pub fn to_be_signed(this: &Prepared, certificate: &Uint8Array) -> Result<ToBeSigned, JsValue>;

    /// The DER signed attributes, ready to be signed.
    pub type ToBeSigned;

    /// What `crypto.subtle.sign` gets.
    #[wasm_bindgen(method)]
    pub fn attributes(this: &ToBeSigned) -> Uint8Array;

    /// The CMS from the 64 bytes r‖s and the issuers' certificates (PEM). Once only.
    #[wasm_bindgen(method, catch)]
    pub fn signed(this: &ToBeSigned, signature: &Uint8Array, chain: &str) -> Result<Uint8Array, JsValue>;
}

/// Loads the core; a second call costs nothing.
pub async fn load() -> BrowserResult<Pades> {
    let module: Pades = modules::import("/pkg/pades.js").await?.unchecked_into();
    let marker = JsValue::from_str("__signet_ready");
    let window = web_sys::window().map_or(JsValue::UNDEFINED, JsValue::from);
    // The module object is frozen, so that it was initialised is remembered beside it.
    if Reflect::get(&window, &marker)?.is_undefined() {
        JsFuture::from(module.default()?).await?;
        Reflect::set(&window, &marker, &JsValue::TRUE)?;
    }
    Ok(module)
}

/// Hands a file to the core, once for all that is asked of it.
pub async fn open(bytes: &Uint8Array) -> BrowserResult<Opened> {
    let module = load().await?;
    let class: Function = Reflect::get(&module, &JsValue::from_str("Opened"))?.unchecked_into();
    Ok(Reflect::construct(&class, &Array::of1(bytes))?.unchecked_into())
}
