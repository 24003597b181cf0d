//! `/FlateDecode` (ISO 32000-2 §7.4.4).

use flate2::{Decompress, FlushDecompress, Status};

use super::{damaged, too_large};
use crate::Error;

/// The inflated bytes, at most `limit`. The stream must end and its checksum hold.
pub fn decode(input: &[u8], limit: usize) -> Result<Vec<u8>, Error> {
    let mut inflater = Decompress::new(true);
    let mut out = Vec::with_capacity(input.len().saturating_mul(3).clamp(1 << 10, 1 << 20));
    loop {
        if out.len() == out.capacity() {
            // doubled, but never to more than the one byte by which the limit is passed
            let room = (out.len().max(1 << 16)).min((limit + 1).saturating_sub(out.len())).max(1);
            out.reserve_exact(room);
        }
        let (before_in, before_out) = (inflater.total_in(), inflater.total_out());
        let rest = input.get(before_in as usize..).unwrap_or_default();
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
