//! Beside another reader of PDF (lopdf, which repairs and guesses): every file that it reads and ours does not is refused for a known reason,
//! and where both read a file they find the same pages.

use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};

use pades::pdf::Pdf;
use pades::pdf::page::pages;
use pades::{Error, Limits};

/// Part of what ours says, and why it does not do as the other reader does; “the same” is that of the one before.
const REASONS: &[(&str, &str)] = &[
    ("rule encrypted", "what is signed must be readable without a password"),
    ("begin as a PDF does", "bytes before the header move every offset, and readers disagree about how"),
    ("end of the file is missing", "a file that is cut off or goes on after its end may have another end for another reader"),
    ("stands after the end of the file", "the same"),
    ("is not where the file says", "a table that must be searched for is found differently by every reader"),
    ("no cross-reference section stands here", "the same"),
    ("“xref” expected", "the same"),
    ("“trailer” expected", "the same"),
    ("“startxref” expected", "the same"),
    ("“%%EOF” expected", "the same"),
    ("number expected", "the same"),
    ("“obj” expected", "the same"),
    ("object number out of range", "annex C.2: no reader needs such numbers, and some count them round to others"),
    ("not of  bytes", "§7.5.4 fixes the length; readers guess differently where entries end"),
    ("beyond the /Size", "§7.5.5: such objects do not exist, and readers disagree whether they do"),
    ("the trailer has no /Size", "§7.5.5 demands it"),
    ("bad /", "§7.5.8.2: a cross-reference stream that does not say its form is guessed at"),
    ("cross-reference stream", "a table that is cut off hides objects from one reader and not from another"),
    ("chain of cross-reference tables", "/Prev in a circle or forward: which revision is the newest is a guess"),
    ("do not agree", "the same"),
    ("stands twice", "of two values of one key, or two places of one object, readers take either"),
    (" is not where the cross-reference table says", "an object that must be searched for may be another one elsewhere"),
    ("stand outside its revision", "the same"),
    ("not in object stream", "the same"),
    ("object stream", "an object stream that does not say what it holds"),
    ("“endobj” expected", "§7.3.10: where an object ends is a guess otherwise"),
    ("not as long as it says", "§7.3.8.2: where a stream ends decides what is in it"),
    ("longer than the file", "the same"),
    ("without its length", "the same"),
    ("followed by an end of line", "§7.3.8.1: its first byte is a guess otherwise"),
    ("this is no value", "§7.3: what is no object is skipped by one reader and ends the object for another"),
    ("this is no number", "the same"),
    ("key was expected", "the same"),
    ("hexadecimal digit", "the same"),
    ("does not end", "the same"),
    ("a name holds a zero byte", "§7.3.5 forbids it"),
    ("ends inside an object", "the same"),
    ("“true” expected", "the same"),
    ("“null” expected", "the same"),
    ("“false” expected", "the same"),
    ("needed to read itself", "the file describes itself in a circle"),
    ("only refer to references", "the same"),
    ("a compressed part of the file is damaged", "compressed data that do not inflate to their end show one thing here and another there"),
    ("not read here", "structure packed with a filter for pictures"),
    ("no catalogue", "no document"),
    ("rule page-tree", "a list of pages with holes, circles or strangers is a different document to every reader"),
    ("than the limit of", "more than the limits allow"),
    ("rule generations", "two states of one object at once"),
    ("rule form", "a form whose fields cannot be told apart cannot be signed safely"),
    ("rule structure", "an object that is two parts of the document at once"),
];

/// Rules of `inspect` about what a well-formed file may hold: no matter of reading.
const RULES: &[&str] =
    &["optional-content", "embedded-files", "signed", "undrawn", "xfa", "open-action", "external", "javascript", "action", "multimedia", "alternates"];

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new("../../../../shared/corpus").join(folder);
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("{} is not there, nothing was tested", folder.display());
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "pdf")).collect();
    files.sort();
    files
}

fn ours(bytes: &[u8]) -> Result<usize, Error> {
    let pdf = Pdf::parse(bytes, &Limits::default())?;
    Ok(pages(pdf.latest())?.len())
}

/// Pages that the other reader finds; `None` where it gives up.
fn theirs(bytes: &[u8]) -> Option<usize> {
    let bytes = bytes.to_vec();
    let document = catch_unwind(|| lopdf::Document::load_mem(&bytes).ok()).ok().flatten()?;
    Some(document.get_pages().len()).filter(|&pages| pages > 0)
}

/// What is said about damage, without its numbers; the rule of a refusal.
fn words(error: &Error) -> String {
    match error {
        Error::Malformed { text, .. } => text.chars().filter(|character| !character.is_ascii_digit()).collect(),
        Error::Refused { rule, .. } => format!("rule {rule}"),
        other => other.to_string(),
    }
}

fn reason(words: &str) -> Option<&'static str> {
    if let Some(rule) = words.strip_prefix("rule ")
        && RULES.contains(&rule)
    {
        return Some("a rule about contents, not about reading");
    }
    let found = REASONS.iter().position(|(part, _)| words.contains(part))?;
    REASONS[..=found].iter().rev().map(|(_, why)| *why).find(|why| *why != "the same")
}

#[test]
fn every_refusal_has_a_reason_and_pages_agree() {
    let mut table: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let (mut both, mut neither, mut only_ours) = (0, 0, Vec::new());
    let mut unexplained = Vec::new();
    for path in ["pdfjs", "pyhanko-pdf"].iter().flat_map(|folder| files(folder)) {
        let bytes = std::fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match (pades::inspect(&bytes, &Limits::default()), ours(&bytes), theirs(&bytes)) {
            (_, Ok(ours), Some(theirs)) if ours != theirs => unexplained.push(format!("{name}: {ours} pages, but {theirs} elsewhere")),
            (Err(error), _, Some(_)) => match reason(&words(&error)) {
                Some(why) => *table.entry((words(&error), why)).or_default() += 1,
                None => unexplained.push(format!("{name}: {error}")),
            },
            (Ok(_), _, Some(_)) => both += 1,
            (Ok(_), _, None) => only_ours.push(name),
            (Err(_), _, None) => neither += 1,
        }
    }
    for ((text, why), count) in &table {
        println!("{count:4}  {text}\n      {why}");
    }
    println!("{both} accepted here and read there, {neither} by neither, {only_ours:?} only here");
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
    assert!(both > 300 || files("pdfjs").is_empty());
}
