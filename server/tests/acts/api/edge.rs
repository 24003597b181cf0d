//! What holds for every request, whoever asks for what.

use axum::body::Body;
use serde_json::json;

use super::world::{World, claim};

pub async fn errors_have_one_shape(world: World) {
    world.get(&world.li, "/api/v1/nothing").await.is_problem(404, "not_found");
    world.get(&world.li, "/api/v1/documents/%FF").await.is_problem(404, "not_found");
    world.get(&world.li, "/api/v1/documents/..%2F..%2Fetc").await.is_problem(404, "not_found");
    let wrong = world.call(&world.li, "DELETE", "/api/v1/documents", &[], Body::empty()).await;
    wrong.is_problem(405, "method_not_allowed");
    assert!(wrong.header("allow").contains("POST"));
    let json = [("content-type", "application/json")];
    world.call(&world.li, "POST", "/api/v1/documents", &json, "{").await.is_problem(400, "invalid_input");
    let mut more = claim("INV-1");
    more["colour"] = json!("red");
    world.post(&world.li, "/api/v1/documents", &more, &[]).await.is_problem(422, "invalid_input");
    world.call(&world.li, "POST", "/api/v1/documents", &[("content-type", "text/csv")], "x").await.is_problem(415, "unsupported_media_type");
    world.call(&world.li, "POST", "/api/v1/mailbox/read", &json, vec![b' '; 70_000]).await.is_problem(413, "too_large");
    world.call(&world.li, "POST", "/api/v1/verify", &[("content-type", "application/pdf")], vec![0; 27 * 1024 * 1024]).await.is_problem(413, "too_large");
    let chinese = world.call("", "GET", "/api/v1/me", &[("accept-language", "zh-CN,zh;q=0.9")], Body::empty()).await;
    chinese.is_problem(401, "sign_in_required");
    assert!(chinese.json()["detail"].as_str().unwrap().contains("登录"));
    assert!(!chinese.header("x-request-id").is_empty() && chinese.header("www-authenticate").starts_with("Bearer"));
    world.call(&world.li, "POST", "/api/v1/certificates", &[("content-type", "application/pkcs10")], "no request").await.is_problem(422, "certificate_refused");
}

pub async fn other_sites_change_nothing(world: World) {
    let secret = sign_in(&world).await;
    let cookie = format!("signet={secret}");
    let body = claim("INV-1").to_string();
    let with = |more: &[(&'static str, &'static str)]| {
        let mut headers = vec![("content-type", "application/json"), ("cookie", cookie.as_str())];
        headers.extend(more);
        headers
    };
    for foreign in
        [&[("sec-fetch-site", "cross-site")][..], &[("sec-fetch-site", "same-site")], &[("origin", "https://evil.example")], &[("origin", "null")], &[]]
    {
        world.call("", "POST", "/api/v1/documents", &with(foreign), body.clone()).await.is_problem(403, "cross_site");
        let function = world.call("", "POST", "/rpc/session/sign_out", &with(foreign), "{}").await.is(403);
        assert_eq!(function.json()["code"], "cross_site");
    }
    world.call("", "POST", "/api/v1/documents", &with(&[("sec-fetch-site", "same-origin")]), body.clone()).await.is(201);
    world.call("", "GET", "/api/v1/me", &with(&[("sec-fetch-site", "cross-site")]), Body::empty()).await.is(200);
}

pub async fn everyone_may_ask_for_these(world: World) {
    assert_eq!(world.get("", "/healthz").await.is(200).bytes, b"alive\n");
    assert_eq!(world.get("", "/readyz").await.is(200).bytes, b"ready\n");
    assert!(String::from_utf8(world.get("", "/metrics").await.is(200).bytes).unwrap().contains("signet_ready 1"));
    assert!(world.get("", "/ca.pem").await.is(200).bytes.starts_with(b"-----BEGIN CERTIFICATE-----"));
    assert_eq!(world.get("", "/crl.der").await.is(200).header("content-type"), "application/pkix-crl");
    assert_eq!(world.get("", "/api/v1/openapi.json").await.is(200).json()["openapi"], "3.1.0");
    let docs = world.get("", "/api/docs").await.is(200);
    assert!(docs.header("content-type").starts_with("text/html") && String::from_utf8(docs.bytes).unwrap().contains("duplicate_matter"));
    let number = world.claim("INV-1").await["number"].as_str().unwrap().to_owned();
    let pdf = world.get(&world.li, &format!("/api/v1/documents/{number}/file")).await.is(200).bytes;
    let report = world.call("", "POST", "/api/v1/verify", &[("content-type", "application/pdf")], pdf).await.is(200).json();
    assert_eq!((&report["indication"], &report["signatures"]), (&json!("INDETERMINATE"), &json!([])));
    world.call("", "POST", "/api/v1/verify", &[("content-type", "application/pdf")], "no PDF").await.is_problem(422, "document_refused");
}

pub async fn pages_carry_a_strict_policy(world: World) {
    let page = world.get("", "/sign-in").await.is(200);
    let policy = page.header("content-security-policy");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"), "{policy}");
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert!(String::from_utf8(page.bytes.clone()).unwrap().contains(&format!("nonce=\"{nonce}\"")));
    assert_eq!(
        (page.header("x-content-type-options"), page.header("referrer-policy"), page.header("cross-origin-opener-policy")),
        ("nosniff", "no-referrer", "same-origin")
    );
    assert_eq!(world.get("", "/no/such/page").await.status.as_u16(), 404);
    assert_ne!(world.get("", "/sign-in").await.header("content-security-policy"), policy);
}

pub async fn licences_are_open_to_anyone(world: World) {
    let page = licences(&world, &[]).await.is(200);
    assert_eq!((page.header("content-type"), page.header("cache-control")), ("text/html; charset=utf-8", "no-cache"));
    assert!(page.header("content-security-policy").contains("default-src 'none'"));
    let text = String::from_utf8(page.bytes.clone()).unwrap();
    for part in
        [">Noto Serif CJK<", ">pdf.js ", ">Rust ", ">SQLite<", ">Signet<", ">typst 0.", ">leptos 0.", ">ring 0.", "SIL OPEN FONT LICENSE", "Apache License"]
    {
        assert!(text.contains(part), "{part}");
    }
    assert!(!text.contains("<script") && !text.contains(" style=") && !text.contains(" onclick"));
    assert!(licences(&world, &[("accept-encoding", "gzip")]).await.is(200).bytes.len() * 3 < page.bytes.len());
    assert!(licences(&world, &[("if-none-match", page.header("etag"))]).await.is(304).bytes.is_empty());
    let chinese = licences(&world, &[("accept-language", "zh-CN,zh;q=0.9"), ("cookie", "theme=dark")]).await.is(200);
    let text = String::from_utf8(chinese.bytes.clone()).unwrap();
    assert!(text.contains("<html lang=\"zh-CN\" data-theme=\"dark\">") && text.contains("<h1>许可证</h1>"));
    assert_ne!(chinese.header("etag"), page.header("etag"));
    assert_eq!(world.call("", "POST", "/licences", &[], Body::empty()).await.status.as_u16(), 405);
}

async fn licences(world: &World, headers: &[(&str, &str)]) -> super::world::Reply {
    world.call("", "GET", "/licences", headers, Body::empty()).await
}

/// Each request is rendered in an arena of its own, and many change threads in the middle: none may touch what is another's or gone.
pub async fn pages_come_whole_to_many_at_once(world: World) {
    let cookie = format!("signet={}", sign_in(&world).await);
    let ask = async |cookie: &str, path: &str, title: &str| {
        for _ in 0..60 {
            let page = world.call("", "GET", path, &[("cookie", cookie), ("accept", "text/html")], Body::empty()).await.is(200);
            let text = String::from_utf8(page.bytes).unwrap();
            assert!(text.contains(&format!("<title>{title} · Signet</title>")), "{path}: {text}");
        }
    };
    let visits =
        [("", "/sign-in", "Sign in"), (cookie.as_str(), "/documents", "Documents"), (cookie.as_str(), "/mailbox", "Mailbox"), ("", "/verify", "Verify")];
    let visits = visits.iter().cycle().take(16).map(|(cookie, path, title)| ask(cookie, path, title));
    futures::future::join_all(visits).await;
}

pub async fn signing_in_is_limited(world: World) {
    let mut last = 0;
    for _ in 0..40 {
        let reply = enter(&world, "wrong password here").await;
        last = reply.status.as_u16();
        assert!(matches!(last, 401 | 429), "{last}");
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429);
    assert_eq!(enter(&world, "correct horse battery").await.status.as_u16(), 429);
}

async fn enter(world: &World, password: &str) -> super::world::Reply {
    let body = format!("entered[login]=li.na&entered[password]={}", password.replace(' ', "+"));
    world.call("", "POST", "/rpc/session/sign_in", &[("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")], body).await
}

pub async fn sign_in(world: &World) -> String {
    let reply = enter(world, "correct horse battery").await.is(200);
    let cookie = reply.header("set-cookie");
    assert!(cookie.starts_with("signet=") && cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && cookie.contains("Path=/"), "{cookie}");
    cookie.trim_start_matches("signet=").split(';').next().unwrap().to_owned()
}
