//! Faults planted everywhere, one rule each: every one is found by its rule and by no other, and what can be mended is.

use std::collections::BTreeSet;

use server::index::{Cell, Cells, TABLES, Table};
use server::service;
use sqlx::{AssertSqlSafe, Connection};
use support::world::World;

use crate::recovery::damage::{files, trail};
use crate::recovery::place::{Place, differences, dump, live};

#[tokio::test(flavor = "multi_thread")]
async fn every_planted_fault_is_found_on_sqlite() {
    planted(Place::embedded()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_planted_fault_is_found_on_postgresql() {
    planted(Place { postgres: true, ftp: None }).await;
}

/// What is older than records gets one from the sweep; what was put into the index by hand does not, and stays found.
#[tokio::test(flavor = "multi_thread")]
async fn what_no_act_made_is_not_made_good() {
    let world = Place::embedded().world().await;
    let (index, now) = (&world.app.index, server::clock::Clock::now(&world.clock));
    let new = server::index::NewAccount {
        login: "older".into(),
        name: "Older".into(),
        roles: vec!["creator".into()],
        reads: Vec::new(),
        admin: false,
        active: true,
        password_hash: None,
        at: now,
        by: String::new(),
        reserved: None,
    };
    let row = index.create_account(new).await.unwrap();
    let found = rules(&world).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with(&format!("record-missing {}", row.id)), "{found:?}");
    service::sweep::once(&world.app).await.unwrap();
    assert_eq!(rules(&world).await, Vec::<String>::new());
    // Someone with the database's password makes himself an administrator.
    let statement = format!(
        "INSERT INTO accounts (id, login, name, client_number, admin, active, created_at) VALUES ('mallory', 'mallory', 'M', 'C99999', 1, 1, {})",
        now + 5
    );
    assert!(run(&world, &Place::embedded(), "main", &statement).await);
    assert!(run(&world, &Place::embedded(), "main", "INSERT INTO account_roles (account, role) VALUES ('mallory', 'finance')").await);
    service::sweep::once(&world.app).await.unwrap();
    let mut found = service::fsck::run(&world.app).await.unwrap().findings.into_iter().map(|finding| finding.rule).collect::<Vec<_>>();
    found.sort();
    assert_eq!(found, ["account_roles-extra", "accounts-extra", "counters-value"]);
    world.app.close().await;
}

/// Columns that follow from nothing: secrets, and what is only noted in passing.
const FREE: [&str; 11] = [
    "accounts.password_hash",
    "tokens.secret_hash",
    "tokens.used_at",
    "certificates.used_at",
    "deliveries.read_at",
    "documents.raise_at",
    "intents",
    "offers",
    "idempotency",
    "trail_head.lease_until",
    "trail_head.restoring",
];

/// Tables whose every row and column follows from the trail, the files and the records.
const DERIVED: [&str; 15] = [
    "accounts",
    "account_roles",
    "account_reads",
    "seal_designs",
    "tokens",
    "types",
    "certificates",
    "documents",
    "editions",
    "revisions",
    "steps",
    "step_fields",
    "decisions",
    "events",
    "deliveries",
];

/// Something put wrong in a row.
#[derive(Clone, Debug)]
struct Fault {
    database: String,
    table: &'static Table,
    /// The row as it was; for one that is added, as it becomes.
    row: Cells,
    wrong: Wrong,
    rule: String,
}

#[derive(Clone, Debug)]
enum Wrong {
    Set(String, Cell),
    /// Another number.
    Move(Cell),
    Delete,
    Insert,
}

async fn planted(place: Place) {
    let mut world = place.world().await;
    live(&world).await;
    more(&world).await;
    // Without the tasks of a running server, which would mend some of it meanwhile.
    world.app.close().await;
    let options = support::machine::options(world.clock.clone(), false);
    world.app = server::open(world.app.config.clone(), options).await.unwrap();
    assert_eq!(rules(&world).await, Vec::<String>::new(), "before anything was planted");
    let whole = dump(&world.app, &[]).await;
    let (mut found, mut mended) = (0, 0);
    for batch in batches(faults(&world).await) {
        let (count, repaired) = plant(&world, &place, batch, &whole).await;
        found += count;
        mended += repaired;
    }
    let of_files = files(&world).await;
    let of_trail = trail(&world, &place, &whole).await;
    assert_eq!(rules(&world).await, Vec::<String>::new(), "after all was put back");
    println!("{} faults planted and found: {found} in rows ({mended} of them mended), {of_files} in files, {of_trail} in trails", found + of_files + of_trail);
    assert!(found + of_files + of_trail >= 200, "{found} {of_files} {of_trail}");
    world.app.close().await;
}

/// Rows that only a running server has.
async fn more(world: &World) {
    let (index, now) = (&world.app.index, server::clock::Clock::now(&world.clock));
    let account = index.account_by_login("li.na").await.unwrap().unwrap().id;
    index.insert_session(server::index::NewSession { secret_hash: "s".into(), account: account.clone(), at: now, expires_at: now + 1000 }).await.unwrap();
    index.admit_login(&[server::index::Counted::login("li.na")], now, 1000).await.unwrap();
    index.claim_key(&account, "k", &"0".repeat(64), now, 1000).await.unwrap();
    index.keep_answer(&account, "k", server::index::Answered { status: 201, location: String::new(), body: "{}".into() }).await.unwrap();
    let desk = world.desk("wang.jianguo").await;
    let waiting = desk.documents(app::model::Query { which: app::model::Box::Inbox, ..Default::default() }).await.unwrap().items;
    let key = world.key("wang.jianguo").await;
    desk.offer(waiting[0].number.clone(), waiting[0].revision, key.serial, None).await.unwrap();
}

pub async fn rules(world: &World) -> Vec<String> {
    service::fsck::run(&world.app).await.unwrap().findings.into_iter().map(|finding| format!("{} {} {}", finding.rule, finding.object, finding.text)).collect()
}

/// The first, the middle and the last row of each table, wrong in each column, gone, and twice.
async fn faults(world: &World) -> Vec<Fault> {
    let mut faults = Vec::new();
    for database in world.app.index.database_names() {
        for table in &TABLES {
            let rows = world.app.index.cells(&database, table, None, 500).await.unwrap();
            let places: BTreeSet<usize> = if rows.is_empty() { BTreeSet::new() } else { [0, rows.len() / 2, rows.len() - 1].into() };
            for row in places.into_iter().map(|place| rows[place].clone()) {
                let fault = |wrong, rule: String| Fault { database: database.clone(), table, row: row.clone(), wrong, rule };
                if DERIVED.contains(&table.name) {
                    for (column, cell) in &row {
                        let name = format!("{}.{column}", table.name);
                        if name == "deliveries.number" {
                            // The row is another document's now, which never was, and this one's is missing.
                            faults.push(fault(Wrong::Move(wrong(cell)), "deliveries-extra".to_owned()));
                        } else if !table.key.contains(&column.as_str()) && !FREE.contains(&name.as_str()) {
                            faults.push(fault(Wrong::Set(column.clone(), wrong(cell)), format!("{}-{column}", table.name)));
                        }
                    }
                    faults.push(fault(Wrong::Delete, format!("{}-missing", table.name)));
                    let mut twin = row.clone();
                    let last = table.key[table.key.len() - 1];
                    twin.insert(last.to_owned(), wrong(&row[last]));
                    // A document of another number is one that nothing tells of.
                    let rule = if table.name == "documents" { "documents-history".to_owned() } else { format!("{}-extra", table.name) };
                    faults.push(Fault { row: twin, ..fault(Wrong::Insert, rule) });
                } else {
                    faults.extend(special(table.name, &row).into_iter().map(|(wrong, rule)| fault(wrong, rule.to_owned())));
                }
            }
        }
    }
    faults
}

/// What can be wrong in tables that follow from nothing, or only in part.
fn special(table: &str, row: &Cells) -> Vec<(Wrong, &'static str)> {
    let set = |column: &str, cell: Cell| Wrong::Set(column.to_owned(), cell);
    let number = |column: &str| row[column].number();
    match table {
        "sessions" => vec![
            (set("expires_at", (number("created_at") + 13 * 3_600_000).into()), "sessions-expires_at"),
            (set("seen_at", (number("created_at") - 1).into()), "sessions-seen_at"),
        ],
        "login_tries" => vec![(set("tries", 0_i64.into()), "login_tries-tries")],
        "answers" => vec![(set("status", 7_i64.into()), "answers-status")],
        "offers" => vec![(set("revision", 7_i64.into()), "offers-extra"), (set("edition", 9_i64.into()), "offers-extra")],
        "idempotency" => vec![
            (set("number", "EXP-1999-000001".into()), "idempotency-number"),
            (set("answer", "{".into()), "idempotency-answer"),
            (set("body_sha256", "00".into()), "idempotency-body_sha256"),
        ],
        "counters" => vec![(set("value", 0_i64.into()), "counters-value"), (Wrong::Delete, "counters-missing")],
        "mailbox_positions" => vec![
            (set("position", (number("position") + 1).into()), "mailbox_positions-position"),
            (set("position", (number("position") - 1).into()), "mailbox_positions-position"),
            (Wrong::Delete, "mailbox_positions-missing"),
        ],
        "records" => records(row),
        "trail_head" => vec![
            (set("position", (number("position") + 1).into()), "trail_head-position"),
            (set("hash", wrong(&row["hash"])), "trail_head-hash"),
            (set("checkpointed", (number("checkpointed") - 1).into()), "trail_head-checkpointed"),
        ],
        "checkpoints" => vec![
            (set("note", row["note"].text().replacen("signet", "signot", 1).into()), "checkpoint-signature"),
            (set("at", (number("at") + 1).into()), "checkpoints-at"),
        ],
        _ => Vec::new(),
    }
}

fn records(row: &Cells) -> Vec<(Wrong, &'static str)> {
    let set = |column: &str| Wrong::Set(column.to_owned(), wrong(&row[column]));
    let mut wrong = vec![(set("sha256"), "records-sha256"), (set("size"), "records-size"), (Wrong::Delete, "records-missing")];
    match row["kind"].text() {
        "segment" | "note" => {}
        "rejected" | "withdrawn" => {
            wrong.extend([(set("kind"), "records-kind"), (set("version"), "records-version"), (set("created_at"), "records-created_at")]);
        }
        _ => wrong.extend([(set("object"), "records-object"), (set("version"), "records-version"), (set("created_at"), "records-created_at")]),
    }
    wrong
}

/// Another value of the same kind.
pub fn wrong(cell: &Cell) -> Cell {
    match cell {
        Cell::Null => Cell::Number(1),
        Cell::Number(number) => Cell::Number(number + 1),
        Cell::Text(text) if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
            Cell::Text(format!("{}{}", if text.starts_with('0') { '1' } else { '0' }, &text[1..]))
        }
        Cell::Text(text) => Cell::Text(format!("{text}x")),
    }
}

/// Faults together whose rules all differ, and that do not touch the same row unless in different columns.
fn batches(faults: Vec<Fault>) -> Vec<Vec<Fault>> {
    let mut batches: Vec<Vec<Fault>> = Vec::new();
    for fault in faults {
        let fits = |batch: &Vec<Fault>| {
            batch.iter().all(|other| {
                let same_row = other.database == fault.database && other.table.name == fault.table.name && key(other) == key(&fault);
                let both_set = matches!((&other.wrong, &fault.wrong), (Wrong::Set(..), Wrong::Set(..)));
                other.rule != fault.rule
                    // A document that nothing tells of stays, and may hold the matter of the one that it was made from.
                    && !([other, &fault].iter().all(|one| one.table.name == "documents") && [other, &fault].iter().any(|one| matches!(one.wrong, Wrong::Insert)))
                    && (!same_row || both_set)
                    && number(other).zip(number(&fault)).is_none_or(|(one, two)| one != two || (both_set && !document_gone(other) && !document_gone(&fault)))
            })
        };
        match batches.iter_mut().find(|batch| fits(batch)) {
            Some(batch) => batch.push(fault),
            None => batches.push(vec![fault]),
        }
    }
    batches
}

fn number(fault: &Fault) -> Option<&str> {
    fault.row.get("number").map(Cell::text)
}

fn document_gone(fault: &Fault) -> bool {
    fault.table.name == "documents" && !matches!(fault.wrong, Wrong::Set(..))
}

fn key(fault: &Fault) -> Vec<Cell> {
    fault.table.key.iter().map(|column| fault.row[*column].clone()).collect()
}

/// Plants a batch, finds it, mends what can be mended, and puts the rest back. How many were found, and how many mended.
async fn plant(world: &World, place: &Place, batch: Vec<Fault>, whole: &BTreeSet<String>) -> (usize, usize) {
    let mut planted = Vec::new();
    for fault in batch {
        if run(world, place, &fault.database, &planting(&fault)).await {
            planted.push(fault);
        }
    }
    let expected: BTreeSet<String> = planted.iter().map(|fault| fault.rule.clone()).collect();
    let findings = service::fsck::repair(&world.app).await.unwrap().findings;
    let mut found: BTreeSet<String> = findings.iter().map(|finding| finding.rule.clone()).collect();
    // An offer for a document that changed under it, a request that made one that is gone: those are faults of their own.
    let moved = planted.iter().any(|fault| matches!(fault.wrong, Wrong::Move(_)));
    let follows = |rule: &str| ["idempotency-number", "offers-extra"].contains(&rule) || (moved && rule == "deliveries-missing");
    found.retain(|rule| expected.contains(rule) || !follows(rule));
    let missed: Vec<&Fault> = planted.iter().filter(|fault| !found.contains(&fault.rule)).collect();
    let surplus: Vec<_> = findings.iter().filter(|finding| found.contains(&finding.rule) && !expected.contains(&finding.rule)).collect();
    assert!(missed.is_empty() && surplus.is_empty(), "not found: {missed:?}\nnot planted: {surplus:?}");
    let mended: BTreeSet<&String> = findings.iter().filter(|finding| finding.repair == "done").map(|finding| &finding.rule).collect();
    for finding in findings.iter().filter(|finding| finding.mend.is_some()) {
        assert_eq!(finding.repair, "done", "{finding:#?}");
    }
    // What was mended follows from the trail again; what is left is put back by hand.
    let left: Vec<String> = rules(world).await;
    let count = planted.iter().filter(|fault| !mended.contains(&fault.rule)).count();
    assert!(left.len() <= count, "{left:#?}");
    for fault in planted.iter().rev() {
        for statement in undoing(fault) {
            run(world, place, &fault.database, &statement).await;
        }
    }
    let now = dump(&world.app, &[]).await;
    let differ = differences(whole, &now);
    for line in &differ {
        assert!(["sessions", "offers", "idempotency", "answers", "login_tries"].iter().any(|table| line.contains(&format!(" {table} "))), "{differ:#?}");
    }
    (planted.len(), planted.iter().filter(|fault| mended.contains(&fault.rule)).count())
}

pub fn literal(cell: &Cell) -> String {
    match cell {
        Cell::Null => "NULL".to_owned(),
        Cell::Number(number) => number.to_string(),
        Cell::Text(text) => format!("'{}'", text.replace('\'', "''")),
    }
}

fn matching(fault: &Fault) -> String {
    let conditions: Vec<String> = fault.table.key.iter().map(|column| format!("{column} = {}", literal(&fault.row[*column]))).collect();
    conditions.join(" AND ")
}

/// The statement that adds a row.
pub fn insert(table: &str, row: &Cells) -> String {
    let columns: Vec<&str> = row.keys().map(String::as_str).collect();
    let values: Vec<String> = row.values().map(literal).collect();
    format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), values.join(", "))
}

fn planting(fault: &Fault) -> String {
    match &fault.wrong {
        Wrong::Set(column, cell) => format!("UPDATE {} SET {column} = {} WHERE {}", fault.table.name, literal(cell), matching(fault)),
        Wrong::Move(cell) => format!("UPDATE {} SET number = {} WHERE {}", fault.table.name, literal(cell), matching(fault)),
        Wrong::Delete => format!("DELETE FROM {} WHERE {}", fault.table.name, matching(fault)),
        Wrong::Insert => insert(fault.table.name, &fault.row),
    }
}

fn undoing(fault: &Fault) -> Vec<String> {
    let delete = format!("DELETE FROM {} WHERE {}", fault.table.name, matching(fault));
    if matches!(fault.wrong, Wrong::Insert) { vec![delete] } else { vec![delete, insert(fault.table.name, &fault.row)] }
}

/// Runs a statement as someone who may do anything; false where even then the database cannot take it.
pub async fn run(world: &World, place: &Place, database: &str, statement: &str) -> bool {
    let url = &world.app.config.databases[database];
    if place.postgres {
        let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
        sqlx::raw_sql("SET session_replication_role = replica").execute(&mut connection).await.unwrap();
        let done = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await;
        connection.close().await.unwrap();
        done.is_ok()
    } else {
        let mut connection = sqlx::SqliteConnection::connect(url).await.unwrap();
        sqlx::raw_sql("PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = OFF").execute(&mut connection).await.unwrap();
        let done = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await;
        connection.close().await.unwrap();
        done.is_ok()
    }
}
