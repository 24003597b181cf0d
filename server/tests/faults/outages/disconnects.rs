//! Browsers that go away: over real connections, in more than a hundred moments of every kind of request. Each act ends whole or not at all.

use std::time::Duration;

use app::model::{Document, Query};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::outages::world::{World, page};

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_a_browser_may_go_away_at_any_moment() {
    a_browser_may_go_away_at_any_moment(World::sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_a_browser_may_go_away_at_any_moment() {
    let url = support::postgres::database().await;
    a_browser_may_go_away_at_any_moment(World::over(&url, &url).await).await;
}

async fn a_browser_may_go_away_at_any_moment(world: World) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let closing = CancellationToken::new();
    let router = server::router::router(world.app.clone(), closing.clone());
    tokio::spawn(server::serve::serve(std::sync::Arc::new(listener), router, Vec::new(), closing.clone()));

    let mut moments = 0;
    // From before the request is whole to after its answer: finer where more happens.
    for step in 0..32_u64 {
        let pause = Duration::from_micros(step * step * 60);
        let name = format!("gone-{step}");
        let signed = world.create(&format!("{name}-s"), None).await.unwrap();
        let rejected = world.create(&format!("{name}-r"), None).await.unwrap();
        let revision = world.appended(&signed).await;
        let (body, kind) = upload(&name);
        let place = |document: &Document, part: &str| format!("/api/v1/documents/{}{part}", document.number);
        let match_0 = "if-match: \"0\"\r\n";
        let rejection = json!({"reason": "no"}).to_string();
        for request in [
            request("POST", "/api/v1/documents", &world.token, &format!("content-type: {kind}\r\nidempotency-key: {name}\r\n"), &body),
            request(
                "POST",
                &place(&signed, "/signatures"),
                &world.head_token,
                &format!("content-type: application/vnd.signet.revision\r\n{match_0}"),
                &revision,
            ),
            request(
                "POST",
                &place(&rejected, "/rejection"),
                &world.head_token,
                &format!("content-type: application/json\r\n{match_0}idempotency-key: {name}\r\n"),
                rejection.as_bytes(),
            ),
            request("GET", &place(&signed, "/file"), &world.token, "", b""),
            request("GET", "/api/v1/mailbox/stream", &world.token, "", b""),
        ] {
            let mut connection = TcpStream::connect(&address).await.unwrap();
            connection.set_nodelay(true).unwrap();
            // In the earliest moments only a part of the request gets through.
            let end = if step < 4 { request.len() * (step as usize + 1) / 5 } else { request.len() };
            connection.write_all(&request[..end]).await.unwrap();
            tokio::time::sleep(pause).await;
            // Half of them break off with a reset.
            if step % 2 == 0 {
                connection.set_zero_linger().unwrap();
            }
            drop(connection);
            moments += 1;
        }
    }
    assert!(moments >= 100);
    // The same requests again, by someone who stays: each act is done once.
    for step in [4, 9, 15, 22, 31] {
        let name = format!("gone-{step}");
        let first = world.create(&name, Some(&name)).await;
        let live = world.of_matter(&name).await;
        assert_eq!(live.len(), 1, "{name}: {first:?}");
    }
    settled(&world).await;
    for document in world.creator.documents(Query { limit: Some(200), ..Query::default() }).await.unwrap().items {
        assert!(document.steps[0].decisions.len() <= 1);
    }
    world.is_whole().await;
    closing.cancel();
}

/// What was begun for those who went away has come to its end.
async fn settled(world: &World) {
    let count =
        async || world.creator.documents(Query { limit: Some(200), ..Query::default() }).await.unwrap().items.iter().map(|d| d.revision + 1).sum::<u32>();
    let mut before = count().await;
    loop {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let now = count().await;
        if now == before {
            return;
        }
        before = now;
    }
}

fn request(method: &str, path: &str, token: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {token}\r\n{headers}content-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn upload(slip: &str) -> (Vec<u8>, String) {
    let document = json!({"type": "SLIP", "fields": {"slip": slip}}).to_string();
    let mut body = format!("--b\r\ncontent-disposition: form-data; name=\"document\"\r\ncontent-type: application/json\r\n\r\n{document}\r\n").into_bytes();
    body.extend_from_slice(b"--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\ncontent-type: application/pdf\r\n\r\n");
    body.extend_from_slice(&page());
    body.extend_from_slice(b"\r\n--b--\r\n");
    (body, "multipart/form-data; boundary=b".to_owned())
}
