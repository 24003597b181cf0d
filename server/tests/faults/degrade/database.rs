//! The database is away, while the program runs and while it starts.

use std::time::{Duration, Instant};

use support::ground::{open, person};
use support::own_postgres::OwnPostgres;
use support::program::{Client, Environment, Program, claim, run};

use crate::degrade::is_outage;

#[tokio::test(flavor = "multi_thread")]
async fn the_program_waits_for_its_database_and_goes_on_when_it_is_back() {
    let mut database = tokio::task::spawn_blocking(OwnPostgres::new).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let environment: Environment = vec![
        ("SIGNET_DATA".into(), folder.path().join("data").display().to_string()),
        ("SIGNET_DATABASE_URL".into(), database.url()),
        ("SIGNET_PUBLIC_URL".into(), "http://127.0.0.1:3000".into()),
    ];
    // 1. It starts without its database: it lives, is not ready, and says why to programs and people.
    let mut program = Program::start(&environment, &folder.path().join("log"));
    program.answers("/healthz", 200).await.unwrap();
    let nobody = Client::new(&program.url, "");
    is_outage(nobody.get("/readyz").await, "index_unavailable");
    is_outage(nobody.get("/api/v1/documents").await, "index_unavailable");
    for (language, words) in [("en", "The index does not answer right now"), ("zh-CN", "索引数据库暂时没有应答")] {
        let page = nobody.call("GET", "/documents", &[("accept", "text/html"), ("accept-language", language)], "").await.unwrap().is(503);
        let text = String::from_utf8(page.bytes).unwrap();
        assert!(text.contains(words) && text.contains("refresh"), "{text}");
    }
    assert!(program.told().contains("Signet waits for its database"), "{}", program.told());
    database.start();
    let back = Instant::now();
    program.ready().await.unwrap();
    assert!(back.elapsed() < Duration::from_secs(6), "{:?}", back.elapsed());

    // 2. It goes away under the running program.
    let app = open(&environment).await;
    let token = person(&app, "li.na", &["creator"], false).await;
    person(&app, "wang", &["department-head"], false).await;
    app.close().await;
    drop(app);
    let li = Client::new(&program.url, &token);
    let first = li.post("/api/v1/documents", &claim("DB-1", "10"), &[]).await.unwrap().is(201).json();
    let mut stream = li.stream("/api/v1/mailbox/stream").await.unwrap();
    database.stop();
    is_outage(nobody.get("/readyz").await, "index_unavailable");
    nobody.get("/healthz").await.unwrap().is(200);
    let list = async || is_outage(li.get("/api/v1/documents").await, "index_unavailable");
    let create = async || is_outage(li.post("/api/v1/documents", &claim("DB-2", "10"), &[("idempotency-key", "2")]).await, "index_unavailable");
    let begun = Instant::now();
    tokio::join!(list(), create());
    assert!(begun.elapsed() < Duration::from_secs(12), "{:?}", begun.elapsed());
    let page = nobody.call("GET", "/documents", &[("accept", "text/html"), ("cookie", "signet=something")], "").await.unwrap().is(503);
    assert!(String::from_utf8(page.bytes).unwrap().starts_with("<!DOCTYPE html>"));
    // A stream ends, so that its client comes back and is told why.
    let ended = tokio::time::timeout(Duration::from_secs(15), async { while stream.chunk().await.is_ok_and(|piece| piece.is_some()) {} }).await;
    assert!(ended.is_ok(), "the stream stands still");

    // 3. It is back, and so is everything else.
    database.start();
    let back = Instant::now();
    program.ready().await.unwrap();
    assert_eq!(li.get("/api/v1/documents").await.unwrap().is(200).json()["items"][0]["number"], first["number"]);
    li.post("/api/v1/documents", &claim("DB-2", "10"), &[("idempotency-key", "2")]).await.unwrap().is(201);
    println!("served {:.1} s after the database was back", back.elapsed().as_secs_f32());
    assert!(back.elapsed() < Duration::from_secs(6), "{:?}", back.elapsed());
    program.kill();
    let checked = run(&environment, &["fsck"]).await;
    assert!(checked.status.success(), "{checked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_will_never_do_stops_the_start() {
    let mut database = tokio::task::spawn_blocking(OwnPostgres::new).await.unwrap();
    database.start();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").display().to_string();
    let wrong = database.url().replace("/postgres", "/nothing_of_this_name").replacen("postgres://nothing_of_this_name", "postgres://postgres", 1);
    for url in [wrong, format!("sqlite:{}/no/such/folder/main.sqlite", folder.path().display())] {
        let environment: Environment = vec![("SIGNET_DATA".into(), data.clone()), ("SIGNET_DATABASE_URL".into(), url.clone())];
        let mut program = Program::start(&environment, &folder.path().join("log"));
        let ended = program.end(Duration::from_secs(15)).await.unwrap_or_else(|| panic!("{url} is waited for\n{}", program.told()));
        assert_eq!(ended.code(), Some(1));
        assert!(program.told().contains("the index cannot be opened"), "{}", program.told());
    }
}
