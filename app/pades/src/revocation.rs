//! Certificate revocation lists (RFC 5280 §5): read raw, checked against their issuer, asked by serial number.

use const_oid::db::rfc5280::{ID_CE_AUTHORITY_KEY_IDENTIFIER, ID_CE_CRL_NUMBER};
use der::Decode;
use x509_cert::ext::Extension;

use crate::asn1::{self, Element, Read};
use crate::certificate::{Certificate, bits, signed, time, without_leading_zeros};

/// Longest list that is read.
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// A list whose issuer is not checked yet.
pub(crate) struct RevocationList<'a> {
    tbs: &'a [u8],
    algorithm: &'a [u8],
    signature: &'a [u8],
    issuer: &'a [u8],
    this_update: i64,
    next_update: Option<i64>,
    entries: Option<Element<'a>>,
}

/// What the lists say about one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// Revoked at this time, unix seconds.
    Revoked(i64),
    /// A current list does not name it.
    Good,
    /// There is a list, but its time is over.
    Stale,
    /// There is no list.
    Unknown,
}

impl<'a> RevocationList<'a> {
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
        fields.optional(asn1::INTEGER)?;
        if fields.next(asn1::SEQUENCE)?.raw != algorithm {
            return Err("the revocation list names two different signature algorithms");
        }
        let issuer = fields.next(asn1::SEQUENCE)?.raw;
        let this_update = time(&mut fields)?;
        let mut next = fields;
        let next_update = match next.any() {
            Ok(element) if element.tag == asn1::UTC_TIME || element.tag == asn1::GENERALIZED_TIME => Some(time(&mut fields)?),
            _ => None,
        };
        let entries = fields.optional(asn1::SEQUENCE)?;
        if let Some(extensions) = fields.optional(0xa0)? {
            only_known_critical(extensions)?;
        }
        fields.end()?;
        Ok(Self { tbs: tbs.raw, algorithm, signature, issuer, this_update, next_update, entries })
    }

    fn from(&self, issuer: &Certificate) -> bool {
        self.issuer == issuer.subject()
            && issuer.key_usage().is_none_or(|usage| usage.crl_sign())
            && signed(self.tbs, self.algorithm, self.signature, issuer).unwrap_or(false)
    }

    /// When the list revokes this serial number.
    fn revoked_at(&self, serial: &[u8]) -> Read<Option<i64>> {
        let Some(entries) = self.entries else { return Ok(None) };
        let mut entries = entries.inside();
        while !entries.is_empty() {
            let mut entry = entries.next(asn1::SEQUENCE)?.inside();
            if without_leading_zeros(entry.next(asn1::INTEGER)?.value) == serial {
                return time(&mut entry).map(Some);
            }
        }
        Ok(None)
    }
}

/// What `lists` say about `certificate`, issued by `issuer`, as seen at the time `at`. The earliest revocation counts.
pub(crate) fn status(certificate: &Certificate, issuer: &Certificate, lists: &[RevocationList<'_>], at: i64) -> Status {
    let mut status = Status::Unknown;
    for list in lists.iter().filter(|list| list.from(issuer)) {
        match list.revoked_at(certificate.serial()) {
            Ok(Some(when)) => {
                status = match status {
                    Status::Revoked(before) => Status::Revoked(before.min(when)),
                    _ => Status::Revoked(when),
                }
            }
            // a list that breaks off in the middle proves nothing about those it does not reach
            Err(_) => {}
            Ok(None) => {
                let current = list.this_update <= at && list.next_update.is_none_or(|next| at <= next);
                status = match status {
                    Status::Unknown | Status::Stale if current => Status::Good,
                    Status::Unknown => Status::Stale,
                    other => other,
                }
            }
        }
    }
    status
}

/// RFC 5280 §5.2: a list with a condition that is not understood (a part list, an indirect one) cannot be used.
fn only_known_critical(extensions: Element<'_>) -> Read<()> {
    let mut list = asn1::whole(extensions.value, asn1::SEQUENCE)?.inside();
    while !list.is_empty() {
        let extension = Extension::from_der(list.next(asn1::SEQUENCE)?.raw).map_err(|_| "an extension of the revocation list cannot be read")?;
        if extension.critical && ![ID_CE_CRL_NUMBER, ID_CE_AUTHORITY_KEY_IDENTIFIER].contains(&extension.extn_id) {
            return Err("the revocation list sets a condition (critical extension) that is not understood here");
        }
    }
    Ok(())
}
