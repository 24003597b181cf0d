//! Three replicas against one over one PostgreSQL and one FTP server: inbox pages, files and signatures a second.
//!
//! `make bench-replicas` (figures: `server/benches/README.md`). Clients, replicas and PostgreSQL share this machine's cores, so the figures say what
//! replicas cost, not what more machines would give.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures::future::join_all;

#[allow(dead_code, clippy::unwrap_used)]
#[path = "../tests/replicas/signer.rs"]
mod signer;
#[allow(dead_code, clippy::unwrap_used)]
#[path = "../tests/replicas/world.rs"]
mod world;

use signer::Signer;
use world::World;

/// Requests under way together.
const AT_ONCE: usize = 8;
/// How long each kind of request is repeated.
const LONG: Duration = Duration::from_secs(5);
/// Documents that are signed.
const SIGNED: usize = 80;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let world = World::three().await;
    let creator = world.person("li.na", &["creator"]).await;
    let head = world.person("wang", &["head"]).await;
    let signer = Signer::enrol(&world, 0, "Person wang", &head, 7).await;
    let mut numbers = Vec::new();
    for n in 0..2 * SIGNED {
        let document = world.create(n % 3, &creator, &format!("bench {n}")).await;
        numbers.push(document["number"].as_str().expect("a number").to_owned());
    }
    println!("| replicas | inbox pages/s | files/s | signatures/s |\n|---|---|---|---|");
    for (replicas, mine) in [1, 3].into_iter().zip(numbers.chunks(SIGNED)) {
        let inbox = rate(replicas, |n| world.get(n, "/api/v1/documents?box=inbox", &head)).await;
        let path = format!("/api/v1/documents/{}/file", mine[0]);
        let files = rate(replicas, |n| world.get(n, &path, &creator)).await;
        let mut revisions = Vec::new();
        for number in mine {
            let (file, signing) = signer::to_sign(&world, 0, &head, number).await;
            revisions.push(signer.revision(&file, &signing));
        }
        let (began, next) = (Instant::now(), AtomicUsize::new(0));
        join_all((0..AT_ONCE).map(|_| async {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let (Some(number), Some(revision)) = (mine.get(n), revisions.get(n)) else { return };
                let answer = signer.signature(&world, n % replicas, number, revision.clone()).send().await.expect("an answer");
                assert_eq!(answer.status(), 201);
            }
        }))
        .await;
        println!("| {replicas} | {inbox:.0} | {files:.0} | {:.1} |", SIGNED as f64 / began.elapsed().as_secs_f64());
    }
}

/// Requests a second.
async fn rate<F: Future<Output = reqwest::Response>>(replicas: usize, ask: impl Fn(usize) -> F) -> f64 {
    let (began, done) = (Instant::now(), AtomicUsize::new(0));
    join_all((0..AT_ONCE).map(|client| {
        let (ask, done) = (&ask, &done);
        async move {
            let mut n = client;
            while began.elapsed() < LONG {
                let response = ask(n % replicas).await;
                assert_eq!(response.status(), 200);
                response.bytes().await.expect("a body");
                done.fetch_add(1, Ordering::Relaxed);
                n += 1;
            }
        }
    }))
    .await;
    done.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64()
}
