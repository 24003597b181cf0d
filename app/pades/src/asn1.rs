//! DER as raw slices: what was signed is hashed as it arrived, never re-encoded.
//!
//! Decoding into values and encoding again may change bytes (sets are silently re-sorted), so everything that a signature covers
//! is read through here. Definite, minimal lengths and one-byte tags only; anything else is not DER as these formats use it.

/// Universal tags.
pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OID: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const UTC_TIME: u8 = 0x17;
pub(crate) const GENERALIZED_TIME: u8 = 0x18;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// What was wrong, in a few words for the report.
pub(crate) type Read<T> = Result<T, &'static str>;

/// One tag, length and value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub tag: u8,
    /// Tag, length and value.
    pub raw: &'a [u8],
    /// The value alone.
    pub value: &'a [u8],
}

impl<'a> Element<'a> {
    /// The elements inside.
    pub fn inside(self) -> Elements<'a> {
        Elements(self.value)
    }
}

/// The elements of a constructed value, one after another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    /// Reads from the start of `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next element, whatever it is.
    pub fn any(&mut self) -> Read<Element<'a>> {
        let (&tag, rest) = self.0.split_first().ok_or("the encoding ends too early")?;
        if tag & 0x1f == 0x1f {
            return Err("the encoding has a tag that is not used here");
        }
        let (header, length) = length(rest)?;
        let value = rest.get(header..).and_then(|v| v.get(..length)).ok_or("the encoding ends too early")?;
        let (raw, left) = self.0.split_at(1 + header + length);
        well_formed(tag, value)?;
        self.0 = left;
        Ok(Element { tag, raw, value })
    }

    /// The next element, which must have this tag.
    pub fn next(&mut self, tag: u8) -> Read<Element<'a>> {
        match self.any()? {
            element if element.tag == tag => Ok(element),
            _ => Err("the encoding has another element than expected"),
        }
    }

    /// The next element if it has this tag.
    pub fn optional(&mut self, tag: u8) -> Read<Option<Element<'a>>> {
        if self.0.first() == Some(&tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// Whether the next element has one of these tags.
    pub fn begins_with(&self, tags: &[u8]) -> bool {
        self.0.first().is_some_and(|tag| tags.contains(tag))
    }

    /// Demands that nothing is left.
    pub fn end(self) -> Read<()> {
        if self.0.is_empty() { Ok(()) } else { Err("the encoding goes on after its end") }
    }
}

/// The one element that `bytes` is, with nothing after it.
pub(crate) fn whole(bytes: &[u8], tag: u8) -> Read<Element<'_>> {
    let mut elements = Elements::new(bytes);
    let element = elements.next(tag)?;
    elements.end()?;
    Ok(element)
}

/// The bytes of an INTEGER above zero, most significant first, without leading zeros.
pub(crate) fn positive(element: Element<'_>) -> Read<&[u8]> {
    match element.value {
        [0] => Err("a number is zero that must not be"),
        [first, ..] if *first >= 0x80 => Err("a number is negative that must not be"),
        [0, rest @ ..] => Ok(rest),
        value => Ok(value),
    }
}

/// X.690 §8.3.2 and §11.1: a number has no more bytes than it needs, a truth is 0xFF.
fn well_formed(tag: u8, value: &[u8]) -> Read<()> {
    match (tag, value) {
        (INTEGER, []) => Err("the encoding has a number without a value"),
        (INTEGER, [0, next, ..]) if *next < 0x80 => Err("the encoding has a number with more zeros than it needs"),
        (INTEGER, [0xff, next, ..]) if *next >= 0x80 => Err("the encoding has a number with more ones than it needs"),
        (BOOLEAN, [0 | 0xff]) => Ok(()),
        (BOOLEAN, _) => Err("the encoding has a truth value that is neither true nor false"),
        _ => Ok(()),
    }
}

/// Orders the parts of a set as DER demands, by their encodings (X.690 §11.6). Sets here have few parts, so the simplest way will do, which the
/// browser's module pays least for.
pub(crate) fn order<T: Ord>(parts: &mut [T]) {
    for place in 1..parts.len() {
        let before = parts[..place].partition_point(|part| *part <= parts[place]);
        parts[before..=place].rotate_right(1);
    }
}

/// Writes one element around `parts`.
pub(crate) fn encode(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = Vec::with_capacity(length + 6);
    out.push(tag);
    if length < 0x80 {
        out.push(length as u8);
    } else {
        let bytes = length.to_be_bytes();
        let skip = bytes.iter().take_while(|b| **b == 0).count();
        out.push(0x80 | (bytes.len() - skip) as u8);
        out.extend_from_slice(&bytes[skip..]);
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// How many bytes the length takes, and the length.
fn length(rest: &[u8]) -> Read<(usize, usize)> {
    let &first = rest.first().ok_or("the encoding ends too early")?;
    if first < 0x80 {
        return Ok((1, usize::from(first)));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 {
        return Err("the encoding uses indefinite lengths (BER), which PAdES forbids");
    }
    if count > 4 {
        return Err("the encoding claims an impossible length");
    }
    let bytes = rest.get(1..=count).ok_or("the encoding ends too early")?;
    let length = bytes.iter().fold(0_usize, |sum, b| sum << 8 | usize::from(*b));
    if bytes[0] == 0 || length < 0x80 {
        return Err("the encoding has a length that is not minimal");
    }
    Ok((1 + count, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_one_form() {
        let long = |length: usize| {
            [vec![OCTET_STRING], if length < 256 { vec![0x81, length as u8] } else { vec![0x82, (length >> 8) as u8, length as u8] }, vec![7; length]].concat()
        };
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x1000] {
            let written = encode(OCTET_STRING, &[&vec![7; length]]);
            assert_eq!(whole(&written, OCTET_STRING).unwrap().value.len(), length);
            assert_eq!(whole(&long(length), OCTET_STRING).is_ok(), length >= 0x80, "{length}");
        }
        for (what, der) in [
            ("an indefinite length", &[0x30, 0x80, 0, 0][..]),
            ("a padded length", &[4, 0x82, 0, 1, 7]),
            ("a length beyond the end", &[4, 5, 1]),
            ("a length of eight bytes", &[4, 0x88, 0, 0, 0, 0, 0, 0, 0, 1, 7]),
            ("a length of four bytes beyond the end", &[4, 0x84, 0xff, 0xff, 0xff, 0xff, 7]),
            ("half a length", &[4, 0x82, 1]),
            ("a tag alone", &[4]),
            ("a tag of two bytes", &[0x1f, 0x81, 0, 0]),
            ("nothing", &[]),
            ("bytes after the end", &[4, 1, 7, 0]),
            ("a constructed string", &[0x24, 3, 4, 1, 7]),
        ] {
            assert!(whole(der, OCTET_STRING).is_err(), "{what}");
        }
    }

    #[test]
    fn numbers_and_truths_have_one_form() {
        for sound in [&[2, 1, 0][..], &[2, 1, 0x7f], &[2, 2, 0, 0x80], &[2, 1, 0xff], &[2, 2, 0xff, 0x7f], &[1, 1, 0], &[1, 1, 0xff]] {
            assert!(Elements::new(sound).any().is_ok(), "{sound:02x?}");
        }
        for broken in [&[2, 0][..], &[2, 2, 0, 0x7f], &[2, 2, 0, 0], &[2, 2, 0xff, 0x80], &[2, 3, 0, 0, 0x80], &[1, 0], &[1, 1, 1], &[1, 2, 0xff, 0xff]] {
            assert!(Elements::new(broken).any().is_err(), "{broken:02x?}");
        }
        let number = |value: &[u8]| positive(Elements::new(&encode(INTEGER, &[value])).any().unwrap()).map(<[u8]>::to_vec);
        assert_eq!(number(&[0, 0x80]), Ok(vec![0x80]));
        assert_eq!(number(&[1]), Ok(vec![1]));
        assert!(number(&[0]).is_err() && number(&[0x80]).is_err());
    }

    #[test]
    fn sets_are_ordered() {
        let mut parts = [&[3][..], &[1, 2], &[1], &[3], &[0, 9], &[]];
        order(&mut parts);
        assert_eq!(parts, [&[][..], &[0, 9], &[1], &[1, 2], &[3], &[3]]);
        order::<u8>(&mut []);
    }
}
