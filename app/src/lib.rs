//! Signet's app: the values that cross the wire, the door to the server, the server functions and the pages.
//!
//! The same crate is compiled natively (feature `ssr`) and to WebAssembly (feature `hydrate`).

#![recursion_limit = "512"]
// Components take their properties by value: that is how the view macro calls them.
#![allow(clippy::must_use_candidate)]

pub mod api;
pub mod app;
#[cfg(feature = "hydrate")]
pub mod browser;
// The browser needs these; the tests run natively.
#[cfg(any(feature = "hydrate", test))]
pub mod capitals;
pub mod desk;
pub mod error;
pub mod ink;
#[cfg(feature = "ssr")]
pub mod markup;
pub mod model;
pub mod pages;
pub mod parts;
#[cfg(any(feature = "hydrate", test))]
pub mod photo_page;
pub mod visit;

/// Takes over the page that the server rendered.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    let Some(window) = web_sys::window() else { return };
    wasm_bindgen_futures::spawn_local(async move {
        let path = window.location().pathname().unwrap_or_default();
        if pages::apart::arrival(&path).await.is_err() {
            // what the server rendered stays readable meanwhile
            gloo::timers::callback::Timeout::new(3_000, move || drop(window.location().reload())).forget();
            return;
        }
        leptos::mount::hydrate_body(app::App);
        // Says that the page listens now: style and tests wait for it.
        if let Some(root) = window.document().and_then(|document| document.document_element()) {
            let _ = root.set_attribute("data-live", "true");
        }
    });
}
