//! Documents come back: those that the trail tells of whole, then those whose last acts it had no time to tell of.

use std::collections::BTreeMap;

use app::model::{Level, Number, TypeCode};
use futures::{StreamExt, stream};

use super::acts::{self, Named};
use super::{Made, insert_whole};
use crate::App;
use crate::error::{Result, internal};
use crate::index::{Cell, Cells, table};
use crate::service::fsck::Telling;
use crate::service::history::{Act, Derived, Told, derive};
use crate::service::record::Deed;
use crate::store::StorePath;

/// Documents made at a time.
const AT_ONCE: usize = 4;

/// Makes every document whose files are in the store.
pub(super) async fn make(app: &App, telling: &BTreeMap<String, Telling>, made: &mut Made) -> Result<()> {
    let mut found = tree(app, made).await?;
    // Documents that the trail tells of and whose files are all gone are said too.
    for told in telling.values() {
        for number in &told.created {
            if let Ok(number) = number.parse::<Number>() {
                found.entry(number).or_default();
            }
        }
    }
    let numbers: Vec<(Number, Vec<Named>)> = found.into_iter().collect();
    let mut later = Vec::new();
    let mut looked = stream::iter(numbers.into_iter().map(|(number, files)| async move {
        let outcome = told(app, &number, &files).await;
        (number, files, outcome)
    }))
    .buffered(AT_ONCE);
    while let Some((number, files, outcome)) = looked.next().await {
        match outcome? {
            Outcome::Made => made.documents += 1,
            Outcome::Later => later.push((number, files)),
            Outcome::Not(why) => made.unplaced(number.as_str(), why),
        }
    }
    drop(looked);
    // What no trail tells of goes behind all that it does: also in mailboxes.
    for (number, files) in later {
        match untold(app, &number, &files, made).await? {
            Outcome::Made => made.documents += 1,
            Outcome::Later => {}
            Outcome::Not(why) => made.unplaced(number.as_str(), why),
        }
    }
    Ok(())
}

enum Outcome {
    Made,
    Later,
    Not(String),
}

/// `CODE/2026/11/CODE-2026-000123/1-0-9f2c41d0a7b3.pdf`, by number: names only, so that also very many fit into memory.
async fn tree(app: &App, made: &mut Made) -> Result<BTreeMap<Number, Vec<Named>>> {
    let mut found: BTreeMap<Number, Vec<Named>> = BTreeMap::new();
    for place in app.store.places() {
        for code in app.store.list(&place).await?.into_iter().filter(|name| name.parse::<TypeCode>().is_ok()) {
            for year in app.store.list(&format!("{place}{code}")).await? {
                for month in app.store.list(&format!("{place}{code}/{year}")).await? {
                    folder(app, &format!("{place}{code}/{year}/{month}"), &mut found, made).await?;
                }
            }
        }
    }
    Ok(found)
}

/// The documents of one month.
async fn folder(app: &App, month: &str, found: &mut BTreeMap<Number, Vec<Named>>, made: &mut Made) -> Result<()> {
    for number in app.store.list(month).await? {
        let folder = format!("{month}/{number}");
        let Ok(parsed) = number.parse::<Number>() else {
            made.unplaced(&folder, "it is in the place of a document, but its name is no number");
            continue;
        };
        for name in app.store.list(&folder).await? {
            match Named::read(&folder, &name) {
                Some(named) => found.entry(parsed.clone()).or_default().push(named),
                None => made.unplaced(format!("{folder}/{name}"), "its name is not one of ours"),
            }
        }
    }
    Ok(())
}

/// A document all of whose files the trail tells of.
async fn told(app: &App, number: &Number, files: &[Named]) -> Result<Outcome> {
    let Some(database) = app.index.database_of(&number.type_code()).await? else {
        return Ok(Outcome::Not(format!("there is no type {}: its record is missing", number.type_code())));
    };
    let acts = acts_of(app, &database, number).await?;
    let is_told = |named: &Named| acts.iter().any(|act| [&act.told.path, &act.told.record].into_iter().flatten().any(|path| *path == named.path));
    if acts.is_empty() || files.iter().any(|named| !is_told(named)) {
        return Ok(Outcome::Later);
    }
    write(app, &database, number, &acts).await
}

/// A document with files that the trail does not tell of: those that fit on what is there happened.
async fn untold(app: &App, number: &Number, files: &[Named], made: &mut Made) -> Result<Outcome> {
    let Some(database) = app.index.database_of(&number.type_code()).await? else { return Ok(Outcome::Not("there is no such type".to_owned())) };
    let before = acts_of(app, &database, number).await?;
    let grown = acts::grow(app, &database, number, before.clone(), files, made).await?;
    if grown.is_empty() {
        return Ok(Outcome::Not("no file of its first edition can be read".to_owned()));
    }
    for act in &grown[before.len()..] {
        acts::tell(app, &database, number, act).await?;
    }
    // Read again: the trail gave each its place.
    let acts = acts_of(app, &database, number).await?;
    write(app, &database, number, &acts).await
}

async fn acts_of(app: &App, database: &str, number: &Number) -> Result<Vec<Act>> {
    Ok(app.index.trail_about(database, number.as_str()).await?.iter().filter_map(Told::read).filter_map(Act::of).collect())
}

async fn write(app: &App, database: &str, number: &Number, acts: &[Act]) -> Result<Outcome> {
    let mut deeds = BTreeMap::new();
    for act in acts.iter().filter(|act| act.kind.makes_file() && act.told.revision == 0) {
        match deed(app, &act.told).await? {
            Ok(deed) => drop(deeds.insert(act.told.edition, deed)),
            Err(why) => return Ok(Outcome::Not(why)),
        }
    }
    let mut rows = match derive(number, acts, &deeds) {
        Ok(rows) => rows,
        Err(problem) => return Ok(Outcome::Not(format!("its history cannot have happened: {problem}"))),
    };
    plan(&mut rows);
    let records = acts.iter().filter_map(|act| record(&act.told));
    let rows: Vec<_> = rows.into_iter().map(|((name, _), cells)| (name, cells)).chain(records).collect();
    // All of a document's rows are there or none.
    let documents = table("documents").ok_or_else(|| internal("documents is a table"))?;
    if !app.index.cells_where(database, documents, "number", &[number.to_string()]).await?.is_empty() {
        return Ok(Outcome::Made);
    }
    match insert_whole(app, database, rows).await {
        Ok(()) => Ok(Outcome::Made),
        Err(error) if error.code() == app::error::Code::Internal => Ok(Outcome::Not(format!("its rows do not fit to others: {error}"))),
        Err(error) => Err(error),
    }
}

/// What an edition's first file says of itself, or why it says nothing.
async fn deed(app: &App, told: &Told) -> Result<std::result::Result<Deed, String>> {
    let (Some(path), Some(sha256)) = (&told.path, &told.sha256) else { return Ok(Err("nothing says where its file is".to_owned())) };
    let (Ok(place), Ok(digest)) = (path.parse::<StorePath>(), sha256.parse()) else { return Ok(Err(format!("{path} is no file of ours"))) };
    let file = match app.store.get(&place, told.size.unsigned_abs(), &digest).await {
        Ok(file) => file,
        Err(error) if error.is_transient() => return Err(error.into()),
        Err(error) => return Ok(Err(error.to_string())),
    };
    let deed = app.work(move || Deed::read(&file)).await?;
    Ok(deed.and_then(|deed| deed.ok_or_else(|| "its file does not say what it holds: it is from before files did".to_owned())))
}

/// A signed document whose level can rise is tried once: what was planned is nowhere in the store.
fn plan(rows: &mut Derived) {
    for ((name, _), row) in rows {
        let may_rise = *name == "documents" && row["status"].text() == "signed" && row["level"].text() != Level::Archival.as_str();
        if may_rise {
            row.insert("raise_at".to_owned(), Cell::Number(0));
        }
    }
}

/// The row of an ending's record.
fn record(told: &Told) -> Option<(&'static str, Cells)> {
    let cells = [
        ("store_path", Cell::from(told.record.clone()?)),
        ("kind", told.kind.as_str().into()),
        ("object", told.object.as_str().into()),
        ("version", told.edition.into()),
        ("sha256", told.record_sha256.clone().into()),
        ("size", told.record_size.into()),
        ("created_at", told.at.into()),
    ];
    table("records").map(|table| (table.name, cells.into_iter().map(|(name, cell)| (name.to_owned(), cell)).collect()))
}
