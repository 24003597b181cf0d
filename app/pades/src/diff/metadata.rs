//! What a signing program may note about itself: dates and producer, in the information dictionary and the XMP packet.

use super::alike::alike_in_info;
use super::xmp::{plain, properties};
use super::{State, dictionaries};
use crate::Error;
use crate::pdf::{Dictionary, Reference, Value, View};

/// Keys of the information dictionary that a signing program renews.
const RENEWED: [&[u8]; 2] = [b"ModDate", b"Producer"];

impl State<'_> {
    pub(super) fn info(&mut self, reference: Reference, before: &Value, after: &Value) {
        let says_all = |one: &Dictionary, other: &Dictionary| {
            let kept = one.entries.iter().filter(|(key, _)| !RENEWED.contains(&&**key));
            kept.into_iter().all(|(key, value)| other.get(key).is_some_and(|other| alike_in_info(key, value, other)))
        };
        if dictionaries(before, after).is_some_and(|(old, new)| says_all(old, new) && says_all(new, old)) {
            self.allow("info-renewed", reference, "A later revision noted another date or program in the document's information.");
        } else {
            self.forbid("info", reference, "Number, title or author of the document was changed.");
        }
    }

    /// The XMP packet still says the same but for what is renewed, and refers to nothing.
    pub(super) fn packet(&mut self, reference: Reference, before: &Value, after: &Value) -> Result<(), Error> {
        let packets = packet_of(self.old, before)?.zip(packet_of(self.new, after)?);
        let same = packets.is_some_and(|(old, new)| {
            let said = properties(&old);
            said.is_some() && said == properties(&new) && (plain(&new) || !plain(&old))
        });
        if same {
            self.allow("metadata-renewed", reference, "A later revision noted another date or program in the document's description (XMP).");
        } else {
            self.forbid("metadata", reference, "Number, title or author of the document was changed in its description (XMP).");
        }
        Ok(())
    }

    /// A document without a description may get one that says nothing but the date and program of its signature.
    pub(super) fn first_packet(&mut self, reference: Reference, after: &Value) -> Result<(), Error> {
        let value = self.new.resolve(after)?;
        let fresh = after.reference().is_some_and(|packet| self.brought_or_new(packet));
        let silent = packet_of(self.new, &value)?.is_some_and(|packet| plain(&packet) && properties(&packet).is_some_and(|said| said.is_empty()));
        if fresh && silent {
            self.roots.extend(after.reference());
            self.allow("metadata-renewed", reference, "A later revision noted its date and program in a description of the document (XMP).");
        } else {
            self.forbid("metadata", reference, "The document was given another description (XMP).");
        }
        Ok(())
    }
}

/// The bytes of a metadata stream (ISO 32000-2 §14.3.2) that decodes in one plain way.
fn packet_of(view: View<'_>, value: &Value) -> Result<Option<Vec<u8>>, Error> {
    let Some(stream) = value.stream() else { return Ok(None) };
    let said = |key: &str| stream.dictionary.get(key).and_then(Value::name);
    let simple = stream.dictionary.get("Filter").is_none_or(|filter| filter.name().is_some() || filter.is_null()) && !stream.dictionary.has("F");
    if said("Type") != Some(b"Metadata") || said("Subtype") != Some(b"XML") || !simple {
        return Ok(None);
    }
    view.inflate(stream).map(Some)
}
