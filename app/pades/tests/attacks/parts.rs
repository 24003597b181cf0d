//! Where the parts of a file to attack are: numbers of its objects, and their texts.

use std::collections::BTreeMap;

use pades::pdf::field::fields;
use pades::pdf::page::pages;
use pades::pdf::{Pdf, Value};
use pades::{Limits, locate_signatures};

use crate::builder::{objects, trailer_number};

/// Numbers and texts of a file's objects.
pub struct Parts {
    pub all: BTreeMap<u32, Vec<u8>>,
    pub catalog: u32,
    pub form: u32,
    pub info: u32,
    pub metadata: u32,
    pub pages: u32,
    pub page: u32,
    pub content: u32,
    pub font: u32,
    /// The fields by name.
    pub fields: BTreeMap<String, u32>,
    /// Signature dictionaries by the name of their field.
    pub signatures: BTreeMap<String, u32>,
    /// `/ByteRange` by the name of the field.
    pub ranges: BTreeMap<String, [u64; 4]>,
    /// A number that is not taken, with plenty above it.
    pub next: u32,
}

impl Parts {
    pub fn of(file: &[u8]) -> Self {
        let pdf = Pdf::parse(file, &Limits::default()).unwrap();
        let view = pdf.latest();
        let catalog = view.catalog().unwrap();
        let number = |key: &str| catalog.get(key).and_then(Value::reference).unwrap().number;
        let page = &pages(view).unwrap()[0];
        let content = view.get(&page.dictionary, "Contents").unwrap();
        let content = match content.array() {
            // the stamp stands before and after
            Some(parts) => parts[1].reference().unwrap().number,
            None => page.dictionary.get("Contents").and_then(Value::reference).unwrap().number,
        };
        let located = locate_signatures(&pdf).unwrap();
        let all = objects(file);
        let font = all.iter().find(|(_, body)| body.starts_with(b"<</Type/Font")).map(|(number, _)| *number).unwrap();
        Self {
            catalog: trailer_number(file, "Root"),
            form: number("AcroForm"),
            info: trailer_number(file, "Info"),
            metadata: number("Metadata"),
            pages: number("Pages"),
            page: page.reference.number,
            content,
            font,
            fields: fields(view).unwrap().into_iter().map(|field| (field.name, field.reference.number)).collect(),
            signatures: located.iter().filter_map(|found| Some((found.field.clone(), found.signature?.number))).collect(),
            ranges: located.iter().map(|found| (found.field.clone(), found.byte_range)).collect(),
            next: view.size(),
            all,
        }
    }

    /// The text of an object; a dictionary that is a value stands close to its key, however it was written.
    pub fn text(&self, number: u32) -> String {
        let text = String::from_utf8_lossy(&self.all[&number]).into_owned();
        if text.ends_with("endstream") { text } else { text.replace(" <<", "<<") }
    }

    /// The text of an object with something replaced, which must be there.
    pub fn replaced(&self, number: u32, from: &str, to: &str) -> String {
        let text = self.text(number);
        assert!(text.contains(from), "{from} is not in {text}");
        text.replacen(from, to, 1)
    }

    /// The text of a dictionary with more in it.
    pub fn with(&self, number: u32, more: &str) -> String {
        let text = self.text(number);
        format!("{}{more}>>", text.strip_suffix(">>").unwrap())
    }

    pub fn field(&self, name: &str) -> u32 {
        self.fields[name]
    }

    /// The text of a field with a value, and nothing of its own appearance.
    pub fn filled(&self, name: &str, value: &str) -> String {
        self.with(self.field(name), &format!("/V {value}"))
    }
}

/// A file with some bytes replaced at their last place; as long as it was, or the offsets no longer hold.
pub fn patched(file: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = file.windows(from.len()).rposition(|window| window == from).unwrap_or_else(|| panic!("{} is not there", String::from_utf8_lossy(from)));
    [&file[..at], to, &file[at + from.len()..]].concat()
}
