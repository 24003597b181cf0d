//! A whole index anew, from the store alone: the trail's segments, the records, and what the PDFs say of themselves.
//!
//! Files are found by listing names; each is believed only when its hash is in the trail, or, for the minute that no checkpoint covers yet,
//! when it fits on what is there. It may be cut short and begun again: what is there already stays. Not to be had from the store, and so
//! not there afterwards: passwords, sessions, tokens, what was read in mailboxes, open offers, and answers kept for repeated requests.

mod acts;
mod documents;
mod people;
mod trail;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::App;
use crate::error::{Error, Result, internal, invalid};
use crate::index::{Cell, Cells, Change, MAIN, TABLES, table};
use crate::service::fsck::Patterns;
use crate::service::history::key_of;

/// What was made, and what was not.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Made {
    /// Entries of trails.
    pub entries: u64,
    /// Accounts.
    pub accounts: u64,
    /// Certificates.
    pub certificates: u64,
    /// Types.
    pub types: u64,
    /// Documents.
    pub documents: u64,
    /// Files and records that have no place, each with the reason.
    pub unplaced: Vec<Unplaced>,
}

/// A file that has no place in the index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unplaced {
    /// The file, or the number.
    pub path: String,
    /// Why.
    pub why: String,
}

impl Made {
    fn unplaced(&mut self, path: impl Into<String>, why: impl Into<String>) {
        self.unplaced.push(Unplaced { path: path.into(), why: why.into() });
    }
}

/// Makes the index anew. The databases must be empty, or only half made by a run before this one.
///
/// # Errors
/// A database that holds something; an outage of index or store: then it can be begun again.
pub async fn run(app: &App) -> Result<Made> {
    let mut made = Made::default();
    // 1. Only into nothing.
    begin(app).await?;
    // 2. The trails; what they tell of people, types and keys.
    let mut telling = BTreeMap::new();
    for database in app.index.database_names() {
        trail::restore(app, &database, &mut made).await?;
        telling.insert(database.clone(), crate::service::fsck::tell(app, &database).await?);
    }
    // 3. People, types and keys.
    people::make(app, telling.entry(MAIN.to_owned()).or_default(), &mut made).await?;
    // 4. Documents; what no trail tells of last.
    documents::make(app, &telling, &mut made).await?;
    // 5. What counts goes on behind the highest.
    counters(app).await?;
    for database in app.index.database_names() {
        let facts = BTreeMap::from([("documents".to_owned(), Value::from(made.documents)), ("unplaced".to_owned(), made.unplaced.len().into())]);
        app.index.tell_trail(&database, app.clock.now(), "reindexed", &database, facts).await?;
        restoring(app, &database, false).await?;
    }
    // 6. The store is this index's own from now on.
    super::ownership::take(app).await?;
    Ok(made)
}

/// Marks every database as half made; refuses one that holds something.
async fn begin(app: &App) -> Result<()> {
    for database in app.index.database_names() {
        if app.index.trail_head(&database).await?.restoring {
            continue;
        }
        if let Some(name) = holds(app, &database).await? {
            return Err(not_empty(&database, name));
        }
    }
    for database in app.index.database_names() {
        restoring(app, &database, true).await?;
    }
    Ok(())
}

/// A table of this database that is not empty.
///
/// # Errors
/// When the index does not answer.
pub async fn holds(app: &App, database: &str) -> Result<Option<&'static str>> {
    for table in TABLES.iter().filter(|table| table.name != "trail_head") {
        if !app.index.cells(database, table, None, 1).await?.is_empty() {
            return Ok(Some(table.name));
        }
    }
    Ok(None)
}

fn not_empty(database: &str, name: &str) -> Error {
    invalid(
        format!("The database {database} is not empty: its table {name} holds rows. Nothing was changed."),
        format!("数据库 {database} 不为空（表 {name} 有数据），没有任何更改。"),
    )
    .next("Name a new, empty database in SIGNET_DATABASE_URL (and the others) and run this again.", "请在 SIGNET_DATABASE_URL 等变量中指定新的空数据库后重试。")
}

async fn restoring(app: &App, database: &str, is: bool) -> Result<()> {
    let change = Change::Update("trail_head", Cells::from([("id".to_owned(), Cell::Number(1))]), Cells::from([("restoring".to_owned(), is.into())]));
    Ok(app.index.change(database, vec![change]).await?)
}

/// Inserts the rows that are not there yet, in the order of tables.
async fn insert(app: &App, database: &str, rows: Vec<(&'static str, Cells)>) -> Result<()> {
    let place = |name: &str| TABLES.iter().position(|table| table.name == name).unwrap_or_default();
    let mut rows = rows;
    rows.sort_by_key(|(name, _)| place(name));
    let mut missing = Vec::new();
    for (name, cells) in rows {
        if !is_there(app, database, name, &cells).await? {
            missing.push(Change::Insert(name, cells));
        }
    }
    for changes in missing.chunks(500) {
        app.index.change(database, changes.to_vec()).await?;
    }
    Ok(())
}

/// Inserts rows in the order of tables, all in one transaction.
async fn insert_whole(app: &App, database: &str, mut rows: Vec<(&'static str, Cells)>) -> Result<()> {
    rows.sort_by_key(|(name, _)| TABLES.iter().position(|table| table.name == *name).unwrap_or_default());
    Ok(app.index.change(database, rows.into_iter().map(|(name, cells)| Change::Insert(name, cells)).collect()).await?)
}

async fn is_there(app: &App, database: &str, name: &'static str, cells: &Cells) -> Result<bool> {
    let table = table(name).ok_or_else(|| internal(format_args!("{name} is a table")))?;
    let key = key_of(name, cells);
    let first = table.key.first().copied().unwrap_or_default();
    let value = key.1.first().map(|cell| cell.text().to_owned()).unwrap_or_default();
    let found = app.index.cells_where(database, table, first, &[value]).await?;
    Ok(found.iter().any(|row| key_of(name, row) == key))
}

/// Counters and mailboxes go on where they stood.
async fn counters(app: &App) -> Result<()> {
    let mut patterns = Patterns::default();
    for database in app.index.database_names() {
        let (mut counters, mut mailboxes) = (BTreeMap::new(), BTreeMap::new());
        let documents = table("documents").ok_or_else(|| internal("documents is a table"))?;
        let mut after: Option<Cells> = None;
        loop {
            let page = app.index.cells(&database, documents, after.as_ref(), 500).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            let numbers: Vec<_> = page.iter().filter_map(|row| row["number"].text().parse().ok()).collect();
            for (counter, value) in patterns.counters_of(app, &numbers).await? {
                let entry: &mut i64 = counters.entry(counter).or_default();
                *entry = (*entry).max(value);
            }
        }
        if database == MAIN {
            let clients = app.index.accounts().await?.into_iter().filter_map(|account| account.client_number.as_str().get(1..)?.parse::<i64>().ok()).max();
            counters.extend(clients.map(|clients| ("client".to_owned(), clients)));
        }
        for (creator, position) in app.index.last_deliveries(&database).await? {
            mailboxes.insert(creator, position);
        }
        let row = |key: &str, object: String, column: &str, value: i64| Cells::from([(key.to_owned(), Cell::from(object)), (column.to_owned(), value.into())]);
        let counters = counters.into_iter().map(|(name, value)| ("counters", row("name", name, "value", value)));
        let mailboxes = mailboxes.into_iter().map(|(creator, position)| ("mailbox_positions", row("creator", creator, "position", position)));
        insert(app, &database, counters.chain(mailboxes).collect()).await?;
    }
    Ok(())
}
