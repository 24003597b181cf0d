//! Pictures that a person chose or took (`public/photo.js`): as a data URL for a field, or as a one-page PDF of a paper receipt.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::{BrowserResult, modules, trouble};
use crate::error::AppError;
use crate::photo_page::one_page;
use crate::visit::t;

/// The longer side of a photographed page in pixels: about 250 dots an inch on A4.
const PAGE_PIXELS: u32 = 2600;
/// The longer side of a picture in a form.
const FIELD_PIXELS: u32 = 1600;

#[wasm_bindgen]
extern "C" {
    type Module;

    #[wasm_bindgen(method, catch)]
    fn jpeg(this: &Module, file: &web_sys::File, longest: u32) -> Result<js_sys::Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    fn picture(this: &Module, file: &web_sys::File, longest: u32) -> Result<js_sys::Promise, JsValue>;
}

/// The picture as a data URL of a JPEG, small enough to send.
pub async fn data_url(file: &web_sys::File) -> BrowserResult<String> {
    let made = JsFuture::from(module().await?.picture(file, FIELD_PIXELS)?).await.map_err(unreadable)?;
    made.as_string().ok_or_else(|| unreadable(JsValue::NULL))
}

/// A photographed page as a PDF.
pub async fn pdf(file: &web_sys::File) -> BrowserResult<Uint8Array> {
    let made = JsFuture::from(module().await?.jpeg(file, PAGE_PIXELS)?).await.map_err(unreadable)?;
    let side = |name: &str| Reflect::get(&made, &name.into()).ok().and_then(|value| value.as_f64()).unwrap_or(1.0) as u32;
    let jpeg = Uint8Array::new(&Reflect::get(&made, &"bytes".into())?).to_vec();
    Ok(Uint8Array::from(one_page(&jpeg, side("width"), side("height")).as_slice()))
}

async fn module() -> BrowserResult<Module> {
    Ok(modules::import("/photo.js").await?.unchecked_into())
}

fn unreadable(_: JsValue) -> AppError {
    trouble(t("This picture cannot be read. Choose a JPEG or PNG, or take it again.", "无法读取此图片。请选择 JPEG 或 PNG 图片，或重新拍摄。"))
}
