//! Faults planted in what lists and search read: each is found by its rule and by no other, and mended.

use std::collections::BTreeSet;

use app::model::Query;
use server::index::{Cell, Cells, Part, Table};
use server::service;
use support::world::World;

use crate::recovery::faults::{insert, literal, rules, run, wrong};
use crate::recovery::place::{Place, differences, live};

/// The tables that lists and search read, each with the moment that orders it.
static LISTS: [(Table, &str); 4] = [
    (Table { name: "waiting", key: &["number", "who"], part: Part::Documents }, "opened_at"),
    (Table { name: "seen", key: &["number", "who"], part: Part::Documents }, "created_at"),
    (Table { name: "decided", key: &["number", "who"], part: Part::Documents }, "decided_at"),
    (Table { name: "search_places", key: &["number"], part: Part::Documents }, ""),
];

#[tokio::test(flavor = "multi_thread")]
async fn what_lists_and_search_read_is_checked_and_mended_on_sqlite() {
    checked(Place::embedded()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lists_and_search_read_is_checked_and_mended_on_postgresql() {
    checked(Place { postgres: true, ftp: None }).await;
}

async fn checked(place: Place) {
    let mut world = place.world().await;
    live(&world).await;
    // Without the tasks of a running server.
    world.app.close().await;
    let options = support::machine::options(world.clock.clone(), false);
    world.app = server::open(world.app.config.clone(), options).await.unwrap();
    assert_eq!(rules(&world).await, Vec::<String>::new(), "before anything was planted");
    let whole = lists(&world).await;
    let mut count = 0;
    for database in world.app.index.database_names() {
        for (table, at) in &LISTS[..3] {
            for plot in in_list(&world, &database, table, at).await {
                count += plant(&world, &place, &database, plot, &whole).await;
            }
        }
        for plot in in_search(&world, &place, &database).await {
            count += plant(&world, &place, &database, plot, &whole).await;
        }
    }
    println!("{count} faults planted in lists and search, found and mended");
    assert!(count >= 80, "{count}");
    beside_others(&world, &place, &whole).await;
    emptied(&world, &place, &whole).await;
    world.app.close().await;
}

/// Statements, and the findings that they make: each a rule and an object.
struct Plot {
    statements: Vec<String>,
    found: BTreeSet<(String, String)>,
}

impl Plot {
    fn new(statements: Vec<String>, rule: &str, objects: &[&str]) -> Self {
        Self { statements, found: objects.iter().map(|object| (rule.to_owned(), (*object).to_owned())).collect() }
    }
}

/// The first, the middle and the last row missing, twice, and with each cell wrong; and a row of a document that never was.
async fn in_list(world: &World, database: &str, table: &'static Table, at: &str) -> Vec<Plot> {
    let rows = some(world, database, table).await;
    let mut plots = Vec::new();
    for row in &rows {
        let (number, name) = (row["number"].text(), table.name);
        let key = format!("number = {} AND who = {}", literal(&row["number"]), literal(&row["who"]));
        let twin = |column: &str, cell: Cell| {
            let mut row = row.clone();
            row.insert(column.to_owned(), cell);
            insert(name, &row)
        };
        plots.push(Plot::new(vec![format!("DELETE FROM {name} WHERE {key}")], &format!("{name}-missing"), &[number]));
        plots.push(Plot::new(vec![twin("who", "r:nobody".into())], &format!("{name}-extra"), &[number]));
        plots.push(Plot::new(vec![twin("number", "EXP-1999-000001".into())], &format!("{name}-extra"), &["EXP-1999-000001"]));
        for column in ["type_code", at] {
            let statement = format!("UPDATE {name} SET {column} = {} WHERE {key}", literal(&wrong(&row[column])));
            plots.push(Plot::new(vec![statement], &format!("{name}-{column}"), &[number]));
        }
    }
    plots
}

/// A document that search does not know, one that it should not know, and one that it knows by another text.
async fn in_search(world: &World, place: &Place, database: &str) -> Vec<Plot> {
    let mut plots = Vec::new();
    for row in some(world, database, &LISTS[3].0).await {
        let number = row["number"].text();
        let known = format!("number = {}", literal(&row["number"]));
        let delete = format!("DELETE FROM search_places WHERE {known}");
        if place.postgres {
            plots.push(Plot::new(vec![delete], "search-missing", &[number]));
            plots.push(Plot::new(
                vec!["INSERT INTO search_places (number, words) VALUES ('EXP-1999-000001', 'x')".to_owned()],
                "search-extra",
                &["EXP-1999-000001"],
            ));
            plots.push(Plot::new(vec![format!("UPDATE search_places SET words = words || 'x' WHERE {known}")], "search-pieces", &[number]));
        } else {
            let its = format!("(SELECT place FROM search_places WHERE {known})");
            let kept = format!("SELECT place, (SELECT pieces FROM search_texts WHERE {known}) AS pieces FROM search_places WHERE {known}");
            let forget = format!("DELETE FROM search_pieces WHERE rowid = {its}");
            let other = |pieces: &str| format!("INSERT OR REPLACE INTO search_pieces (rowid, pieces) SELECT place, {pieces} FROM ({kept}) AS k");
            plots.push(Plot::new(vec![forget.clone(), delete], "search-missing", &[number]));
            plots.push(Plot::new(vec!["INSERT INTO search_places (number) VALUES ('EXP-1999-000001')".to_owned()], "search-extra", &["EXP-1999-000001"]));
            plots.push(Plot::new(vec!["INSERT INTO search_pieces (rowid, pieces) VALUES (77777, '41 42')".to_owned()], "search-extra", &["place 77777"]));
            plots.push(Plot::new(vec![forget], "search-pieces", &[number]));
            for pieces in ["substr(k.pieces, 1, length(k.pieces) - 9)", "k.pieces || ' 5A5A5A5A'"] {
                plots.push(Plot::new(vec![other(pieces)], "search-pieces", &[number]));
            }
        }
    }
    plots
}

/// The first, the middle and the last row.
async fn some(world: &World, database: &str, table: &'static Table) -> Vec<Cells> {
    let rows = world.app.index.cells(database, table, None, 500).await.unwrap();
    assert!(!rows.is_empty(), "{database} {}", table.name);
    let places: BTreeSet<usize> = [0, rows.len() / 2, rows.len() - 1].into();
    places.into_iter().map(|place| rows[place].clone()).collect()
}

/// Plants, finds, mends; afterwards all is as before.
async fn plant(world: &World, place: &Place, database: &str, plot: Plot, whole: &BTreeSet<String>) -> usize {
    for statement in &plot.statements {
        assert!(run(world, place, database, statement).await, "{statement}");
    }
    let findings = service::fsck::repair(&world.app).await.unwrap().findings;
    let found: BTreeSet<(String, String)> = findings.iter().map(|finding| (finding.rule.clone(), finding.object.clone())).collect();
    assert_eq!(found, plot.found, "{:?}\n{findings:#?}", plot.statements);
    assert!(findings.iter().all(|finding| finding.repair == "done"), "{:?}\n{findings:#?}", plot.statements);
    assert_eq!(rules(world).await, Vec::<String>::new(), "{:?}", plot.statements);
    assert_eq!(differences(whole, &lists(world).await), Vec::<String>::new(), "{:?}", plot.statements);
    plot.found.len()
}

/// Where a row is wrong that they follow from, that alone is said; mending it mends them, also what was wrong in them already.
async fn beside_others(world: &World, place: &Place, whole: &BTreeSet<String>) {
    let row = &some(world, "main", &LISTS[2].0).await[0];
    let number = literal(&row["number"]);
    let statements = [
        format!("UPDATE steps SET role = 'nobody' WHERE number = {number} AND position = 1"),
        format!("UPDATE documents SET search = 'x' WHERE number = {number}"),
        format!("UPDATE decided SET decided_at = 1 WHERE number = {number}"),
        format!("INSERT INTO seen (who, number, type_code, created_at) VALUES ('r:nobody', {number}, 'EXP', 1)"),
    ];
    for statement in &statements {
        assert!(run(world, place, "main", statement).await, "{statement}");
    }
    let found: BTreeSet<String> = service::fsck::repair(&world.app).await.unwrap().findings.into_iter().map(|finding| finding.rule).collect();
    assert_eq!(found, ["documents-search".to_owned(), "steps-role".to_owned()].into());
    assert_eq!(rules(world).await, Vec::<String>::new());
    assert_eq!(differences(whole, &lists(world).await), Vec::<String>::new());
}

/// Everything gone at once: an inbox is empty, and full again.
async fn emptied(world: &World, place: &Place, whole: &BTreeSet<String>) {
    let inbox = async || {
        let desk = world.desk("wang.jianguo").await;
        desk.documents(Query { which: app::model::Box::Inbox, ..Query::default() }).await.unwrap().items.len()
    };
    let before = inbox().await;
    assert!(before > 0);
    for database in world.app.index.database_names() {
        for name in ["waiting", "seen", "decided", "search_places", "search_pieces"] {
            if name != "search_pieces" || !place.postgres {
                assert!(run(world, place, &database, &format!("DELETE FROM {name}")).await, "{name}");
            }
        }
    }
    assert_eq!(inbox().await, 0);
    let findings = service::fsck::repair(&world.app).await.unwrap().findings;
    let rules_found: BTreeSet<&str> = findings.iter().map(|finding| finding.rule.as_str()).collect();
    assert_eq!(rules_found, ["waiting-missing", "seen-missing", "decided-missing", "search-missing"].into());
    assert!(findings.iter().all(|finding| finding.repair == "done"), "{findings:#?}");
    assert_eq!(rules(world).await, Vec::<String>::new());
    assert_eq!(differences(whole, &lists(world).await), Vec::<String>::new());
    assert_eq!(inbox().await, before);
}

/// Every row of them as a line.
async fn lists(world: &World) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for database in world.app.index.database_names() {
        for (table, _) in &LISTS {
            for row in world.app.index.cells(&database, table, None, 1_000).await.unwrap() {
                lines.insert(format!("{database} {} {}", table.name, serde_json::to_string(&row).unwrap()));
            }
        }
    }
    lines
}
