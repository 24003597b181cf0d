//! What callers hand in: limits, revision 0, one signature. Geometry is in PDF points, integers, so every build makes the same bytes.

use serde::{Deserialize, Serialize};

/// `[left, bottom, right, top]` in points of the page's own space.
pub type Rect = [i32; 4];

/// How much of a file is read before it is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file in bytes.
    pub max_bytes: usize,
    /// Pages.
    pub max_pages: usize,
    /// Entries of the cross-reference tables together, and objects read.
    pub max_objects: usize,
    /// Bytes that all streams read together may inflate to.
    pub max_inflated: usize,
    /// Nesting of arrays, dictionaries, page and field trees.
    pub max_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_bytes: 20 << 20, max_pages: 2_000, max_objects: 300_000, max_inflated: 64 << 20, max_depth: 64 }
    }
}

/// A page's boxes as numbers and its rotation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PageGeometry {
    /// `/MediaBox`, normalised to left, bottom, right, top.
    pub media: [f64; 4],
    /// `/CropBox` cut to the media box: what a reader shows.
    pub crop: [f64; 4],
    /// 0, 90, 180 or 270 degrees clockwise.
    pub rotate: i32,
    /// `/UserUnit`: points that one unit of the page's own space is.
    pub unit: f64,
}

impl PageGeometry {
    /// The page with a strip added at its foot, as readers see it: `height` in units of its own space.
    #[must_use]
    pub fn with_strip(&self, height: i32) -> Self {
        let height = f64::from(height.max(0));
        let mut crop = self.crop;
        match self.rotate {
            90 => crop[2] += height,
            180 => crop[3] += height,
            270 => crop[0] -= height,
            _ => crop[1] -= height,
        }
        let media = [self.media[0].min(crop[0]), self.media[1].min(crop[1]), self.media[2].max(crop[2]), self.media[3].max(crop[3])];
        Self { media, crop, ..*self }
    }
}

/// A drawing: operators that use only paths and colours, in a space from `0 0` to `width height` points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appearance {
    /// Width of the space.
    pub width: i32,
    /// Height of the space.
    pub height: i32,
    /// PDF operators.
    pub content: String,
}

/// A signature field that the document waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmptyField {
    /// Its name: letters, digits, `-` and `_`.
    pub name: String,
    /// 1 is the first page, -1 the last.
    pub page: i32,
    /// Where; `None` where its approver places the seal: then it is made together with its signature ([`NewField`]), and revision 0 only keeps
    /// its name free. An empty field over the whole page would be drawn by some readers, and filled by other programs.
    pub rect: Option<Rect>,
    /// What a reader tells about it.
    pub tooltip: String,
}

/// A signature field that is made together with its signature, as large as the seal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewField {
    /// 1 is the first page, -1 the last.
    pub page: i32,
    /// What a reader tells about it.
    pub tooltip: String,
}

/// A drawing that becomes part of a page's content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stamp {
    /// 1 is the first page, -1 the last.
    pub page: i32,
    /// Where; the appearance is scaled into it.
    pub rect: Rect,
    /// What.
    pub appearance: Appearance,
    /// The page is made larger by so much at its foot, as readers see it, in units of its own space; 0 leaves it as it is. What lay outside of
    /// what was seen does not come into view.
    #[serde(default)]
    pub strip: i32,
}

/// What revision 0 says and has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issue {
    /// The document's number.
    pub number: String,
    /// Its title.
    pub title: String,
    /// Its creator's name.
    pub author: String,
    /// Unix seconds.
    pub created_at: i64,
    /// One signature field per expected approver: empty ones, and those that are made later.
    pub fields: Vec<EmptyField>,
    /// Number and code drawn onto an uploaded PDF.
    pub stamp: Option<Stamp>,
}

/// All that decides the bytes of a signature's revision, but for the signature itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignatureParameters {
    /// Full name of the field.
    pub field: String,
    /// The field, where it is made together with the signature; `None` fills the empty one that is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_field: Option<NewField>,
    /// `/Name`.
    pub signer_name: String,
    /// `/Reason`.
    pub reason: Option<String>,
    /// `/Location`.
    pub location: Option<String>,
    /// `/M`, unix seconds.
    pub signed_at: i64,
    /// Offset that `/M` is written with, minutes east of UTC.
    pub utc_offset_minutes: i32,
    /// The seal.
    pub appearance: Appearance,
    /// Where the seal goes, in page space: inside the field's rectangle, or the rectangle of the new one.
    pub placement: Rect,
    /// Bytes kept for the CMS.
    pub contents_reserve: usize,
}
