//! Accounts, certificates, seals and types come back from their records.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::{Made, insert};
use crate::App;
use crate::error::{Result, internal};
use crate::index::{Cells, MAIN};
use crate::service::fsck::{Known, Telling, expected_people};
use crate::service::record::Record;
use crate::store::{StorePath, hash};

/// Longest record that is read, bytes.
const RECORD: u64 = 16 << 20;

/// Rebuilds them; what the trail does not tell of yet is told to it.
pub(super) async fn make(app: &App, telling: &mut Telling, made: &mut Made) -> Result<()> {
    let mut known = Known::new();
    let mut rows: Vec<(&'static str, Cells)> = Vec::new();
    for kind in ["account", "certificate", "seal", "type"] {
        for (object, files) in objects(app, kind).await? {
            if let Some(record) = newest(app, kind, &object, files, telling, made).await? {
                known.insert((kind.to_owned(), object), record);
            }
        }
    }
    rows.extend(telling.records.values().map(|row| ("records", row.clone())));
    let expected = expected_people(&known, telling);
    let count = |name: &str| expected.keys().filter(|(table, _)| *table == name).count() as u64;
    (made.accounts, made.certificates, made.types) = (count("accounts"), count("certificates"), count("types"));
    rows.extend(expected.into_iter().map(|((name, _), cells)| (name, cells)));
    insert(app, MAIN, rows).await
}

/// The files of every object of a kind: version and path, the first version first.
async fn objects(app: &App, kind: &str) -> Result<BTreeMap<String, Vec<(i64, StorePath)>>> {
    let mut objects: BTreeMap<String, Vec<(i64, StorePath)>> = BTreeMap::new();
    for folder in app.store.places().into_iter().map(|place| format!("{place}records/{kind}s")) {
        for shard in app.store.list(&folder).await? {
            for object in app.store.list(&format!("{folder}/{shard}")).await? {
                for name in app.store.list(&format!("{folder}/{shard}/{object}")).await? {
                    let path: StorePath = format!("{folder}/{shard}/{object}/{name}").parse().map_err(internal)?;
                    let version = name.split('-').next().and_then(|version| version.parse().ok()).unwrap_or_default();
                    objects.entry(object.clone()).or_default().push((version, path));
                }
            }
        }
    }
    for files in objects.values_mut() {
        files.sort();
    }
    Ok(objects)
}

/// The newest record of an object. The trail says which files are real; behind what it tells, the next versions are.
async fn newest(app: &App, kind: &str, object: &str, files: Vec<(i64, StorePath)>, telling: &mut Telling, made: &mut Made) -> Result<Option<Record>> {
    let real: HashSet<&str> = telling.records.keys().map(String::as_str).collect();
    let told: i64 = telling
        .records
        .values()
        .filter(|row| row["kind"].text() == kind && row["object"].text() == object)
        .map(|row| row["version"].number())
        .max()
        .unwrap_or(0);
    let (mut newest, mut reached, mut untold) = (None, told, Vec::new());
    for (version, path) in files {
        let is_told = real.contains(path.as_str());
        if is_told && version < told {
            continue;
        }
        if !is_told && version != reached + 1 {
            made.unplaced(path.as_str(), "the trail does not tell of it: an act that did not happen, or that another overtook");
            continue;
        }
        let Some(bytes) = app.store.read(&path, RECORD).await? else { continue };
        if is_told && telling.records.get(path.as_str()).is_some_and(|row| row["sha256"].text() != hash(&bytes).as_str()) {
            made.unplaced(path.as_str(), "its bytes are not those that the trail tells of");
            continue;
        }
        match Record::read(&bytes) {
            Ok(record) if record.kind() == kind && record.object() == object => {
                if !is_told {
                    reached = version;
                    untold.push((version, path, bytes, record.clone()));
                }
                newest = Some(record);
            }
            Ok(_) => made.unplaced(path.as_str(), "it tells of something else than its place says"),
            Err(problem) => made.unplaced(path.as_str(), problem),
        }
    }
    for (_, path, bytes, record) in untold {
        tell(app, telling, &path, &bytes, &record).await?;
    }
    Ok(newest)
}

/// Tells the trail of an act that it had no time to tell of.
async fn tell(app: &App, telling: &mut Telling, path: &StorePath, bytes: &[u8], record: &Record) -> Result<()> {
    let (kind, at, mut facts) = match record {
        Record::Account(account) => {
            let facts = [("login", Value::from(account.login.as_str())), ("name", account.name.as_str().into()), ("active", account.active.into())];
            (if account.at == account.created_at { "account-added" } else { "account-changed" }, account.at, Vec::from(facts))
        }
        Record::Certificate(certificate) => {
            let at = certificate.revoked_at.or(certificate.confirmed_at).unwrap_or(certificate.issued_at);
            ("recorded", at, vec![("of", Value::from("certificate"))])
        }
        Record::Type(known) => ("type-imported", known.imported_at, Vec::new()),
        Record::Seal(seal) => ("seal-saved", seal.saved_at, Vec::new()),
        Record::Rejected(_) | Record::Withdrawn(_) => return Ok(()),
    };
    facts.extend([
        ("record", Value::from(path.as_str())),
        ("record_sha256", hash(bytes).as_str().into()),
        ("record_size", bytes.len().into()),
        ("restored", true.into()),
    ]);
    let facts: BTreeMap<String, Value> = facts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    app.index.tell_trail(MAIN, at, kind, record.object(), facts).await?;
    let entry = app.index.trail_about(MAIN, record.object()).await?.pop();
    if let Some(told) = entry.as_ref().and_then(crate::service::history::Told::read) {
        telling.take(&told);
    }
    Ok(())
}
