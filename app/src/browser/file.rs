//! Files in and out: a document's PDF with its digest checked, a chosen file's bytes.

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use super::bytes::sha256;
use super::{BrowserError, BrowserResult};
use crate::model::{Number, Sha256};
use crate::visit::t;

/// A revision of a document, exactly as the index says it is: other bytes are not returned.
pub async fn revision(number: &Number, revision: u32, expected: &Sha256) -> BrowserResult<Uint8Array> {
    let url = format!("/api/v1/documents/{number}/file?revision={revision}");
    let reply = gloo_net::http::Request::get(&url).send().await.map_err(|_| {
        BrowserError(t("The server cannot be reached. Nothing was lost; try again when you are online.", "无法连接服务器。内容没有丢失,请联网后重试。").to_owned())
    })?;
    if !reply.ok() {
        let problem: Option<serde_json::Value> = reply.json().await.ok();
        let detail = problem.and_then(|problem| problem.get("detail").and_then(|detail| detail.as_str().map(str::to_owned)));
        return Err(BrowserError(detail.unwrap_or_else(|| format!("{} {}", t("The file could not be read:", "无法读取文件:"), reply.status()))));
    }
    let bytes = reply.binary().await.map_err(|error| BrowserError(error.to_string()))?;
    let array = Uint8Array::from(bytes.as_slice());
    if sha256(&array).await? != expected.as_str() {
        return Err(BrowserError(
            t(
                "The file that arrived is not the one that is registered (its digest differs). It is not shown and cannot be signed. Tell an administrator.",
                "收到的文件与登记的摘要不一致,因此不予显示,也不能签章。请通知管理员。",
            )
            .to_owned(),
        ));
    }
    Ok(array)
}

/// The bytes of a file that a person chose.
pub async fn chosen(file: &web_sys::File) -> BrowserResult<Uint8Array> {
    let buffer = JsFuture::from(file.array_buffer()).await?;
    Ok(Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>()))
}
