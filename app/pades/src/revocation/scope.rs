//! Which certificates, and which reasons, a list speaks for: its issuing distribution point against the certificate's (RFC 5280 §5.2.5, §4.2.1.13).

use crate::asn1::{self, Element, Elements, Read};
use crate::certificate::Certificate;
use crate::name::{self, Canonical};

/// keyCompromise to aACompromise, as bits of ReasonFlags from the highest; the first bit is unused.
pub(super) const ALL_REASONS: u16 = 0x7f80;
const DISTRIBUTION_POINTS: u8 = 31;
/// Most distribution points, and most names of one, that are compared.
const MAX_POINTS: usize = 32;

/// IssuingDistributionPoint; the default is a list for everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope<'a> {
    /// The extension's value, empty where there is none.
    pub raw: &'a [u8],
    /// Whether entries may be about other issuers' certificates.
    pub indirect: bool,
    names: Option<Vec<PointName>>,
    only: Option<Only>,
    only_reasons: Option<u16>,
}

/// The one kind of certificates that a list is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Only {
    Users,
    Authorities,
    /// Attribute certificates, which are not read here.
    Attributes,
}

/// A name of a distribution point.
#[derive(Clone, Debug, PartialEq, Eq)]
enum PointName {
    Directory(Canonical),
    /// Any other GeneralName, DER.
    Other(Vec<u8>),
}

impl<'a> Scope<'a> {
    /// Reads an IssuingDistributionPoint of a list by `issuer` (DER).
    pub fn read(der: &'a [u8], issuer: &[u8]) -> Read<Self> {
        let mut parts = asn1::whole(der, asn1::SEQUENCE)?.inside();
        let names = parts.optional(0xa0)?.map(|point| point_names(point, issuer)).transpose()?;
        let users = flag(&mut parts, 0x81)?.then_some(Only::Users);
        let authorities = flag(&mut parts, 0x82)?.then_some(Only::Authorities);
        let only_reasons = parts.optional(0x83)?.map(|element| reasons(element.value)).transpose()?;
        let indirect = flag(&mut parts, 0x84)?;
        let attributes = flag(&mut parts, 0x85)?.then_some(Only::Attributes);
        parts.end()?;
        let mut kinds = [users, authorities, attributes].into_iter().flatten();
        let only = kinds.next();
        if kinds.next().is_some() {
            return Err("the revocation list is for two kinds of certificates alone");
        }
        Ok(Self { raw: der, indirect, names, only, only_reasons })
    }

    /// For which reasons a list of `issuer` (DER) speaks for `certificate`: none where it does not.
    pub fn reasons_for(&self, issuer: &[u8], certificate: &Certificate) -> u16 {
        let kind = if certificate.is_authority() { Only::Authorities } else { Only::Users };
        if self.only.is_some_and(|only| only != kind) {
            return 0;
        }
        let reasons = self.only_reasons.unwrap_or(ALL_REASONS);
        let own = name::same(issuer, certificate.issuer());
        if own && self.names.is_none() {
            return reasons;
        }
        reasons & self.pointed_to(issuer, own, certificate).unwrap_or(0)
    }

    /// The reasons for which the certificate points to this list; `own` when the list is its issuer's.
    fn pointed_to(&self, issuer: &[u8], own: bool, certificate: &Certificate) -> Read<u16> {
        let issuer_name = PointName::Directory(Canonical::read(issuer)?);
        // RFC 5280 §6.3.3: beside the points there is always the issuer's own name
        if own && self.names.as_ref().is_some_and(|names| names.contains(&issuer_name)) {
            return Ok(ALL_REASONS);
        }
        let Some(der) = certificate.extension(DISTRIBUTION_POINTS) else { return Ok(0) };
        let mut found = 0;
        let mut list = asn1::whole(der, asn1::SEQUENCE)?.inside();
        for _ in 0..MAX_POINTS {
            if list.is_empty() {
                break;
            }
            let mut parts = list.next(asn1::SEQUENCE)?.inside();
            let point = parts.optional(0xa0)?;
            let only = parts.optional(0x81)?.map_or(Ok(ALL_REASONS), |element| reasons(element.value))?;
            let named = parts.optional(0xa2)?.map(general_names).transpose()?;
            parts.end()?;
            let speaks = named.as_ref().map_or(own, |named| named.contains(&issuer_name) && (own || self.indirect));
            if !speaks {
                continue;
            }
            let points = point.map(|point| point_names(point, issuer)).transpose()?.or(named).unwrap_or_default();
            if self.names.as_ref().is_none_or(|names| points.iter().any(|point| names.contains(point))) {
                found |= only;
            }
        }
        Ok(found)
    }
}

/// A BOOLEAN under another tag; left out is false, and a written false cannot be misread.
fn flag(parts: &mut Elements<'_>, tag: u8) -> Read<bool> {
    match parts.optional(tag)?.map(|element| element.value) {
        None | Some([0]) => Ok(false),
        Some([0xff]) => Ok(true),
        Some(_) => Err("the scope of the revocation list cannot be read"),
    }
}

/// DistributionPointName: names in full, or what to add to the issuer's.
fn point_names(point: Element<'_>, issuer: &[u8]) -> Read<Vec<PointName>> {
    let mut choice = point.inside();
    let name = choice.any()?;
    choice.end()?;
    match name.tag {
        0xa0 => general_names(name),
        0xa1 => {
            let issuer = asn1::whole(issuer, asn1::SEQUENCE)?.value;
            let full = asn1::encode(asn1::SEQUENCE, &[issuer, &asn1::encode(asn1::SET, &[name.value])]);
            Ok(vec![PointName::Directory(Canonical::read(&full)?)])
        }
        _ => Err("the name of a distribution point cannot be read"),
    }
}

fn general_names(list: Element<'_>) -> Read<Vec<PointName>> {
    let mut list = list.inside();
    let mut names = Vec::new();
    while !list.is_empty() {
        let element = list.any()?;
        names.push(if element.tag == 0xa4 { PointName::Directory(Canonical::read(element.value)?) } else { PointName::Other(element.raw.to_vec()) });
        if names.len() > MAX_POINTS {
            return Err("a distribution point has more than 32 names");
        }
    }
    Ok(names)
}

/// ReasonFlags, a BIT STRING's value.
fn reasons(value: &[u8]) -> Read<u16> {
    match *value {
        [0..=7, first] => Ok(u16::from(first) << 8 & ALL_REASONS),
        [0..=7, first, second] => Ok((u16::from(first) << 8 | u16::from(second)) & ALL_REASONS),
        _ => Err("the reasons of a revocation list cannot be read"),
    }
}
