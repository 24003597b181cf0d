//! Keeps the Verify page for times without a network: a service worker that holds that page and nothing else.

use wasm_bindgen::JsValue;

/// Has the worker hold the page as it is now. Browsers without workers, and pages that were not fetched securely, go without.
pub fn keep() {
    let Some(window) = web_sys::window().filter(web_sys::Window::is_secure_context) else { return };
    let workers = window.navigator().service_worker();
    // A worker that rules this page already is asked for a fresh set; a new one fetches it when it is installed.
    if let Some(worker) = workers.controller() {
        let _ = worker.post_message(&JsValue::from_str("keep"));
    }
    let registered = workers.register("/offline.js");
    wasm_bindgen_futures::spawn_local(async move {
        // The page works without it; the browser's console says why it was refused.
        let _ = wasm_bindgen_futures::JsFuture::from(registered).await;
    });
}
