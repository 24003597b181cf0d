//! The PDF viewer (`public/viewer.js` over pdf.js), loaded by pages that show a document.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::{BrowserResult, modules};
use crate::visit::t;

#[wasm_bindgen]
extern "C" {
    type Module;

    #[wasm_bindgen(method, catch)]
    fn show(this: &Module, stage: &web_sys::HtmlElement, bytes: &Uint8Array, texts: &Object) -> Result<js_sys::Promise, JsValue>;

    /// A PDF on show.
    #[derive(Clone)]
    pub type Shown;

    /// How many pages it has.
    #[wasm_bindgen(method, getter)]
    pub fn pages(this: &Shown) -> u32;

    /// The element of a page, 1 is the first.
    #[wasm_bindgen(method)]
    pub fn sheet(this: &Shown, page: u32) -> Option<web_sys::HtmlElement>;

    #[wasm_bindgen(method, js_name = toFractions)]
    fn to_fractions(this: &Shown, page: u32, rect: &Array) -> Array;

    #[wasm_bindgen(method, js_name = toPoints)]
    fn to_points(this: &Shown, page: u32, left: f64, top: f64) -> Array;

    #[wasm_bindgen(method, catch)]
    fn enclosed(this: &Shown) -> Result<js_sys::Promise, JsValue>;

    /// Takes it off the stage and frees the worker.
    #[wasm_bindgen(method)]
    pub fn destroy(this: &Shown);
}

/// Shows `bytes` inside `stage`.
pub async fn show(stage: &web_sys::HtmlElement, bytes: &Uint8Array) -> BrowserResult<Shown> {
    let module: Module = modules::import("/viewer.js").await?.unchecked_into();
    let texts = Object::new();
    Reflect::set(&texts, &"label".into(), &t("Page {page} of {pages}", "第 {page} 页，共 {pages} 页").into())?;
    Ok(JsFuture::from(module.show(stage, bytes, &texts)?).await?.unchecked_into())
}

/// A file inside a PDF.
#[derive(Clone)]
pub struct Enclosed {
    /// As the PDF calls it, without folders.
    pub name: String,
    /// The whole.
    pub bytes: Uint8Array,
}

impl Shown {
    /// The files inside it, in its order.
    pub async fn files(&self) -> BrowserResult<Vec<Enclosed>> {
        let files: Array = JsFuture::from(self.enclosed()?).await?.unchecked_into();
        let file = |file: JsValue| {
            let name = Reflect::get(&file, &"name".into())?.as_string().unwrap_or_default();
            Ok(Enclosed { name, bytes: Reflect::get(&file, &"bytes".into())?.unchecked_into() })
        };
        files.iter().map(file).collect()
    }

    /// A rectangle in points as fractions of the shown page: left, top, width, height.
    pub fn fractions(&self, page: u32, rect: [i32; 4]) -> [f64; 4] {
        let rect: Array = rect.iter().map(|side| JsValue::from_f64(f64::from(*side))).collect();
        let fractions = self.to_fractions(page, &rect);
        [0, 1, 2, 3].map(|position| fractions.get(position).as_f64().unwrap_or_default())
    }

    /// A place on the shown page (fractions from its upper left) in points of the page's own space: x, y.
    pub fn points(&self, page: u32, left: f64, top: f64) -> [f64; 2] {
        let points = self.to_points(page, left, top);
        [0, 1].map(|position| points.get(position).as_f64().unwrap_or_default())
    }
}
