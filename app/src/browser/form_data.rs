//! A document on its way as a multipart form: its values as JSON, and the PDF as bytes.

use js_sys::{Array, Uint8Array};
use leptos::server_fn::codec::MultipartData;
use web_sys::{Blob, BlobPropertyBag, FormData};

use super::{BrowserResult, trouble};
use crate::model::{NewDocument, Number};

/// The parts that `api::documents::submit`, `preview` and `correct` read.
pub fn form(document: &NewDocument, number: Option<&Number>, file: Option<&Uint8Array>, key: Option<&str>) -> BrowserResult<MultipartData> {
    let form = FormData::new()?;
    let json = serde_json::to_string(document).map_err(|error| trouble(error.to_string()))?;
    form.append_with_str("document", &json)?;
    if let Some(number) = number {
        form.append_with_str("number", number.as_str())?;
    }
    if let Some(key) = key {
        form.append_with_str("key", key)?;
    }
    if let Some(file) = file {
        form.append_with_blob_and_filename("file", &pdf(file)?, "document.pdf")?;
    }
    Ok(MultipartData::from(form))
}

/// Bytes as a PDF blob.
pub fn pdf(bytes: &Uint8Array) -> BrowserResult<Blob> {
    let kind = BlobPropertyBag::new();
    kind.set_type("application/pdf");
    Ok(Blob::new_with_u8_array_sequence_and_options(&Array::of1(bytes), &kind)?)
}
