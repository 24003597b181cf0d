//! Times of certificates and revocation lists (RFC 5280 §4.1.2.5): UTC, to the second, on a day that exists.

use crate::asn1::{self, Elements, Read};
use crate::pdf::date::parse_date;

/// The next element, UTCTime or GeneralizedTime, as unix seconds.
pub(crate) fn time(elements: &mut Elements<'_>) -> Read<i64> {
    const WRONG: &str = "a time cannot be read";
    let element = elements.any()?;
    let text = std::str::from_utf8(element.value).map_err(|_| WRONG)?;
    let digits = text.strip_suffix('Z').filter(|digits| digits.bytes().all(|b| b.is_ascii_digit())).ok_or(WRONG)?;
    let whole = match (element.tag, digits.len()) {
        // two digits of the year: from 1950 to 2049
        (asn1::UTC_TIME, 12) => format!("{}{digits}", if digits < "50" { "20" } else { "19" }),
        (asn1::GENERALIZED_TIME, 14) => digits.to_owned(),
        (asn1::UTC_TIME | asn1::GENERALIZED_TIME, _) => return Err(WRONG),
        _ => return Err("a time is missing"),
    };
    if day_exists(&whole).unwrap_or(false) { parse_date(&whole).ok_or(WRONG) } else { Err(WRONG) }
}

fn day_exists(digits: &str) -> Option<bool> {
    let year: u32 = digits.get(..4)?.parse().ok()?;
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match digits.get(4..6)? {
        "02" if leap => "29",
        "02" => "28",
        "04" | "06" | "09" | "11" => "30",
        _ => "31",
    };
    Some(digits.get(6..8)? <= last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(tag: u8, text: &str) -> Read<i64> {
        time(&mut Elements::new(&asn1::encode(tag, &[text.as_bytes()])))
    }

    #[test]
    fn only_the_forms_of_the_profile() {
        assert_eq!(read(asn1::UTC_TIME, "261123000000Z"), Ok(1_795_392_000));
        assert_eq!(read(asn1::GENERALIZED_TIME, "20261123000000Z"), Ok(1_795_392_000));
        assert_eq!(read(asn1::UTC_TIME, "500101000000Z"), Ok(-631_152_000));
        assert_eq!(read(asn1::UTC_TIME, "491231235959Z"), Ok(2_524_607_999));
        assert_eq!(read(asn1::GENERALIZED_TIME, "99991231235959Z"), Ok(253_402_300_799));
        assert!(read(asn1::UTC_TIME, "240229000000Z").is_ok());
        for (tag, text) in [
            (asn1::UTC_TIME, "2611230000Z"),
            (asn1::UTC_TIME, "261123000000"),
            (asn1::UTC_TIME, "261123000000+0100"),
            (asn1::UTC_TIME, "20261123000000Z"),
            (asn1::UTC_TIME, "261323000000Z"),
            (asn1::UTC_TIME, "260229000000Z"),
            (asn1::UTC_TIME, "260431000000Z"),
            (asn1::UTC_TIME, "261123240000Z"),
            (asn1::UTC_TIME, "26112300000 Z"),
            (asn1::UTC_TIME, ""),
            (asn1::GENERALIZED_TIME, "20261123000000.5Z"),
            (asn1::GENERALIZED_TIME, "261123000000Z"),
            (asn1::OCTET_STRING, "261123000000Z"),
        ] {
            assert!(read(tag, text).is_err(), "{text}");
        }
    }
}
