//! Files put together by hand, their offsets counted, whatever nonsense stands in them.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};

/// As large as a file may be, with room for what a case adds.
pub const ROOM: usize = (20 << 20) - 4_096;

/// A file under way.
#[derive(Clone)]
pub struct File {
    pub out: Vec<u8>,
    places: Vec<(u32, usize)>,
    previous: Option<usize>,
    size: u32,
}

impl File {
    pub fn new() -> Self {
        Self { out: b"%PDF-1.7\n".to_vec(), places: Vec::new(), previous: None, size: 1 }
    }

    /// One page, and a form with the empty signature field `a`; `catalog`, `page` and `form` go into their dictionaries.
    pub fn document(catalog: &str, page: &str, form: &str) -> Self {
        let mut file = Self::new();
        file.object(1, format!("<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R{catalog}>>"));
        file.object(2, "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>");
        file.object(3, format!("<</Type/Page/Parent 2 0 R{page}>>"));
        file.object(4, format!("<</Fields[5 0 R{form}]>>"));
        file.object(5, "<</FT/Sig/T(a)/Type/Annot/Subtype/Widget/Rect[0 0 100 100]/P 3 0 R>>");
        file
    }

    pub fn object(&mut self, number: u32, body: impl AsRef<[u8]>) {
        self.here(number);
        let _ = writeln!(self.out, "{number} 0 obj");
        self.out.extend_from_slice(body.as_ref());
        self.out.extend_from_slice(b"\nendobj\n");
    }

    /// Says that object `number` stands here, whatever follows.
    pub fn here(&mut self, number: u32) {
        self.places.push((number, self.out.len()));
        self.size = self.size.max(number + 1);
    }

    /// Lists an object that stands somewhere else.
    pub fn list(&mut self, number: u32, offset: usize) {
        self.places.push((number, offset));
        self.size = self.size.max(number + 1);
    }

    /// Ends the revision with a table; `size` where it is to lie.
    pub fn table(&mut self, trailer: &str, size: Option<u64>) -> &mut Self {
        self.places.sort_unstable();
        let xref = self.out.len();
        let mut table = "xref\n".to_owned();
        if self.previous.is_none() {
            table += "0 1\n0000000000 65535 f\r\n";
        }
        let mut rest = self.places.as_slice();
        while let Some(&(first, _)) = rest.first() {
            let count = rest.iter().zip(first..).take_while(|(place, number)| place.0 == *number).count();
            let _ = writeln!(table, "{first} {count}");
            rest[..count].iter().for_each(|(_, offset)| table += &format!("{offset:010} 00000 n\r\n"));
            rest = &rest[count..];
        }
        let previous = self.previous.map_or_else(String::new, |previous| format!("/Prev {previous}"));
        let size = size.unwrap_or_else(|| u64::from(self.size));
        let _ = write!(table, "trailer\n<</Size {size}/Root 1 0 R{previous}{trailer}>>\nstartxref\n{xref}\n%%EOF\n");
        self.out.extend_from_slice(table.as_bytes());
        self.previous = Some(xref);
        self.places.clear();
        self
    }

    /// Ends the revision with a cross-reference stream of `entries`, already filtered as `dictionary` says.
    pub fn stream(&mut self, dictionary: &str, entries: &[u8]) -> &mut Self {
        let xref = self.out.len();
        let previous = self.previous.map_or_else(String::new, |previous| format!("/Prev {previous}"));
        let body = stream(&format!("/Type/XRef/Root 1 0 R{previous}{dictionary}"), entries);
        let _ = writeln!(self.out, "{} 0 obj", self.size);
        self.out.extend_from_slice(&body);
        let _ = write!(self.out, "\nendobj\nstartxref\n{xref}\n%%EOF\n");
        self.previous = Some(xref);
        self.places.clear();
        self
    }

    /// A cross-reference stream over all objects so far and `packed` ones: number, object stream, index.
    pub fn stream_with(&mut self, packed: &[(u32, u32, u16)]) -> &mut Self {
        let mut lines: Vec<(u32, [u8; 7])> = Vec::new();
        let line = |kind: u8, second: u32, third: u16| {
            let mut line = [kind; 7];
            line[1..5].copy_from_slice(&second.to_be_bytes());
            line[5..].copy_from_slice(&third.to_be_bytes());
            line
        };
        lines.extend(self.places.iter().map(|&(number, offset)| (number, line(1, offset as u32, 0))));
        lines.extend(packed.iter().map(|&(number, stream, index)| (number, line(2, stream, index))));
        lines.sort_unstable();
        let index: String = lines.iter().map(|(number, _)| format!("{number} 1 ")).collect();
        self.size = lines.iter().map(|(number, _)| number + 1).max().unwrap_or(1).max(self.size);
        let data: Vec<u8> = lines.iter().flat_map(|(_, line)| *line).collect();
        let dictionary = format!("/Size {}/W[1 4 2]/Index[{index}]", self.size + 1);
        self.stream(&dictionary, &data)
    }

    pub fn done(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }
}

/// A stream's body.
pub fn stream(dictionary: &str, data: &[u8]) -> Vec<u8> {
    [format!("<<{dictionary}/Length {}>>stream\n", data.len()).as_bytes(), data, b"\nendstream"].concat()
}

/// Zeros, deflated, and deflated again as often as is asked.
pub fn bomb(zeros: usize, times: usize) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    for _ in 0..zeros >> 20 {
        encoder.write_all(&[0; 1 << 20]).unwrap();
    }
    let mut data = encoder.finish().unwrap();
    for _ in 1..times {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&data).unwrap();
        data = encoder.finish().unwrap();
    }
    data
}

/// `part` until the room is full.
pub fn fill(part: &str, bytes: usize) -> String {
    part.repeat(bytes / part.len())
}
