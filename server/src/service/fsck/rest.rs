//! What is left: counters and mailboxes against the highest that was given, intents, offers, and kept answers.

use std::collections::{BTreeMap, HashSet};

use super::compare::key_cells;
use super::documents::Highest;
use super::documents::OWN;
use super::mend::Mend;
use super::{Findings, Telling};
use crate::App;
use crate::error::{Result, internal};
use crate::index::{Cell, Cells, Change, MAIN, TABLES, table};
use crate::service::history::key_of;

/// An intent this long over its lease was not swept, milliseconds.
const FORGOTTEN: i64 = 60 * 60 * 1000;

/// Checks a database's small tables.
pub(super) async fn check(app: &App, database: &str, telling: &Telling, mut highest: Highest, all: &mut Findings) -> Result<()> {
    if database == MAIN {
        let accounts = rows(app, MAIN, "accounts").await?;
        let clients = accounts.iter().filter_map(|account| account["client_number"].text().get(1..)?.parse::<i64>().ok()).max();
        highest.counters.extend(clients.map(|clients| ("client".to_owned(), clients)));
        highest.counters.extend(app.index.last_change().await?.map(|(counter, last)| (counter.to_owned(), last)));
        answers(app, all).await?;
    }
    counts(app, database, "counters", "name", "value", &highest.counters, false, all).await?;
    counts(app, database, "mailbox_positions", "creator", "position", &highest.mailboxes, true, all).await?;
    orphans(app, database, telling, all).await?;
    intents(app, database, all).await?;
    offers(app, database, all).await?;
    idempotency(app, database, all).await
}

/// What counts must have reached the highest that was given; `exactly` where nothing is ever left out.
#[expect(clippy::too_many_arguments, reason = "a table, its two columns, and what they must hold")]
async fn counts(
    app: &App,
    database: &str,
    name: &'static str,
    key: &str,
    column: &str,
    highest: &BTreeMap<String, i64>,
    exactly: bool,
    all: &mut Findings,
) -> Result<()> {
    let mut found = BTreeMap::new();
    for row in rows(app, database, name).await? {
        found.insert(row[key].text().to_owned(), row[column].number());
    }
    for (object, value) in highest {
        let cells = |name: &str, cell: Cell| (name.to_owned(), cell);
        match found.get(object) {
            None => {
                let row = Cells::from([cells(key, object.as_str().into()), cells(column, (*value).into())]);
                let text = format!("nothing counts on from {value}: the next one would be given twice");
                all.say(format!("{name}-missing"), object, text, Some(Mend::rows(database, vec![Change::Insert(name, row)])));
            }
            Some(is) if is < value || (exactly && is != value) => {
                let change = Change::Update(name, Cells::from([cells(key, object.as_str().into())]), Cells::from([cells(column, (*value).into())]));
                all.say(format!("{name}-{column}"), object, format!("it stands at {is}; {value} was given"), Some(Mend::rows(database, vec![change])));
            }
            Some(_) => {}
        }
    }
    for (object, _) in found.iter().filter(|(object, value)| (exactly && !highest.contains_key(*object)) || **value < 0) {
        let change = Change::Delete(name, Cells::from([(key.to_owned(), Cell::from(object.as_str()))]));
        all.say(format!("{name}-extra"), object, "it counts what was never given", Some(Mend::rows(database, vec![change])));
    }
    Ok(())
}

/// Rows of documents that are not there and that nothing tells of.
async fn orphans(app: &App, database: &str, telling: &Telling, all: &mut Findings) -> Result<()> {
    for table in TABLES.iter().filter(|table| OWN.contains(&table.name) && table.name != "documents") {
        for row in app.index.orphans(database, table).await?.into_iter().filter(|row| !telling.created.contains(row["number"].text())) {
            let mend = Mend::rows(database, vec![Change::Delete(table.name, key_cells(&key_of(table.name, &row)))]);
            all.say(format!("{}-extra", table.name), row["number"].text(), "a row of a document that never was", Some(mend));
        }
    }
    Ok(())
}

async fn intents(app: &App, database: &str, all: &mut Findings) -> Result<()> {
    let now = app.clock.now();
    for row in rows(app, database, "intents").await? {
        let path = row["store_path"].text();
        let mend = Some(Mend::rows(database, vec![Change::Delete("intents", key_cells(&key_of("intents", &row)))]));
        if app.index.path_in_use(database, path).await? {
            all.say("intents-extra", path, "it announces a file that is real already", mend);
        } else if row["given_up"].number() < 2 && row["lease_until"].number() < now - FORGOTTEN {
            all.say("intents-lease_until", path, "its lease ended over an hour ago and no sweep took it; is a server running?", None);
        } else if !(0..=2).contains(&row["given_up"].number()) {
            all.say("intents-given_up", path, "it is as none of ours is", mend);
        }
    }
    Ok(())
}

/// An offer is about the revision that its document is in; every act on the document ends it.
async fn offers(app: &App, database: &str, all: &mut Findings) -> Result<()> {
    let offers = rows(app, database, "offers").await?;
    let numbers: Vec<String> = offers.iter().map(|row| row["number"].text().to_owned()).collect::<HashSet<_>>().into_iter().collect();
    let mut documents = BTreeMap::new();
    let documents_table = table("documents").ok_or_else(|| internal("documents is a table"))?;
    for numbers in numbers.chunks(200) {
        for row in app.index.cells_where(database, documents_table, "number", numbers).await? {
            documents.insert(row["number"].text().to_owned(), row);
        }
    }
    for row in offers {
        let same =
            |document: &Cells| document["edition"] == row["edition"] && document["revision"] == row["revision"] && document["status"].text() == "pending";
        if !documents.get(row["number"].text()).is_some_and(same) {
            let mend = Mend::rows(database, vec![Change::Delete("offers", key_cells(&key_of("offers", &row)))]);
            all.say("offers-extra", row["number"].text(), "it offers a revision that nobody can sign any more", Some(mend));
        }
    }
    Ok(())
}

async fn idempotency(app: &App, database: &str, all: &mut Findings) -> Result<()> {
    let rows = rows(app, database, "idempotency").await?;
    let documents = table("documents").ok_or_else(|| internal("documents is a table"))?;
    for rows in rows.chunks(200) {
        let numbers: Vec<String> = rows.iter().map(|row| row["number"].text().to_owned()).collect();
        let found = app.index.cells_where(database, documents, "number", &numbers).await?;
        let creators: BTreeMap<&str, &str> = found.iter().map(|row| (row["number"].text(), row["creator"].text())).collect();
        for row in rows {
            let (number, account) = (row["number"].text(), row["account"].text());
            let mend = || Some(Mend::rows(database, vec![Change::Delete("idempotency", key_cells(&key_of("idempotency", row)))]));
            if creators.get(number) != Some(&account) {
                all.say("idempotency-number", number, "a request is said to have made this document, but its sender did not create it", mend());
            }
            if serde_json::from_str::<app::model::Document>(row["answer"].text()).is_err() {
                all.say("idempotency-answer", number, "what was answered cannot be read; the same request would fail", mend());
            }
            if row["body_sha256"].text().len() != 64 {
                all.say("idempotency-body_sha256", number, "the request's digest is none; the same request would be refused", mend());
            }
        }
    }
    Ok(())
}

async fn answers(app: &App, all: &mut Findings) -> Result<()> {
    for row in rows(app, MAIN, "answers").await? {
        let status = row["status"].number();
        if status != 0 && !(100..600).contains(&status) {
            let mend = Mend::rows(MAIN, vec![Change::Delete("answers", key_cells(&key_of("answers", &row)))]);
            all.say("answers-status", row["request_key"].text(), format!("{status} is no HTTP status; the same request would fail"), Some(mend));
        }
    }
    for row in rows(app, MAIN, "login_tries").await? {
        if row["tries"].number() < 1 || row["started_at"].number() > app.clock.now() + FORGOTTEN {
            let mend = Mend::rows(MAIN, vec![Change::Delete("login_tries", key_cells(&key_of("login_tries", &row)))]);
            all.say("login_tries-tries", row["who"].text(), "it counts as no sign-in does", Some(mend));
        }
    }
    Ok(())
}

async fn rows(app: &App, database: &str, name: &'static str) -> Result<Vec<Cells>> {
    let table = table(name).ok_or_else(|| internal(format_args!("{name} is a table")))?;
    let mut rows: Vec<Cells> = Vec::new();
    loop {
        let page = app.index.cells(database, table, rows.last(), 1_000).await?;
        if page.is_empty() {
            return Ok(rows);
        }
        rows.extend(page);
    }
}
