//! Documents: the rows that follow from their acts, and the files that those name.

use std::collections::{BTreeMap, HashMap};

use app::model::Number;
use bytes::Bytes;
use futures::{StreamExt, stream};

use super::compare::{compare, key_cells};
use super::files::{Wanted, look};
use super::mend::Mend;
use super::numbers::Patterns;
use super::{Findings, Telling};
use crate::App;
use crate::error::{Result, internal};
use crate::index::{Cell, Cells, Change, Table, table};
use crate::service::history::{Act, Derived, Told, derive, key_of};
use crate::service::record::{Deed, Ending, Record};

/// Documents read at a time.
const PAGE: u32 = 100;

/// Documents whose files are read at a time.
const AT_ONCE: usize = 4;

/// The tables of a document, with `records`.
pub(super) const OWN: [&str; 8] = ["documents", "editions", "revisions", "steps", "step_fields", "decisions", "events", "deliveries"];

/// What every document's rows and files are checked for. Gives the counters that its numbers came from, and the mailboxes' last places.
pub(super) async fn check(app: &App, database: &str, telling: &Telling, patterns: &mut Patterns, all: &mut Findings) -> Result<Highest> {
    let mut highest = Highest::default();
    let mut untold = telling.created.clone();
    let mut after: Option<Cells> = None;
    loop {
        let rows = app.index.cells(database, named("documents")?, after.as_ref(), PAGE).await?;
        let numbers: Vec<String> = rows.iter().map(|row| row["number"].text().to_owned()).collect();
        for number in &numbers {
            untold.remove(number);
        }
        highest.count(app, patterns, &numbers).await?;
        page(app, database, telling, &numbers, &mut highest, all).await?;
        match rows.into_iter().next_back() {
            Some(row) => after = Some(row),
            None => break,
        }
    }
    // Documents that the trail tells of and no row does.
    let untold: Vec<String> = untold.into_iter().collect();
    for numbers in untold.chunks(PAGE as usize) {
        highest.count(app, patterns, numbers).await?;
        page(app, database, telling, numbers, &mut highest, all).await?;
    }
    Ok(highest)
}

async fn page(app: &App, database: &str, telling: &Telling, numbers: &[String], highest: &mut Highest, all: &mut Findings) -> Result<()> {
    if numbers.is_empty() {
        return Ok(());
    }
    let pages = Pages::read(app, database, numbers).await?;
    let jobs: Vec<_> = numbers.iter().map(|number| document(app, database, telling, number, &pages)).collect();
    let mut looked = stream::iter(jobs).buffered(AT_ONCE);
    while let Some(found) = looked.next().await {
        let (found, deliveries) = found?;
        all.add(found);
        for (creator, position) in deliveries {
            let entry = highest.mailboxes.entry(creator).or_default();
            *entry = (*entry).max(position);
        }
    }
    Ok(())
}

/// The highest values that what counts must have reached.
#[derive(Debug, Default)]
pub(super) struct Highest {
    /// By counter.
    pub counters: BTreeMap<String, i64>,
    /// By creator.
    pub mailboxes: BTreeMap<String, i64>,
}

impl Highest {
    async fn count(&mut self, app: &App, patterns: &mut Patterns, numbers: &[String]) -> Result<()> {
        let known: Vec<Number> = numbers.iter().filter_map(|number| number.parse().ok()).collect();
        for (counter, value) in patterns.counters_of(app, &known).await? {
            let entry = self.counters.entry(counter).or_default();
            *entry = (*entry).max(value);
        }
        Ok(())
    }
}

/// The rows of some documents, by number.
struct Pages {
    rows: HashMap<String, Derived>,
    records: HashMap<String, Derived>,
    told: HashMap<String, Vec<Told>>,
}

impl Pages {
    async fn read(app: &App, database: &str, numbers: &[String]) -> Result<Self> {
        let mut pages = Self { rows: HashMap::new(), records: HashMap::new(), told: HashMap::new() };
        for name in OWN {
            for cells in app.index.cells_where(database, named(name)?, "number", numbers).await? {
                let number = cells.get("number").map(|number| number.text().to_owned()).unwrap_or_default();
                pages.rows.entry(number).or_default().insert(key_of(name, &cells), cells);
            }
        }
        for cells in app.index.cells_where(database, named("records")?, "object", numbers).await? {
            let number = cells.get("object").map(|number| number.text().to_owned()).unwrap_or_default();
            pages.records.entry(number).or_default().insert(key_of("records", &cells), cells);
        }
        for cells in app.index.cells_where(database, named("trail")?, "object", numbers).await? {
            let told: Option<Told> = cells.get("body").and_then(|body| serde_json::from_str(body.text()).ok());
            if let Some(told) = told {
                pages.told.entry(told.object.clone()).or_default().push(told);
            }
        }
        Ok(pages)
    }
}

fn named(name: &str) -> Result<&'static Table> {
    table(name).ok_or_else(|| internal(format_args!("{name} is a table")))
}

type Checked = (Findings, Vec<(String, i64)>);

async fn document(app: &App, database: &str, telling: &Telling, text: &str, pages: &Pages) -> Result<Checked> {
    let mut all = Findings { documents: 1, ..Findings::default() };
    let empty = Derived::new();
    let actual = pages.rows.get(text).unwrap_or(&empty);
    let Ok(number) = text.parse::<Number>() else {
        all.say("documents-number", text, "this is no number; the index was changed by hand", None);
        return Ok((all, Vec::new()));
    };
    // 1. What happened, as the trail tells; for a document from before there was a trail, as its own rows tell.
    let acts = acts(actual, pages.told.get(text).map(Vec::as_slice).unwrap_or_default(), telling, text, &mut all);
    // 2. Its files, each against its hash; the first of each edition says what the edition holds.
    let mut deeds = BTreeMap::new();
    for act in acts.iter().filter(|act| act.kind.makes_file()) {
        let (Some(path), Some(sha256)) = (&act.told.path, &act.told.sha256) else { continue };
        let wanted = Wanted { what: "file", path, sha256, size: act.told.size, object: text, is_read: act.told.revision == 0 };
        let file = look(app, wanted, None, &mut all).await?;
        if act.told.revision == 0 {
            let deed = deed(app, file, act, actual, text, &mut all).await?;
            deeds.extend(deed.map(|deed| (act.told.edition, deed)));
        }
    }
    // 3. The rows that follow, against those that are there.
    match derive(&number, &acts, &deeds) {
        Ok(expected) => {
            compare(database, text, &expected, actual, &OWN, &mut all);
            let deliveries = expected.iter().filter(|((name, _), _)| *name == "deliveries");
            let deliveries = deliveries.map(|(_, row)| (row["creator"].text().to_owned(), row["position"].number())).collect();
            raise(database, text, actual, &mut all);
            records(app, database, text, &acts, pages.records.get(text).unwrap_or(&empty), &mut all).await?;
            Ok((all, deliveries))
        }
        Err(problem) => {
            all.say("documents-history", text, format!("its history cannot have happened: {problem}. Bring the database back from a backup"), None);
            Ok((all, Vec::new()))
        }
    }
}

/// The acts of a document: those of the trail, and before them those that are older than the trail.
fn acts(actual: &Derived, told: &[Told], telling: &Telling, number: &str, all: &mut Findings) -> Vec<Act> {
    let of = |name: &str| -> Vec<&Cells> { actual.iter().filter(|((table, _), _)| *table == name).map(|(_, cells)| cells).collect() };
    let mut acts: Vec<Act> = told.iter().cloned().filter_map(Act::of).collect();
    let first = acts.first().map_or(i64::MAX, |act| act.told.event);
    if first > 1 {
        let events: Vec<&Cells> = of("events").into_iter().filter(|event| event["position"].number() < first).collect();
        let older = Act::from_rows(&events, &of("revisions"), &of("decisions"), &of("deliveries"));
        if older.iter().any(|act| telling.begins.is_some_and(|begins| act.told.at > begins)) {
            all.say(
                "trail-missing",
                number,
                "the trail does not tell of this document, though it is younger than the trail. Bring the database back from a backup",
                None,
            );
        }
        acts = older.into_iter().chain(acts).collect();
    }
    acts
}

/// What an edition's file says of itself; what the rows say, where it is from before files said so.
async fn deed(app: &App, file: Option<Bytes>, act: &Act, actual: &Derived, number: &str, all: &mut Findings) -> Result<Option<Deed>> {
    if let Some(file) = file.filter(|file| file.starts_with(b"%PDF-")) {
        match app.work(move || Deed::read(&file)).await? {
            Ok(Some(deed)) => return Ok(Some(deed)),
            Ok(None) => {}
            Err(problem) => all.say("file-deed", number, format!("the file of edition {} does not say what it holds: {problem}", act.told.edition), None),
        }
    }
    Ok(Deed::from_rows(actual, act.told.edition))
}

/// When the level is to be raised is a plan, not a fact: but only of a signed document whose level can rise.
fn raise(database: &str, number: &str, actual: &Derived, all: &mut Findings) {
    let Some((key, row)) = actual.iter().find(|((name, _), _)| *name == "documents") else { return };
    let may = row["status"].text() == "signed" && row["level"].text() != app::model::Level::Archival.as_str();
    if row.get("raise_at").is_some_and(|at| *at != Cell::Null) && !may {
        let mend = Mend::rows(database, vec![Change::Update("documents", key_cells(key), Cells::from([("raise_at".to_owned(), Cell::Null)]))]);
        all.say("documents-raise_at", number, "its level is to be raised, but it cannot rise", Some(mend));
    }
}

/// The records of a document's endings: their rows, and their files, which the trail gives again.
async fn records(app: &App, database: &str, number: &str, acts: &[Act], actual: &Derived, all: &mut Findings) -> Result<()> {
    let mut expected = Derived::new();
    for Act { told, .. } in acts {
        let (Some(path), Some(sha256)) = (&told.record, &told.record_sha256) else { continue };
        let cells = [
            ("store_path", Cell::from(path.as_str())),
            ("kind", told.kind.as_str().into()),
            ("object", number.into()),
            ("version", told.edition.into()),
            ("sha256", sha256.as_str().into()),
            ("size", told.record_size.into()),
            ("created_at", told.at.into()),
        ];
        let row: Cells = cells.into_iter().map(|(name, cell)| (name.to_owned(), cell)).collect();
        expected.insert(key_of("records", &row), row);
        let again = ending(told).and_then(|record| record.write().ok());
        look(app, Wanted { what: "record", path, sha256, size: told.record_size, object: number, is_read: false }, again, all).await?;
    }
    compare(database, number, &expected, actual, &["records"], all);
    Ok(())
}

/// The record of an ending, as the trail tells it.
fn ending(told: &Told) -> Option<Record> {
    let ending = Ending {
        number: told.object.parse().ok()?,
        edition: told.edition.try_into().ok()?,
        revision: told.revision.try_into().ok()?,
        step: told.step.clone(),
        account: told.account.clone(),
        by: told.by.clone()?,
        reason: told.reason.clone(),
        at: told.at,
    };
    Some(if told.kind == "rejected" { Record::Rejected(ending) } else { Record::Withdrawn(ending) })
}
