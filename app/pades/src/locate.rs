//! Where the signatures of a file are, and whether each covers exactly a revision (signature forging, wrapping and saving attacks).

use sha2::{Digest, Sha256};

use crate::pdf::{Pdf, Reference};
use crate::{Error, Finding};

/// How much of the file a signature's `/ByteRange` covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// All but its own `/Contents`.
    WholeFile,
    /// A whole earlier revision but for its own `/Contents`.
    Revision,
    /// Anything else: the signature cannot be relied on.
    Partial,
}

/// The kinds of `/SubFilter` that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubFilter {
    /// `ETSI.CAdES.detached`.
    CadesDetached,
    /// `adbe.pkcs7.detached`.
    Pkcs7Detached,
    /// `ETSI.RFC3161`, a document time stamp.
    DocTimeStamp,
}

/// One signature, in the order of the revisions.
#[derive(Clone, Debug)]
pub struct Located {
    /// Full name of its field.
    pub field: String,
    /// The field (merged with its widget).
    pub field_reference: Reference,
    /// The signature dictionary; `None` where it is direct (a fault).
    pub signature: Option<Reference>,
    /// Index into `Pdf::revisions` of the revision that the signature closes; `None` where it closes none (a fault).
    pub revision: Option<usize>,
    /// `/ByteRange`; all zeros where it cannot be read (a fault).
    pub byte_range: [u64; 4],
    /// How much it covers.
    pub coverage: Coverage,
    /// `/Contents` without the zeros after the DER value; empty where it cannot be read (a fault).
    pub cms: Vec<u8>,
    /// `/SubFilter`, where it is one that is read.
    pub sub_filter: Option<SubFilter>,
    /// `/M` as unix seconds.
    pub signed_at: Option<i64>,
    /// `/Name`.
    pub name: Option<String>,
    /// `/Reason`.
    pub reason: Option<String>,
    /// `/Location`.
    pub location: Option<String>,
    /// Why it fails already here (`TOTAL-FAILED`, `FORMAT_FAILURE`); empty where its place is sound.
    pub faults: Vec<Finding>,
}

/// Finds every signature through the newest cross-reference and the field tree, never by scanning. A field with a broken value is
/// still listed, with its faults: a signature that cannot be read is never "not signed".
pub fn locate_signatures(pdf: &Pdf<'_>) -> Result<Vec<Located>, Error> {
    let _ = pdf;
    Err(Error::malformed(0, "not read yet"))
}

/// SHA-256 over the two ranges; `None` where they leave the file.
pub fn signed_digest(bytes: &[u8], byte_range: [u64; 4]) -> Option<[u8; 32]> {
    let mut hasher = Sha256::new();
    for pair in [[byte_range[0], byte_range[1]], [byte_range[2], byte_range[3]]] {
        let start = usize::try_from(pair[0]).ok()?;
        let end = start.checked_add(usize::try_from(pair[1]).ok()?)?;
        hasher.update(bytes.get(start..end)?);
    }
    Some(hasher.finalize().into())
}
