//! The room in a signature dictionary: kept while the revision is written, then filled with `/ByteRange` and, later, `/Contents`.

use std::ops::Range;

/// Three numbers of up to ten digits and two spaces.
const BYTE_RANGE_ROOM: usize = 32;

/// Where the room is in the dictionary's text.
pub(crate) struct Room {
    byte_range: usize,
    /// With the brackets.
    contents: Range<usize>,
}

/// The beginning of a signature dictionary, `head` and the two values, which the caller goes on with; `reserve` is in bytes.
pub(crate) fn open(head: &str, reserve: usize) -> (String, Room) {
    let mut out = format!("<<{head}/ByteRange[0 ");
    let byte_range = out.len();
    out.push_str(&" ".repeat(BYTE_RANGE_ROOM));
    out.push_str("]/Contents");
    let start = out.len();
    out.push('<');
    out.push_str(&"00".repeat(reserve));
    out.push('>');
    let contents = start..out.len();
    (out, Room { byte_range, contents })
}

impl Room {
    /// Writes the byte range of the dictionary at `body` of `tail`, which goes after `original` bytes. Gives the byte range and where the
    /// value of `/Contents` stands in the tail, with its brackets.
    pub fn close(&self, original: usize, tail: &mut [u8], body: usize) -> ([u64; 4], Range<usize>) {
        let brackets = body + self.contents.start..body + self.contents.end;
        let byte_range = [0, (original + brackets.start) as u64, (original + brackets.end) as u64, (tail.len() - brackets.end) as u64];
        let written = format!("{} {} {}", byte_range[1], byte_range[2], byte_range[3]);
        tail[body + self.byte_range..][..written.len()].copy_from_slice(written.as_bytes());
        (byte_range, brackets)
    }
}
