//! A document on its way as a multipart form: its values as JSON, and the PDF as bytes.

use js_sys::Uint8Array;
use leptos::server_fn::codec::MultipartData;
use web_sys::FormData;

use super::bytes::blob;
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
        form.append_with_blob_and_filename("file", &blob(file, "application/pdf")?, "document.pdf")?;
    }
    Ok(MultipartData::from(form))
}
