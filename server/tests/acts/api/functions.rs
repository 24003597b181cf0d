//! The door of the server functions, knocked at by anyone with anything.

use std::time::Duration;

use axum::body::{Body, Bytes};
use futures::{StreamExt, stream};

use super::world::World;

const MEDIA_TYPES: [&str; 3] = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data"];
const EDGE: &str = "multipart/form-data; boundary=edge";

/// Whatever is sent is taken, or refused in words: nothing is a fault of the server's, and nobody gets in by another door.
pub async fn each_takes_one_media_type_and_survives_the_rest(world: World) {
    let functions = app::api::functions();
    assert!(functions.len() > 40, "{}", functions.len());
    let session = super::edge::sign_in(&world).await;
    let cookie = format!("signet={session}");
    let bodies: [&[u8]; 9] = [
        b"",
        b"{",
        b"{}",
        b"null",
        b"[[[[[[",
        b"{\"number\":7,\"query\":[],\"serial\":{},\"new\":false}",
        b"a=1&a=2&entered[login]=x",
        b"--edge\r\nContent-Disposition: form-data; name=\"document\"\r\n\r\n{\r\n--edge--\r\n",
        b"\xff\xfe\x00{",
    ];
    let mut calls = 0;
    for (path, takes) in &functions {
        // Signing out would end the session that asks.
        let cookies: &[&str] = if path.ends_with("sign_out") { &[""] } else { &["", &cookie] };
        for cookie in cookies {
            for sent in
                ["", "text/plain", "text/html", "application/octet-stream", "application/jsonp", EDGE, "application/json", MEDIA_TYPES[1], MEDIA_TYPES[2]]
            {
                let right = sent.split(';').next() == Some(*takes);
                for body in bodies {
                    let headers = [("cookie", *cookie), ("sec-fetch-site", "same-origin"), ("content-type", sent)];
                    let reply = world.call("", "POST", path, &headers[..if sent.is_empty() { 2 } else { 3 }], body.to_vec()).await;
                    let (status, text) = (reply.status.as_u16(), String::from_utf8_lossy(&reply.bytes).into_owned());
                    assert!(status < 500, "{path} {sent} {body:?}: {status} {text}");
                    assert!(right || status == 415, "{path} {sent}: {status} {text}");
                    assert!(status < 300 || reply.json()["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{path} {sent}: {status} {text}");
                    calls += 1;
                }
            }
        }
    }
    assert!(calls > 5000, "{calls}");
    // A header that is no text, a method that is none of theirs, an address that is nobody's.
    world.call("", "GET", "/rpc/admin/save_account", &[], Body::empty()).await.is(405);
    world.call("", "POST", "/rpc/admin/nothing", &[("content-type", "application/json")], "{}").await.is(404);
    world.claim("INV-1").await;
}

/// Nobody's megabytes are not read, and of those who are known only what a question needs.
pub async fn long_questions_are_refused(world: World) {
    let json = [("content-type", "application/json"), ("sec-fetch-site", "same-origin")];
    let long = |bytes: usize| format!("{{\"query\":\"{}\"}}", "x".repeat(bytes));
    world.call("", "POST", "/rpc/documents/list", &json, long(20_000)).await.is(413);
    world.call(&world.li, "POST", "/rpc/documents/list", &json, long(20_000)).await.is(422);
    world.call(&world.li, "POST", "/rpc/documents/list", &json, long(3 << 20)).await.is(413);
    // The same where its length is not told.
    let pieces = stream::iter((0..40).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 1 << 20]))));
    world.call("", "POST", "/rpc/documents/list", &json, Body::from_stream(pieces)).await.is(413);
}

/// A byte now and then keeps a connection no longer than nothing does.
pub async fn what_drips_is_given_up(world: World) {
    let drip = || {
        Body::from_stream(stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            Some((Ok::<_, std::io::Error>(Bytes::from_static(b" ")), ()))
        }))
    };
    let json = [("content-type", "application/json"), ("sec-fetch-site", "same-origin")];
    let pdf = [("content-type", "application/pdf")];
    let begun = std::time::Instant::now();
    let (function, call, verify) = tokio::join!(
        world.call(&world.li, "POST", "/rpc/documents/list", &json, drip()),
        world.call(&world.li, "POST", "/api/v1/documents", &json, drip()),
        world.call("", "POST", "/api/v1/verify", &pdf, drip()),
    );
    call.is_problem(408, "timeout");
    verify.is_problem(408, "timeout");
    function.is(408);
    assert!(begun.elapsed() < Duration::from_secs(40), "{:?}", begun.elapsed());
}

/// Who only seems to send a file to verify holds up nobody who does.
pub async fn hanging_files_hold_up_no_other(world: World) {
    let hanging = || Body::from_stream(stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"%PDF-1.7\n"))]).chain(stream::pending()));
    let pdf = [("content-type", "application/pdf")];
    // Two of them have sent much already: the room for that is no one address's.
    let much = || Body::from_stream(stream::iter([Ok::<_, std::io::Error>(Bytes::from(vec![b' '; 2 << 20]))]).chain(stream::pending()));
    let hang = futures::future::join_all((0..12).map(|n| world.call("", "POST", "/api/v1/verify", &pdf, if n < 2 { much() } else { hanging() })));
    let ask = async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        for _ in 0..3 {
            world.call("", "POST", "/api/v1/verify", &pdf, "no PDF at all").await.is_problem(422, "document_refused");
        }
        world.call("", "POST", "/api/v1/verify", &pdf, vec![b' '; 2 << 20]).await.is_problem(429, "too_many_tries");
    };
    tokio::select! {
        () = ask => {}
        _ = hang => panic!("they ended before"),
    }
}
