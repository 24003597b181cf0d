//! What the document security store holds, and since which revision.

use std::collections::BTreeMap;

use crate::Error;
use crate::pdf::{Dictionary, Entry, Pdf, Reference, Value, View};

/// Most items of validation data that are read from one file.
const MAX_ITEMS: usize = 1_024;

/// The kinds of validation data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A certificate.
    Certificate,
    /// A revocation list.
    List,
    /// An OCSP response.
    Response,
}

impl Kind {
    /// All of them with the names of their lists, in the store and for one signature.
    pub const ALL: [(Self, &'static str, &'static str); 3] =
        [(Self::Certificate, "Certs", "Cert"), (Self::List, "CRLs", "CRL"), (Self::Response, "OCSPs", "OCSP")];
}

/// One item.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub kind: Kind,
    /// The stream that holds it.
    pub reference: Reference,
    /// DER, decoded.
    pub bytes: Vec<u8>,
    /// Index of the revision that brought it.
    pub revision: usize,
}

/// Every item that the store of any revision held; what was taken out again counts, too, as evidence cannot become untrue.
///
/// # Errors
/// `Error::Malformed` or `Error::TooLarge` when a store cannot be read.
pub(crate) fn stored(pdf: &Pdf<'_>) -> Result<Vec<Item>, Error> {
    let mut found: BTreeMap<(usize, Kind), Item> = BTreeMap::new();
    for revision in 0..pdf.revisions().len() {
        let view = pdf.view(revision);
        let catalog = view.catalog()?;
        if !catalog.has("DSS") {
            continue;
        }
        for (kind, reference) in references(view)? {
            // where a stream stands in the file is what it is: the same place, the same bytes
            let Entry::Offset { offset, .. } = view.entry(reference.number) else { continue };
            if found.contains_key(&(offset, kind)) {
                continue;
            }
            let value = view.object(reference)?;
            let Some(stream) = value.stream() else { continue };
            if found.len() >= MAX_ITEMS {
                return Err(Error::TooLarge { what: "items of validation data", limit: MAX_ITEMS });
            }
            found.insert((offset, kind), Item { kind, reference, bytes: view.inflate(stream)?, revision });
        }
    }
    Ok(found.into_values().collect())
}

/// The streams of one revision's store, also those that only the part for one signature (`/VRI`) names.
fn references(view: View<'_>) -> Result<Vec<(Kind, Reference)>, Error> {
    let mut found = Vec::new();
    let catalog = view.catalog()?;
    let store = view.get(&catalog, "DSS")?;
    let Some(store) = store.dictionary() else { return Ok(found) };
    let mut list = |holder: &Dictionary, key: &str, kind: Kind| -> Result<(), Error> {
        let items = view.get(holder, key)?;
        found.extend(items.array().unwrap_or_default().iter().filter_map(Value::reference).map(|reference| (kind, reference)));
        Ok(())
    };
    for (kind, key, _) in Kind::ALL {
        list(store, key, kind)?;
    }
    let related = view.get(store, "VRI")?;
    if let Some(related) = related.dictionary() {
        for (_, value) in &related.entries {
            let value = view.resolve(value)?;
            let Some(one) = value.dictionary() else { continue };
            for (kind, _, key) in Kind::ALL {
                list(one, key, kind)?;
            }
        }
    }
    Ok(found)
}
