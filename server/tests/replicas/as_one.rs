//! Sessions, rights, mailboxes, limits, types and the authority: what happens on one replica holds on all.

use std::time::{Duration, Instant};

use app::model::AccountChange;
use futures::StreamExt;
use reqwest::Method;
use serde_json::Value;

use crate::signer::{Signer, page, to_sign};
use crate::world::{PASSWORD, World, named};

/// A right that was taken acts within this time, everywhere.
const SOON: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn sign_ins_hold_and_end_everywhere_within_a_second() {
    let world = World::three().await;
    let token = world.person("li.na", &["creator"]).await;
    // First starts that race make one authority.
    let mut anchors = Vec::new();
    for n in 0..3 {
        anchors.push(world.client.get(format!("{}/ca.pem", world.replicas[n].url)).send().await.unwrap().text().await.unwrap());
    }
    assert!(anchors[0].contains("BEGIN CERTIFICATE") && anchors.iter().all(|anchor| *anchor == anchors[0]));

    // A session from one is one on all, and ends on all: by signing out, by a new password, by deactivation, by the end of its token.
    for end in ["sign out", "password", "deactivation"] {
        let cookie = world.sign_in(0, "li.na", PASSWORD).await.unwrap();
        let mut streams = Vec::new();
        for n in 0..3 {
            assert!(world.knows(n, &cookie).await);
            streams.push(stream(&world, n, |request| request.header("cookie", &cookie)).await);
        }
        match end {
            "sign out" => assert!(world.rpc(1, "session/sign_out", &cookie).body("").send().await.unwrap().status().is_success()),
            "password" => world.change(AccountChange { password: Some(PASSWORD.into()), ..named("li.na") }).await,
            _ => world.change(AccountChange { active: Some(false), ..named("li.na") }).await,
        }
        ended(&mut streams, Instant::now(), end).await;
        for n in 0..3 {
            assert!(!world.knows(n, &cookie).await, "{end} on {n}");
        }
    }
    assert_eq!(world.get(2, "/api/v1/me", &token).await.status(), 401);
    world.change(AccountChange { active: Some(true), ..named("li.na") }).await;
    assert_eq!(world.get(2, "/api/v1/me", &token).await.status(), 401, "what has ended does not come back");
    let token = server::service::tokens::create_for_login(&world.app, "li.na", "once more").await.unwrap();
    let mut streams = Vec::new();
    for n in 0..3 {
        streams.push(stream(&world, n, |request| request.bearer_auth(&token)).await);
    }
    let account = world.app.index.account_by_login("li.na").await.unwrap().unwrap();
    let row = world.app.index.tokens_of(&account.id).await.unwrap().remove(0);
    world.app.index.delete_token(&account.id, &row.id, 1).await.unwrap();
    ended(&mut streams, Instant::now(), "token").await;

    // Tries to sign in are counted together.
    let mut answers = Vec::new();
    for n in 0..12 {
        answers.push(world.sign_in(n % 3, "somebody", "guess guess").await.unwrap_err());
    }
    assert_eq!(answers, [[401; 10].as_slice(), &[429; 2]].concat());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_taken_ends_running_downloads_everywhere_within_a_second() {
    let world = World::three().await;
    let creator = world.person("li.na", &["creator"]).await;
    let head = world.person("wang", &["head"]).await;
    // More than the sockets of both sides take in.
    let picture: Vec<u8> = (0..16 << 20).map(|n: u32| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let response = world.creation(0, &creator, "large", page(&picture)).send().await.unwrap();
    assert_eq!(response.status(), 201, "{}", response.text().await.unwrap());
    let document: Value = response.json().await.unwrap();
    let place = format!("/api/v1/documents/{}/file", document["number"].as_str().unwrap());
    let whole = world.get(1, &place, &creator).await.bytes().await.unwrap();
    assert_eq!(whole.len() as u64, document["size"].as_u64().unwrap());

    let reader = world.person("reader", &[]).await;
    world.change(AccountChange { reads: Some(vec!["SLIP".into()]), ..named("reader") }).await;
    for (token, end) in [
        (&reader, AccountChange { reads: Some(Vec::new()), ..named("reader") }),
        (&head, AccountChange { roles: Some(Vec::new()), ..named("wang") }),
        (&creator, AccountChange { active: Some(false), ..named("li.na") }),
    ] {
        let mut downloads = Vec::new();
        for n in 0..3 {
            let mut download = world.get(n, &place, token).await.bytes_stream();
            let got = download.next().await.unwrap().unwrap().len();
            downloads.push((download, got));
        }
        let login = end.login.clone();
        world.change(end).await;
        tokio::time::sleep(SOON).await;
        for (mut download, mut got) in downloads {
            let broken = loop {
                match download.next().await {
                    Some(Ok(bytes)) => got += bytes.len(),
                    Some(Err(_)) => break true,
                    None => break false,
                }
            };
            assert!(broken && got < whole.len(), "{login}: {got} of {} bytes came", whole.len());
        }
        for n in 0..3 {
            assert!(matches!(world.get(n, &place, token).await.status().as_u16(), 401 | 404));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mailboxes_types_turns_and_the_authority_are_common() {
    let mut world = World::three().await;
    let creator = world.person("li.na", &["creator"]).await;
    let head = world.person("wang", &["head"]).await;

    // A decision on one replica reaches the creator who listens on the others, at once.
    let first = world.create(0, &creator, "first").await;
    let mut streams = Vec::new();
    for n in 0..3 {
        streams.push(stream(&world, n, |request| request.bearer_auth(&creator)).await);
    }
    let number = first["number"].as_str().unwrap();
    assert_eq!(world.rejection(1, &head, number).send().await.unwrap().status(), 201);
    let begun = Instant::now();
    for stream in &mut streams {
        let text = next(stream).await.expect("a delivery");
        assert!(text.contains(number) && text.contains("rejected"), "{text}");
        assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    }

    // A type from one is a type on the others.
    let admin = world.person("admin", &[]).await;
    world.change(AccountChange { admin: Some(true), ..named("admin") }).await;
    let definition = crate::world::SLIP.replace("SLIP", "NOTE");
    let form = reqwest::multipart::Form::new().part("type.toml", reqwest::multipart::Part::text(definition).file_name("type.toml"));
    let imported = world.ask(0, Method::PUT, "/api/v1/types/NOTE", &admin).multipart(form).send().await.unwrap();
    assert_eq!(imported.status(), 200, "{}", imported.text().await.unwrap());
    for n in 1..3 {
        assert_eq!(world.get(n, "/api/v1/types/NOTE", &creator).await.status(), 200);
    }

    // Of all that sweep at once, one does.
    let turns = futures::future::join_all((0..6).map(|_| server::service::sweep::turn(&world.app))).await;
    // The replicas may have had this minute's turn already.
    assert!(turns.into_iter().map(Result::unwrap).filter(|ours| *ours).count() <= 1);
    assert!(!server::service::sweep::turn(&world.app).await.unwrap());

    // A key from a level that one replica opened with its restart signs on those that did not restart.
    let url = world.values["SIGNET_PUBLIC_URL"].clone();
    let folder = std::path::Path::new(&world.values["SIGNET_DATA"]).join("ca");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    server::ca::Authority::rollover(&folder, None, &url, now).unwrap();
    let values = world.values.clone();
    world.replicas[0].kill();
    world.replicas[0].resume(&values);
    world.replicas[0].ready(&world.client).await;
    let signer = Signer::enrol(&world, 0, "Person wang", &head, 9).await;
    let old = Signer::enrol(&world, 1, "Person wang", &head, 8).await;
    for (n, signer) in [(1, &signer), (0, &old), (2, &signer)] {
        let document = world.create(2, &creator, &format!("rollover {n}")).await;
        let number = document["number"].as_str().unwrap();
        let (file, signing) = to_sign(&world, n, &head, number).await;
        let signed = signer.signature(&world, n, number, signer.revision(&file, &signing)).send().await.unwrap();
        assert_eq!(signed.status(), 201, "{}", signed.text().await.unwrap());
    }
    world.is_whole().await;
}

type Bytes = futures::stream::BoxStream<'static, reqwest::Result<bytes::Bytes>>;

/// An open mailbox stream whose first line has come.
async fn stream(world: &World, n: usize, proof: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder) -> Bytes {
    let response = proof(world.client.get(format!("{}/api/v1/mailbox/stream", world.replicas[n].url))).send().await.unwrap();
    assert_eq!(response.status(), 200);
    let mut stream = response.bytes_stream().boxed();
    assert!(next(&mut stream).await.is_some());
    stream
}

async fn next(stream: &mut Bytes) -> Option<String> {
    let chunk = tokio::time::timeout(Duration::from_secs(20), stream.next()).await.expect("something within twenty seconds")?;
    Some(String::from_utf8_lossy(&chunk.ok()?).into_owned())
}

/// Every stream has ended, each within a second of `begun`.
async fn ended(streams: &mut [Bytes], begun: Instant, why: &str) {
    for (n, stream) in streams.iter_mut().enumerate() {
        while let Some(text) = next(stream).await {
            assert!(text.starts_with(':') || text.trim().is_empty(), "{text}");
        }
        assert!(begun.elapsed() < SOON, "{why}: the stream on {n} went on for {:?}", begun.elapsed());
    }
}
