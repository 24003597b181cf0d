//! Text that someone typed is text on every page, whatever it looks like.

use app::model::AccountChange;
use serde_json::json;
use server::service;

use super::world::{World, claim};

/// An element that no page has, a title's end, an attribute's end, a script's end.
const MARKUP: &str = "\"'></title></script></textarea><zz-7 x=y>&lt;";

pub async fn markup_in_any_stored_text_stays_text(world: World) {
    // Words of a type, a seal and a key come before the documents that show them.
    let typed = format!("\"{}\"", MARKUP.replace('"', "\\\""));
    let mut definition = super::types::shipped("type.toml");
    for word in ["\"Expense claim\"", "\"Department\"", "\"Department head\"", "\"JPEG or PNG, at most 5 MB\""] {
        assert!(definition.contains(word), "{word}");
        definition = definition.replace(word, &typed);
    }
    let template = super::types::shipped("template.typ");
    super::types::put(&world, &world.admin, "EXP", &[("type.toml", &definition), ("template.typ", &template)]).await.is(200);
    let design = json!({ "design": { "shape": "round", "organisation": "\"'></svg><zz-7 x=y>&lt;" } });
    world.post(&world.wang, "/rpc/seals/save", &design, &[]).await.is(200);
    let device: String = url::form_urlencoded::byte_serialize(MARKUP.as_bytes()).collect();
    super::certificates::enrol_as(&world, &world.wang, "markup", &device).await.is(201);
    let mut marked = claim(&format!("INV{}", &MARKUP[..24]));
    marked["title"] = json!(MARKUP);
    for field in ["reason", "department", "project"] {
        marked["fields"][field] = json!(MARKUP);
    }
    let number = world.post(&world.li, "/api/v1/documents", &marked, &[]).await.is(201).json()["number"].as_str().unwrap().to_owned();
    marked["fields"]["invoice"] = json!("INV-2");
    let rejected = world.post(&world.li, "/api/v1/documents", &marked, &[]).await.is(201).json()["number"].as_str().unwrap().to_owned();
    let no = json!({ "reason": MARKUP });
    world.post(&world.wang, &format!("/api/v1/documents/{rejected}/rejection"), &no, &[("if-match", "\"0\"")]).await.is(201);
    for login in ["li.na", "wang", "admin"] {
        let change = AccountChange { login: login.to_owned(), name: Some(MARKUP.to_owned()), ..AccountChange::default() };
        service::accounts::put(&world.app, change).await.unwrap();
        service::tokens::create_for_login(&world.app, login, MARKUP).await.unwrap();
    }

    let mut seen = 0;
    for (token, paths) in [
        ("", vec!["/sign-in".to_owned(), format!("/sign-in?next=/{MARKUP}"), "/verify".into(), "/licences".into(), format!("/{MARKUP}")]),
        (
            &world.li,
            vec![
                "/documents".into(),
                format!("/documents?search={MARKUP}"),
                format!("/documents/{number}"),
                format!("/documents/{rejected}"),
                format!("/documents/{rejected}/correct"),
                "/create".into(),
                "/create/EXP".into(),
                format!("/create/EXP?from={number}"),
                "/mailbox".into(),
                "/keys".into(),
            ],
        ),
        (
            &world.wang,
            vec![
                "/inbox".into(),
                format!("/inbox/{number}"),
                format!("/documents/{number}"),
                format!("/documents/{number}/sign"),
                format!("/documents/{number}/reject"),
                "/keys".into(),
                "/seals".into(),
                format!("/inbox?search={MARKUP}"),
            ],
        ),
        (&world.admin, ["people", "keys", "types", "health"].map(|part| format!("/admin/{part}")).to_vec()),
    ] {
        for path in paths {
            let path: String = url::Url::parse("http://x/").unwrap().join(&path).unwrap().as_str()["http://x".len()..].to_owned();
            for lang in ["en", "zh"] {
                let reply = world.call(token, "GET", &path, &[("accept", "text/html"), ("cookie", &format!("lang={lang}"))], axum::body::Body::empty()).await;
                assert!(reply.header("content-type").starts_with("text/html"), "{path}: {} {}", reply.status, reply.header("content-type"));
                let html = String::from_utf8(reply.bytes).unwrap();
                assert!(!html.contains("<zz-7"), "{path}: {}", around(&html));
                assert_eq!(html.matches("<title>").count(), 1, "{path}");
                seen += usize::from(html.contains("zz-7"));
            }
        }
    }
    assert!(seen > 16, "only {seen} pages show what was typed");
}

fn around(html: &str) -> &str {
    let at = html.find("<zz-7").unwrap_or_default();
    html.get(at.saturating_sub(120)..(at + 60).min(html.len())).unwrap_or("near a wide character")
}
