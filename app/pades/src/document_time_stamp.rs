//! Document time stamps (ISO 32000-2 §12.8.5, ETSI EN 319 142-1 §5.5): a revision with an invisible field over all that was before.

use crate::pdf::field::fields;
use crate::pdf::page::pages;
use crate::pdf::revision::Update;
use crate::pdf::{Pdf, write};
use crate::{Digest, Error, Limits, Prepared, signed_digest, tsp};
use crate::{new_field, room};

/// A revision that waits for its time stamp.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreparedTimeStamp {
    original: Vec<u8>,
    prepared: Prepared,
}

/// Makes the next revision of `original` with a document time stamp in a new field `field`, invisible on the first page. `reserve`: bytes kept
/// for the token.
///
/// # Errors
/// `Error::FieldTaken` when there is a field of this name, `Error::Parameter` when the name or the room cannot be, `Error::Refused` when the
/// file is built in a way that nothing can be added to.
pub fn prepare_time_stamp(original: &[u8], field: &str, reserve: usize) -> Result<PreparedTimeStamp, Error> {
    new_field::check_name(field)?;
    if !(256..=65_536).contains(&reserve) {
        return Err(Error::Parameter("between 256 and 65536 bytes can be kept for a time stamp".to_owned()));
    }
    let pdf = Pdf::parse(original, &Limits::default())?;
    appendable(&pdf)?;
    let view = pdf.latest();
    new_field::check_free(&fields(view)?, field)?;
    let pages = pages(view)?;
    let page = pages.first().ok_or_else(|| Error::malformed(0, "the file has no page"))?.reference;
    let mut update = Update::new(&pdf);
    let (stamp, widget) = (update.reserve(), update.reserve());
    let (mut dictionary, room) = room::open("/Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161", reserve);
    dictionary.push_str(">>");
    update.put(stamp, dictionary.into_bytes());
    // Print and Locked; a rectangle without extent shows nothing and needs no appearance
    let body = format!("<</Type/Annot/Subtype/Widget/FT/Sig/T{}/F 132/P {page}/Rect[0 0 0 0]/V {stamp}>>", write::text(field));
    update.put(widget, body.into_bytes());
    new_field::list(view, &mut update, &pages, page, widget)?;
    let mut tail = update.finish()?;
    let (byte_range, brackets) = room.close(original.len(), &mut tail.bytes, tail.bodies[&stamp]);
    let whole = [original, &tail.bytes].concat();
    let digest = signed_digest(&whole, byte_range, Digest::Sha256)
        .and_then(|digest| digest.try_into().ok())
        .ok_or_else(|| Error::malformed(original.len(), "the byte range leaves the file"))?;
    let prepared = Prepared { tail: tail.bytes, byte_range, digest, contents: brackets.start + 1..brackets.end - 1 };
    Ok(PreparedTimeStamp { original: original.to_vec(), prepared })
}

impl PreparedTimeStamp {
    /// SHA-256 of all but the token's room: what the token is to be over.
    pub fn imprint(&self) -> [u8; 32] {
        self.prepared.digest()
    }

    /// The whole file with the token.
    ///
    /// # Errors
    /// `Error::ContentsTooSmall` when it does not fit, `Error::Signature` when it is no token over this file.
    pub fn embed(self, token: &[u8]) -> Result<Vec<u8>, Error> {
        let examined = tsp::examine(token, &[]);
        // a bare token is as good here: who made it was asked when it was taken
        examined.holds_or_is_bare()?;
        examined.check_imprint("time stamp", |digest| (digest == Digest::Sha256).then(|| self.imprint().to_vec()))?;
        Ok([self.original, self.prepared.embed(token)?].concat())
    }
}

/// Whether a revision can go after the file so that everybody reads it alike.
pub(crate) fn appendable(pdf: &Pdf<'_>) -> Result<(), Error> {
    if !pdf.ends_cleanly() || pdf.revisions().iter().any(|revision| revision.hybrid) {
        return Err(Error::refused("structure", "file", "The end or the tables of this PDF are built in a way that validators read differently."));
    }
    Ok(())
}
