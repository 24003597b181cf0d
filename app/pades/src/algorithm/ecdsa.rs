//! The two forms of an ECDSA signature value: ECDSA-Sig-Value in DER (RFC 3279 §2.2.3) and r || s as WebCrypto gives it.

use crate::asn1;

/// ECDSA-Sig-Value of `raw`, r then s of equal length; `None` when one of them is zero or the length is odd.
pub(crate) fn der_from_raw(raw: &[u8]) -> Option<Vec<u8>> {
    if raw.is_empty() || !raw.len().is_multiple_of(2) {
        return None;
    }
    let (r, s) = raw.split_at(raw.len() / 2);
    Some(asn1::encode(asn1::SEQUENCE, &[&integer(r)?, &integer(s)?]))
}

/// r || s of `size` bytes each, from a strict ECDSA-Sig-Value. Whether they are below the curve's order is checked with the key.
pub(crate) fn raw_from_der(der: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut parts = asn1::whole(der, asn1::SEQUENCE).ok()?.inside();
    let mut raw = vec![0; 2 * size];
    for half in raw.chunks_exact_mut(size) {
        let value = asn1::positive(parts.next(asn1::INTEGER).ok()?).ok()?;
        let start = size.checked_sub(value.len())?;
        half[start..].copy_from_slice(value);
    }
    parts.end().ok()?;
    Some(raw)
}

fn integer(bytes: &[u8]) -> Option<Vec<u8>> {
    let zeros = bytes.iter().take_while(|b| **b == 0).count();
    let value = &bytes[zeros..];
    let sign: &[u8] = if *value.first()? >= 0x80 { &[0] } else { &[] };
    Some(asn1::encode(asn1::INTEGER, &[sign, value]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same() {
        for raw in [[1, 2], [0x80, 0x7f], [0xff, 0xff], [1, 0x80]] {
            let wide: Vec<u8> = [[0; 31].to_vec(), vec![raw[0]], [0; 31].to_vec(), vec![raw[1]]].concat();
            let der = der_from_raw(&wide).unwrap();
            assert_eq!(raw_from_der(&der, 32).unwrap(), wide);
        }
        let full = [0xff; 64];
        assert_eq!(der_from_raw(&full).unwrap().len(), 2 + 2 * 35);
        assert_eq!(raw_from_der(&der_from_raw(&full).unwrap(), 32).unwrap(), full);
        assert_eq!(der_from_raw(&[0, 0, 0, 1]), None);
        assert_eq!(der_from_raw(&[0, 1, 0, 0]), None);
        assert_eq!(der_from_raw(&[1, 1, 1]), None);
        assert_eq!(der_from_raw(&[]), None);
    }

    #[test]
    fn only_one_encoding_is_read() {
        assert!(raw_from_der(&[0x30, 6, 2, 1, 1, 2, 1, 1], 32).is_some());
        let refused: [(&str, &[u8]); 14] = [
            ("a negative r", &[0x30, 6, 2, 1, 0x81, 2, 1, 1]),
            ("a negative s", &[0x30, 6, 2, 1, 1, 2, 1, 0xff]),
            ("a zero", &[0x30, 6, 2, 1, 0, 2, 1, 1]),
            ("an empty integer", &[0x30, 5, 2, 0, 2, 1, 1]),
            ("a padded r", &[0x30, 7, 2, 2, 0, 1, 2, 1, 1]),
            ("a padded s", &[0x30, 8, 2, 1, 1, 2, 3, 0, 0, 0x81]),
            ("bytes after the end", &[0x30, 6, 2, 1, 1, 2, 1, 1, 0]),
            ("a third number", &[0x30, 9, 2, 1, 1, 2, 1, 1, 2, 1, 1]),
            ("one number", &[0x30, 3, 2, 1, 1]),
            ("a long length", &[0x30, 0x81, 6, 2, 1, 1, 2, 1, 1]),
            ("an indefinite length", &[0x30, 0x80, 2, 1, 1, 2, 1, 1, 0, 0]),
            ("a set", &[0x31, 6, 2, 1, 1, 2, 1, 1]),
            ("an octet string", &[0x30, 6, 4, 1, 1, 2, 1, 1]),
            ("nothing", &[]),
        ];
        for (what, der) in refused {
            assert_eq!(raw_from_der(der, 32), None, "{what}");
        }
        let long = [&[0x30, 0x26, 2, 0x21, 1][..], &[0; 32], &[2, 1, 1]].concat();
        assert_eq!(raw_from_der(&long, 32), None, "33 bytes");
    }
}
