//! Name constraints (RFC 5280 §4.2.1.10): the names of a certificate, and the subtrees that an authority permits or excludes.
//!
//! Directory names, mail addresses, DNS names, URIs and IP addresses are compared. A constraint on another kind of name refuses every
//! certificate below that has a name of that kind.

use super::host::{address_within, dns_within, host_of, host_within, mail_within};
use crate::asn1::{self, Element, Read};
use crate::certificate::Certificate;
use crate::name::{self, Canonical};

const SUBJECT_ALTERNATIVE_NAME: u8 = 17;
const NAME_CONSTRAINTS: u8 = 30;
/// GeneralName's tags.
const MAIL: u8 = 0x81;
const DNS: u8 = 0x82;
const DIRECTORY: u8 = 0xa4;
const URI: u8 = 0x86;
const ADDRESS: u8 = 0x87;
/// Most names of a certificate, and most subtrees of an authority, that are compared.
const MAX_NAMES: usize = 128;
const UNREADABLE: &str = "the names of a certificate of the chain cannot be read";
const EXCLUDED: &str = "a certificate of the chain has a name that an authority above it excludes";
const NOT_PERMITTED: &str = "a certificate of the chain has a name that an authority above it does not permit";

/// One name of a certificate, or the base of a subtree.
#[derive(Debug, PartialEq, Eq)]
enum Name {
    Mail(String),
    Dns(String),
    Directory(Canonical),
    Uri(String),
    Address(Vec<u8>),
    /// Another kind, by its tag.
    Other(u8),
}

/// All names of a certificate.
pub(super) struct Names(Vec<Name>);

impl Names {
    pub fn of(certificate: &Certificate) -> Read<Self> {
        let mut names = Vec::new();
        let subject = Canonical::read(certificate.subject())?;
        if !subject.is_empty() {
            names.push(Name::Directory(subject));
        }
        if let Some(der) = certificate.extension(SUBJECT_ALTERNATIVE_NAME) {
            let mut list = asn1::whole(der, asn1::SEQUENCE).map_err(|_| UNREADABLE)?.inside();
            while !list.is_empty() {
                names.push(general(list.any().map_err(|_| UNREADABLE)?)?);
                if names.len() > MAX_NAMES {
                    return Err("a certificate of the chain has more than 128 names");
                }
            }
        }
        // §4.2.1.10: older certificates have their mail address in the name, and only there
        if !names.iter().any(|name| matches!(name, Name::Mail(_))) {
            names.extend(name::mail_addresses(certificate.subject()).into_iter().take(MAX_NAMES).map(Name::Mail));
        }
        Ok(Self(names))
    }
}

/// The constraints of one authority.
pub(super) struct Subtrees {
    permitted: Vec<Name>,
    excluded: Vec<Name>,
}

impl Subtrees {
    /// The constraints in a certificate, if it has any.
    pub fn of(certificate: &Certificate) -> Read<Option<Self>> {
        const WRONG: &str = "the name constraints of an authority cannot be read";
        let Some(der) = certificate.extension(NAME_CONSTRAINTS) else { return Ok(None) };
        let mut parts = asn1::whole(der, asn1::SEQUENCE).map_err(|_| WRONG)?.inside();
        let permitted = subtrees(parts.optional(0xa0).map_err(|_| WRONG)?)?;
        let excluded = subtrees(parts.optional(0xa1).map_err(|_| WRONG)?)?;
        parts.end().map_err(|_| WRONG)?;
        if permitted.is_empty() && excluded.is_empty() { Err(WRONG) } else { Ok(Some(Self { permitted, excluded })) }
    }

    /// Checks that every name is permitted and none excluded.
    pub fn check(&self, names: &Names) -> Read<()> {
        for name in &names.0 {
            for base in &self.excluded {
                if within(name, base)?.unwrap_or(false) {
                    return Err(EXCLUDED);
                }
            }
            let mut permitted = None;
            for base in &self.permitted {
                if let Some(inside) = within(name, base)? {
                    permitted = Some(permitted.unwrap_or(false) || inside);
                }
            }
            if permitted == Some(false) {
                return Err(NOT_PERMITTED);
            }
        }
        Ok(())
    }
}

/// Whether `name` is in the subtree; `None` where they are of different kinds.
fn within(name: &Name, base: &Name) -> Read<Option<bool>> {
    Ok(Some(match (name, base) {
        (Name::Mail(name), Name::Mail(base)) => mail_within(name, base),
        (Name::Dns(name), Name::Dns(base)) => dns_within(name, base),
        (Name::Directory(name), Name::Directory(base)) => name.within(base),
        // §4.2.1.10: a URI without a host that is a name must be refused
        (Name::Uri(name), Name::Uri(base)) => {
            host_within(host_of(name).ok_or("a certificate of the chain has a URI without a host, where an authority limits hosts")?, base)
        }
        (Name::Address(name), Name::Address(base)) => address_within(name, base),
        (Name::Other(name), Name::Other(base)) if name == base => return Err("an authority limits names of a kind that is not compared here"),
        _ => return Ok(None),
    }))
}

fn subtrees(list: Option<Element<'_>>) -> Read<Vec<Name>> {
    const WRONG: &str = "the name constraints of an authority cannot be read";
    let Some(list) = list else { return Ok(Vec::new()) };
    let mut list = list.inside();
    let mut found = Vec::new();
    while !list.is_empty() {
        let mut subtree = list.next(asn1::SEQUENCE).map_err(|_| WRONG)?.inside();
        let base = general(subtree.any().map_err(|_| WRONG)?)?;
        // the profile allows no minimum but 0, which DER leaves out, and no maximum
        subtree.end().map_err(|_| "the name constraints of an authority use distances, which are not read here")?;
        if let Name::Address(range) = &base
            && ![8, 32].contains(&range.len())
        {
            return Err(WRONG);
        }
        found.push(base);
        if found.len() > MAX_NAMES {
            return Err("an authority has more than 128 name constraints");
        }
    }
    if found.is_empty() { Err(WRONG) } else { Ok(found) }
}

fn general(element: Element<'_>) -> Read<Name> {
    let text = || std::str::from_utf8(element.value).ok().filter(|text| text.is_ascii()).map(str::to_owned).ok_or(UNREADABLE);
    Ok(match element.tag {
        MAIL => Name::Mail(text()?),
        DNS => Name::Dns(text()?),
        DIRECTORY => Name::Directory(Canonical::read(element.value)?),
        URI => Name::Uri(text()?),
        ADDRESS => Name::Address(element.value.to_vec()),
        tag => Name::Other(tag),
    })
}
