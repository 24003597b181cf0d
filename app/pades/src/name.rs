//! Distinguished names: compared as RFC 5280 §7.1 demands, and the common name in them.

use crate::asn1::{self, Read};

/// `commonName`, with tag and length.
pub(crate) const COMMON_NAME: &[u8] = &[0x06, 0x03, 0x55, 0x04, 0x03];
/// `emailAddress` of PKCS#9, which older certificates carry in the name.
const EMAIL_ADDRESS: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01];
const UTF8_STRING: u8 = 0x0c;
const PRINTABLE_STRING: u8 = 0x13;
const TELETEX_STRING: u8 = 0x14;
const IA5_STRING: u8 = 0x16;
const BMP_STRING: u8 = 0x1e;
/// Most attributes of one name.
const MAX_ATTRIBUTES: usize = 64;

/// A name in the form that is compared: each set of attributes sorted, texts without the differences that do not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Canonical(Vec<Vec<(Vec<u8>, Value)>>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Text(String),
    Other(Vec<u8>),
}

impl Canonical {
    /// Reads a DER Name.
    pub fn read(name: &[u8]) -> Read<Self> {
        let mut relative_names: Vec<Vec<(Vec<u8>, Value)>> = Vec::new();
        let mut count = 0;
        let mut list = asn1::whole(name, asn1::SEQUENCE)?.inside();
        while !list.is_empty() {
            let mut set = list.next(asn1::SET)?.inside();
            let mut attributes = Vec::new();
            while !set.is_empty() {
                let mut pair = set.next(asn1::SEQUENCE)?.inside();
                let id = pair.next(asn1::OID)?.value.to_vec();
                let value = pair.any()?;
                pair.end()?;
                let attribute = (id, text(value.tag, value.value).map_or_else(|| Value::Other(value.raw.to_vec()), |text| Value::Text(fold(&text))));
                let place = attributes.partition_point(|before| *before < attribute);
                attributes.insert(place, attribute);
                count += 1;
                if count > MAX_ATTRIBUTES {
                    return Err("a name has more than 64 attributes");
                }
            }
            relative_names.push(attributes);
        }
        Ok(Self(relative_names))
    }

    /// Whether this name is `base` or lies below it in the directory.
    pub fn within(&self, base: &Self) -> bool {
        self.0.starts_with(&base.0)
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Whether two DER names name the same.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    one == other || matches!((Canonical::read(one), Canonical::read(other)), (Ok(one), Ok(other)) if one == other)
}

/// The first common name in a DER name, or an empty text.
pub(crate) fn common_name(name: &[u8]) -> String {
    attributes(name, COMMON_NAME).into_iter().next().unwrap_or_default()
}

/// The mail addresses in a DER name.
pub(crate) fn mail_addresses(name: &[u8]) -> Vec<String> {
    attributes(name, EMAIL_ADDRESS)
}

/// The texts of all attributes of a kind (an OID with tag and length); what cannot be read is left out.
fn attributes(name: &[u8], kind: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let _ = walk(name, |id, tag, value| {
        if id == kind {
            found.extend(text(tag, value));
        }
    });
    found
}

/// Checks that `name` is built as a Name, and shows each attribute: identifier (with tag and length), tag and value.
pub(crate) fn walk(name: &[u8], mut show: impl FnMut(&[u8], u8, &[u8])) -> Read<()> {
    let mut list = asn1::whole(name, asn1::SEQUENCE)?.inside();
    while !list.is_empty() {
        let mut set = list.next(asn1::SET)?.inside();
        while !set.is_empty() {
            let mut pair = set.next(asn1::SEQUENCE)?.inside();
            let id = pair.next(asn1::OID)?.raw;
            let value = pair.any()?;
            pair.end()?;
            show(id, value.tag, value.value);
        }
    }
    Ok(())
}

/// The text of a string type that is compared as text.
fn text(tag: u8, value: &[u8]) -> Option<String> {
    match tag {
        UTF8_STRING | PRINTABLE_STRING | IA5_STRING => std::str::from_utf8(value).ok().map(str::to_owned),
        // what the standard says about T.61 nobody does; all take it for Latin-1
        TELETEX_STRING => Some(value.iter().map(|b| char::from(*b)).collect()),
        BMP_STRING => {
            let units = value.chunks(2).map(|pair| pair.try_into().ok().map(u16::from_be_bytes)).collect::<Option<Vec<_>>>()?;
            String::from_utf16(&units).ok()
        }
        _ => None,
    }
}

/// RFC 4518 §2.2 and §2.6.1 as far as names use it: no difference of case, none of white space but between words.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::encode;

    fn name(parts: &[&[(u8, u8, &str)]]) -> Vec<u8> {
        let sets: Vec<Vec<u8>> = parts
            .iter()
            .map(|set| {
                let pairs: Vec<Vec<u8>> =
                    set.iter().map(|(id, tag, text)| encode(asn1::SEQUENCE, &[&[6, 3, 0x55, 4, *id], &encode(*tag, &[text.as_bytes()])])).collect();
                encode(asn1::SET, &pairs.iter().map(Vec::as_slice).collect::<Vec<_>>())
            })
            .collect();
        encode(asn1::SEQUENCE, &sets.iter().map(Vec::as_slice).collect::<Vec<_>>())
    }

    #[test]
    fn what_counts_and_what_does_not() {
        let one = name(&[&[(10, PRINTABLE_STRING, "Signet Ltd")], &[(3, UTF8_STRING, "Ärger  Müller")]]);
        let other = name(&[&[(10, UTF8_STRING, " SIGNET  ltd ")], &[(3, UTF8_STRING, "ärger MÜLLER")]]);
        assert!(same(&one, &other));
        for different in [
            name(&[&[(10, PRINTABLE_STRING, "SignetLtd")], &[(3, UTF8_STRING, "Ärger Müller")]]),
            name(&[&[(11, PRINTABLE_STRING, "Signet Ltd")], &[(3, UTF8_STRING, "Ärger Müller")]]),
            name(&[&[(3, UTF8_STRING, "Ärger Müller")], &[(10, PRINTABLE_STRING, "Signet Ltd")]]),
            name(&[&[(10, PRINTABLE_STRING, "Signet Ltd")]]),
            name(&[&[(10, PRINTABLE_STRING, "Signet Ltd"), (3, UTF8_STRING, "Ärger Müller")]]),
            name(&[&[(10, 0x1c, "Signet Ltd")], &[(3, UTF8_STRING, "Ärger Müller")]]),
        ] {
            assert!(!same(&one, &different));
        }
        // the order within one set does not count
        let set = |a, b| name(&[&[a, b]]);
        let (first, second) = ((10, UTF8_STRING, "A"), (3, UTF8_STRING, "B"));
        assert!(same(&set(first, second), &set(second, first)));
        assert_eq!(common_name(&one), "Ärger  Müller");
        assert_eq!(common_name(&name(&[&[(3, BMP_STRING, "\0M\0i")]])), "Mi");
    }

    #[test]
    fn names_lie_below_others_by_whole_parts() {
        let base = Canonical::read(&name(&[&[(10, UTF8_STRING, "Signet")]])).unwrap();
        let below = Canonical::read(&name(&[&[(10, PRINTABLE_STRING, "SIGNET")], &[(3, UTF8_STRING, "Ming")]])).unwrap();
        let beside = Canonical::read(&name(&[&[(10, UTF8_STRING, "Signet 2")], &[(3, UTF8_STRING, "Ming")]])).unwrap();
        assert!(below.within(&base) && base.within(&base) && !base.within(&below) && !beside.within(&base));
        assert!(below.within(&Canonical::read(&[0x30, 0]).unwrap()));
        assert!(Canonical::read(&[0x30, 0]).unwrap().is_empty());
    }

    #[test]
    fn broken_names_are_like_nothing() {
        let broken = [0x30, 4, 0x31, 2, 0x30, 0];
        assert!(Canonical::read(&broken).is_err());
        assert!(!same(&broken, &[0x30, 4, 0x31, 2, 0x30, 1]));
        let many = vec![&[(10_u8, UTF8_STRING, "x")][..]; 65];
        assert!(Canonical::read(&name(&many)).is_err());
    }
}
