//! PEM in the browser: a label, and DER in lines of base64.

use js_sys::Uint8Array;

use super::{BrowserResult, trouble};
use crate::visit::t;

/// DER as PEM.
pub fn write(label: &str, der: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = format!("-----BEGIN {label}-----\n");
    // 48 bytes make a line of 64 letters.
    for line in der.chunks(48) {
        for chunk in line.chunks(3) {
            let block = u32::from(chunk[0]) << 16 | u32::from(*chunk.get(1).unwrap_or(&0)) << 8 | u32::from(*chunk.get(2).unwrap_or(&0));
            for position in 0..4 {
                let letter = if position <= chunk.len() { LETTERS[(block >> (18 - 6 * position) & 63) as usize] } else { b'=' };
                text.push(char::from(letter));
            }
        }
        text.push('\n');
    }
    text + &format!("-----END {label}-----\n")
}

/// The first certificate of a chain as DER, and the others as they stand.
pub fn first_certificate(chain: &str) -> BrowserResult<(Uint8Array, String)> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let unreadable = || trouble(t("The certificate kept in this browser cannot be read. Make a new key.", "本浏览器保存的证书无法读取，请重新生成密钥。"));
    let (_, after) = chain.split_once(BEGIN).ok_or_else(unreadable)?;
    let (body, others) = after.split_once(END).ok_or_else(unreadable)?;
    let letters: String = body.split_whitespace().collect();
    let binary = web_sys::window().and_then(|window| window.atob(&letters).ok()).ok_or_else(unreadable)?;
    // `atob` gives one character a byte.
    let der: Vec<u8> = binary.chars().map(|byte| byte as u8).collect();
    Ok((Uint8Array::from(der.as_slice()), others.trim().to_owned()))
}
