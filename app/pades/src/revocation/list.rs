//! One certificate revocation list (RFC 5280 §5), read raw; who signed it is checked by those who ask.

use super::scope::Scope;
use crate::asn1::{self, Element, Read};
use crate::certificate::{Certificate, bits, signed, time};
use crate::name;

/// Longest list that is read.
const MAX_BYTES: usize = 8 * 1024 * 1024;
/// Extensions of lists, under `id-ce`.
const CRL_NUMBER: [u8; 3] = [0x55, 0x1d, 20];
const DELTA_INDICATOR: [u8; 3] = [0x55, 0x1d, 27];
const ISSUING_DISTRIBUTION_POINT: [u8; 3] = [0x55, 0x1d, 28];
const AUTHORITY_KEY_IDENTIFIER: [u8; 3] = [0x55, 0x1d, 35];
/// Extensions of entries, under `id-ce`.
const REASON_CODE: [u8; 3] = [0x55, 0x1d, 21];
const CERTIFICATE_ISSUER: [u8; 3] = [0x55, 0x1d, 29];
const ENUMERATED: u8 = 0x0a;

/// A list whose signer is not checked yet.
#[derive(Clone, Debug)]
pub(crate) struct RevocationList<'a> {
    tbs: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
    pub(super) issuer: &'a [u8],
    this_update: i64,
    next_update: Option<i64>,
    number: Option<&'a [u8]>,
    /// For a delta list, the number of the list that it builds on.
    pub(super) base: Option<&'a [u8]>,
    scope: Scope<'a>,
    entries: Vec<Entry<'a>>,
}

/// One revoked certificate.
#[derive(Clone, Debug)]
struct Entry<'a> {
    serial: &'a [u8],
    /// Who issued the certificate, where that is not the issuer of the list.
    issuer: Option<&'a [u8]>,
    revocation: Revocation,
}

/// When a certificate was revoked, and why.
#[derive(Clone, Copy, Debug)]
pub(super) struct Revocation {
    /// Unix seconds.
    pub at: i64,
    pub reason: Reason,
}

/// The reasons that make a difference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// certificateHold.
    Hold,
    /// removeFromCRL, in delta lists.
    RemoveFromList,
    /// Any other, or none.
    Other,
}

impl<'a> RevocationList<'a> {
    /// Reads a DER CertificateList, whole.
    pub fn parse(der: &'a [u8]) -> Read<Self> {
        if der.len() > MAX_BYTES {
            return Err("the revocation list is longer than 8 MiB");
        }
        let mut outer = asn1::whole(der, asn1::SEQUENCE)?.inside();
        let tbs = outer.next(asn1::SEQUENCE)?;
        let algorithm = outer.next(asn1::SEQUENCE)?.raw;
        let signature = bits(outer.next(asn1::BIT_STRING)?.value)?;
        outer.end()?;
        let mut fields = tbs.inside();
        let version = fields.optional(asn1::INTEGER)?.map(|version| version.value);
        if version.is_some_and(|version| version != [1]) {
            return Err("the revocation list has an unknown version");
        }
        if fields.next(asn1::SEQUENCE)?.raw != algorithm {
            return Err("the revocation list names two different signature algorithms");
        }
        let issuer = fields.next(asn1::SEQUENCE)?.raw;
        let this_update = time(&mut fields)?;
        let next_update = if fields.begins_with(&[asn1::UTC_TIME, asn1::GENERALIZED_TIME]) { Some(time(&mut fields)?) } else { None };
        let entries = fields.optional(asn1::SEQUENCE)?;
        let extensions = fields.optional(0xa0)?;
        fields.end()?;
        if version.is_none() && extensions.is_some() {
            return Err("the revocation list has parts that its version does not know");
        }
        let mut list = Self {
            tbs: tbs.raw,
            algorithm,
            signature,
            issuer,
            this_update,
            next_update,
            number: None,
            base: None,
            scope: Scope::default(),
            entries: Vec::new(),
        };
        if let Some(extensions) = extensions {
            list.read_extensions(asn1::whole(extensions.value, asn1::SEQUENCE)?)?;
        }
        if let Some(entries) = entries {
            list.entries = read_entries(entries, list.scope.indirect)?;
        }
        Ok(list)
    }

    /// RFC 5280 §5.2: a list with a condition that is not understood cannot be used.
    fn read_extensions(&mut self, extensions: Element<'a>) -> Read<()> {
        let mut seen = Vec::new();
        each_extension(extensions, |id, critical, value| {
            if seen.contains(&id) {
                return Err("the revocation list has the same extension twice");
            }
            seen.push(id);
            match <[u8; 3]>::try_from(id) {
                Ok(CRL_NUMBER) => self.number = Some(asn1::whole(value, asn1::INTEGER)?.value),
                Ok(DELTA_INDICATOR) => self.base = Some(asn1::whole(value, asn1::INTEGER)?.value),
                Ok(ISSUING_DISTRIBUTION_POINT) => self.scope = Scope::read(value, self.issuer)?,
                Ok(AUTHORITY_KEY_IDENTIFIER) => {}
                _ if critical => return Err("the revocation list sets a condition (critical extension) that is not understood here"),
                _ => {}
            }
            Ok(())
        })
    }

    /// The name of who issued the list, DER.
    pub fn issuer(&self) -> &'a [u8] {
        self.issuer
    }

    /// When it was issued, unix seconds.
    pub fn issued_at(&self) -> i64 {
        self.this_update
    }

    /// When the next one comes, unix seconds.
    pub fn next_update(&self) -> Option<i64> {
        self.next_update
    }

    /// Whether `signer` signed the list; an algorithm that is not accepted is an error.
    pub(super) fn signed_by(&self, signer: &Certificate) -> Read<bool> {
        signed(self.tbs, self.algorithm, self.signature, signer)
    }

    /// Whether `at` (unix seconds) is in the list's time.
    pub(super) fn current(&self, at: i64) -> bool {
        self.this_update <= at && self.next_update.is_none_or(|next| at <= next)
    }

    /// For which reasons the list says something about `certificate`; none where it is not for it.
    pub(super) fn reasons_for(&self, certificate: &Certificate) -> u16 {
        self.scope.reasons_for(self.issuer, certificate)
    }

    /// The entry of a serial number (an INTEGER's content, with its sign) that `issuer` (DER) gave.
    pub(super) fn entry(&self, serial: &[u8], issuer: &[u8]) -> Option<Revocation> {
        let entry = self.entries.iter().find(|entry| entry.serial == serial && name::same(entry.issuer.unwrap_or(self.issuer), issuer))?;
        Some(entry.revocation)
    }

    /// Whether this delta list may be laid over `complete` (RFC 5280 §5.2.4): same scope, not too far apart, and the newer one.
    pub(super) fn builds_on(&self, complete: &RevocationList<'_>) -> bool {
        let (Some(base), Some(number), Some(own)) = (self.base, complete.number, self.number) else { return false };
        self.scope.raw == complete.scope.raw && at_least(number, base) && at_least(own, number)
    }
}

/// Whether one INTEGER's content (not negative) is at least the other.
fn at_least(one: &[u8], other: &[u8]) -> bool {
    let strip = |number: &[u8]| number.iter().position(|b| *b != 0).map_or_else(Vec::new, |start| number[start..].to_vec());
    let (one, other) = (strip(one), strip(other));
    (one.len(), one) >= (other.len(), other)
}

/// Every entry is read before any is believed: a list that breaks off proves nothing about those it does not reach.
fn read_entries(entries: Element<'_>, indirect: bool) -> Read<Vec<Entry<'_>>> {
    let mut found = Vec::new();
    let mut issuer = None;
    let mut entries = entries.inside();
    while !entries.is_empty() {
        let mut parts = entries.next(asn1::SEQUENCE)?.inside();
        let serial = parts.next(asn1::INTEGER)?.value;
        let at = time(&mut parts)?;
        let mut reason = Reason::Other;
        if let Some(extensions) = parts.optional(asn1::SEQUENCE)? {
            each_extension(extensions, |id, critical, value| {
                match <[u8; 3]>::try_from(id) {
                    Ok(REASON_CODE) => {
                        reason = match asn1::whole(value, ENUMERATED)?.value {
                            [6] => Reason::Hold,
                            [8] => Reason::RemoveFromList,
                            _ => Reason::Other,
                        }
                    }
                    // RFC 5280 §5.3.3: it counts for the entries that follow, too
                    Ok(CERTIFICATE_ISSUER) if indirect => issuer = Some(asn1::whole(value, asn1::SEQUENCE)?.inside().next(0xa4)?.value),
                    _ if critical => return Err("an entry of the revocation list sets a condition that is not understood here"),
                    _ => {}
                }
                Ok(())
            })?;
        }
        parts.end()?;
        found.push(Entry { serial, issuer, revocation: Revocation { at, reason } });
    }
    Ok(found)
}

/// Shows identifier (without tag and length), criticality and value of each extension.
fn each_extension<'a>(list: Element<'a>, mut show: impl FnMut(&'a [u8], bool, &'a [u8]) -> Read<()>) -> Read<()> {
    let mut list = list.inside();
    while !list.is_empty() {
        let mut parts = list.next(asn1::SEQUENCE)?.inside();
        let id = parts.next(asn1::OID)?.value;
        let critical = parts.optional(asn1::BOOLEAN)?.is_some_and(|truth| truth.value == [0xff]);
        let value = parts.next(asn1::OCTET_STRING)?.value;
        parts.end()?;
        show(id, critical, value)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::encode;
    use crate::certificate::common_name;

    const ALGORITHM: &[u8] = crate::algorithm::ECDSA_WITH_SHA256;
    const V2: &[u8] = &[2, 1, 1];

    fn extension(id: u8, critical: bool, value: &[u8]) -> Vec<u8> {
        let critical: &[u8] = if critical { &[1, 1, 0xff] } else { &[] };
        encode(asn1::SEQUENCE, &[&[6, 3, 0x55, 0x1d, id], critical, &encode(asn1::OCTET_STRING, &[value])])
    }

    fn entry(serial: &[u8], extensions: &[&[u8]]) -> Vec<u8> {
        let time = encode(asn1::UTC_TIME, &[b"261101000000Z"]);
        let extensions = if extensions.is_empty() { Vec::new() } else { encode(asn1::SEQUENCE, extensions) };
        encode(asn1::SEQUENCE, &[&encode(asn1::INTEGER, &[serial]), &time, &extensions])
    }

    /// A list with nobody's signature.
    fn list(version: &[u8], entries: &[&[u8]], extensions: &[&[u8]]) -> Vec<u8> {
        let time = |text: &str| encode(asn1::UTC_TIME, &[text.as_bytes()]);
        let entries = if entries.is_empty() { Vec::new() } else { encode(asn1::SEQUENCE, entries) };
        let extensions = if extensions.is_empty() { Vec::new() } else { encode(0xa0, &[&encode(asn1::SEQUENCE, extensions)]) };
        let (from, to) = (time("261101000000Z"), time("261201000000Z"));
        let tbs = encode(asn1::SEQUENCE, &[version, ALGORITHM, &common_name("Root"), &from, &to, &entries, &extensions]);
        encode(asn1::SEQUENCE, &[&tbs, ALGORITHM, &encode(asn1::BIT_STRING, &[&[0, 1]])])
    }

    #[test]
    fn lists_with_conditions_that_are_not_understood_cannot_be_used() {
        let (number, hold) = (extension(20, false, &[2, 1, 5]), extension(21, false, &[0x0a, 1, 6]));
        let parse = |der: &[u8]| RevocationList::parse(der).map(|_| ());
        let one = entry(&[9], &[&hold]);
        assert!(parse(&list(V2, &[&one], &[&number])).is_ok());
        assert!(parse(&list(V2, &[], &[])).is_ok());
        assert!(parse(&list(&[], &[&entry(&[9], &[])], &[])).is_ok());
        assert!(parse(&list(V2, &[], &[&extension(99, false, &[5, 0])])).is_ok());
        let broken = entry(&[9], &[]);
        for (what, der) in [
            ("an unknown critical extension", list(V2, &[], &[&extension(99, true, &[5, 0])])),
            ("one in an entry", list(V2, &[&entry(&[9], &[&extension(99, true, &[5, 0])])], &[])),
            ("another issuer in a direct list", list(V2, &[&entry(&[9], &[&extension(29, true, &[0x30, 0])])], &[])),
            ("an extension twice", list(V2, &[], &[&number, &number])),
            ("extensions in version 1", list(&[], &[], &[&number])),
            ("version 3", list(&[2, 1, 2], &[], &[])),
            ("an entry that breaks off", list(V2, &[&broken[..broken.len() - 1]], &[])),
            ("an entry with more", list(V2, &[&encode(asn1::SEQUENCE, &[&broken[2..], &[5, 0]])], &[])),
            ("a list for two kinds", list(V2, &[], &[&extension(28, true, &[0x30, 6, 0x81, 1, 0xff, 0x82, 1, 0xff])])),
            ("a scope that cannot be read", list(V2, &[], &[&extension(28, true, &[0x30, 2, 0x99, 0])])),
            ("bytes after the end", [list(V2, &[], &[]), vec![0]].concat()),
        ] {
            assert!(parse(&der).is_err(), "{what}");
        }
    }

    #[test]
    fn numbers_keep_their_sign() {
        let der = list(V2, &[&entry(&[0, 0xff], &[])], &[]);
        let read = RevocationList::parse(&der).unwrap();
        let root = common_name("ROOT");
        assert!(read.entry(&[0, 0xff], &root).is_some());
        assert!(read.entry(&[0xff], &root).is_none());
        assert!(read.entry(&[0, 0xff], &common_name("Other")).is_none());
    }

    #[test]
    fn delta_lists_build_on_what_is_new_enough() {
        let complete = |number: u8| list(V2, &[], &[&extension(20, false, &[2, 1, number])]);
        let delta = list(V2, &[], &[&extension(20, false, &[2, 1, 7]), &extension(27, true, &[2, 1, 4])]);
        let delta = RevocationList::parse(&delta).unwrap();
        for (number, fits) in [(3, false), (4, true), (7, true), (8, false)] {
            assert_eq!(delta.builds_on(&RevocationList::parse(&complete(number)).unwrap()), fits, "{number}");
        }
        assert!(at_least(&[1, 0], &[0, 0xff]) && at_least(&[5], &[5]) && !at_least(&[0, 0xff], &[1, 0]));
    }
}
