//! Lists and search over some thousand documents: every page is what a plain question for the same thing gives.

#[path = "../../../benches/support/seed.rs"]
mod seed;

use app::model::{Box, Status, TypeCode};
use server::index::{ListQuery, TypeRow, Viewer};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Row};

use crate::index::world::World;

/// More than any bound in the code of lists: what is common, what is rare and what is common elsewhere all occur.
const MANY: u64 = 4000;

pub async fn every_page_is_what_a_plain_question_gives(world: World) {
    // All types in one database, as the seed has them.
    let folder = tempfile::tempdir().unwrap();
    let url = if world.postgres { support::postgres::database().await } else { format!("sqlite:{}/many.db", folder.path().display()) };
    let index = server::index::Index::open(&[("main".to_owned(), url.clone())]).await.unwrap();
    for code in ["EXP", "WO", "RCT"] {
        let (code, database) = (code.parse().unwrap(), "main".to_owned());
        index.save_type(TypeRow { code, database, definition: String::new(), template: None, imported_at: 0, imported_by: String::new() }, None).await.unwrap();
    }
    seed::fill(&url, MANY).await;
    let mut plain = AnyConnection::connect(&url).await.unwrap();
    for viewer in [
        viewer("head", "wang.jianguo", &["department-head"], &[]),
        viewer("few", "zhao.min", &["auditor"], &[]),
        viewer("creator1", "creator.1", &["creator"], &[]),
        viewer("reader", "reader", &[], &["EXP"]),
        viewer("both", "both", &["finance", "none"], &["RCT"]),
        viewer("admin", "admin", &[], &[]),
    ] {
        for which in [Box::Inbox, Box::Created, Box::Decided, Box::All] {
            for (q, type_code, status) in [
                ("", None, None),
                ("", Some("RCT"), None),
                ("", None, Some(Status::Rejected)),
                ("", Some("WO"), Some(Status::Pending)),
                ("taxi", None, None),
                ("李娜", None, None),
                ("李", Some("EXP"), None),
                ("exp-2026-0002", None, None),
                ("0003321", None, None),
                ("exp-", None, None),
                ("青岛 王建国", None, Some(Status::Signed)),
                ("p-17/inv", None, None),
                ("nowhere", None, None),
                ("%", None, None),
            ] {
                let query =
                    ListQuery { which, type_code: type_code.map(|code| code.parse().unwrap()), status, q: Some(q.into()), limit: 200, ..Default::default() };
                let expected = expected(&mut plain, &query, &viewer).await;
                let mut found = Vec::new();
                let mut next = query.clone();
                // Two pages and the rest at once would take long; the first two and their seam say enough.
                for _ in 0..2 {
                    let page = index.list(&next, &viewer).await.unwrap();
                    found.extend(page.items.into_iter().map(|row| row.number.to_string()));
                    let Some(cursor) = page.next else { break };
                    next.cursor = Some(cursor);
                }
                assert_eq!(found, expected, "{} {which:?} {q:?} {type_code:?} {status:?}", viewer.login);
            }
        }
        let waiting = count(&mut plain, &viewer).await;
        assert_eq!(index.waiting(&viewer).await.unwrap().count, waiting.min(server::index::COUNTED));
    }
}

pub async fn an_index_from_before_gets_its_lists(world: World) {
    let creator = world.person("li.na", &["creator"]).await;
    let (head, safety) = (world.person("wang", &["head"]).await, [world.person("a", &["safety"]).await, world.person("b", &["safety"]).await]);
    let both = [&safety[0], &safety[1]];
    let mut documents = Vec::new();
    for n in 0..12 {
        let steps = vec![crate::index::world::any("head"), crate::index::world::all("safety", &both), crate::index::world::any("@wang")];
        documents.push(world.create(&format!("EXP-2026-{n:06}"), &format!("济南 {n}"), &creator, steps).await);
    }
    for document in &documents[3..] {
        world.sign(document, &head).await;
    }
    for document in &documents[6..] {
        let document = world.index.find(&document.number, &crate::index::world::viewer(&creator)).await.unwrap().unwrap();
        let next = world.sign(&document, &safety[0]).await;
        if document.number.as_str() > "EXP-2026-000008" {
            world.sign(&next, &safety[1]).await;
        }
    }
    let lists = async |index: &server::index::Index| {
        let mut lists = Vec::new();
        for account in [&creator, &head, &safety[0], &safety[1]] {
            for which in [Box::Inbox, Box::Decided, Box::All] {
                for q in [None, Some("济南".to_owned()), Some("0007".to_owned())] {
                    let query = ListQuery { which, q, limit: 50, ..ListQuery::default() };
                    let page = index.list(&query, &crate::index::world::viewer(account)).await.unwrap();
                    lists.push(page.items.into_iter().map(|row| row.number.to_string()).collect::<Vec<_>>());
                }
            }
        }
        lists
    };
    let before = lists(&world.index).await;
    world.index.close().await;
    // As it was before there were lists.
    let mut plain = AnyConnection::connect(&world.databases[0].1).await.unwrap();
    let back = "DROP TABLE waiting; DROP TABLE seen; DROP TABLE decided; DROP VIEW asked; DROP INDEX documents_creator; DROP INDEX documents_type; \
         CREATE INDEX documents_created_at ON documents (created_at, number); CREATE INDEX documents_creator ON documents (creator, created_at); \
         CREATE INDEX documents_type ON documents (type_code, created_at); DROP INDEX deliveries_unread; DROP INDEX sessions_expires_at; \
         DROP INDEX login_tries_started_at; DROP INDEX idempotency_at; DROP INDEX answers_at; DELETE FROM _sqlx_migrations WHERE version = 9;";
    let search = if world.postgres {
        "DROP TABLE search_places; DROP FUNCTION search_pieces"
    } else {
        "DROP VIEW search_texts; DROP TABLE search_pieces; DROP TABLE search_places"
    };
    sqlx::raw_sql(AssertSqlSafe(format!("{back} {search}"))).execute(&mut plain).await.unwrap();
    let again = server::index::Index::open(&world.databases).await.unwrap();
    assert_eq!(lists(&again).await, before);
    assert!(before.iter().filter(|list| list.is_empty()).count() < before.len() / 2);
}

fn viewer(id: &str, login: &str, roles: &[&str], reads: &[&str]) -> Viewer {
    let texts = |all: &[&str]| all.iter().map(ToString::to_string).collect();
    Viewer { account_id: id.into(), login: login.into(), roles: texts(roles), reads: texts(reads) }
}

/// The first 400, asked of the documents, steps and decisions themselves.
async fn expected(plain: &mut AnyConnection, query: &ListQuery, viewer: &Viewer) -> Vec<String> {
    let id = &viewer.account_id;
    let waits = waits(viewer);
    let (which, key, order) = match query.which {
        Box::Inbox => (waits, "(SELECT s.opened_at FROM steps s WHERE s.number = d.number AND s.status = 'open')".to_owned(), "ASC"),
        Box::Created => (format!("d.creator = '{id}'"), "d.created_at".to_owned(), "DESC"),
        Box::Decided => (
            format!("EXISTS (SELECT 1 FROM decisions x WHERE x.number = d.number AND x.account = '{id}')"),
            format!("(SELECT MAX(x.decided_at) FROM decisions x WHERE x.number = d.number AND x.account = '{id}')"),
            "DESC",
        ),
        Box::All => (
            format!(
                "(d.creator = '{id}' OR d.type_code IN ({}) OR EXISTS (SELECT 1 FROM decisions x WHERE x.number = d.number AND x.account = '{id}') \
                  OR EXISTS (SELECT 1 FROM steps s WHERE s.number = d.number AND s.opened_at IS NOT NULL AND {}))",
                quoted(&viewer.reads),
                asks(viewer)
            ),
            "d.created_at".to_owned(),
            "DESC",
        ),
    };
    let mut holds = vec![which];
    holds.extend(query.type_code.as_ref().map(|code: &TypeCode| format!("d.type_code = '{code}'")));
    holds.extend(query.status.map(|status| format!("d.status = '{}'", serde_json::to_value(status).unwrap().as_str().unwrap())));
    holds.extend(query.q.iter().flat_map(|q| q.split_whitespace()).map(|word| format!("d.search LIKE '%{}%' ESCAPE '\\'", word.replace('%', "\\%"))));
    let text =
        format!("SELECT d.number, {key} AS sort_key FROM documents d WHERE {} ORDER BY sort_key {order}, d.number {order} LIMIT 400", holds.join(" AND "));
    let rows = sqlx::query(AssertSqlSafe(text)).fetch_all(plain).await.unwrap();
    rows.iter().map(|row| row.try_get("number").unwrap()).collect()
}

async fn count(plain: &mut AnyConnection, viewer: &Viewer) -> u64 {
    let text = format!("SELECT COUNT(*) AS many FROM documents d WHERE {}", waits(viewer));
    sqlx::query(AssertSqlSafe(text)).fetch_one(plain).await.unwrap().try_get::<i64, _>("many").unwrap() as u64
}

fn waits(viewer: &Viewer) -> String {
    format!("d.status = 'pending' AND EXISTS (SELECT 1 FROM steps s WHERE s.number = d.number AND s.status = 'open' AND {})", asks(viewer))
}

fn asks(viewer: &Viewer) -> String {
    format!("(s.role = '@{}' OR s.role IN ({}))", viewer.login, quoted(&viewer.roles))
}

fn quoted(all: &[String]) -> String {
    if all.is_empty() { "NULL".to_owned() } else { all.iter().map(|one| format!("'{one}'")).collect::<Vec<_>>().join(", ") }
}
