//! Files in and out: a document's PDF with its digest checked, a chosen file's bytes.

use std::cell::RefCell;

use js_sys::{ArrayBuffer, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::bytes::sha256;
use super::{BrowserResult, trouble};
use crate::error::{AppError, Code};
use crate::model::{Number, Sha256};
use crate::visit::t;

/// How many checked files stay at hand: the one on the stage, the one before, the one being signed.
const AT_HAND: usize = 3;

thread_local! {
    static FILES: RefCell<Vec<(String, Promise)>> = const { RefCell::new(Vec::new()) };
}

/// A revision of a document, exactly as the index says it is: other bytes are not returned.
///
/// The stage and the checks ask for the same bytes: they are fetched once.
pub async fn revision(number: &Number, revision: u32, expected: &Sha256) -> BrowserResult<Uint8Array> {
    let digest = expected.to_string();
    let known = FILES.with_borrow(|files| files.iter().find(|(known, _)| *known == digest).map(|(_, promise)| promise.clone()));
    let promise = known.unwrap_or_else(|| {
        let (number, expected) = (number.clone(), expected.clone());
        let promise = future_to_promise(async move {
            fetch(&number, revision, &expected).await.map(JsValue::from).map_err(|error| JsValue::from(serde_json::to_string(&error).unwrap_or(error.detail)))
        });
        FILES.with_borrow_mut(|files| {
            files.insert(0, (digest.clone(), promise.clone()));
            files.truncate(AT_HAND);
        });
        promise
    });
    match JsFuture::from(promise).await {
        Ok(bytes) => Ok(bytes.unchecked_into()),
        Err(error) => {
            FILES.with_borrow_mut(|files| files.retain(|(known, _)| *known != digest));
            let text = error.as_string().unwrap_or_default();
            Err(serde_json::from_str(&text).unwrap_or_else(|_| trouble(text)))
        }
    }
}

async fn fetch(number: &Number, revision: u32, expected: &Sha256) -> BrowserResult<Uint8Array> {
    let url = format!("/api/v1/documents/{number}/file?revision={revision}");
    let reply = gloo_net::http::Request::get(&url).send().await.map_err(|error| AppError::new(Code::Offline, error.to_string()))?;
    if !reply.ok() {
        let problem: Option<serde_json::Value> = reply.json().await.ok();
        let detail = problem.and_then(|problem| problem.get("detail").and_then(|detail| detail.as_str().map(str::to_owned)));
        let code = if reply.status() == 401 { Code::SignInRequired } else { Code::Browser };
        return Err(AppError::new(code, detail.unwrap_or_else(|| format!("{} {}", t("The file could not be read:", "无法读取文件："), reply.status()))));
    }
    let bytes = reply.binary().await.map_err(|error| AppError::new(Code::Offline, error.to_string()))?;
    let array = Uint8Array::from(bytes.as_slice());
    if sha256(&array).await? != expected.as_str() {
        return Err(trouble(t(
            "The file that arrived is not the one that is registered: its digest differs. It is not shown and cannot be signed.",
            "收到的文件与登记的摘要不一致，因此不予显示，也不能签章。",
        ))
        .with_next(t("Tell an administrator.", "请通知管理员。")));
    }
    Ok(array)
}

/// The bytes of a file that a person chose.
pub async fn chosen(file: &web_sys::File) -> BrowserResult<Uint8Array> {
    let buffer = JsFuture::from(file.array_buffer()).await?;
    Ok(Uint8Array::new(buffer.unchecked_ref::<ArrayBuffer>()))
}
