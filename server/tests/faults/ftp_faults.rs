//! File servers that fail in every way we could think of, while documents are created, read and signed: what is promised holds, and once
//! the fault is gone the same act succeeds by itself.

mod case;
mod kinds;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use case::Site;
use kinds::{Kind, broken_line, plain, secure};
use tokio::sync::Mutex;

/// Servers at a time: most of a case is waiting for something that does not come.
const SITES: usize = 6;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_server_does_the_promises_hold() {
    let mut sites = Vec::new();
    for _ in 0..SITES {
        sites.push(Site::scripted(false).await);
    }
    all("a plain server", plain(), sites).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_a_server_does_with_tls_the_promises_hold() {
    all("a server with TLS", secure(), vec![Site::scripted(true).await, Site::scripted(true).await]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wherever_the_line_to_a_real_server_breaks_the_promises_hold() {
    let mut sites = Vec::new();
    for _ in 0..SITES {
        let Some(site) = Site::vsftpd().await else { return };
        sites.push(site);
    }
    all("the line to vsftpd", broken_line(), sites).await;
}

/// Every kind on one of several sites, each with its own server and its own Signet.
async fn all(what: &str, kinds: Vec<Kind>, sites: Vec<Site>) {
    let count = kinds.len();
    let queue = Arc::new(Mutex::new(kinds));
    let work = |site: Site| {
        let queue = queue.clone();
        tokio::spawn(async move {
            let mut broken = Vec::new();
            loop {
                let Some(kind) = queue.lock().await.pop() else { return (site.spite.load(Ordering::Relaxed), broken) };
                broken.extend(site.try_out(&kind).await);
            }
        })
    };
    let workers: Vec<_> = sites.into_iter().map(work).collect();
    let (mut broken, mut spite) = (Vec::new(), 0);
    for worker in workers {
        let (in_spite, found) = worker.await.unwrap();
        spite += in_spite;
        broken.extend(found);
    }
    println!("{what}: {count} kinds of faults × create, read, sign = {} cases; {spite} acts succeeded in spite of them", count * 3);
    assert!(broken.is_empty(), "{} promises broken:\n{}", broken.len(), broken.join("\n"));
}
