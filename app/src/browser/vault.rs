//! The vault: an IndexedDB database of this origin that holds key handles and what must survive a reload.
//!
//! A key is stored as the browser's own `CryptoKeyPair` object: its private half has no bytes that script could read.

use idb::{Database, DatabaseEvent, Factory, ObjectStoreParams, Query, TransactionMode};
use wasm_bindgen::JsValue;

use super::BrowserResult;

const NAME: &str = "signet";
const VERSION: u32 = 1;

/// Key handles and their certificates, by sign-in name.
pub const KEYS: &str = "keys";
/// Files of unfinished documents (pictures, PDFs), by draft name. Texts of drafts are in `localStorage`.
pub const DRAFTS: &str = "drafts";

async fn open() -> BrowserResult<Database> {
    let mut request = Factory::new()?.open(NAME, Some(VERSION))?;
    request.on_upgrade_needed(|event| {
        let Ok(database) = event.database() else { return };
        for store in [KEYS, DRAFTS] {
            if !database.store_names().iter().any(|name| name == store) {
                // A failure shows up as the missing store at the first use.
                let _ = database.create_object_store(store, ObjectStoreParams::new());
            }
        }
    });
    Ok(request.await?)
}

/// What is stored under `key`.
pub async fn read(store: &str, key: &str) -> BrowserResult<Option<JsValue>> {
    let database = open().await?;
    let transaction = database.transaction(&[store], TransactionMode::ReadOnly)?;
    let value = transaction.object_store(store)?.get(Query::Key(JsValue::from_str(key)))?.await?;
    database.close();
    Ok(value.filter(|value| !value.is_undefined()))
}

/// Stores `value` under `key`, over what was there.
pub async fn write(store: &str, key: &str, value: &JsValue) -> BrowserResult<()> {
    let database = open().await?;
    let transaction = database.transaction(&[store], TransactionMode::ReadWrite)?;
    transaction.object_store(store)?.put(value, Some(&JsValue::from_str(key)))?.await?;
    transaction.commit()?.await?;
    database.close();
    Ok(())
}

/// Forgets what is stored under `key`.
pub async fn remove(store: &str, key: &str) -> BrowserResult<()> {
    let database = open().await?;
    let transaction = database.transaction(&[store], TransactionMode::ReadWrite)?;
    transaction.object_store(store)?.delete(Query::Key(JsValue::from_str(key)))?.await?;
    transaction.commit()?.await?;
    database.close();
    Ok(())
}
