//! What travels: lists without what they do not show, pictures as files of their own, text compressed for who takes that.

use axum::body::Body;
use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use server::types::sample::picture;

use super::edge::sign_in;
use super::world::{World, claim};

pub async fn a_list_leaves_photographs_where_they_are(world: World) {
    let number = photographed(&world).await;
    let cookie = signed_in(&world).await;
    let asked = json!({ "query": { "box": "created", "limit": 100 } });
    let listed = function(&world, &cookie, "documents/list", &asked).await;
    assert_eq!((&listed["items"][0]["number"], &listed["items"][0]["fields"]), (&json!(number), &json!({ "amount": "128.00" })));
    // Programs get what they always got.
    let whole = world.get(&world.li, "/api/v1/documents?box=created").await.is(200).json();
    assert_eq!(whole["items"][0]["fields"]["receipt"], picture());
    for page in ["/documents", &format!("/documents/{number}")] {
        let html = String::from_utf8(world.call("", "GET", page, &[("cookie", &cookie)], Body::empty()).await.is(200).bytes).unwrap();
        assert!(html.contains(&number) && !html.contains("data:image"), "{page}");
    }
}

pub async fn a_picture_is_a_file_of_its_own(world: World) {
    let number = photographed(&world).await;
    let cookie = signed_in(&world).await;
    let view = function(&world, &cookie, "documents/view", &json!({ "number": number })).await;
    let address = view["document"]["fields"]["receipt"].as_str().unwrap();
    assert!(address.starts_with(&format!("/api/v1/documents/{number}/pictures/receipt?sha256=")), "{address}");
    let file = world.get(&world.wang, address).await.is(200);
    assert_eq!((file.header("content-type"), file.header("cache-control")), ("image/png", "private, no-cache"));
    assert_eq!(format!("data:image/png;base64,{}", Base64::encode_string(&file.bytes)), picture());
    let tag = file.header("etag").to_owned();
    let again = world.call(&world.wang, "GET", address, &[("if-none-match", &tag)], Body::empty()).await.is(304);
    assert!(again.bytes.is_empty());
    // Only for those who may see the document, only pictures, and only the one that was meant.
    world.get("", address).await.is_problem(401, "sign_in_required");
    world.get(&world.stranger, address).await.is_problem(404, "not_found");
    let place = format!("/api/v1/documents/{number}/pictures");
    for other in ["amount", "nothing", "..%2Ffile", &format!("receipt?sha256={}", "0".repeat(64))] {
        world.get(&world.li, &format!("{place}/{other}")).await.is_problem(404, "not_found");
    }
    world.get(&world.li, &format!("{place}/receipt?sha256=abc")).await.is_problem(422, "invalid_input");
}

pub async fn text_is_compressed_for_who_takes_that(world: World) {
    let number = photographed(&world).await;
    let cookie = signed_in(&world).await;
    let gzip = [("cookie", cookie.as_str()), ("accept-encoding", "br;q=0.1, gzip"), ("accept", "text/html")];
    for path in ["/documents", "/api/v1/documents", "/licences", "/api/v1/openapi.json", "/nothing-here"] {
        let plain = world.call("", "GET", path, &gzip[..1], Body::empty()).await;
        let packed = world.call("", "GET", path, &gzip, Body::empty()).await;
        assert_eq!((plain.header("content-encoding"), packed.header("content-encoding")), ("", "gzip"), "{path}");
        assert!(packed.header("vary").to_lowercase().contains("accept-encoding"), "{path}");
        assert!(
            packed.bytes.starts_with(&[0x1f, 0x8b]) && packed.bytes.len() * 4 < plain.bytes.len() * 3,
            "{path}: {} of {}",
            packed.bytes.len(),
            plain.bytes.len()
        );
    }
    // What is compressed already, what a tag names byte for byte, what is short, and what must not wait, stays as it is.
    let place = format!("/api/v1/documents/{number}");
    for path in [place.as_str(), &format!("{place}/file"), &format!("{place}/pictures/receipt"), "/healthz", "/api/v1/me"] {
        let reply = world.call("", "GET", path, &gzip, Body::empty()).await.is(200);
        assert_eq!(reply.header("content-encoding"), "", "{path}");
    }
    let request = http::Request::get("/api/v1/mailbox/stream?inbox=1").header("host", "127.0.0.1:3000").header("accept-encoding", "gzip");
    let request = request.header("authorization", format!("Bearer {}", world.wang)).body(Body::empty()).unwrap();
    let response = tower::ServiceExt::oneshot(world.router.clone(), request).await.unwrap();
    assert!(response.headers().get("content-encoding").is_none());
    let mut events = response.into_body().into_data_stream();
    let mut told = String::new();
    while !told.contains("\n\ndata") && !told.contains("event: inbox") {
        told += std::str::from_utf8(&futures::StreamExt::next(&mut events).await.unwrap().unwrap()).unwrap();
    }
    let data = told.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(data).unwrap()["count"], 1, "{told}");
}

async fn photographed(world: &World) -> String {
    let mut claim = claim("INV-1");
    claim["fields"]["receipt"] = picture().into();
    claim["fields"]["items"] = json!([{ "date": "2026-11-20", "what": "Taxi", "amount": "128.00" }]);
    world.post(&world.li, "/api/v1/documents", &claim, &[]).await.is(201).json()["number"].as_str().unwrap().to_owned()
}

async fn signed_in(world: &World) -> String {
    format!("signet={}", sign_in(world).await)
}

async fn function(world: &World, cookie: &str, name: &str, body: &Value) -> Value {
    let headers = [("content-type", "application/json"), ("cookie", cookie), ("sec-fetch-site", "same-origin")];
    world.call("", "POST", &format!("/rpc/{name}"), &headers, body.to_string()).await.is(200).json()
}
