//! `/ASCIIHexDecode` and `/ASCII85Decode` (ISO 32000-2 §7.4.2, §7.4.3).

use super::super::lexer::is_space;
use super::{damaged, too_large};
use crate::Error;

/// Pairs of hexadecimal digits up to `>`; a last single one counts as if 0 followed.
pub fn hexadecimal(input: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = Vec::with_capacity(input.len() / 2);
    let mut high: Option<u8> = None;
    for &byte in input.iter().take_while(|&&byte| byte != b'>').filter(|&&byte| !is_space(byte)) {
        let digit = char::from(byte).to_digit(16).ok_or_else(damaged)? as u8;
        match high.take() {
            None => high = Some(digit),
            Some(high) => out.push(high << 4 | digit),
        }
    }
    out.extend(high.map(|high| high << 4));
    Ok(out)
}

/// Groups of five digits of base 85 up to `~>`; `z` is four zeros.
pub fn base85(input: &[u8], limit: usize) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    let mut group = [0_u8; 5];
    let mut filled = 0;
    for &byte in input.iter().take_while(|&&byte| byte != b'~').filter(|&&byte| !is_space(byte)) {
        match byte {
            b'z' if filled == 0 => out.extend_from_slice(&[0; 4]),
            b'!'..=b'u' => {
                group[filled] = byte - b'!';
                filled += 1;
                if filled == 5 {
                    out.extend_from_slice(&word(group)?);
                    filled = 0;
                }
            }
            _ => return Err(damaged()),
        }
        if out.len() > limit {
            return Err(too_large(limit));
        }
    }
    if filled == 1 {
        return Err(damaged());
    }
    if filled > 1 {
        group[filled..].fill(84);
        out.extend_from_slice(&word(group)?[..filled - 1]);
    }
    Ok(out)
}

fn word(group: [u8; 5]) -> Result<[u8; 4], Error> {
    let value = group.iter().fold(0_u64, |value, &digit| value * 85 + u64::from(digit));
    u32::try_from(value).map(u32::to_be_bytes).map_err(|_| damaged())
}
