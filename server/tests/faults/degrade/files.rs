//! The file server is away.

use std::time::{Duration, Instant};

use serde_json::json;
use support::ground::{Ground, Kind, person};
use support::program::{Client, claim, run};
use support::signer::Signer;

use crate::degrade::is_outage;

const HTML: [(&str, &str); 1] = [("accept", "text/html")];

#[tokio::test(flavor = "multi_thread")]
async fn while_files_are_away_lists_and_rejections_go_on_with_sqlite() {
    while_files_are_away(Kind { postgres: false, vsftpd: true }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_files_are_away_lists_and_rejections_go_on_with_postgres() {
    while_files_are_away(Kind { postgres: true, vsftpd: true }).await;
}

async fn while_files_are_away(kind: Kind) {
    let Some(ground) = Ground::new(kind).await else { return };
    let app = ground.open(&[]).await;
    let (li, wang) = (person(&app, "li.na", &["creator"], false).await, person(&app, "wang.jianguo", &["department-head"], false).await);
    app.close().await;
    let server = ground.server().unwrap().clone();
    // It starts without its file server, says so, and serves what needs no file.
    server.lock().await.kill();
    let mut program = ground.start(&[]);
    program.answers("/healthz", 200).await.unwrap();
    let (li, wang, nobody) = (Client::new(&program.url, &li), Client::new(&program.url, &wang), Client::new(&program.url, ""));
    let ready = is_outage(nobody.get("/readyz").await, "store_unavailable");
    assert!(ready["detail"].as_str().unwrap().contains("file store"), "{ready}");
    assert_eq!(li.get("/api/v1/documents").await.unwrap().is(200).json()["items"], json!([]));
    assert_eq!(nobody.call("GET", "/", &HTML, "").await.unwrap().status / 100, 2);
    server.lock().await.resume();
    let back = Instant::now();
    program.ready().await.unwrap();
    assert!(back.elapsed() < Duration::from_secs(3), "{:?}", back.elapsed());

    let create = |invoice: &'static str| {
        let li = li.clone();
        async move { li.post("/api/v1/documents", &claim(invoice, "10"), &[("idempotency-key", invoice)]).await }
    };
    let [one, two] = [create("ONE").await.unwrap().is(201).json(), create("TWO").await.unwrap().is(201).json()];
    let place = |document: &serde_json::Value| format!("/api/v1/documents/{}", document["number"].as_str().unwrap());
    let (first, second) = (place(&one), place(&two));
    let enrolled = wang.call("POST", "/api/v1/certificates", &[("content-type", "application/pkcs10")], Signer::request("wang")).await.unwrap().is(201).json();
    let signer = Signer::certified("wang", &enrolled);
    let original = wang.get(&format!("{first}/file")).await.unwrap().is(200).bytes;
    let signing = wang.get(&format!("{first}/signing")).await.unwrap().is(200).json();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    let appended = signer.appended(&original, &signing, now);
    let headers = [("content-type", "application/vnd.signet.revision"), ("if-match", "\"0\""), ("idempotency-key", "sign")];
    let sign = async || wang.call("POST", &format!("{first}/signatures"), &headers, appended.clone()).await;

    server.lock().await.kill();
    is_outage(nobody.get("/readyz").await, "store_unavailable");
    // What needs no file goes on: lists, documents, histories, and a rejection with its way back.
    assert_eq!(li.get("/api/v1/documents").await.unwrap().is(200).json()["items"].as_array().unwrap().len(), 2);
    assert_eq!(wang.get("/api/v1/documents?box=inbox").await.unwrap().is(200).json()["items"].as_array().unwrap().len(), 2);
    li.get(&format!("{first}/events")).await.unwrap().is(200);
    wang.post(&format!("{second}/rejection"), &json!({ "reason": "No" }), &[("if-match", "\"0\"")]).await.unwrap().is(201);
    assert_eq!(li.get("/api/v1/mailbox").await.unwrap().is(200).json()["items"][0]["number"], two["number"]);
    // What needs one is refused with what to do, and nothing of it is left.
    is_outage(li.get(&format!("{first}/file")).await, "store_unavailable");
    is_outage(create("THREE").await, "store_unavailable");
    is_outage(sign().await, "store_unavailable");
    assert_eq!(li.get(&first).await.unwrap().is(200).json(), one);

    server.lock().await.resume();
    let back = Instant::now();
    program.ready().await.unwrap();
    create("THREE").await.unwrap().is(201);
    sign().await.unwrap().is(201);
    assert!(back.elapsed() < Duration::from_secs(5), "{:?}", back.elapsed());
    // What the refused ones announced goes with the sweep that follows on its own.
    ground.sql("UPDATE intents SET lease_until = 0").await;
    program.kill();
    let mut program = ground.start(&[]);
    program.ready().await.unwrap();
    ground.swept().await;
    ground.is_whole().await;
    program.kill();
    ground.fsck().await;
    ground.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn queues_drain_in_order_when_the_file_server_is_back() {
    let Some(ground) = Ground::new(Kind { postgres: false, vsftpd: true }).await else { return };
    let app = ground.open(&[]).await;
    let (li, wang) = (person(&app, "li.na", &["creator"], false).await, person(&app, "wang.jianguo", &["department-head"], false).await);
    app.close().await;
    std::fs::create_dir(ground.data().join("tsa")).unwrap();
    support::machine::make_certificates(&ground.data().join("tsa"));
    let ca = ground.data().join("tsa/ca.pem").display().to_string();
    // Signed while no time stamp is to be had: the evidence waits in a queue.
    let mut program = ground.start(&[("SIGNET_TSA_URL", "http://127.0.0.1:9"), ("SIGNET_TSA_CA", &ca)]);
    program.ready().await.unwrap();
    let (li, wang) = (Client::new(&program.url, &li), Client::new(&program.url, &wang));
    let enrolled = wang.call("POST", "/api/v1/certificates", &[("content-type", "application/pkcs10")], Signer::request("wang")).await.unwrap().is(201).json();
    let signer = Signer::certified("wang", &enrolled);
    let mut numbers = Vec::new();
    for invoice in ["Q-1", "Q-2", "Q-3"] {
        let document = li.post("/api/v1/documents", &claim(invoice, "10"), &[]).await.unwrap().is(201).json();
        let place = format!("/api/v1/documents/{}", document["number"].as_str().unwrap());
        let original = wang.get(&format!("{place}/file")).await.unwrap().is(200).bytes;
        let signing = wang.get(&format!("{place}/signing")).await.unwrap().is(200).json();
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
        let headers = [("content-type", "application/vnd.signet.revision"), ("if-match", "\"0\"")];
        let signed = wang.call("POST", &format!("{place}/signatures"), &headers, signer.appended(&original, &signing, now)).await.unwrap().is(201).json();
        assert_eq!(signed["level"], "PAdES-B-B");
        numbers.push(document["number"].as_str().unwrap().to_owned());
    }
    program.kill();
    for (due, number) in numbers.iter().rev().enumerate() {
        ground.sql(&format!("UPDATE documents SET raise_at = {due} WHERE number = '{number}'")).await;
    }
    // And a file to be swept waits too.
    let hash = "0".repeat(64);
    ground.sql(&format!("INSERT INTO intents (id, store_path, sha256, size, created_at, lease_until, given_up) VALUES ('old', 'EXP/2026/11/EXP-2026-999999/1-0-aaaaaaaaaaaa.pdf', '{hash}', 9, 0, 0, 0)")).await;

    let server = ground.server().unwrap().clone();
    server.lock().await.kill();
    let mut program = ground.start(&[]);
    program.answers("/readyz", 503).await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(ground.count("events WHERE kind = 'raised'").await, 0);
    assert_eq!(ground.count("intents WHERE given_up < 2").await, 1);
    server.lock().await.resume();
    let back = Instant::now();
    while ground.count("events WHERE kind = 'raised'").await < 3 || ground.count("intents WHERE given_up < 2").await > 0 {
        assert!(back.elapsed() < Duration::from_secs(20), "the queues do not drain:\n{}", program.told());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    println!("the queues were empty {:.1} s after the file server was back", back.elapsed().as_secs_f32());
    let raised = ground.texts("SELECT number FROM events WHERE kind = 'raised' ORDER BY at").await;
    numbers.reverse();
    assert_eq!(raised, numbers, "in the order in which they were due");
    program.kill();
    ground.is_whole().await;
    ground.fsck().await;
    ground.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_server_that_stands_still_holds_up_only_who_needs_it() {
    let Some(ground) = Ground::new(Kind { postgres: false, vsftpd: true }).await else { return };
    let app = ground.open(&[]).await;
    let li = person(&app, "li.na", &["creator"], false).await;
    person(&app, "wang.jianguo", &["department-head"], false).await;
    app.close().await;
    let mut program = ground.start(&[]);
    program.ready().await.unwrap();
    let li = Client::new(&program.url, &li);
    li.post("/api/v1/documents", &claim("STILL-0", "10"), &[]).await.unwrap().is(201);
    let server = ground.server().unwrap().clone();
    server.lock().await.signal("STOP");
    let waiting = tokio::spawn({
        let li = li.clone();
        async move { li.post("/api/v1/documents", &claim("STILL-1", "10"), &[]).await }
    });
    for _ in 0..20 {
        let begun = Instant::now();
        li.get("/api/v1/documents").await.unwrap().is(200);
        assert!(begun.elapsed() < Duration::from_secs(1), "a list waits for the file server: {:?}", begun.elapsed());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(!waiting.is_finished());
    server.lock().await.signal("CONT");
    waiting.await.unwrap().unwrap().is(201);
    program.kill();
    ground.is_whole().await;
    ground.clear().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_page_names_what_is_away_in_both_languages() {
    let Some(ground) = Ground::new(Kind { postgres: false, vsftpd: true }).await else { return };
    let app = ground.open(&[]).await;
    let part = |health: app::model::Health| health.checks.into_iter().find(|check| check.part == "store").unwrap();
    let well = part(server::service::health::check(&app).await);
    assert!(well.ok && well.text.en.contains("ftp://127.0.0.1") && well.text.zh.contains("文件保存在"), "{well:?}");
    ground.server().unwrap().lock().await.kill();
    let ill = part(server::service::health::check(&app).await);
    assert!(!ill.ok && ill.text.en.contains("ftp://127.0.0.1") && ill.text.en.contains("does not answer") && ill.text.zh.contains("没有应答"), "{ill:?}");
    let error = server::service::health::ready(&app).await.obstacle.unwrap().translate(app::model::Lang::Zh);
    assert!(error.detail.starts_with("不可用：文件存储"), "{error:?}");
    app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_second_server_starts_on_the_same_files() {
    let ground = Ground::new(Kind { postgres: false, vsftpd: false }).await.unwrap();
    let mut program = ground.start(&[]);
    program.ready().await.unwrap();
    let environment = ground.environment(&[("SIGNET_LISTEN", "127.0.0.1:0")]);
    let second = tokio::time::timeout(Duration::from_secs(20), run(&environment, &["serve"])).await.expect("it ends at once");
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(!second.status.success() && said.contains("another `signet serve`"), "{said}");
    assert!(run(&ground.environment(&[]), &["fsck"]).await.status.success(), "one-off commands run beside it");
    // However it ends, the next one starts at once.
    program.kill();
    let mut program = ground.start(&[]);
    program.ready().await.unwrap();
    program.kill();
    ground.clear().await;
}

/// What is mended was read before: a server that acts meanwhile would lose what it acknowledged.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_mended_under_a_running_server() {
    let ground = Ground::new(Kind { postgres: false, vsftpd: false }).await.unwrap();
    let mut program = ground.start(&[]);
    program.ready().await.unwrap();
    let environment = ground.environment(&[("SIGNET_LOG", "error")]);
    let refused = run(&environment, &["fsck", "--repair"]).await;
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("Stop every one"), "{refused:?}");
    assert!(run(&environment, &["fsck"]).await.status.success());
    program.kill();
    // A server that was killed is waited for, and gone after half a minute.
    let mended = run(&environment, &["fsck", "--repair"]).await;
    assert!(mended.status.success(), "{mended:?}");
    ground.clear().await;
}
