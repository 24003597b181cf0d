//! Faults planted everywhere, one rule each: every one is found by its rule and by no other, and what can be mended is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use server::index::{Cell, Cells, TABLES, Table};
use server::service;
use sqlx::{AssertSqlSafe, Connection};

use crate::place::{Place, differences, dump, live};
use crate::world::World;

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
    let options = server::Options { clock: std::sync::Arc::new(world.clock.clone()), demo: false };
    world.app = server::open(world.app.config.clone(), options).await.unwrap();
    assert_eq!(rules(&world).await, Vec::<String>::new(), "before anything was planted");
    let whole = dump(&world.app, &[]).await;
    let (mut found, mut mended) = (0, 0);
    for batch in batches(faults(&world).await) {
        let (count, repaired) = plant(&world, &place, batch, &whole).await;
        found += count;
        mended += repaired;
    }
    let of_files = damaged_files(&world).await;
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
    index.admit_login(&[("login li.na".into(), 5)], now, 1000).await.unwrap();
    index.claim_key(&account, "k", &"0".repeat(64), now, 1000).await.unwrap();
    index.keep_answer(&account, "k", server::index::Answered { status: 201, location: String::new(), body: "{}".into() }).await.unwrap();
    let desk = world.desk("wang.jianguo").await;
    let waiting = desk.documents(app::model::Query { which: app::model::Box::Inbox, ..Default::default() }).await.unwrap().items;
    let key = world.key("wang.jianguo").await;
    desk.offer(waiting[0].number.clone(), waiting[0].revision, key.serial, None).await.unwrap();
}

async fn rules(world: &World) -> Vec<String> {
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
        // It counts changes that are kept for minutes: what it must have reached is soon known to nobody.
        "counters" if row["name"].text() == "account changes" => vec![],
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
fn wrong(cell: &Cell) -> Cell {
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
                    // Numbers are told apart by the types' patterns.
                    && !(pair(other, &fault, "types", "counters") || pair(&fault, other, "types", "counters"))
                    // A document that nothing tells of stays, and may hold the matter of the one that it was made from.
                    && !(pair(other, &fault, "documents", "documents") && [other, &fault].iter().any(|one| matches!(one.wrong, Wrong::Insert)))
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

fn pair(one: &Fault, two: &Fault, first: &str, second: &str) -> bool {
    one.table.name == first && two.table.name == second
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

fn literal(cell: &Cell) -> String {
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

fn insert(fault: &Fault) -> String {
    let columns: Vec<&str> = fault.row.keys().map(String::as_str).collect();
    let values: Vec<String> = fault.row.values().map(literal).collect();
    format!("INSERT INTO {} ({}) VALUES ({})", fault.table.name, columns.join(", "), values.join(", "))
}

fn planting(fault: &Fault) -> String {
    match &fault.wrong {
        Wrong::Set(column, cell) => format!("UPDATE {} SET {column} = {} WHERE {}", fault.table.name, literal(cell), matching(fault)),
        Wrong::Move(cell) => format!("UPDATE {} SET number = {} WHERE {}", fault.table.name, literal(cell), matching(fault)),
        Wrong::Delete => format!("DELETE FROM {} WHERE {}", fault.table.name, matching(fault)),
        Wrong::Insert => insert(fault),
    }
}

fn undoing(fault: &Fault) -> Vec<String> {
    let delete = format!("DELETE FROM {} WHERE {}", fault.table.name, matching(fault));
    if matches!(fault.wrong, Wrong::Insert) { vec![delete] } else { vec![delete, insert(fault)] }
}

/// Runs a statement as someone who may do anything; false where even then the database cannot take it.
async fn run(world: &World, place: &Place, database: &str, statement: &str) -> bool {
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

type Damage<'a> = &'a dyn Fn(&Path, &[u8]);

/// One file of each kind, damaged in each way.
async fn damaged_files(world: &World) -> usize {
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
        } else {
            all.push(entry);
        }
    }
}

/// Histories that were changed, cut off or written anew, each in the way of someone who may do anything to the database.
async fn trail(world: &World, place: &Place, whole: &BTreeSet<String>) -> usize {
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
        let table = server::index::table(name).unwrap();
        for line in whole.iter().filter_map(|line| line.strip_prefix(&format!("main {name} "))) {
            let fault = Fault { database: "main".into(), table, row: serde_json::from_str(line).unwrap(), wrong: Wrong::Insert, rule: String::new() };
            assert!(run(world, place, "main", &insert(&fault)).await, "{line}");
        }
    }
    world.app.index.guard_trail("main").await.unwrap();
}
