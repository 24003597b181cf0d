//! Bytes between JavaScript and Rust, and their digests by WebCrypto.

use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, SubtleCrypto, Url};

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

/// A length in words that fit a person, in steps of a thousand as phones and shops count.
pub fn size(length: u32) -> String {
    if length >= 1_000_000 { format!("{:.1} MB", f64::from(length) / 1e6) } else { format!("{} kB", length.div_ceil(1000)) }
}

/// Bytes of a media type as a blob.
pub fn blob(bytes: &Uint8Array, kind: &str) -> BrowserResult<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    Ok(Blob::new_with_u8_array_sequence_and_options(&Array::of1(bytes), &options)?)
}

/// A local address of `bytes` for a picture or a download, until it is given back (`Url::revoke_object_url`).
pub fn address(bytes: &Uint8Array, kind: &str) -> BrowserResult<String> {
    Ok(Url::create_object_url_with_blob(&blob(bytes, kind)?)?)
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
