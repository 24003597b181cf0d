//! What goes between a server and its worker: a head in JSON and parts of bytes behind it, over a socket that both ends hold.
//! Lengths are little-endian: the head's (u32), the number of parts (u32), each part's (u64); then head and parts.

use std::io::{self, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Longest head and longest part, bytes: what a document may bring along, and what may come of it, is far below.
const MAX_HEAD: usize = 1 << 20;
const MAX_PART: usize = 256 << 20;
const MAX_PARTS: usize = 1 << 10;

/// Writes one message.
pub fn send(to: &mut impl Write, head: &impl Serialize, parts: &[&[u8]]) -> io::Result<()> {
    let head = serde_json::to_vec(head)?;
    let mut lengths = Vec::with_capacity(8 + 8 * parts.len() + head.len());
    lengths.extend((head.len() as u32).to_le_bytes());
    lengths.extend((parts.len() as u32).to_le_bytes());
    for part in parts {
        lengths.extend((part.len() as u64).to_le_bytes());
    }
    lengths.extend(head);
    to.write_all(&lengths)?;
    for part in parts {
        to.write_all(part)?;
    }
    to.flush()
}

/// Reads one message.
pub fn receive<H: DeserializeOwned>(from: &mut impl Read) -> io::Result<(H, Vec<Vec<u8>>)> {
    let mut four = [0; 4];
    let mut number = |from: &mut _| -> io::Result<usize> {
        Read::read_exact(from, &mut four)?;
        Ok(u32::from_le_bytes(four) as usize)
    };
    let (head, count) = (within(number(from)?, MAX_HEAD)?, within(number(from)?, MAX_PARTS)?);
    let mut lengths = Vec::with_capacity(count);
    let mut eight = [0; 8];
    for _ in 0..count {
        from.read_exact(&mut eight)?;
        lengths.push(within(usize::try_from(u64::from_le_bytes(eight)).unwrap_or(usize::MAX), MAX_PART)?);
    }
    let head = serde_json::from_slice(&exactly(from, head)?)?;
    let parts = lengths.into_iter().map(|length| exactly(from, length)).collect::<io::Result<_>>()?;
    Ok((head, parts))
}

fn within(length: usize, limit: usize) -> io::Result<usize> {
    if length <= limit { Ok(length) } else { Err(io::Error::new(io::ErrorKind::InvalidData, "a length beyond its limit")) }
}

fn exactly(from: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if from.by_ref().take(length as u64).read_to_end(&mut bytes)? < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_received() {
        let mut line = Vec::new();
        send(&mut line, &"head", &[b"", b"one", &[7; 3_000]]).unwrap();
        send(&mut line, &2, &[]).unwrap();
        let mut line = line.as_slice();
        let (head, parts): (String, _) = receive(&mut line).unwrap();
        assert_eq!((head.as_str(), parts), ("head", vec![vec![], b"one".to_vec(), vec![7; 3_000]]));
        assert_eq!(receive::<u8>(&mut line).unwrap(), (2, vec![]));
        assert_eq!(receive::<u8>(&mut line).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn lengths_beyond_their_limits_are_refused_before_anything_is_kept() {
        for line in [[0xff; 16], [2, 0, 0, 0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0], [2, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]] {
            assert_eq!(receive::<u8>(&mut line.as_slice()).unwrap_err().kind(), io::ErrorKind::InvalidData);
        }
    }
}
