//! `/FlateDecode` with predictors (ISO 32000-2 §7.4.4): the filter that cross-reference and object streams use.

use flate2::{Decompress, FlushDecompress, Status};

use super::object::{Dictionary, Value};
use crate::Error;

/// The decoded bytes of a stream, at most `limit`. Its filters and their parameters must stand in the dictionary directly.
pub fn decode(dictionary: &Dictionary, raw: &[u8], limit: usize) -> Result<Vec<u8>, Error> {
    let filter = dictionary.get("Filter").or_else(|| dictionary.get("F")).filter(|filter| !filter.is_null());
    let filter = match filter.map(|filter| (filter.name(), filter.array())) {
        None | Some((None, Some([]))) => return if raw.len() > limit { Err(too_large(limit)) } else { Ok(raw.to_vec()) },
        Some((Some(name), _)) => name,
        Some((None, Some([one]))) => one.name().unwrap_or_default(),
        Some(_) => return Err(unsupported()),
    };
    if filter != b"FlateDecode" && filter != b"Fl" {
        return Err(unsupported());
    }
    let data = inflate(raw, limit)?;
    let parameters = dictionary.get("DecodeParms").or_else(|| dictionary.get("DP"));
    let parameters = parameters.map(|value| if let Some([one]) = value.array() { one } else { value });
    match parameters.and_then(Value::dictionary) {
        Some(parameters) => predict(parameters, data),
        None => Ok(data),
    }
}

fn inflate(raw: &[u8], limit: usize) -> Result<Vec<u8>, Error> {
    let mut inflater = Decompress::new(true);
    let mut out = Vec::with_capacity(raw.len().saturating_mul(3).min(limit).min(1 << 20));
    loop {
        if out.len() == out.capacity() {
            out.reserve(1 << 16);
        }
        let (before_in, before_out) = (inflater.total_in(), inflater.total_out());
        let rest = raw.get(before_in as usize..).unwrap_or_default();
        let status = inflater.decompress_vec(rest, &mut out, FlushDecompress::None).map_err(|_| damaged())?;
        if out.len() > limit {
            return Err(too_large(limit));
        }
        if status == Status::StreamEnd {
            return Ok(out);
        }
        if inflater.total_in() == before_in && inflater.total_out() == before_out && out.len() < out.capacity() {
            return Err(damaged());
        }
    }
}

fn predict(parameters: &Dictionary, data: Vec<u8>) -> Result<Vec<u8>, Error> {
    let whole = |key: &str, default: i64, max: i64| match parameters.get(key).map(Value::integer) {
        None => Ok(default),
        Some(Some(value)) if (1..=max).contains(&value) => Ok(value),
        Some(_) => Err(damaged()),
    };
    let predictor = whole("Predictor", 1, 15)?;
    if predictor == 1 {
        return Ok(data);
    }
    let bits = whole("Colors", 1, 32)? * whole("BitsPerComponent", 8, 16)?;
    let columns = whole("Columns", 1, 1 << 20)?;
    let bytes = (bits as usize).div_ceil(8);
    let row = ((bits * columns) as usize).div_ceil(8);
    if predictor < 10 {
        return Err(unsupported());
    }
    let mut out: Vec<u8> = Vec::with_capacity(data.len());
    let mut previous = vec![0_u8; row];
    for line in data.chunks(row + 1) {
        let mut current = vec![0_u8; row];
        for (index, &byte) in line[1..].iter().enumerate() {
            let left = if index >= bytes { current[index - bytes] } else { 0 };
            let (up, corner) = (previous[index], if index >= bytes { previous[index - bytes] } else { 0 });
            let guess = match line[0] {
                0 => 0,
                1 => left,
                2 => up,
                3 => u16::midpoint(u16::from(left), u16::from(up)) as u8,
                4 => paeth(left, up, corner),
                _ => return Err(damaged()),
            };
            current[index] = byte.wrapping_add(guess);
        }
        out.extend_from_slice(&current[..line.len() - 1]);
        previous = current;
    }
    Ok(out)
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let guess = i16::from(left) + i16::from(up) - i16::from(corner);
    let distance = |value: u8| (guess - i16::from(value)).abs();
    if distance(left) <= distance(up) && distance(left) <= distance(corner) {
        left
    } else if distance(up) <= distance(corner) {
        up
    } else {
        corner
    }
}

fn damaged() -> Error {
    Error::malformed(0, "a compressed part of the file is damaged")
}

fn unsupported() -> Error {
    Error::malformed(0, "a part that the structure of the file needs is packed in a way that is not read here")
}

fn too_large(limit: usize) -> Error {
    Error::TooLarge { what: "unpacked bytes", limit }
}
