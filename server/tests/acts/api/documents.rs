//! Documents through the API, from creation to return.

use std::time::Duration;

use axum::body::Body;
use futures::StreamExt;
use serde_json::json;
use tower::ServiceExt;

use super::world::{World, claim};

pub async fn a_document_lives_through_the_api(world: World) {
    assert_eq!(world.get(&world.li, "/api/v1/me").await.is(200).json()["login"], "li.na");
    let types = world.get(&world.li, "/api/v1/types").await.is(200).json();
    assert!(types["items"].as_array().unwrap().len() >= 3 && types["next"].is_null());
    assert_eq!(world.get(&world.li, "/api/v1/types/EXP").await.is(200).json()["code"], "EXP");
    world.get(&world.li, "/api/v1/types/NONE").await.is_problem(404, "not_found");

    let created = world.post(&world.li, "/api/v1/documents", &claim("INV-1"), &[]).await.is(201);
    let document = created.json();
    let number = document["number"].as_str().unwrap();
    let place = format!("/api/v1/documents/{number}");
    assert_eq!(created.header("location"), place);
    assert_eq!((&document["status"], &document["revision"], &document["edition"]), (&json!("pending"), &json!(0), &json!(1)));
    let duplicate = world.post(&world.li, "/api/v1/documents", &claim("inv-1 "), &[]).await;
    duplicate.is_problem(409, "duplicate_matter");
    assert_eq!(duplicate.json()["number"], number);

    let read = world.get(&world.wang, &place).await.is(200);
    let tag = read.header("etag").to_owned();
    world.call(&world.wang, "GET", &place, &[("if-none-match", &tag)], Body::empty()).await.is(304);
    assert_eq!(world.get(&world.wang, "/api/v1/documents?box=inbox&type=&status=&q=").await.is(200).json()["items"][0]["number"], number);
    world.get(&world.wang, "/api/v1/documents?box=elsewhere").await.is_problem(422, "invalid_input");
    world.get(&world.wang, "/api/v1/documents?limit=201").await.is_problem(422, "invalid_input");
    world.get(&world.wang, "/api/v1/documents?colour=red").await.is_problem(422, "invalid_input");
    assert_eq!(world.get(&world.li, &format!("{place}/events")).await.is(200).json()["items"][0]["kind"], "created");
    let signing = world.get(&world.wang, &format!("{place}/signing")).await.is(200).json();
    assert_eq!((&signing["revision"], &signing["sha256"]), (&json!(0), &document["sha256"]));

    let rejection = format!("{place}/rejection");
    world.post(&world.wang, &rejection, &json!({"reason": "No receipt"}), &[]).await.is_problem(428, "precondition_required");
    world.post(&world.wang, &rejection, &json!({"reason": "No receipt"}), &[("if-match", "\"7\"")]).await.is_problem(409, "stale_revision");
    world.post(&world.wang, &rejection, &json!({"reason": " "}), &[("if-match", "\"0\"")]).await.is_problem(422, "invalid_input");
    let signatures = format!("{place}/signatures");
    world.call(&world.wang, "POST", &signatures, &[("content-type", "application/pdf")], "%PDF-").await.is_problem(428, "precondition_required");
    world.call(&world.wang, "POST", &signatures, &[("content-type", "text/plain"), ("if-match", "\"0\"")], "x").await.is_problem(415, "unsupported_media_type");
    assert_eq!(world.post(&world.wang, &rejection, &json!({"reason": "No receipt"}), &[("if-match", "\"0\"")]).await.is(201).json()["status"], "rejected");
    world.post(&world.wang, &rejection, &json!({"reason": "Again"}), &[("if-match", "\"0\"")]).await.is_problem(409, "already_decided");

    let delivery = world.get(&world.li, "/api/v1/mailbox").await.is(200).json()["items"][0].clone();
    assert_eq!((&delivery["number"], &delivery["decision"], &delivery["reason"]), (&json!(number), &json!("rejected"), &json!("No receipt")));
    world.post(&world.li, "/api/v1/mailbox/read", &json!({"cursor": delivery["cursor"]}), &[]).await.is(204);
    let corrected = world.post(&world.li, &format!("{place}/corrections"), &claim("INV-1"), &[]).await.is(201).json();
    assert_eq!((&corrected["number"], &corrected["edition"]), (&json!(number), &json!(2)));
    assert_eq!(world.call(&world.li, "POST", &format!("{place}/withdrawal"), &[], Body::empty()).await.is(200).json()["status"], "withdrawn");
}

pub async fn a_stranger_sees_nothing(world: World) {
    let number = world.claim("INV-2").await["number"].as_str().unwrap().to_owned();
    let place = format!("/api/v1/documents/{number}");
    for part in ["", "/file", "/events", "/signing"] {
        world.get(&world.stranger, &format!("{place}{part}")).await.is_problem(404, "not_found");
        world.get("", &format!("{place}{part}")).await.is_problem(401, "sign_in_required");
    }
    for (act, headers) in [("rejection", &[("if-match", "\"0\"")][..]), ("corrections", &[]), ("withdrawal", &[])] {
        let body = match act {
            "rejection" => json!({"reason": "mine"}),
            "corrections" => claim("INV-2"),
            _ => json!({}),
        };
        world.post(&world.stranger, &format!("{place}/{act}"), &body, headers).await.is_problem(404, "not_found");
    }
    assert_eq!(world.get(&world.stranger, "/api/v1/documents").await.is(200).json()["items"], json!([]));
    assert_eq!(world.get(&world.stranger, "/api/v1/mailbox").await.is(200).json()["items"], json!([]));
    world.get("", "/api/v1/mailbox/stream").await.is_problem(401, "sign_in_required");
    world.get("no-such-token", "/api/v1/me").await.is_problem(401, "sign_in_required");
}

pub async fn the_same_key_gives_the_same_answer(world: World) {
    let key = [("idempotency-key", "order-1")];
    let first = world.post(&world.li, "/api/v1/documents", &claim("INV-3"), &key).await.is(201);
    let again = world.post(&world.li, "/api/v1/documents", &claim("INV-3"), &key).await.is(201);
    assert_eq!(first.json(), again.json());
    world.post(&world.li, "/api/v1/documents", &claim("INV-4"), &key).await.is_problem(422, "idempotency_mismatch");
    world.post(&world.li, "/api/v1/documents", &claim("INV-4"), &[("idempotency-key", "a b")]).await.is_problem(422, "invalid_input");

    let place = format!("/api/v1/documents/{}/rejection", first.json()["number"].as_str().unwrap());
    let headers = [("idempotency-key", "reject-1"), ("if-match", "\"0\"")];
    // Who names an edition is asked about that one alone.
    world.post(&world.wang, &place, &json!({"reason": "No"}), &[("if-match", "\"2-0\"")]).await.is_problem(409, "stale_revision");
    world.post(&world.wang, &place, &json!({"reason": "No"}), &[("if-match", "\"+0\"")]).await.is_problem(422, "invalid_input");
    let first = world.post(&world.wang, &place, &json!({"reason": "No"}), &headers).await.is(201);
    let again = world.post(&world.wang, &place, &json!({"reason": "No"}), &headers).await.is(201);
    let told = |reply: &crate::api::world::Reply| (reply.bytes.clone(), reply.header("location").to_owned(), reply.header("etag").to_owned());
    assert!(told(&first) == told(&again) && !first.header("etag").is_empty());
    world.post(&world.wang, &place, &json!({"reason": "Nope"}), &headers).await.is_problem(422, "idempotency_mismatch");
    // A key is one key, whatever it was used for first.
    world.post(&world.both, "/api/v1/documents", &claim("INV-8"), &[("idempotency-key", "both-1")]).await.is(201);
    let mine = world.claim("INV-9").await["number"].as_str().unwrap().to_owned();
    let place = format!("/api/v1/documents/{mine}/rejection");
    world
        .post(&world.both, &place, &json!({"reason": "No"}), &[("if-match", "\"0\""), ("idempotency-key", "both-1")])
        .await
        .is_problem(422, "idempotency_mismatch");
    world.post(&world.both, &place, &json!({"reason": "No"}), &[("if-match", "\"0\""), ("idempotency-key", "both-2")]).await.is(201);
    world.post(&world.both, "/api/v1/documents", &claim("INV-10"), &[("idempotency-key", "both-2")]).await.is_problem(422, "idempotency_mismatch");
}

pub async fn an_answer_lost_with_its_server_is_found_again(world: World) {
    use sqlx::Connection;
    let number = world.claim("INV-6").await["number"].as_str().unwrap().to_owned();
    let place = format!("/api/v1/documents/{number}/rejection");
    let headers = [("idempotency-key", "reject-2"), ("if-match", "\"0\"")];
    let first = world.post(&world.wang, &place, &json!({"reason": "No"}), &headers).await.is(201);
    // As if the server had died after the act and before its answer was kept.
    let mut connection = sqlx::AnyConnection::connect(&world.app.config.databases["main"]).await.unwrap();
    let lose = format!("UPDATE answers SET status = 0, body = '{}', location = '', at = 0", world.app.clock.now());
    sqlx::raw_sql(sqlx::AssertSqlSafe(lose.clone())).execute(&mut connection).await.unwrap();
    let again = world.post(&world.wang, &place, &json!({"reason": "No"}), &headers).await.is(201);
    assert_eq!((first.bytes.clone(), first.header("location")), (again.bytes.clone(), again.header("location")));
    // Its creator corrects it before the request comes again: the new edition, which nobody has read, is not rejected by that.
    world.clock.advance(1_000);
    let corrected = format!("/api/v1/documents/{number}/corrections");
    world.post(&world.li, &corrected, &claim("INV-6"), &[]).await.is(201);
    sqlx::raw_sql(sqlx::AssertSqlSafe(lose)).execute(&mut connection).await.unwrap();
    let again = world.post(&world.wang, &place, &json!({"reason": "No"}), &headers).await.is(201).json();
    assert_eq!((&again["status"], &again["edition"]), (&json!("pending"), &json!(2)));
    // And as if it still ran.
    sqlx::raw_sql("UPDATE answers SET status = 0, at = 4000000000000").execute(&mut connection).await.unwrap();
    world.post(&world.wang, &place, &json!({"reason": "No"}), &headers).await.is_problem(409, "wrong_state");
}

pub async fn the_file_is_served_in_parts(world: World) {
    let document = world.claim("INV-5").await;
    let place = format!("/api/v1/documents/{}/file", document["number"].as_str().unwrap());
    let whole = world.get(&world.li, &place).await.is(200);
    assert!(whole.bytes.starts_with(b"%PDF-") && whole.bytes.len() as u64 == document["size"].as_u64().unwrap());
    let tag = format!("\"{}\"", document["sha256"].as_str().unwrap());
    assert_eq!(whole.header("etag"), tag);
    for (name, value) in
        [("content-security-policy", "sandbox"), ("cache-control", "no-store"), ("x-content-type-options", "nosniff"), ("content-type", "application/pdf")]
    {
        assert_eq!(whole.header(name), value, "{name}");
    }
    assert!(world.get(&world.li, &format!("{place}?download=1")).await.is(200).header("content-disposition").starts_with("attachment; filename=\"EXP-"));
    let part = world.call(&world.li, "GET", &place, &[("range", "bytes=5-9")], Body::empty()).await.is(206);
    assert_eq!((part.bytes.as_slice(), part.header("content-range")), (&whole.bytes[5..10], format!("bytes 5-9/{}", whole.bytes.len()).as_str()));
    world.call(&world.li, "GET", &place, &[("range", "bytes=99999999-")], Body::empty()).await.is_problem(416, "invalid_input");
    world.call(&world.li, "GET", &place, &[("if-none-match", &tag)], Body::empty()).await.is(304);
    let head = world.call(&world.li, "HEAD", &place, &[], Body::empty()).await.is(200);
    assert!(head.bytes.is_empty() && head.header("content-length") == whole.bytes.len().to_string());
    world.get(&world.li, &format!("{place}?revision=1")).await.is_problem(404, "not_found");
}

pub async fn deliveries_stream_and_resume(world: World) {
    let numbers: Vec<String> =
        [world.claim("INV-6").await, world.claim("INV-7").await].iter().map(|document| document["number"].as_str().unwrap().to_owned()).collect();
    let reject = async |number: &str| {
        drop(world.post(&world.wang, &format!("/api/v1/documents/{number}/rejection"), &json!({"reason": "No"}), &[("if-match", "\"0\"")]).await.is(201));
    };
    let open = async |last: Option<&str>| {
        let mut request = http::Request::get("/api/v1/mailbox/stream").header("authorization", format!("Bearer {}", world.li));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = world.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!((response.status().as_u16(), response.headers()["content-type"].to_str().unwrap()), (200, "text/event-stream"));
        response.into_body().into_data_stream()
    };
    let mut stream = open(None).await;
    reject(&numbers[0]).await;
    let first = until(&mut stream, &numbers[0]).await;
    let id = first.lines().find_map(|line| line.strip_prefix("id:")).unwrap().trim().to_owned();
    drop(stream);
    reject(&numbers[1]).await;
    let text = until(&mut open(Some(&id)).await, &numbers[1]).await;
    assert!(!text.contains(&numbers[0]), "the first came twice: {text}");
}

/// Reads the stream until it names `number`.
async fn until(stream: &mut axum::body::BodyDataStream, number: &str) -> String {
    let mut text = String::new();
    let read = async {
        while !text.contains(number) || !text.ends_with("\n\n") {
            text.push_str(std::str::from_utf8(&stream.next().await.unwrap().unwrap()).unwrap());
        }
    };
    tokio::time::timeout(Duration::from_secs(20), read).await.unwrap();
    text
}
