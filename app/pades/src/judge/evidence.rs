//! Validation data that a file brings: from its store (`/DSS`) and from the signatures themselves, each piece once.

use std::collections::BTreeMap;

use crate::Finding;
use crate::certificate::Certificate;
use crate::dss::{Item, Kind};
use crate::ocsp::OcspResponse;
use crate::revocation::RevocationList;

/// A piece of evidence, not read yet: kind, DER, and the first revision that covers it.
pub(crate) struct Held {
    pub kind: Kind,
    pub bytes: Vec<u8>,
    pub revision: usize,
}

impl From<Item> for Held {
    fn from(item: Item) -> Self {
        Self { kind: item.kind, bytes: item.bytes, revision: item.revision }
    }
}

/// What was read of it, each with the revision that brought it.
#[derive(Default)]
pub(crate) struct Evidence<'e> {
    pub certificates: Vec<(Certificate, usize)>,
    pub lists: Vec<(RevocationList<'e>, usize)>,
    pub responses: Vec<(OcspResponse<'e>, usize)>,
    /// What could not be read.
    pub remarks: Vec<Finding>,
}

impl<'e> Evidence<'e> {
    pub fn read(held: &'e [Held]) -> Self {
        let mut first: BTreeMap<(Kind, &[u8]), usize> = BTreeMap::new();
        for item in held {
            let revision = first.entry((item.kind, &item.bytes)).or_insert(item.revision);
            *revision = item.revision.min(*revision);
        }
        let mut evidence = Self::default();
        for ((kind, bytes), revision) in first {
            let unreadable = match kind {
                Kind::Certificate => Certificate::parse(bytes).map(|certificate| evidence.certificates.push((certificate, revision))),
                Kind::List => RevocationList::parse(bytes).map(|list| evidence.lists.push((list, revision))),
                Kind::Response => OcspResponse::parse(bytes).map(|response| evidence.responses.push((response, revision))),
            };
            if let Err(text) = unreadable {
                evidence.remarks.push(Finding::new("evidence-unreadable", format!("revision {revision}"), text));
            }
        }
        evidence
    }
}
