//! Files that are only looked at, told by their content and their name together: what a document claims of them counts for nothing.

use super::reached;
use crate::Limits;
use crate::pdf::{Kind, Pdf, Value};

/// What a file is, and the endings that its name may have.
struct Sort {
    media_type: &'static str,
    endings: &'static [&'static str],
    is: fn(&[u8]) -> bool,
}

const SORTS: &[Sort] = &[
    Sort { media_type: "application/pdf", endings: &["pdf"], is: |bytes| bytes.starts_with(b"%PDF-") },
    Sort { media_type: "application/ofd", endings: &["ofd"], is: |bytes| archived(bytes).is_some_and(|names| names.iter().any(|name| name == b"OFD.xml")) },
    Sort { media_type: "image/png", endings: &["png"], is: |bytes| bytes.starts_with(b"\x89PNG\r\n\x1A\n") },
    Sort { media_type: "image/jpeg", endings: &["jpg", "jpeg"], is: |bytes| bytes.starts_with(b"\xFF\xD8\xFF") },
    Sort { media_type: "image/gif", endings: &["gif"], is: |bytes| bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") },
    Sort { media_type: "image/tiff", endings: &["tif", "tiff"], is: |bytes| bytes.starts_with(b"II*\0") || bytes.starts_with(b"MM\0*") },
    Sort { media_type: "image/bmp", endings: &["bmp"], is: |bytes| bytes.starts_with(b"BM") && bytes.len() > 26 },
    Sort { media_type: "image/webp", endings: &["webp"], is: |bytes| bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") },
    Sort { media_type: "application/xml", endings: &["xml", "xbrl", "xsd"], is: |bytes| folded(bytes).is_some_and(|text| text.starts_with('<')) },
    Sort { media_type: "text/csv", endings: &["csv", "tsv"], is: is_text },
    Sort { media_type: "text/plain", endings: &["txt", "md", "json", "log"], is: is_text },
];

/// Text that programs take for something to run, wherever it stands in a text file or in XML; in small letters.
const RUNS: &[&str] =
    &["<script", "<!entity", "javascript:", "vbscript:", "<?php", "<html", "<svg", "<iframe", "<object", "w3.org/1999/xhtml", "w3.org/2000/svg"];

/// Actions in an attached PDF that run, send, fetch or open something.
const ACTIONS: &[&[u8]] = &[b"JavaScript", b"Launch", b"SubmitForm", b"ImportData", b"GoToR", b"GoToE", b"Rendition", b"RichMediaExecute", b"Movie", b"Sound"];

/// What a file is by its content and its name.
pub(super) fn media_type(name: &str, bytes: &[u8]) -> Option<&'static str> {
    sort(name, bytes).map(|sort| sort.media_type)
}

/// Whether a file is only looked at; else why not, as a clause.
pub(super) fn check(name: &str, bytes: &[u8]) -> Result<(), &'static str> {
    // letters that show a name in another order than it has
    if name.is_empty()
        || name
            .chars()
            .any(|character| character.is_control() || matches!(character, '\u{200E}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'))
    {
        return Err("whose name is missing or disguised");
    }
    let Some(sort) = sort(name, bytes) else {
        return Err("which is none of the kinds that are only looked at (XML, OFD, PDF, pictures, text, CSV), or not what its name says");
    };
    match sort.media_type {
        "application/pdf" if !is_still(bytes) => Err("a PDF that is damaged, protected, or does something by itself"),
        "application/ofd" if archived(bytes).is_none_or(|names| names.iter().any(|name| runs_by_name(name))) => Err("an archive with programs in it"),
        "application/xml" | "text/plain" | "text/csv"
            if folded(bytes).is_none_or(|text| RUNS.iter().any(|word| text.contains(word)) || text.starts_with("#!")) =>
        {
            Err("which can carry a program")
        }
        "text/csv" if has_formula(bytes) => Err("a table whose cells compute something"),
        _ => Ok(()),
    }
}

fn sort(name: &str, bytes: &[u8]) -> Option<&'static Sort> {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase();
    SORTS.iter().find(|sort| sort.endings.contains(&ending.as_str()) && (sort.is)(bytes))
}

/// Text in small letters, in any Unicode encoding that says what it is, or in one of bytes; without the white space before it.
fn folded(bytes: &[u8]) -> Option<String> {
    let pairs = |read: fn([u8; 2]) -> u16| {
        let units = bytes[2..].chunks_exact(2).map(|pair| read([pair[0], pair[1]]));
        char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect::<String>()
    };
    let text = match bytes {
        [0xFF, 0xFE, ..] => pairs(u16::from_le_bytes),
        [0xFE, 0xFF, ..] => pairs(u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    let sound = text.chars().all(|character| !character.is_control() || matches!(character, '\t' | '\n' | '\r' | '\u{c}'));
    sound.then(|| text.trim_start().to_ascii_lowercase())
}

fn is_text(bytes: &[u8]) -> bool {
    folded(bytes).is_some()
}

/// A cell that a program for tables computes: `=` or `@` at its beginning.
fn has_formula(bytes: &[u8]) -> bool {
    let text = folded(bytes).unwrap_or_default();
    text.split([',', ';', '\t', '\n', '\r']).any(|cell| cell.trim_start_matches([' ', '"', '\'']).starts_with(['=', '@']))
}

/// Names in the central directory of a ZIP archive (APPNOTE 4.3.12); none where it is no sound archive.
fn archived(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let short = |at: usize| Some(usize::from(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?)));
    let long = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize);
    if !bytes.starts_with(b"PK\x03\x04") {
        return None;
    }
    let from = bytes.len().saturating_sub(66_000);
    let end = from + bytes[from..].windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let (count, mut at) = (short(end + 10)?, long(end + 16)?);
    let mut names = Vec::new();
    for _ in 0..count {
        if bytes.get(at..at.checked_add(4)?)? != b"PK\x01\x02" {
            return None;
        }
        let (name, extra, comment) = (short(at + 28)?, short(at + 30)?, short(at + 32)?);
        names.push(bytes.get(at + 46..at + 46 + name)?);
        at += 46 + name + extra + comment;
    }
    Some(names)
}

/// Endings of programs and scripts.
fn runs_by_name(name: &[u8]) -> bool {
    const ENDINGS: &[&str] =
        &["exe", "dll", "com", "scr", "bat", "cmd", "ps1", "vbs", "js", "jse", "wsf", "hta", "jar", "msi", "lnk", "sh", "html", "htm", "svg", "docm", "xlsm"];
    let name = String::from_utf8_lossy(name).to_ascii_lowercase();
    name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

/// Whether an attached PDF can be read strictly, does nothing by itself and carries nothing. Its signatures are its own matter.
fn is_still(bytes: &[u8]) -> bool {
    let limits = Limits { max_objects: 50_000, max_inflated: 4 << 20, ..Limits::default() };
    let Ok(pdf) = Pdf::parse(bytes, &limits) else { return false };
    let mut still = true;
    let read = reached(pdf.latest(), &mut |value| still &= does_nothing(value));
    read.is_ok() && still
}

fn does_nothing(value: &Value) -> bool {
    match &value.kind {
        Kind::Array(items) => items.iter().all(does_nothing),
        Kind::Dictionary(_) | Kind::Stream(_) => value.dictionary().is_none_or(|own| {
            let acts = ["JS", "JavaScript", "AA", "EF", "EmbeddedFiles", "XFA", "RichMediaContent"].into_iter().any(|key| own.has(key));
            !acts && own.entries.iter().all(|(_, value)| does_nothing(value))
        }),
        // whatever refers to such a name
        Kind::Name(name) => !ACTIONS.contains(&&**name),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn content_and_name_must_agree_and_run_nothing() {
        for (name, bytes) in [
            ("factur-x.xml", &b"\xEF\xBB\xBF<?xml version='1.0'?><a/>"[..]),
            ("RECHNUNG.XML", b"\n<a/>"),
            ("wide.xml", b"\xFF\xFE<\0a\0/\0>\0"),
            ("notes.txt", "备注 12.80".as_bytes()),
            ("gbk.txt", b"\xB1\xB8\xD7\xA2"),
            ("items.csv", b"a;b\n-1;+2\n"),
            ("photo.JPG", b"\xFF\xD8\xFF\xE0"),
            ("scan.tif", b"II*\0"),
        ] {
            assert_eq!(check(name, bytes), Ok(()), "{name}");
        }
        for (name, bytes) in [
            ("setup.exe", &b"MZ\x90\0"[..]),
            ("invoice.xml", b"MZ\x90\0"),
            ("invoice.xml.exe", b"<a/>"),
            ("page.html", b"<html>"),
            ("page.txt", b" <HTML>"),
            ("run.txt", b"#!/bin/sh"),
            ("a.xml", b"<a xmlns:h='http://www.w3.org/1999/xhtml'><h:script/></a>"),
            ("a.xml", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"),
            ("a.svg", b"<svg/>"),
            ("wide.xml", b"\xFF\xFE<\0S\0C\0R\0I\0P\0T\0"),
            ("cells.csv", b"1,\"=cmd|'/c calc'!A0\"\n"),
            ("macro.docm", b"PK\x03\x04"),
            ("fake.ofd", b"PK\x03\x04"),
            ("fake.png", b"<a/>"),
            ("\u{202E}lmx.exe.xml", b"<a/>"),
            ("", b"<a/>"),
            ("x", b"text"),
            ("broken.pdf", b"%PDF-1.7\n"),
        ] {
            assert!(check(name, bytes).is_err(), "{name}");
        }
    }
}
