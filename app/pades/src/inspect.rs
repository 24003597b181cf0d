//! May this PDF become revision 0? Encrypted, broken, active or hiding files are refused, each with its rule.

use crate::{Error, Limits, PageGeometry};

/// What an acceptable PDF is like.
#[derive(Clone, Debug, PartialEq)]
pub struct Inspection {
    /// Every page, in order.
    pub pages: Vec<PageGeometry>,
    /// `1.7`.
    pub version: String,
    /// `/Title` of the information dictionary.
    pub title: Option<String>,
}

/// Reads the whole file and says whether it may become a document.
pub fn inspect(pdf: &[u8], limits: &Limits) -> Result<Inspection, Error> {
    let _ = (pdf, limits);
    Err(Error::malformed(0, "not read yet"))
}
