//! Streams end with what opened them: a token that is deleted, a session that is signed out, an account that may not sign in any more.

use std::time::Duration;

use app::model::AccountChange;
use axum::body::Body;
use futures::StreamExt;
use server::service;
use tower::ServiceExt;

use super::edge::sign_in;
use super::world::World;

pub async fn a_stream_ends_with_its_token(world: World) {
    let mut stream = open(&world, ("authorization", &format!("Bearer {}", world.li))).await;
    let index = &world.app.index;
    let account = index.account_by_login("li.na").await.unwrap().unwrap();
    let token = index.tokens_of(&account.id).await.unwrap().remove(0);
    assert!(index.delete_token(&account.id, &token.id, server::clock::Clock::now(&server::clock::SystemClock)).await.unwrap());
    ends(&mut stream).await;
}

pub async fn a_stream_ends_with_its_session(world: World) {
    let secret = sign_in(&world).await;
    let cookie = format!("signet={secret}");
    let mut stream = open(&world, ("cookie", &cookie)).await;
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
    world.call("", "POST", "/rpc/session/sign_out", &headers, "").await.is(200);
    ends(&mut stream).await;
}

pub async fn a_stream_ends_with_its_account(world: World) {
    let mut stream = open(&world, ("authorization", &format!("Bearer {}", world.li))).await;
    service::accounts::put(&world.app, AccountChange { login: "li.na".into(), active: Some(false), ..AccountChange::default() }).await.unwrap();
    ends(&mut stream).await;
    world.get(&world.li, "/api/v1/me").await.is_problem(401, "sign_in_required");
}

pub async fn an_account_has_so_many_streams_and_no_more(world: World) {
    let ask = || {
        let request = http::Request::get("/api/v1/mailbox/stream").header("host", "127.0.0.1:3000").header("authorization", format!("Bearer {}", world.li));
        world.router.clone().oneshot(request.body(Body::empty()).unwrap())
    };
    let mut open = Vec::new();
    for _ in 0..32 {
        open.push(ask().await.unwrap());
    }
    assert!(open.iter().all(|response| response.status() == 200));
    world.get(&world.li, "/api/v1/mailbox/stream").await.is_problem(429, "too_many_tries");
    // Each has its own share, and who closes one has room again.
    open.pop();
    open.push(ask().await.unwrap());
    assert_eq!(open.last().unwrap().status(), 200);
    let request = http::Request::get("/api/v1/mailbox/stream").header("host", "127.0.0.1:3000").header("authorization", format!("Bearer {}", world.wang));
    assert_eq!(world.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap().status(), 200);
}

async fn open(world: &World, proof: (&str, &str)) -> axum::body::BodyDataStream {
    let request = http::Request::get("/api/v1/mailbox/stream").header("host", "127.0.0.1:3000").header(proof.0, proof.1);
    let response = world.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    let mut stream = response.into_body().into_data_stream();
    let first = tokio::time::timeout(Duration::from_secs(10), stream.next()).await.unwrap().unwrap().unwrap();
    assert!(first.starts_with(b":"), "the first line is a comment");
    // It goes on while its proof holds.
    assert!(tokio::time::timeout(Duration::from_millis(2500), stream.next()).await.is_err());
    stream
}

async fn ends(stream: &mut axum::body::BodyDataStream) {
    let last = tokio::time::timeout(Duration::from_secs(10), async { while stream.next().await.is_some() {} }).await;
    assert!(last.is_ok(), "the stream goes on without its proof");
}
