//! Pictures in fields, as files of their own: a page names them, and the browser fetches each once.

use std::collections::BTreeMap;

use app::desk::PictureFile;
use app::model::{FieldKind, Number, Sha256, TypeDefinition};
use serde_json::Value;
use sha2::{Digest, Sha256 as Hash};

use crate::error::{Result, not_found};
use crate::index::DocumentRow;
use crate::permission::{Permit, See};
use crate::types::picture;

/// The values with the addresses of pictures in the place of their bytes. Equal pictures have equal addresses.
pub fn by_address(number: &Number, definition: &TypeDefinition, mut fields: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
    for field in definition.fields.iter().filter(|field| field.kind == FieldKind::Image) {
        if let Some(Value::String(text)) = fields.get_mut(&field.key)
            && let Ok(picture) = picture::parse(text)
        {
            *text = format!("/api/v1/documents/{number}/pictures/{}?sha256={}", field.key, hex::encode(Hash::digest(&picture.bytes)));
        }
    }
    fields
}

/// The picture in a field of the current edition.
///
/// # Errors
/// `NotFound` where the field holds none.
pub fn read(_permit: Permit<See>, row: &DocumentRow, key: &str) -> Result<PictureFile> {
    let text = row.fields.get(key).and_then(Value::as_str).ok_or_else(not_found)?;
    let picture = picture::parse(text).map_err(|_| not_found())?;
    let sha256: Sha256 = hex::encode(Hash::digest(&picture.bytes)).parse().map_err(crate::error::internal)?;
    let media_type = if picture.extension == "png" { "image/png" } else { "image/jpeg" };
    Ok(PictureFile { sha256, media_type, bytes: picture.bytes.into() })
}
