//! GeneralizedTime as time stamps and OCSP write it: UTC, to the second or with a fraction (RFC 3161 §2.4.2, RFC 5280 §4.1.2.5.2).

use crate::asn1::{self, Element, Read};
use crate::pdf::date::{date, parse_date};

/// Unix seconds of a GeneralizedTime; a fraction is cut off.
pub(crate) fn read(element: Element<'_>) -> Read<i64> {
    const WRONG: &str = "a time cannot be read";
    let text = std::str::from_utf8(element.value).map_err(|_| WRONG)?;
    let text = text.strip_suffix('Z').filter(|_| element.tag == asn1::GENERALIZED_TIME).ok_or(WRONG)?;
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
    // DER: a fraction is neither empty nor does it end in zero
    let fraction_sound = fraction.is_none_or(|digits| !digits.ends_with('0') && (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()));
    if whole.len() != 14 || !fraction_sound {
        return Err(WRONG);
    }
    let unix = parse_date(whole).ok_or(WRONG)?;
    // what does not come back the same is no day of the calendar
    if digits(unix) == whole { Ok(unix) } else { Err(WRONG) }
}

/// Unix seconds as a DER GeneralizedTime.
pub(crate) fn write(unix: i64) -> Vec<u8> {
    asn1::encode(asn1::GENERALIZED_TIME, &[digits(unix).as_bytes(), b"Z"])
}

/// `YYYYMMDDhhmmss`
fn digits(unix: i64) -> String {
    date(unix, 0)[2..16].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Read<i64> {
        read(asn1::whole(&asn1::encode(asn1::GENERALIZED_TIME, &[text.as_bytes()]), asn1::GENERALIZED_TIME)?)
    }

    #[test]
    fn times_go_both_ways_and_odd_ones_are_refused() {
        assert_eq!(time("20261123200000Z"), Ok(1_795_464_000));
        assert_eq!(time("20261123200000.25Z"), Ok(1_795_464_000));
        assert_eq!(write(1_795_464_000)[2..], *b"20261123200000Z");
        for odd in ["20261123200000", "202611232000Z", "20261123200000.Z", "20261123200000.50Z", "20260230000000Z", "20261123200000+0100", "2026112320000é"] {
            assert!(time(odd).is_err(), "{odd}");
        }
    }
}
