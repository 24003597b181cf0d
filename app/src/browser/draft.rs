//! Drafts on this device: texts in `localStorage`, so that they survive anything; pictures and PDFs in the vault, because they are large.

use std::collections::BTreeMap;

use js_sys::{Object, Reflect, Uint8Array};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use wasm_bindgen::JsCast;

use super::{BrowserResult, vault};

/// What a person has typed so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// A title of the creator's own.
    pub title: String,
    /// Values by field key, without pictures.
    pub fields: BTreeMap<String, Value>,
    /// The idempotency key: however often it is sent, one document comes of it.
    pub key: String,
    /// When it was last kept, RFC 3339.
    pub kept_at: String,
}

/// What is too large for `localStorage`.
#[derive(Clone, Debug, Default)]
pub struct Files {
    /// Pictures by field key, as data URLs.
    pub pictures: BTreeMap<String, String>,
    /// The PDF of an upload type, with its name.
    pub pdf: Option<(String, Uint8Array)>,
}

/// The draft under `name`, if there is one.
pub fn read(name: &str) -> Option<Draft> {
    let text = storage()?.get_item(&slot(name)).ok()??;
    serde_json::from_str(&text).ok()
}

/// Keeps `draft` under `name`. False when the browser refuses (private windows, no space).
pub fn write(name: &str, draft: &Draft) -> bool {
    let Ok(text) = serde_json::to_string(draft) else { return false };
    storage().is_some_and(|storage| storage.set_item(&slot(name), &text).is_ok())
}

/// Forgets the draft under `name`, files too.
pub async fn remove(name: &str) {
    if let Some(storage) = storage() {
        // Nothing to remove is as good.
        let _ = storage.remove_item(&slot(name));
    }
    // A vault that does not open holds nothing either.
    let _ = vault::remove(vault::DRAFTS, name).await;
}

/// The files of the draft under `name`.
pub async fn read_files(name: &str) -> BrowserResult<Files> {
    let Some(entry) = vault::read(vault::DRAFTS, name).await? else { return Ok(Files::default()) };
    let text = |key: &str| Reflect::get(&entry, &key.into()).ok().and_then(|value| value.as_string());
    let pictures = text("pictures").and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
    let bytes = Reflect::get(&entry, &"pdf".into()).ok().and_then(|value| value.dyn_into::<Uint8Array>().ok());
    let pdf = bytes.map(|bytes| (text("pdf_name").unwrap_or_default(), bytes));
    Ok(Files { pictures, pdf })
}

/// Keeps the files of the draft under `name`.
pub async fn write_files(name: &str, files: &Files) -> BrowserResult<()> {
    let entry = Object::new();
    let pictures = serde_json::to_string(&files.pictures).unwrap_or_default();
    Reflect::set(&entry, &"pictures".into(), &pictures.into())?;
    if let Some((pdf_name, bytes)) = &files.pdf {
        Reflect::set(&entry, &"pdf_name".into(), &pdf_name.into())?;
        Reflect::set(&entry, &"pdf".into(), bytes)?;
    }
    vault::write(vault::DRAFTS, name, &entry).await
}

/// A fresh idempotency key.
pub fn fresh_key() -> String {
    let crypto = web_sys::window().and_then(|window| window.crypto().ok());
    let mut bytes = [0_u8; 16];
    match crypto.map(|crypto| crypto.get_random_values_with_u8_array(&mut bytes)) {
        Some(Ok(_)) => super::bytes::hex(&bytes),
        // Unguessable it need not be, only this draft's own.
        _ => format!("{:x}-{:x}", js_sys::Date::now() as u64, (js_sys::Math::random() * 1e15) as u64),
    }
}

fn slot(name: &str) -> String {
    format!("signet.draft.{name}")
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.local_storage().ok()?
}
