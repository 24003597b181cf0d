//! Filters of streams (ISO 32000-2 §7.4): those that the structure of a file, its descriptions and its page content are packed with.
//!
//! Filters of pictures (DCT, JPX, CCITT, JBIG2) and `/Crypt` are not read: nothing that Signet looks into may be packed with them.

mod ascii;
mod flate;
mod lzw;
mod predictor;

use super::budget::{Budget, INFLATED};
use super::object::{Dictionary, Value};
use crate::Error;

/// Filters behind each other: two are usual.
const MAX_FILTERS: usize = 4;

/// The decoded bytes of a stream, at most `limit`; every filter's output counts. Filters and parameters must stand in the dictionary directly.
pub fn decode(dictionary: &Dictionary, raw: &[u8], limit: usize, budget: &Budget) -> Result<Vec<u8>, Error> {
    let entry = |long: &str, short: &str| dictionary.get(long).or_else(|| dictionary.get(short)).filter(|value| !value.is_null());
    let list = |value: Option<&Value>| match value {
        Some(value) => value.array().map_or_else(|| vec![value.clone()], <[Value]>::to_vec),
        None => Vec::new(),
    };
    let filters = entry("Filter", "F");
    if filters.and_then(Value::array).is_some_and(|filters| filters.len() > MAX_FILTERS) {
        return Err(Error::TooLarge { what: "filters of one stream", limit: MAX_FILTERS });
    }
    let (filters, parameters) = (list(filters), list(entry("DecodeParms", "DP").filter(|_| filters.is_some())));
    let mut data = None;
    for (index, filter) in filters.iter().enumerate() {
        let input = data.as_deref().unwrap_or(raw);
        let parameters = parameters.get(index).and_then(Value::dictionary).map(AsRef::as_ref);
        let output = one(filter.name().unwrap_or_default(), parameters, input, limit.min(budget.inflated_left()))?;
        budget.inflated(output.len())?;
        data = Some(output);
    }
    match data {
        Some(data) => Ok(data),
        None if raw.len() > limit => Err(too_large(limit)),
        None => budget.inflated(raw.len()).map(|()| raw.to_vec()),
    }
}

fn one(filter: &[u8], parameters: Option<&Dictionary>, input: &[u8], limit: usize) -> Result<Vec<u8>, Error> {
    match filter {
        b"FlateDecode" | b"Fl" => predictor::undo(parameters, flate::decode(input, limit)?),
        b"LZWDecode" | b"LZW" => {
            let early = parameters.and_then(|parameters| parameters.get("EarlyChange")).and_then(Value::integer) != Some(0);
            predictor::undo(parameters, lzw::decode(input, early, limit)?)
        }
        b"ASCIIHexDecode" | b"AHx" => ascii::hexadecimal(input),
        b"ASCII85Decode" | b"A85" => ascii::base85(input, limit),
        b"RunLengthDecode" | b"RL" => run_length(input, limit),
        _ => Err(unsupported()),
    }
}

/// `/RunLengthDecode` (§7.4.5).
fn run_length(input: &[u8], limit: usize) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    let mut rest = input;
    while let Some((&length, after)) = rest.split_first() {
        match length {
            128 => return Ok(out),
            0..=127 => {
                let (run, after) = after.split_at_checked(usize::from(length) + 1).ok_or_else(damaged)?;
                out.extend_from_slice(run);
                rest = after;
            }
            129..=255 => {
                let (&byte, after) = after.split_first().ok_or_else(damaged)?;
                out.resize(out.len() + 257 - usize::from(length), byte);
                rest = after;
            }
        }
        if out.len() > limit {
            return Err(too_large(limit));
        }
    }
    Ok(out)
}

fn damaged() -> Error {
    Error::malformed(0, "a compressed part of the file is damaged")
}

fn unsupported() -> Error {
    Error::malformed(0, "a part that must be read is packed in a way that is not read here")
}

fn too_large(limit: usize) -> Error {
    Error::TooLarge { what: INFLATED, limit }
}

#[cfg(test)]
mod tests {
    use std::rc::Rc;

    use super::super::lexer::Lexer;
    use super::*;
    use crate::Limits;

    fn decoded(dictionary: &str, raw: &[u8]) -> Result<Vec<u8>, Error> {
        let budget = Budget::new(&Limits { max_inflated: 1_000, ..Limits::default() }, dictionary.len());
        let dictionary: Rc<Dictionary> = Lexer::new(dictionary.as_bytes(), 0, &budget).value().unwrap().dictionary().unwrap().clone();
        decode(&dictionary, raw, 1_000, &budget)
    }

    #[test]
    fn the_text_filters_and_runs_are_read() {
        assert_eq!(decoded("<</Filter/ASCIIHexDecode>>", b"48 65 6c6C\n6F7>junk").unwrap(), b"Hellop");
        assert_eq!(decoded("<</Filter[/A85]>>", b"87cURD]i,\"Ebo80~>").unwrap(), b"Hello World!");
        assert_eq!(decoded("<</Filter[/A85]>>", b"z!!~>").unwrap(), [0, 0, 0, 0, 0]);
        assert_eq!(decoded("<</Filter[/AHx /RL]>>", b"02 616263 FE 7A 80 00>").unwrap(), b"abczzz");
        assert_eq!(decoded("<<>>", b"as it is").unwrap(), b"as it is");
        for (dictionary, raw) in [
            ("<</Filter/AHx>>", &b"4G>"[..]),
            ("<</Filter/A85>>", b"87cUR\x7F~>"),
            ("<</Filter/A85>>", b"s8W-\"~>"),
            ("<</Filter/A85>>", b"a~>"),
            ("<</Filter/RL>>", b"\x05ab"),
            ("<</Filter/RL>>", b"\x81"),
            ("<</Filter/DCTDecode>>", b""),
            ("<</Filter[/Crypt]>>", b""),
            ("<</Filter 5>>", b""),
            ("<</Filter[/AHx/AHx/AHx/AHx/AHx]>>", b">"),
        ] {
            assert!(decoded(dictionary, raw).is_err(), "{dictionary} {raw:?}");
        }
    }

    #[test]
    fn lzw_is_read_as_the_standard_shows_it() {
        // the example of §7.4.4.2
        assert_eq!(
            decoded("<</Filter/LZWDecode>>", &[0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01]).unwrap(),
            [45, 45, 45, 45, 45, 65, 45, 45, 45, 66]
        );
        // a code that is not in the table yet
        assert!(decoded("<</Filter/LZWDecode>>", &[0x80, 0x7F, 0xFF]).is_err());
        // a code before any other
        assert!(decoded("<</Filter/LZWDecode>>", &[0xFF, 0xFF]).is_err());
    }

    #[test]
    fn runs_lzw_and_zeros_stop_at_the_limit() {
        let bomb = [0x81, 7].repeat(100);
        assert!(matches!(decoded("<</Filter/RL>>", &bomb), Err(Error::TooLarge { what: INFLATED, .. })));
        assert!(matches!(decoded("<</Filter/A85>>", &b"z".repeat(2_000)), Err(Error::TooLarge { what: INFLATED, .. })));
        assert!(matches!(decoded("<</Filter[/AHx/AHx]>>", &b"33".repeat(900)), Err(Error::TooLarge { .. })));
    }
}
