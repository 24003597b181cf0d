//! Incremental updates (ISO 32000-2 §7.5.6): new and changed objects after the file, in the form its last section has.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::document::Pdf;
use super::object::{Kind, Reference, Value};
use super::write;
use crate::Error;

/// An update that is being put together.
pub struct Update<'p> {
    pdf: &'p Pdf<'p>,
    next: u32,
    objects: BTreeMap<Reference, Vec<u8>>,
}

/// A finished update.
pub struct Tail {
    /// The bytes that go after the file.
    pub bytes: Vec<u8>,
    /// Where each object's body stands in them.
    pub bodies: BTreeMap<Reference, usize>,
}

impl<'p> Update<'p> {
    /// An update to the newest revision.
    pub fn new(pdf: &'p Pdf<'p>) -> Self {
        Self { pdf, next: pdf.latest().size(), objects: BTreeMap::new() }
    }

    /// A number that is not taken yet.
    pub fn reserve(&mut self) -> Reference {
        let reference = Reference { number: self.next, generation: 0 };
        self.next += 1;
        reference
    }

    /// Puts an object in.
    pub fn put(&mut self, reference: Reference, body: Vec<u8>) {
        self.objects.insert(reference, body);
    }

    /// Adds the cross-reference and its trailer.
    pub fn finish(mut self) -> Result<Tail, Error> {
        let last = self.pdf.revisions().last().ok_or_else(|| Error::malformed(0, "a file without a revision"))?;
        let original = self.pdf.bytes();
        // bodies with their headers, then a section of some hundred bytes
        let mut bytes = Vec::with_capacity(self.objects.values().map(|body| body.len() + 64).sum::<usize>() + 1_024);
        if !original.ends_with(b"\n") && !original.ends_with(b"\r") {
            bytes.push(b'\n');
        }
        let mut bodies = BTreeMap::new();
        let mut entries: BTreeMap<u32, (usize, u16)> = BTreeMap::new();
        for (reference, body) in &self.objects {
            entries.insert(reference.number, (original.len() + bytes.len(), reference.generation));
            let header = format!("{} {} obj\n", reference.number, reference.generation).len();
            bodies.insert(*reference, bytes.len() + header);
            write::object(&mut bytes, *reference, body);
        }
        let xref = original.len() + bytes.len();
        let own = last.is_stream.then(|| self.reserve());
        let mut trailer = format!("/Size {}", self.next);
        for key in ["Root", "Info"] {
            if let Some(reference) = last.trailer.get(key).and_then(Value::reference) {
                let _ = write!(trailer, "/{key} {reference}");
            }
        }
        let _ = write!(trailer, "/ID[{}]/Prev {}", self.identifiers(&bytes), last.xref);
        match own {
            None => bytes.extend_from_slice(table(&entries, &trailer).as_bytes()),
            Some(own) => {
                entries.insert(own.number, (xref, 0));
                let (entries, data) = stream(&entries);
                write::object(&mut bytes, own, &write::stream(&format!("/Type/XRef{trailer}{entries}"), &data));
            }
        }
        bytes.extend_from_slice(format!("startxref\n{xref}\n%%EOF\n").as_bytes());
        Ok(Tail { bytes, bodies })
    }

    /// The first identifier stays; the second one comes from what this update says (§14.4).
    fn identifiers(&self, bytes: &[u8]) -> String {
        let view = self.pdf.latest();
        let first = view.get(view.trailer(), "ID").ok().and_then(|id| match &id.kind {
            Kind::Array(parts) => parts.first().and_then(Value::string).map(<[u8]>::to_vec),
            _ => None,
        });
        let first = first.unwrap_or_else(|| Sha256::digest(self.pdf.bytes())[..16].to_vec());
        let mut hasher = Sha256::new();
        hasher.update(&first);
        hasher.update((self.pdf.bytes().len() as u64).to_be_bytes());
        hasher.update(bytes);
        write::hex(&first) + &write::hex(&hasher.finalize()[..16])
    }
}

/// Runs of neighbouring numbers: the first, and how many.
fn runs(entries: &BTreeMap<u32, (usize, u16)>) -> Vec<(u32, u32)> {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for &number in entries.keys() {
        match runs.last_mut() {
            Some((first, count)) if *first + *count == number => *count += 1,
            _ => runs.push((number, 1)),
        }
    }
    runs
}

fn table(entries: &BTreeMap<u32, (usize, u16)>, trailer: &str) -> String {
    let mut table = String::from("xref\n");
    for (first, count) in runs(entries) {
        let _ = writeln!(table, "{first} {count}");
        for (offset, generation) in entries.range(first..first + count).map(|(_, entry)| entry) {
            let _ = write!(table, "{offset:010} {generation:05} n\r\n");
        }
    }
    let _ = write!(table, "trailer\n<<{trailer}>>\n");
    table
}

fn stream(entries: &BTreeMap<u32, (usize, u16)>) -> (String, Vec<u8>) {
    let mut data = Vec::new();
    for (offset, generation) in entries.values() {
        data.push(1);
        data.extend_from_slice(&(*offset as u32).to_be_bytes());
        data.extend_from_slice(&generation.to_be_bytes());
    }
    let index: Vec<String> = runs(entries).iter().map(|(first, count)| format!("{first} {count}")).collect();
    (format!("/W[1 4 2]/Index[{}]", index.join(" ")), data)
}
