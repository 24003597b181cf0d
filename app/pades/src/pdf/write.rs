//! Bytes of objects: splicing into raw ones, strings, names and whole files. Deterministic.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};

use super::document::{Indirect, Pdf};
use super::object::{Dictionary, Kind, Reference, Value};
use crate::Error;

/// The raw text of an object's value, a stream with its bytes.
pub fn raw(pdf: &Pdf<'_>, indirect: &Indirect) -> Vec<u8> {
    spliced(pdf, indirect, &[], &[])
}

/// The raw text of a dictionary object with the keys `removed` taken out and `added` put in before its end. All other bytes stay.
pub fn spliced(pdf: &Pdf<'_>, indirect: &Indirect, removed: &[&str], added: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let source = indirect.source(pdf);
    let mut out = match indirect.value.dictionary() {
        Some(dictionary) => spliced_dictionary(source, indirect.value.span.clone(), dictionary, removed, added),
        None => source[indirect.value.span.clone()].to_vec(),
    };
    if let Kind::Stream(stream) = &indirect.value.kind {
        out.extend_from_slice(b"\nstream\n");
        out.extend_from_slice(&stream.raw);
        out.extend_from_slice(b"\nendstream");
    }
    out
}

/// The same for a dictionary that stands at `span` of `source`.
pub fn spliced_dictionary(source: &[u8], span: std::ops::Range<usize>, dictionary: &Dictionary, removed: &[&str], added: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::with_capacity(span.len() + 64);
    let mut from = span.start;
    let gone = |key: &[u8]| removed.iter().copied().chain(added.iter().map(|(key, _)| *key)).any(|name| name.as_bytes() == key);
    let mut key_start = span.start + 2;
    for (key, value) in &dictionary.entries {
        if gone(key) {
            out.extend_from_slice(&source[from..key_start]);
            from = value.span.end;
        }
        key_start = value.span.end;
    }
    let end = span.end - 2;
    out.extend_from_slice(&source[from..end]);
    for (key, text) in added {
        // a space always parts a key from what stood before, be it a comment's end or a name
        out.extend_from_slice(format!("\n/{key} ").as_bytes());
        out.extend_from_slice(text);
    }
    out.extend_from_slice(b">>");
    out
}

/// A text string: as ASCII where it is, else UTF-16BE with its mark (§7.9.2.2).
pub fn text(text: &str) -> String {
    if text.bytes().all(|byte| (0x20..0x7F).contains(&byte)) {
        let mut out = String::from("(");
        for character in text.chars() {
            if matches!(character, '(' | ')' | '\\') {
                out.push('\\');
            }
            out.push(character);
        }
        return out + ")";
    }
    let mut out = String::from("<FEFF");
    for unit in text.encode_utf16() {
        let _ = write!(out, "{unit:04X}");
    }
    out + ">"
}

/// A byte string in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let mut out = String::from("<");
    for byte in bytes {
        let _ = write!(out, "{byte:02X}");
    }
    out + ">"
}

/// A stream without filter.
pub fn stream(entries: &str, content: &[u8]) -> Vec<u8> {
    [format!("<<{entries}/Length {}>>\nstream\n", content.len()).as_bytes(), content, b"\nendstream"].concat()
}

/// An object's text made anew from its value, references of generation 0 and null where `known` does not know the number; numbers keep their text.
pub fn anew(value: &Value, known: &dyn Fn(u32) -> bool) -> Vec<u8> {
    let mut out = Vec::new();
    put(&mut out, value, known);
    out
}

fn put(out: &mut Vec<u8>, value: &Value, known: &dyn Fn(u32) -> bool) {
    match &value.kind {
        Kind::Null => out.extend_from_slice(b"null"),
        Kind::Boolean(is) => out.extend_from_slice(if *is { b"true" } else { b"false" }),
        Kind::Number(number) => out.extend_from_slice(number.text().as_bytes()),
        Kind::String(string) => put_string(out, string),
        Kind::Name(name) => put_name(out, name),
        Kind::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b' ');
                }
                put(out, item, known);
            }
            out.push(b']');
        }
        Kind::Dictionary(dictionary) => put_dictionary(out, dictionary, None, known),
        Kind::Stream(stream) => {
            put_dictionary(out, &stream.dictionary, Some(stream.raw.len()), known);
            out.extend_from_slice(b"\nstream\n");
            out.extend_from_slice(&stream.raw);
            out.extend_from_slice(b"\nendstream");
        }
        Kind::Reference(reference) if known(reference.number) => out.extend_from_slice(format!("{} 0 R", reference.number).as_bytes()),
        Kind::Reference(_) => out.extend_from_slice(b"null"),
    }
}

fn put_dictionary(out: &mut Vec<u8>, dictionary: &Dictionary, length: Option<usize>, known: &dyn Fn(u32) -> bool) {
    out.extend_from_slice(b"<<");
    for (key, value) in dictionary.entries.iter().filter(|(key, _)| length.is_none() || **key != *b"Length") {
        put_name(out, key);
        out.push(b' ');
        put(out, value, known);
    }
    if let Some(length) = length {
        out.extend_from_slice(format!("/Length {length}").as_bytes());
    }
    out.extend_from_slice(b">>");
}

fn put_name(out: &mut Vec<u8>, name: &[u8]) {
    out.push(b'/');
    for &byte in name {
        if super::lexer::is_regular(byte) && byte.is_ascii_graphic() && byte != b'#' {
            out.push(byte);
        } else {
            out.extend_from_slice(format!("#{byte:02X}").as_bytes());
        }
    }
}

fn put_string(out: &mut Vec<u8>, string: &[u8]) {
    if !string.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') {
        out.extend_from_slice(hex(string).as_bytes());
        return;
    }
    out.push(b'(');
    for &byte in string {
        if matches!(byte, b'(' | b')' | b'\\') {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b')');
}

/// A whole file of one revision with a cross-reference table.
pub fn whole(version: &str, objects: &BTreeMap<Reference, Vec<u8>>, root: Reference, info: Option<Reference>) -> Result<Vec<u8>, Error> {
    let mut out = format!("%PDF-{version}\n%").into_bytes();
    // four bytes above 127, so that transports take the file for what it is (§7.5.2)
    out.extend_from_slice(&[0xE2, 0xE3, 0xCF, 0xD3, b'\n']);
    let mut entries: BTreeMap<u32, (usize, u16)> = BTreeMap::new();
    for (reference, body) in objects {
        if entries.insert(reference.number, (out.len(), reference.generation)).is_some() {
            return Err(Error::refused("generations", reference.to_string(), "Two generations of one object are used at once."));
        }
        object(&mut out, *reference, body);
    }
    let id = hex(&Sha256::digest(&out)[..16]);
    let size = entries.last_key_value().map_or(1, |(&number, _)| number + 1);
    let xref = out.len();
    let mut table = String::from("xref\n");
    // every number from 0 on, the unused ones in the list of the free
    let free: Vec<u32> = (0..size).filter(|number| !entries.contains_key(number)).collect();
    let _ = writeln!(table, "0 {size}");
    let mut next_free = free.iter().copied().skip(1).chain([0]);
    for number in 0..size {
        match entries.get(&number) {
            Some((offset, generation)) => drop(write!(table, "{offset:010} {generation:05} n\r\n")),
            None => drop(write!(table, "{:010} {:05} f\r\n", next_free.next().unwrap_or(0), if number == 0 { 65_535 } else { 0 })),
        }
    }
    out.extend_from_slice(table.as_bytes());
    let info = info.map_or_else(String::new, |info| format!("/Info {info}"));
    out.extend_from_slice(format!("trailer\n<</Size {size}/Root {root}{info}/ID[{id}{id}]>>\nstartxref\n{xref}\n%%EOF\n").as_bytes());
    Ok(out)
}

/// Appends `12 0 obj … endobj`.
pub fn object(out: &mut Vec<u8>, reference: Reference, body: &[u8]) {
    out.extend_from_slice(format!("{} {} obj\n", reference.number, reference.generation).as_bytes());
    out.extend_from_slice(body);
    out.extend_from_slice(b"\nendobj\n");
}

/// All references in a value.
pub fn references(value: &Value, found: &mut Vec<Reference>) {
    match &value.kind {
        Kind::Reference(reference) => found.push(*reference),
        Kind::Array(items) => items.iter().for_each(|item| references(item, found)),
        Kind::Dictionary(dictionary) => dictionary.entries.iter().for_each(|(_, value)| references(value, found)),
        Kind::Stream(stream) => stream.dictionary.entries.iter().for_each(|(_, value)| references(value, found)),
        _ => {}
    }
}
