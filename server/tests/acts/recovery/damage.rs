//! Files damaged in every way, and trails changed, cut off or written anew: each is found, and what can be written again is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use server::service;
use support::world::World;

use crate::recovery::faults::{insert, run};
use crate::recovery::place::Place;

type Damage<'a> = &'a dyn Fn(&Path, &[u8]);

/// One file of each kind, damaged in each way.
pub async fn files(world: &World) -> usize {
    let root = world.folder.path().join("data/files");
    let files = one_of_each(&root);
    assert!(files.len() >= 9, "{files:?}");
    let other = std::fs::read(&files["1-1.pdf"]).unwrap();
    let damages: [(&str, Damage); 7] = [
        ("missing", &|path, _| std::fs::remove_file(path).unwrap()),
        ("corrupt", &|path, bytes| std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap()),
        ("corrupt", &|path, bytes| std::fs::write(path, [bytes, b"x"].concat()).unwrap()),
        ("corrupt", &|path, bytes| {
            let mut bytes = bytes.to_vec();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            std::fs::write(path, bytes).unwrap();
        }),
        ("corrupt", &|path, _| std::fs::write(path, b"").unwrap()),
        ("corrupt", &|path, bytes| std::fs::write(path, bytes.iter().rev().copied().collect::<Vec<u8>>()).unwrap()),
        ("corrupt", &|path, bytes| std::fs::write(path, if bytes == other.as_slice() { &b"%PDF-"[..] } else { &other }).unwrap()),
    ];
    let mut count = 0;
    for (rule, damage) in damages {
        let kept: BTreeMap<&str, Vec<u8>> = files.iter().map(|(kind, path)| (kind.as_str(), std::fs::read(path).unwrap())).collect();
        for (kind, path) in &files {
            damage(path, &kept[kind.as_str()]);
        }
        let findings = service::fsck::repair(&world.app).await.unwrap().findings;
        for (kind, path) in &files {
            let rule = format!("{}-{rule}", if is_pdf(kind) { "file" } else { "record" });
            let path = path.strip_prefix(&root).unwrap().to_str().unwrap();
            let found =
                findings.iter().find(|finding| finding.rule == rule && finding.text.contains(path)).unwrap_or_else(|| panic!("{rule} {path}: {findings:#?}"));
            // Endings, accounts, certificates, types, seals, segments and notes are written again.
            assert_eq!(found.repair, if is_pdf(kind) { "none" } else { "done" }, "{kind} {found:?}");
            count += 1;
        }
        assert_eq!(findings.len(), files.len(), "{findings:#?}");
        for (kind, path) in &files {
            if is_pdf(kind) {
                std::fs::write(path, &kept[kind.as_str()]).unwrap();
            }
            assert_eq!(&std::fs::read(path).unwrap(), &kept[kind.as_str()], "{kind}");
        }
    }
    count
}

fn is_pdf(kind: &str) -> bool {
    kind.strip_suffix(".pdf").is_some()
}

/// A file of each kind: of documents by edition and revision, of records the newest of an object.
fn one_of_each(root: &Path) -> BTreeMap<String, PathBuf> {
    let mut all = Vec::new();
    walk(root, &mut all);
    all.sort();
    let mut files = BTreeMap::new();
    for path in all {
        let below = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        let (stem, ending) = below.rsplit_once('.').unwrap();
        let kind = if let Some(rest) = below.strip_prefix("records/") {
            format!("{}.{ending}", rest.split('/').next().unwrap())
        } else {
            let parts: Vec<&str> = stem.rsplit('/').next().unwrap().splitn(3, '-').collect();
            format!("{}-{}.{ending}", parts[0], parts[1])
        };
        // Of an object's records only the newest can be written again: those that have only one.
        let is_only = path.parent().unwrap().read_dir().unwrap().count() == 1 || !below.starts_with("records/") || kind.starts_with("trail");
        if is_only {
            files.entry(kind).or_insert(path);
        }
    }
    files
}

pub fn walk(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            walk(&entry, all);
        // The store's mark is no file of a document's: the next start writes it again.
        } else if !entry.ends_with(service::ownership::MARK) {
            all.push(entry);
        }
    }
}

/// Histories that were changed, cut off or written anew, each in the way of someone who may do anything to the database.
pub async fn trail(world: &World, place: &Place, whole: &BTreeSet<String>) -> usize {
    let rows = world.app.index.trail("main", 0, 10_000).await.unwrap();
    let (middle, last) = (&rows[rows.len() / 2], &rows[rows.len() - 1]);
    let cut = rows[rows.len() - 4].clone();
    let set = |column: &str, value: &str, position: u64| format!("UPDATE trail SET {column} = '{}' WHERE position = {position}", value.replace('\'', "''"));
    let head = |position: u64, hash: &str| format!("UPDATE trail_head SET position = {position}, hash = '{hash}' WHERE id = 1");
    // A whole history anew: every entry from the middle on says something else, and every hash fits.
    let mut anew = Vec::new();
    let mut hash = rows[rows.len() / 2 - 1].hash.clone();
    for row in &rows[rows.len() / 2..] {
        let body = row.body.replacen("\"at\":1", "\"at\":2", 1);
        hash = server::index::trail_link(&hash, &body).unwrap();
        anew.push(format!("UPDATE trail SET body = '{}', hash = '{hash}' WHERE position = {}", body.replace('\'', "''"), row.position));
    }
    anew.push(head(last.position, &hash));
    let plots: Vec<(&str, Vec<String>)> = vec![
        ("trail-chain", vec![set("body", &middle.body.replacen("\"at\":1", "\"at\":2", 1), middle.position)]),
        ("trail-chain", vec![set("object", "EXP-1999-000001", middle.position)]),
        ("trail-chain", vec![set("hash", &last.hash, middle.position)]),
        ("trail-chain", vec![format!("DELETE FROM trail WHERE position = {}", middle.position)]),
        ("trail-chain", vec![format!("UPDATE trail SET position = {} WHERE position = {}", last.position + 1, middle.position)]),
        ("trail-truncated", vec![format!("DELETE FROM trail WHERE position > {}", cut.position), head(cut.position, &cut.hash)]),
        // The checkpoints go with it: those in the store are still there.
        (
            "trail-truncated",
            vec![
                format!("DELETE FROM trail WHERE position > {}", cut.position),
                head(cut.position, &cut.hash),
                format!("DELETE FROM checkpoints WHERE position > {}", cut.position),
                format!("DELETE FROM records WHERE kind IN ('segment', 'note') AND version > {}", cut.position),
            ],
        ),
        ("checkpoint-differs", anew.clone()),
        (
            "checkpoint-differs",
            [&anew[..], &["DELETE FROM checkpoints".to_owned(), "DELETE FROM records WHERE kind IN ('segment', 'note')".to_owned()]].concat(),
        ),
    ];
    let mut count = 0;
    for (rule, statements) in plots {
        let mut all = guards_off(place);
        all.extend(statements.iter().cloned());
        for statement in &all {
            assert!(run(world, place, "main", statement).await, "{statement}");
        }
        let found: BTreeSet<String> = service::fsck::run(&world.app).await.unwrap().findings.into_iter().map(|finding| finding.rule).collect();
        assert!(found.contains(rule), "{rule} {found:?}\n{}", statements.join("\n").chars().take(400).collect::<String>());
        assert_eq!(found.contains("trail-guard"), !place.postgres, "{found:?}");
        count += 1;
        put_back(world, place, whole).await;
    }
    count
}

/// What must go before SQLite lets a trail be changed; PostgreSQL's superuser needs nothing.
fn guards_off(place: &Place) -> Vec<String> {
    if place.postgres { Vec::new() } else { vec!["DROP TRIGGER trail_stays".to_owned(), "DROP TRIGGER trail_remains".to_owned()] }
}

/// The tables of the trail as they were.
async fn put_back(world: &World, place: &Place, whole: &BTreeSet<String>) {
    for name in ["trail", "trail_head", "checkpoints", "records"] {
        assert!(run(world, place, "main", &format!("DELETE FROM {name}")).await);
        for line in whole.iter().filter_map(|line| line.strip_prefix(&format!("main {name} "))) {
            assert!(run(world, place, "main", &insert(name, &serde_json::from_str(line).unwrap())).await, "{line}");
        }
    }
    world.app.index.guard_trail("main").await.unwrap();
}
