//! One of three is killed in the middle of the work: what was acknowledged is there, nothing is there twice, the others go on.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use crate::signer::page;
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_replica_takes_nothing_with_it() {
    let mut world = World::three().await;
    let creator = world.person("li.na", &["creator"]).await;
    let head = world.person("wang", &["head"]).await;
    let over = AtomicBool::new(false);
    let killed = {
        let (world, creator, head, over) = (&world, &creator, &head, &over);
        // Each client goes from replica to replica until one answers; the key makes that safe.
        let clients = (0..6).map(|client| async move {
            let mut known = BTreeMap::new();
            let mut round = 0;
            while !over.load(Ordering::Relaxed) {
                let slip = format!("k{client}-{round}");
                let document = persist(client + round, |n| world.creation(n, creator, &slip, page(b"")).header("idempotency-key", slip.clone())).await;
                assert_eq!((&document["edition"], &document["status"]), (&1.into(), &"pending".into()), "{document}");
                let number = document["number"].as_str().unwrap().to_owned();
                if round % 3 == 0 {
                    let key = format!("r{slip}");
                    let rejected = persist(client + round, |n| world.rejection(n, head, &number).header("idempotency-key", key.clone())).await;
                    assert!(rejected["status"] == "rejected" || rejected["code"] == "already_decided", "{rejected}");
                }
                known.insert(slip, number);
                round += 1;
            }
            known
        });
        let killing = async {
            tokio::time::sleep(Duration::from_millis(1500)).await;
            world.replicas[1].kill_now();
            tokio::time::sleep(Duration::from_millis(2500)).await;
            over.store(true, Ordering::Relaxed);
        };
        let (known, ()) = tokio::join!(futures::future::join_all(clients), killing);
        known
    };
    let known: BTreeMap<String, String> = killed.into_iter().flatten().collect();
    assert!(known.len() > 12, "only {} documents were made", known.len());
    for (slip, number) in &known {
        let document: Value = world.get(0, &format!("/api/v1/documents/{number}"), &creator).await.json().await.unwrap();
        assert_eq!(document["matter"].as_str().unwrap().to_lowercase(), slip.to_lowercase());
        assert!(document["steps"][0]["decisions"].as_array().unwrap().len() <= 1);
    }
    let found = world.app.index.files(None, 10_000).await.unwrap().len();
    let numbers: std::collections::BTreeSet<_> = known.values().collect();
    assert_eq!(numbers.len(), known.len(), "two requests share a number");
    // Acts that nobody was told of may have become true too, each once: one matter, one live document.
    assert!(found >= known.len());
    world.is_whole().await;
    let values = world.values.clone();
    world.replicas[1].kill();
    world.replicas[1].resume(&values);
    world.replicas[1].ready(&world.client).await;
    assert_eq!(world.get(1, "/api/v1/me", &creator).await.status(), 200);
}

/// Asks one replica after the other until one answers with more than an outage.
async fn persist(first: usize, request: impl Fn(usize) -> reqwest::RequestBuilder) -> Value {
    for n in first.. {
        match request(n % 3).send().await {
            Ok(response) if response.status().as_u16() != 503 => {
                let status = response.status().as_u16();
                let answer: Value = response.json().await.unwrap();
                // A twin whose server died is "under way" until its claim is taken over.
                if answer["code"] == "wrong_state" && answer["detail"].as_str().unwrap().contains("under way") {
                    return serde_json::json!({"code": "already_decided"});
                }
                assert!(matches!(status, 201 | 409), "{status} {answer}");
                return answer;
            }
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
        assert!(n < first + 400, "no replica answers");
    }
    unreachable!("some replica answers");
}
