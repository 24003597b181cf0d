//! Types through the API: an administrator imports and replaces, nobody else does, and what is wrong is said with its place.

use std::path::Path;

use super::world::{Reply, World};

const EDGE: &str = "----signet-test";

pub fn shipped(name: &str) -> String {
    std::fs::read_to_string(Path::new("../types/EXP").join(name)).unwrap()
}

pub async fn put(world: &World, token: &str, code: &str, parts: &[(&str, &str)]) -> Reply {
    let mut body = String::new();
    for (name, text) in parts {
        body.push_str(&format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\r\n{text}\r\n"));
    }
    body.push_str(&format!("--{EDGE}--\r\n"));
    let media = format!("multipart/form-data; boundary={EDGE}");
    world.call(token, "PUT", &format!("/api/v1/types/{code}"), &[("content-type", &media)], body).await
}

pub async fn an_administrator_imports_and_replaces_a_type(world: World) {
    let (definition, template) = (shipped("type.toml"), shipped("template.typ"));
    let renamed = definition.replace("code = \"EXP\"", "code = \"TRV\"").replace("EXP-{yyyy}", "TRV-{yyyy}");
    assert_ne!(definition, renamed);
    let files = [("type.toml", renamed.as_str()), ("template.typ", template.as_str())];
    let made = put(&world, &world.admin, "TRV", &files).await.is(200).json();
    assert_eq!((made["code"].as_str(), made["number"].as_str().unwrap().starts_with("TRV-")), (Some("TRV"), true));
    assert_eq!(world.get(&world.li, "/api/v1/types/TRV").await.is(200).json()["code"], "TRV");
    let longer = renamed.replace("Expense claim", "Travel claim");
    put(&world, &world.admin, "TRV", &[("type.toml", &longer), ("template.typ", &template)]).await.is(200);
    assert_eq!(world.get(&world.li, "/api/v1/types/TRV").await.is(200).json()["name"]["en"], "Travel claim");
    // Documents of the new type are made at once.
    let mut claim = super::world::claim("INV-1");
    claim["type"] = "TRV".into();
    let number = world.post(&world.li, "/api/v1/documents", &claim, &[]).await.is(201).json()["number"].clone();
    assert!(number.as_str().unwrap().starts_with("TRV-"));
}

pub async fn nobody_else_imports_and_what_is_wrong_is_said(world: World) {
    let (definition, template) = (shipped("type.toml"), shipped("template.typ"));
    let files = [("type.toml", definition.as_str()), ("template.typ", template.as_str())];
    put(&world, &world.li, "EXP", &files).await.is_problem(403, "not_permitted");
    put(&world, "", "EXP", &files).await.is_problem(401, "sign_in_required");
    put(&world, &world.admin, "WO", &files).await.is_problem(422, "invalid_input");
    put(&world, &world.admin, "EXP", &files[1..]).await.is_problem(422, "invalid_input");
    put(&world, &world.admin, "EXP", &[files[0], files[0]]).await.is_problem(422, "invalid_input");
    put(&world, &world.admin, "EXP", &[files[0], files[1], ("more.txt", "x")]).await.is_problem(422, "invalid_input");
    let broken = put(&world, &world.admin, "EXP", &[("type.toml", "code = ["), files[1]]).await;
    broken.is_problem(422, "invalid_input");
    put(&world, &world.admin, "EXP", &[files[0], ("template.typ", "#let x = ")]).await.is_problem(422, "invalid_input");
    let reads = put(&world, &world.admin, "EXP", &[files[0], ("template.typ", "#read(\"/etc/passwd\")")]).await;
    reads.is_problem(422, "invalid_input");
    let json = [("content-type", "application/json")];
    world.call(&world.admin, "PUT", "/api/v1/types/EXP", &json, "{}").await.is_problem(415, "unsupported_media_type");
    put(&world, &world.admin, "EXP", &[("type.toml", &"#".repeat(3 << 20))]).await.is_problem(413, "too_large");
    // The type is as it was.
    world.claim("INV-2").await;
}
