//! Revocation data inside a signature: in the CMS itself (RFC 5652 §10.2.1, RFC 5940), as Adobe's signed attribute, and as the unsigned
//! attribute of ETSI EN 319 122-1 §5.4.2 (revocation-values).

use super::Held;
use crate::asn1::{self, Element, Read};
use crate::attributes;
use crate::cms::Cms;
use crate::dss::Kind;

/// `adbe-revocationInfoArchival`, with tag and length.
const REVOCATION_ARCHIVAL: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x2f, 0x01, 0x01, 0x08];
/// `id-aa-ets-revocationValues`, with tag and length.
const REVOCATION_VALUES: &[u8] = &[0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x18];
/// `id-ri-ocsp-response`, with tag and length.
const RI_OCSP: &[u8] = &[0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x10, 0x02];
/// Most pieces that are taken from one signature.
const MAX_PIECES: usize = 64;

/// What a signature carries; `revision` is the one that first covers its value. What cannot be read is passed over: it proves nothing.
pub(crate) fn embedded(cms: &Cms<'_>, revision: usize) -> Vec<Held> {
    let mut found = Pieces { held: Vec::new(), revision };
    if let Some(choices) = cms.revocation {
        let _ = found.choices(choices);
    }
    let unsigned = cms.unsigned_attributes.map(crate::asn1::Element::inside);
    for set in [Some(cms.signed_attributes.inside()), unsigned].into_iter().flatten() {
        for (oid, values) in attributes::list(set).unwrap_or_default() {
            let _ = match oid {
                REVOCATION_ARCHIVAL => found.values(values, true),
                REVOCATION_VALUES => found.values(values, false),
                _ => Ok(()),
            };
        }
    }
    found.held
}

struct Pieces {
    held: Vec<Held>,
    revision: usize,
}

impl Pieces {
    fn add(&mut self, kind: Kind, bytes: Vec<u8>) {
        if self.held.len() < MAX_PIECES {
            self.held.push(Held { kind, bytes, revision: self.revision });
        }
    }

    /// RevocationInfoChoices: lists, and other formats by identifier.
    fn choices(&mut self, choices: Element<'_>) -> Read<()> {
        let mut choices = choices.inside();
        while !choices.is_empty() {
            let choice = choices.any()?;
            if choice.tag == asn1::SEQUENCE {
                self.add(Kind::List, choice.raw.to_vec());
            } else if choice.tag == 0xa1 {
                let mut other = choice.inside();
                if other.next(asn1::OID)?.raw == RI_OCSP {
                    self.add(Kind::Response, other.next(asn1::SEQUENCE)?.raw.to_vec());
                }
            }
        }
        Ok(())
    }

    /// `[0]` lists and `[1]` responses: whole ones with Adobe, BasicOCSPResponse without its wrapping with ETSI.
    fn values(&mut self, values: Element<'_>, whole_responses: bool) -> Read<()> {
        let mut parts = values.inside().next(asn1::SEQUENCE)?.inside();
        for (tag, kind) in [(0xa0, Kind::List), (0xa1, Kind::Response)] {
            let Some(part) = parts.optional(tag)? else { continue };
            let mut items = asn1::whole(part.value, asn1::SEQUENCE)?.inside();
            while !items.is_empty() {
                let item = items.next(asn1::SEQUENCE)?.raw;
                let bytes = if kind == Kind::Response && !whole_responses { crate::ocsp::wrapped(item) } else { item.to_vec() };
                self.add(kind, bytes);
            }
        }
        Ok(())
    }
}
