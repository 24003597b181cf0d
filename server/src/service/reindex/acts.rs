//! The acts of the last minute, which no checkpoint covers yet: read from the files themselves, one fitting on the other.

use std::collections::BTreeMap;

use app::model::{Decide, Level, Number};
use bytes::Bytes;
use pades::EntryKind;
use serde_json::Value;

use super::Made;
use crate::App;
use crate::error::{Result, internal};
use crate::service::history::{Act, ActKind, Derived, Told, derive};
use crate::service::level;
use crate::service::record::{Deed, Record};
use crate::store::{StorePath, hash};

/// Longest file that is read, bytes.
const FILE: u64 = 256 << 20;

/// A file's name, read: `1-0-9f2c41d0a7b3.pdf`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// The whole path.
    pub path: String,
    edition: i64,
    revision: i64,
    is_pdf: bool,
}

impl Named {
    /// Reads a name; none where it is not one of ours.
    pub fn read(folder: &str, name: &str) -> Option<Self> {
        let (stem, ending) = name.rsplit_once('.')?;
        let mut parts = stem.splitn(3, '-');
        let (edition, revision, _) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
        matches!(ending, "pdf" | "json").then(|| Self { path: format!("{folder}/{name}"), edition, revision, is_pdf: ending == "pdf" })
    }
}

/// The acts so far and those that the other files tell of, as long as one fits on the other.
pub(super) async fn grow(app: &App, database: &str, number: &Number, acts: Vec<Act>, files: &[Named], made: &mut Made) -> Result<Vec<Act>> {
    let mut life = Life { app, database, number, acts, deeds: BTreeMap::new(), last: None };
    life.catch_up().await?;
    let mut left: Vec<&Named> = files
        .iter()
        .filter(|named| !life.acts.iter().any(|act| [&act.told.path, &act.told.record].into_iter().flatten().any(|path| *path == named.path)))
        .collect();
    while let Some(place) = life.next(&left).await? {
        left.remove(place);
    }
    for named in left {
        made.unplaced(&named.path, "no act names it, and it does not fit on what is there: an act that did not happen");
    }
    Ok(life.acts)
}

struct Life<'a> {
    app: &'a App,
    database: &'a str,
    number: &'a Number,
    acts: Vec<Act>,
    deeds: BTreeMap<i64, Deed>,
    /// The newest file.
    last: Option<Bytes>,
}

impl Life<'_> {
    /// Reads what the acts so far made.
    async fn catch_up(&mut self) -> Result<()> {
        for act in self.acts.clone() {
            let Some(path) = act.told.path.filter(|_| act.kind.makes_file()) else { continue };
            let Some(file) = self.file(&path).await? else { continue };
            if act.told.revision == 0
                && let Ok(Some(deed)) = Deed::read(&file)
            {
                self.deeds.insert(act.told.edition, deed);
            }
            self.last = Some(file);
        }
        Ok(())
    }

    /// Takes the next act that one of these files tells of; its place among them.
    async fn next(&mut self, left: &[&Named]) -> Result<Option<usize>> {
        let (edition, revision) = self.acts.last().map_or((0, -1), |act| (act.told.edition, act.told.revision));
        let status = self.status();
        for (place, named) in left.iter().enumerate() {
            let fits = match (named.is_pdf, status.as_str()) {
                (true, "") => (named.edition, named.revision) == (1, 0),
                (true, "pending" | "signed") => (named.edition, named.revision) == (edition, revision + 1),
                (true, "rejected") => (named.edition, named.revision) == (edition + 1, 0),
                (false, "pending" | "rejected") => (named.edition, named.revision) == (edition, revision),
                _ => false,
            };
            if fits && self.take(named).await? {
                return Ok(Some(place));
            }
        }
        Ok(None)
    }

    /// What a file tells of happened, if it can have happened then.
    async fn take(&mut self, named: &Named) -> Result<bool> {
        let Some(file) = self.file(&named.path).await? else { return Ok(false) };
        let act = match (named.is_pdf, named.revision) {
            (false, _) => self.ending(&file),
            (true, 0) => self.opening(named, &file),
            (true, _) => self.signed(named, &file).await?,
        };
        let Some(mut told) = act else { return Ok(false) };
        told.object = self.number.to_string();
        if named.is_pdf {
            (told.path, told.sha256, told.size) = (Some(named.path.clone()), Some(hash(&file).to_string()), file.len() as i64);
        } else {
            (told.record, told.record_sha256, told.record_size) = (Some(named.path.clone()), Some(hash(&file).to_string()), file.len() as i64);
            told.sha256 = self.acts.last().and_then(|act| act.told.sha256.clone());
        }
        let Some(act) = Act::of(told) else { return Ok(false) };
        self.acts.push(act.clone());
        let Ok(rows) = derive(self.number, &self.acts, &self.deeds) else {
            self.acts.pop();
            return Ok(false);
        };
        if named.is_pdf {
            self.last = Some(file);
        }
        self.returned(&act, &rows).await?;
        Ok(true)
    }

    /// A decision that ended the route sent the result to the creator.
    async fn returned(&mut self, act: &Act, rows: &Derived) -> Result<()> {
        let status =
            rows.iter().find(|((name, _), _)| *name == "documents").map(|(_, row)| (row["status"].text().to_owned(), row["creator"].text().to_owned()));
        let Some((status, creator)) = status else { return Ok(()) };
        let ended = matches!((act.kind, status.as_str()), (ActKind::Signed, "signed") | (ActKind::Rejected, "rejected"));
        if !ended {
            return Ok(());
        }
        let last = self.app.index.last_deliveries(self.database).await?.into_iter().find(|(of, _)| *of == creator).map_or(0, |(_, position)| position);
        let here = self.acts.iter().filter_map(|act| act.told.delivery).max().unwrap_or(0);
        let told = Told {
            kind: "returned".to_owned(),
            step: None,
            level: None,
            serial: None,
            path: None,
            record: None,
            delivery: Some(last.max(here) + 1),
            ..act.told.clone()
        };
        self.acts.extend(Act::of(told));
        Ok(())
    }

    fn opening(&mut self, named: &Named, file: &Bytes) -> Option<Told> {
        let deed = Deed::read(file).ok().flatten().filter(|deed| deed.number == *self.number && i64::from(deed.edition) == named.edition)?;
        let told = Told {
            kind: if named.edition == 1 { "created" } else { "corrected" }.to_owned(),
            at: deed.at,
            account: deed.creator.account.clone(),
            by: Some(deed.creator.name.clone()),
            edition: named.edition,
            ..Told::default()
        };
        self.deeds.insert(named.edition, deed);
        Some(told)
    }

    fn ending(&self, file: &Bytes) -> Option<Told> {
        let record = Record::read(file).ok()?;
        let kind = record.kind().to_owned();
        let (Record::Rejected(ending) | Record::Withdrawn(ending)) = record else { return None };
        (ending.number == *self.number).then(|| Told {
            kind,
            at: ending.at,
            account: ending.account,
            by: Some(ending.by),
            step: ending.step,
            reason: ending.reason,
            edition: ending.edition.into(),
            revision: ending.revision.into(),
            ..Told::default()
        })
    }

    /// One more signature, or more evidence about those that are there.
    async fn signed(&mut self, named: &Named, file: &Bytes) -> Result<Option<Told>> {
        if self.last.as_ref().is_none_or(|last| !file.starts_with(last) || file.len() <= last.len()) {
            return Ok(None);
        }
        let trust = level::trust(self.app).await?;
        let judged = file.clone();
        let Ok(report) = self.app.work(move || pades::verify(&judged, &trust)).await? else { return Ok(None) };
        let people: Vec<_> = report.signatures.iter().filter(|entry| entry.kind == EntryKind::Signature).collect();
        let known: Vec<&str> = self.acts.iter().filter(|act| act.told.edition == named.edition).filter_map(|act| act.told.serial.as_deref()).collect();
        let lowest = people.iter().map(|entry| Level::read(&entry.level)).min().unwrap_or_default();
        let mut told = Told { edition: named.edition, revision: named.revision, level: Some(lowest.as_str().to_owned()), ..Told::default() };
        match people.len().checked_sub(known.len()) {
            Some(0) => {
                "raised".clone_into(&mut told.kind);
                told.by = Some("Signet".to_owned());
                told.at = report.signatures.iter().filter_map(|entry| entry.proven_at).max().unwrap_or_default() * 1000;
            }
            Some(1) => {
                let Some(new) = people.last() else { return Ok(None) };
                let Some(step) =
                    self.deeds.get(&named.edition).and_then(|deed| deed.steps.iter().find(|step| step.fields.iter().any(|field| field.field == new.field)))
                else {
                    return Ok(None);
                };
                let field = step.fields.iter().find(|field| field.field == new.field);
                let row = self.app.index.certificate(&new.serial).await?;
                let account = match step.decide {
                    Decide::All => field.and_then(|field| field.account.clone()),
                    Decide::Any => row.map(|row| row.account),
                };
                "signed".clone_into(&mut told.kind);
                told.account = account.unwrap_or_default();
                told.by = Some(new.signer.clone());
                told.step = Some(step.key.clone());
                told.serial = Some(new.serial.clone());
                told.at = new.claimed_at.unwrap_or_default() * 1000;
            }
            _ => return Ok(None),
        }
        Ok(Some(told))
    }

    async fn file(&self, path: &str) -> Result<Option<Bytes>> {
        let path: StorePath = path.parse().map_err(internal)?;
        Ok(self.app.store.read(&path, FILE).await?)
    }

    fn status(&self) -> String {
        let Ok(rows) = derive(self.number, &self.acts, &self.deeds) else { return String::new() };
        rows.iter().find(|((name, _), _)| *name == "documents").map(|(_, row)| row["status"].text().to_owned()).unwrap_or_default()
    }
}

/// Tells the trail of an act that it had no time to tell of.
pub(super) async fn tell(app: &App, database: &str, number: &Number, act: &Act) -> Result<()> {
    let events = app.index.trail_about(database, number.as_str()).await?.iter().filter_map(Told::read).filter_map(Act::of).count();
    let told = &act.told;
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let size = |of: &Option<String>, size: i64| of.as_ref().map(|_| size);
    let facts = [
        ("account", some(&told.account).map(Value::from)),
        ("by", told.by.clone().map(Value::from)),
        ("step", told.step.clone().map(Value::from)),
        ("reason", told.reason.clone().map(Value::from)),
        ("edition", Some(told.edition.into())),
        ("revision", Some(told.revision.into())),
        ("sha256", told.sha256.clone().map(Value::from)),
        ("level", told.level.clone().map(Value::from)),
        ("path", told.path.clone().map(Value::from)),
        ("size", size(&told.path, told.size).map(Value::from)),
        ("serial", told.serial.clone().map(Value::from)),
        ("record", told.record.clone().map(Value::from)),
        ("record_sha256", told.record_sha256.clone().filter(|_| told.record.is_some()).map(Value::from)),
        ("record_size", size(&told.record, told.record_size).map(Value::from)),
        ("delivery", told.delivery.map(Value::from)),
        ("event", Some((events + 1).into())),
        ("restored", Some(true.into())),
    ];
    let facts: BTreeMap<String, Value> = facts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    let kind = match act.kind {
        ActKind::Created => "created",
        ActKind::Corrected => "corrected",
        ActKind::Signed => "signed",
        ActKind::Rejected => "rejected",
        ActKind::Returned => "returned",
        ActKind::Raised => "raised",
        ActKind::Withdrawn => "withdrawn",
    };
    app.index.tell_trail(database, told.at, kind, number.as_str(), facts).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_ours_are_read() {
        let named = Named::read("EXP/2026/11/EXP-2026-000001", "2-13-9f2c41d0a7b3.pdf").unwrap();
        assert_eq!((named.edition, named.revision, named.is_pdf), (2, 13, true));
        assert!(!Named::read("a", "1-0-ab.json").unwrap().is_pdf);
        for name in ["1-0.pdf", "x-0-ab.pdf", "1-0-ab.txt", "1-0-ab"] {
            assert_eq!(Named::read("a", name), None, "{name}");
        }
    }
}
