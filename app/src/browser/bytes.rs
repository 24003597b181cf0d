//! Bytes between JavaScript and Rust, and their digests by WebCrypto.

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::SubtleCrypto;

use super::{BrowserResult, trouble};
use crate::visit::t;

/// The browser's own cryptography; absent outside a secure context.
pub fn subtle() -> BrowserResult<SubtleCrypto> {
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    let subtle = crypto.map(|crypto| crypto.subtle()).filter(|subtle| !subtle.is_undefined());
    subtle.ok_or_else(|| {
        trouble(
            t(
                "This browser offers no cryptography here. Open Signet over https or on localhost.",
                "此浏览器在当前地址不提供加密功能。请通过 https 或 localhost 打开 Signet。",
            )
            .to_owned(),
        )
    })
}

/// SHA-256 of `bytes` as lower-case hexadecimal.
pub async fn sha256(bytes: &Uint8Array) -> BrowserResult<String> {
    let digest = JsFuture::from(subtle()?.digest_with_str_and_buffer_source("SHA-256", bytes)?).await?;
    Ok(hex(&Uint8Array::new(digest.unchecked_ref::<ArrayBuffer>()).to_vec()))
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
