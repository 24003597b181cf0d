//! A million documents in minutes: rows as the acts would have written them, by bulk SQL, the same text for both databases.
//!
//! One document a minute, three types, 500 documents to a creator; of a thousand about 30 are pending (all of them among the newest fifth), 50 rejected, 20
//! withdrawn, the rest signed by two approvers. `@zhao.min` is asked by twenty documents however many there are.

use sqlx::{AnyConnection, AssertSqlSafe, Connection};

/// The first document's moment, unix milliseconds.
pub const BEGINNING: i64 = 1_700_000_000_000;

/// Accounts that matter to whoever asks: id, sign-in name, role or type that it reads.
pub const PEOPLE: [(&str, &str, &str, &str); 5] = [
    ("creator1", "creator.1", "creator", ""),
    ("head", "wang.jianguo", "department-head", ""),
    ("few", "zhao.min", "auditor", ""),
    ("reader", "reader", "", "EXP"),
    ("admin", "admin", "", ""),
];

/// Fills the database at `url`, whose tables are there and empty, with `many` documents.
pub async fn fill(url: &str, many: u64) {
    let postgres = url.starts_with("postgres");
    let mut connection = AnyConnection::connect(url).await.expect("the database");
    let (before, after) = if postgres {
        ("DROP INDEX search_places_pieces; SET synchronous_commit = off; SET maintenance_work_mem = '512MB'; SET jit = off;", INDEX_POSTGRES)
    } else {
        ("PRAGMA synchronous = OFF; PRAGMA journal_mode = WAL; PRAGMA cache_size = -400000; PRAGMA foreign_keys = OFF;", INDEX_SQLITE)
    };
    let numbers = if postgres {
        format!("SELECT n FROM generate_series(CAST(1 AS BIGINT), {many}) AS n")
    } else {
        format!("SELECT n FROM (WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {many}) SELECT n FROM s)")
    };
    let seed = SEED.replace("NUMBERS", &numbers).replace("MANY", &many.to_string()).replace("BEGINNING", &BEGINNING.to_string());
    run(&mut connection, before).await;
    run(&mut connection, "BEGIN").await;
    run(&mut connection, &seed).await;
    for (id, login, role, reads) in PEOPLE {
        let more = |table: &str, column: &str, value: &str| {
            if value.is_empty() { String::new() } else { format!("INSERT INTO {table} (account, {column}) VALUES ('{id}', '{value}');") }
        };
        let account = format!(
            "INSERT INTO accounts (id, login, name, client_number, admin, active, created_at) VALUES ('{id}', '{login}', '{login}', 'X-{id}', {}, 1, 0); {} {}",
            i32::from(id == "admin"),
            more("account_roles", "role", role),
            more("account_reads", "type_code", reads)
        );
        run(&mut connection, &account).await;
    }
    run(&mut connection, ROWS).await;
    run(&mut connection, LISTS).await;
    run(&mut connection, after).await;
    run(&mut connection, "DROP TABLE seed").await;
    run(&mut connection, "COMMIT").await;
    run(&mut connection, if postgres { "VACUUM ANALYZE" } else { "PRAGMA wal_checkpoint(TRUNCATE)" }).await;
    connection.close().await.ok();
}

async fn run(connection: &mut AnyConnection, text: &str) {
    sqlx::raw_sql(AssertSqlSafe(text.to_owned())).execute(connection).await.unwrap_or_else(|error| panic!("{error}: {text}"));
}

/// One row a document: what it is, and how far it came (0 at its first step, 1 at its second, 2 signed, 3 rejected, 4 withdrawn).
const SEED: &str = "CREATE TABLE seed AS SELECT n, \
       type_code || '-2026-' || substr(CAST(10000000 + n AS TEXT), 2) AS number, type_code, BEGINNING + n * 60000 AS at, \
       'creator' || (1 + n * 7919 % (MANY / 500)) AS creator, CASE h % 7 WHEN 0 THEN '李娜' WHEN 1 THEN '王建国' WHEN 2 THEN '陈静' WHEN 3 THEN '刘洋' WHEN 4 THEN 'Zhang Wei' WHEN 5 THEN '赵敏' ELSE '孙丽' END AS name, \
       CASE h % 11 WHEN 0 THEN 'Taxi, Jinan' WHEN 1 THEN '差旅费 · 济南至青岛' WHEN 2 THEN 'Hotel, Qingdao' WHEN 3 THEN '换流站检修' WHEN 4 THEN '办公用品采购' WHEN 5 THEN 'Spare parts' \
         WHEN 6 THEN '设备租赁' WHEN 7 THEN 'Team dinner' WHEN 8 THEN '培训费' WHEN 9 THEN '快递费 SF' ELSE 'Fuel' END || ' ' || (n * 31 % 9973) AS title, \
       'P-' || (h % 97) || '/INV-' || (n * 17 % 1000003) || '-' || n AS matter, \
       CASE WHEN n % (MANY / 20) = 0 THEN 0 WHEN n > MANY * 4 / 5 AND h % 100 < 15 THEN h % 2 WHEN h < 50 THEN 3 WHEN h < 70 THEN 4 ELSE 2 END AS way, \
       CASE WHEN n % (MANY / 20) = 0 THEN '@zhao.min' ELSE 'department-head' END AS first_role \
     FROM (SELECT n, n * 2654435761 % 1000 AS h, CASE WHEN n % 20 < 12 THEN 'EXP' WHEN n % 20 < 17 THEN 'WO' ELSE 'RCT' END AS type_code FROM (NUMBERS) numbers) hashed";

const ROWS: &str = "INSERT INTO documents (number, type_code, matter, live, title, edition, status, creator, creator_client_number, creator_name, revision, sha256, size, store_path, fields, search, lang, created_at, level) \
       SELECT number, type_code, matter, CASE way WHEN 4 THEN 0 ELSE 1 END, title, 1, CASE way WHEN 2 THEN 'signed' WHEN 3 THEN 'rejected' WHEN 4 THEN 'withdrawn' ELSE 'pending' END, \
         creator, 'C' || substr(CAST(100000 + CAST(substr(creator, 8) AS BIGINT) AS TEXT), 2), name, CASE way WHEN 1 THEN 1 WHEN 2 THEN 2 ELSE 0 END, substr('0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef' || CAST(10000000 + n AS TEXT), 9, 64), 48000 + n % 1000, \
         type_code || '/2026/11/' || number || '/1-0-seed.pdf', '{\"amount\":\"' || (n % 9000) || '.00\",\"reason\":\"' || title || '\"}', lower(number || '\n' || title || '\n' || matter || '\n' || name), 'zh', at, \
         CASE way WHEN 2 THEN 'PAdES-B-LTA' ELSE 'none' END FROM seed ORDER BY n; \
     INSERT INTO editions (number, edition, title, matter, fields, created_at) SELECT number, 1, title, matter, '{}', at FROM seed ORDER BY n; \
     INSERT INTO revisions (number, edition, revision, sha256, size, store_path, created_at) SELECT number, 1, revision, sha256, size, store_path, created_at FROM documents; \
     INSERT INTO steps (number, edition, position, step_key, name_en, name_zh, role, decide, status, opened_at) \
       SELECT number, 1, 1, 'head', 'Department head', '部门负责人', first_role, 'any', CASE way WHEN 0 THEN 'open' WHEN 3 THEN 'rejected' WHEN 4 THEN 'closed' ELSE 'signed' END, at FROM seed ORDER BY n; \
     INSERT INTO steps (number, edition, position, step_key, name_en, name_zh, role, decide, status, opened_at) \
       SELECT number, 1, 2, 'finance', 'Finance', '财务', 'finance', 'any', CASE way WHEN 0 THEN 'waiting' WHEN 1 THEN 'open' WHEN 2 THEN 'signed' ELSE 'closed' END, \
         CASE WHEN way IN (1, 2) THEN at + 30000 END FROM seed ORDER BY n; \
     INSERT INTO step_fields (number, edition, position, ordinal, field, page, rect, movable) SELECT number, 1, position, 1, step_key, 1, '[10,20,130,140]', 0 FROM steps; \
     INSERT INTO decisions (number, edition, position, account, decided_by, decision, decided_at, ordinal, revision, serial, reason) \
       SELECT number, 1, 1, 'head', 'Wang Jianguo', CASE way WHEN 3 THEN 'rejected' ELSE 'signed' END, at + 30000, 1, CASE way WHEN 3 THEN 0 ELSE 1 END, '0a', CASE way WHEN 3 THEN 'no receipt' END \
       FROM seed WHERE way IN (1, 2, 3) ORDER BY n; \
     INSERT INTO decisions (number, edition, position, account, decided_by, decision, decided_at, ordinal, revision, serial) \
       SELECT number, 1, 2, 'finance', 'Chen Jing', 'signed', at + 60000, 2, 2, '0b' FROM seed WHERE way = 2 ORDER BY n; \
     INSERT INTO events (number, position, at, kind, account, by_name, edition, revision) SELECT number, 1, at, 'created', creator, name, 1, 0 FROM seed ORDER BY n;";

/// As migration 0009 fills them from what is there.
const LISTS: &str = "INSERT INTO waiting (who, number, type_code, opened_at) \
       SELECT a.who, a.number, d.type_code, a.opened_at FROM asked a JOIN documents d ON d.number = a.number AND d.edition = a.edition WHERE a.status = 'open' AND d.status = 'pending' ORDER BY a.opened_at; \
     INSERT INTO seen (who, number, type_code, created_at) \
       SELECT who, number, type_code, created_at FROM (SELECT a.who, a.number, d.type_code, d.created_at FROM asked a JOIN documents d ON d.number = a.number WHERE a.opened_at IS NOT NULL \
       UNION SELECT 'a:' || x.account, x.number, d.type_code, d.created_at FROM decisions x JOIN documents d ON d.number = x.number) s ORDER BY created_at; \
     INSERT INTO decided (who, number, type_code, decided_at) \
       SELECT 'a:' || x.account, x.number, d.type_code, x.decided_at FROM decisions x JOIN documents d ON d.number = x.number ORDER BY x.decided_at;";

const INDEX_SQLITE: &str = "INSERT INTO search_places (number) SELECT number FROM documents ORDER BY created_at; \
     INSERT INTO search_pieces (rowid, pieces) SELECT p.place, t.pieces FROM search_places p JOIN search_texts t ON t.number = p.number ORDER BY p.place;";
const INDEX_POSTGRES: &str = "INSERT INTO search_places (number, words) SELECT number, search FROM documents ORDER BY created_at; \
     CREATE INDEX search_places_pieces ON search_places USING GIN (search_pieces(words) COLLATE \"C\");";
