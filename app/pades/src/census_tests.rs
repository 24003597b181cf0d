//! How many of other people's files become documents, and why the rest do not: `cargo test -p pades census -- --nocapture` prints it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::{Error, Limits, inspect};

/// The files of a corpus beside the project's root, wherever that was checked out; none where it is not there.
pub(crate) fn corpus(folder: &str) -> Vec<PathBuf> {
    let root = Path::new("../../../shared/corpus").join(folder);
    let Ok(entries) = std::fs::read_dir(&root) else {
        println!("skipped: {} is not there", root.display());
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "pdf")).collect();
    files.sort();
    files
}

#[test]
fn most_files_of_pdfjs_become_documents() {
    let files = corpus("pdfjs");
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for path in &files {
        let why = match inspect(&std::fs::read(path).unwrap(), &Limits::default()) {
            Ok(_) => "taken".to_owned(),
            Err(Error::Refused { rule, .. }) => rule.to_owned(),
            Err(Error::TooLarge { .. }) => "too large".to_owned(),
            Err(error) => {
                println!("{}: {error}", path.file_name().unwrap().to_string_lossy());
                "damaged".to_owned()
            }
        };
        reasons.entry(why).or_default().push(path.file_stem().unwrap().to_string_lossy().into_owned());
    }
    println!("{} files", files.len());
    for (why, names) in reasons.iter().filter(|(why, _)| *why != "taken") {
        println!("{:4} {why}: {}", names.len(), names.join(" "));
    }
    let taken = reasons.get("taken").map_or(0, Vec::len);
    println!("{taken} taken");
    assert!(taken >= 625 || files.is_empty(), "only {taken} of {} files are taken", files.len());
}
