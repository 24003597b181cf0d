//! `/LZWDecode` (ISO 32000-2 §7.4.4.2): what PDF 1.0 to 1.2 packed page content with.

use super::{damaged, too_large};
use crate::Error;

const CLEAR: u16 = 256;
const END: u16 = 257;
const FIRST: usize = 258;

/// Codes of 9 to 12 bits; `early` is `/EarlyChange`: the width grows one code before it must. Data that ends without the end code ends there.
pub fn decode(input: &[u8], early: bool, limit: usize) -> Result<Vec<u8>, Error> {
    let mut out: Vec<u8> = Vec::new();
    // where each code's text stands in the output: it was written there when the code was made
    let mut table: Vec<(usize, usize)> = Vec::with_capacity(4_096 - FIRST);
    let mut previous: Option<(usize, usize)> = None;
    let (mut bits, mut held, mut width) = (0_u32, 0_u32, 9_u32);
    for &byte in input {
        (bits, held) = (bits << 8 | u32::from(byte), held + 8);
        if held < width {
            continue;
        }
        held -= width;
        let code = (bits >> held) as u16;
        bits &= (1 << held) - 1;
        match code {
            END => return Ok(out),
            CLEAR => {
                table.clear();
                (previous, width) = (None, 9);
                continue;
            }
            _ => {}
        }
        let start = out.len();
        match (code, previous) {
            (0..=255, _) => out.push(code as u8),
            (_, None) => return Err(damaged()),
            (_, Some((from, length))) => match table.get(usize::from(code) - FIRST).copied() {
                Some((from, length)) => copy(&mut out, from, length),
                // the code that is being made: the previous text and its first byte
                None if usize::from(code) - FIRST == table.len() => copy(&mut out, from, length + 1),
                None => return Err(damaged()),
            },
        }
        if out.len() > limit {
            return Err(too_large(limit));
        }
        if let Some((from, length)) = previous.filter(|_| table.len() < 4_096 - FIRST) {
            table.push((from, length + 1));
        }
        previous = Some((start, out.len() - start));
        width = match table.len() + FIRST + usize::from(early) {
            0..=511 => 9,
            512..=1_023 => 10,
            1_024..=2_047 => 11,
            _ => 12,
        };
    }
    Ok(out)
}

/// Copies text of the output to its end, byte by byte as both may overlap.
fn copy(out: &mut Vec<u8>, from: usize, length: usize) {
    for index in from..from + length {
        out.push(out[index]);
    }
}
