//! BER made DER (X.690 §8, §10): definite lengths in their shortest form, strings in one piece. Values themselves stay as they are, so what a
//! signature covers is either the same afterwards or does not hold.

use crate::asn1::{OCTET_STRING, encode};

/// Most levels of structure.
const MAX_DEPTH: usize = 48;
/// Most elements: a CMS has some hundreds.
const MAX_ELEMENTS: usize = 20_000;
/// Longest value that is made anew, bytes.
const MAX_BYTES: usize = 256 * 1024;

/// The element at the start of `bytes` in DER, and how many bytes it takes there. `None` where it is not BER as CMS uses it.
pub(crate) fn to_der(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut reader = Reader { rest: &bytes[..bytes.len().min(MAX_BYTES)], elements: 0 };
    let before = reader.rest.len();
    let der = reader.element(0)?;
    Some((der, before - reader.rest.len()))
}

struct Reader<'a> {
    rest: &'a [u8],
    elements: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn element(&mut self, depth: usize) -> Option<Vec<u8>> {
        self.elements += 1;
        let tag = self.take(1)?[0];
        if depth > MAX_DEPTH || self.elements > MAX_ELEMENTS || tag & 0x1f == 0x1f {
            return None;
        }
        let constructed = tag & 0x20 != 0;
        let value = match self.length()? {
            Length::Definite(length) if !constructed => self.take(length)?.to_vec(),
            Length::Definite(length) => {
                let value = self.take(length)?;
                let mut inside = Reader { rest: value, elements: self.elements };
                let mut parts = Vec::with_capacity(length);
                while !inside.rest.is_empty() {
                    parts.extend(inside.part(tag, depth)?);
                }
                self.elements = inside.elements;
                parts
            }
            Length::Indefinite if !constructed => return None,
            Length::Indefinite => {
                let mut parts = Vec::new();
                while !self.rest.starts_with(&[0, 0]) {
                    parts.extend(self.part(tag, depth)?);
                }
                self.take(2)?;
                parts
            }
        };
        // §8.7.3: a string of strings is the string of all their bytes
        let tag = if tag == STRING_OF_STRINGS { OCTET_STRING } else { tag };
        Some(encode(tag, &[&value]))
    }

    /// What one element inside contributes to the value around it.
    fn part(&mut self, around: u8, depth: usize) -> Option<Vec<u8>> {
        let part = self.element(depth + 1)?;
        if around != STRING_OF_STRINGS {
            return Some(part);
        }
        crate::asn1::whole(&part, OCTET_STRING).ok().map(|string| string.value.to_vec())
    }

    fn length(&mut self) -> Option<Length> {
        match self.take(1)?[0] {
            0x80 => Some(Length::Indefinite),
            short @ 0..0x80 => Some(Length::Definite(usize::from(short))),
            long => {
                let digits = self.take(usize::from(long & 0x7f))?;
                digits.iter().try_fold(0_usize, |sum, &digit| sum.checked_mul(256)?.checked_add(usize::from(digit))).map(Length::Definite)
            }
        }
    }
}

/// How long a value is (§8.1.3).
enum Length {
    Definite(usize),
    /// Up to the end-of-contents octets.
    Indefinite,
}

const STRING_OF_STRINGS: u8 = OCTET_STRING | 0x20;

#[cfg(test)]
mod tests {
    use super::to_der;

    #[test]
    fn other_forms_become_the_one_of_der() {
        for (ber, der) in [
            (&[0x30, 0x80, 4, 1, 7, 0, 0][..], &[0x30, 3, 4, 1, 7][..]),
            (&[0x30, 0x81, 3, 4, 1, 7], &[0x30, 3, 4, 1, 7]),
            (&[0x30, 0x84, 0, 0, 0, 3, 4, 1, 7], &[0x30, 3, 4, 1, 7]),
            (&[0x24, 0x80, 4, 1, 7, 4, 2, 8, 9, 0, 0], &[4, 3, 7, 8, 9]),
            (&[0x24, 7, 4, 1, 7, 0x24, 2, 4, 0], &[4, 1, 7]),
            (&[0x30, 0x80, 0x30, 0x80, 0, 0, 0, 0], &[0x30, 2, 0x30, 0]),
            (&[0x30, 3, 4, 1, 7], &[0x30, 3, 4, 1, 7]),
        ] {
            assert_eq!(to_der(&[ber, &[0; 4]].concat()), Some((der.to_vec(), ber.len())), "{ber:02x?}");
        }
    }

    #[test]
    fn what_is_no_ber_is_nothing() {
        for broken in [
            &[][..],
            &[0x30],
            &[0x30, 0x80],
            &[0x30, 0x80, 4, 1, 7],
            &[0x30, 0x80, 4, 1, 7, 0],
            &[4, 0x80, 7, 0, 0],
            &[0x24, 3, 5, 1, 7],
            &[0x1f, 0x81, 0, 0],
            &[0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 7],
            &[0x30, 0xff],
            &[0x30, 4, 4, 9, 7, 7],
        ] {
            assert_eq!(to_der(broken), None, "{broken:02x?}");
        }
        assert_eq!(to_der(&[0x30, 0x80].repeat(100_000)), None);
        assert_eq!(to_der(&[&[0x30, 0x80][..], &[5, 0].repeat(100_000)].concat()), None);
    }
}
