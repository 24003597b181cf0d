//! Clients that never stop asking: each act is asked again, with its key, until there is an answer.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;

use serde_json::{Value, json};
use support::program::{Client, Reply, claim};
use support::signer::Signer;

use crate::kills::ledger::Ledger;

#[derive(Clone)]
pub struct Person {
    pub login: &'static str,
    pub creates: bool,
    pub token: String,
}

/// What all clients share.
#[derive(Clone)]
pub struct Load {
    url: Arc<RwLock<String>>,
    pub stop: Arc<AtomicBool>,
    pub ledger: Arc<Mutex<Ledger>>,
    seed: Arc<AtomicU64>,
}

/// Moments that a seed decides.
pub struct Moments(u64);

impl Moments {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

impl Load {
    pub fn new(seed: u64) -> Self {
        Self { url: Arc::default(), stop: Arc::default(), ledger: Arc::default(), seed: Arc::new(AtomicU64::new(seed)) }
    }

    pub fn server_is(&self, url: &str) {
        url.clone_into(&mut self.url.write().unwrap());
    }

    /// Until this many more acts were acknowledged than now.
    pub async fn acknowledges(&self, more: usize) {
        let acknowledged = || self.ledger.lock().unwrap().acknowledged();
        let (before, begun) = (acknowledged(), std::time::Instant::now());
        while acknowledged() < before + more {
            assert!(begun.elapsed() < Duration::from_secs(30), "nothing is acknowledged");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn url(&self) -> String {
        self.url.read().unwrap().clone()
    }

    fn moments(&self) -> Moments {
        Moments::new(self.seed.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

/// One person's client until the load stops.
pub async fn live(load: Load, person: Person) {
    let client = Client::new("", &person.token);
    if person.creates { creates(load, person, client).await } else { approves(load, person, client).await }
}

/// Asks until there is an answer that is no outage; none once the load has stopped.
async fn asked<F: Future<Output = Option<Reply>>>(load: &Load, client: &Client, act: impl Fn(Client) -> F) -> Option<Reply> {
    loop {
        match act(client.at(&load.url())).await {
            Some(reply) if reply.status != 503 => return Some(reply),
            _ if load.stopped() => return None,
            _ => tokio::time::sleep(Duration::from_millis(15)).await,
        }
    }
}

async fn creates(load: Load, me: Person, client: Client) {
    let mut moments = load.moments();
    let mut n = 0;
    while !load.stopped() {
        // 1. A new document, asked for with the same key until it is answered; answered again, the answer is the same.
        n += 1;
        let key = format!("{}-{n}", me.login);
        let body = claim(&key, if moments.below(3) == 0 { "7280" } else { "10" });
        let create = |client: Client| {
            let (key, body) = (key.clone(), body.clone());
            async move { client.post("/api/v1/documents", &body, &[("idempotency-key", &key)]).await }
        };
        let Some(reply) = asked(&load, &client, create).await else { return };
        let answer = reply.is(201).json();
        load.ledger.lock().unwrap().created.insert(key.clone(), answer.clone());
        if moments.below(4) == 0 {
            let Some(again) = asked(&load, &client, create).await else { return };
            assert_eq!(again.is(201).json(), answer, "{key} was answered differently");
        }
        // 2. Hear what came back, from where it was before.
        let after = load.ledger.lock().unwrap().heard.get(me.login).and_then(|heard| heard.last()).map_or(String::new(), cursor);
        let hear = |client: Client| {
            let path = format!("/api/v1/mailbox?after={after}");
            async move { client.get(&path).await }
        };
        let Some(reply) = asked(&load, &client, hear).await else { return };
        let heard: Vec<Value> = reply.is(200).json()["items"].as_array().unwrap().clone();
        load.ledger.lock().unwrap().heard.entry(me.login).or_default().extend(heard.iter().cloned());
        if let Some(last) = heard.last() {
            let body = json!({ "cursor": cursor(last) });
            let mark = |client: Client| {
                let body = body.clone();
                async move { client.post("/api/v1/mailbox/read", &body, &[]).await }
            };
            let Some(reply) = asked(&load, &client, mark).await else { return };
            reply.is(204);
        }
        // 3. What was rejected is corrected, now and then taken back; so is what waits.
        for delivery in heard.iter().filter(|delivery| delivery["decision"] == "rejected") {
            let number = delivery["number"].as_str().unwrap().to_owned();
            let done = if moments.below(3) == 0 { withdraw(&load, &client, &number).await } else { correct(&load, &client, &number, &me, delivery).await };
            if done.is_none() {
                return;
            }
        }
        if moments.below(8) == 0 && withdraw(&load, &client, answer["number"].as_str().unwrap()).await.is_none() {
            return;
        }
    }
}

async fn withdraw(load: &Load, client: &Client, number: &str) -> Option<()> {
    let path = format!("/api/v1/documents/{number}/withdrawal");
    let act = |client: Client| {
        let path = path.clone();
        async move { client.post(&path, &json!({}), &[]).await }
    };
    let reply = asked(load, client, act).await?;
    match reply.status {
        200 => load.ledger.lock().unwrap().withdrawn.push(number.to_owned()),
        // Signed meanwhile, or by an earlier try whose answer was lost.
        409 => {}
        status => panic!("{status} {}", String::from_utf8_lossy(&reply.bytes)),
    }
    Some(())
}

async fn correct(load: &Load, client: &Client, number: &str, me: &Person, delivery: &Value) -> Option<()> {
    let path = format!("/api/v1/documents/{number}/corrections");
    let key = format!("correct-{number}-{}", cursor(delivery));
    let invoice = load.ledger.lock().unwrap().created.iter().find(|(_, answer)| answer["number"] == *number).map(|(key, _)| key.clone());
    let Some(invoice) = invoice.filter(|invoice| invoice.starts_with(me.login)) else { return Some(()) };
    let act = |client: Client| {
        let (path, key, invoice) = (path.clone(), key.clone(), invoice.clone());
        async move { client.post(&path, &claim(&invoice, "20"), &[("idempotency-key", &key)]).await }
    };
    let reply = asked(load, client, act).await?;
    match reply.status {
        201 => {
            let edition = reply.json()["edition"].as_u64().unwrap();
            load.ledger.lock().unwrap().corrected.push((number.to_owned(), edition));
        }
        409 => {}
        status => panic!("{status} {}", String::from_utf8_lossy(&reply.bytes)),
    }
    Some(())
}

async fn approves(load: Load, me: Person, client: Client) {
    let mut moments = load.moments();
    let login = me.login;
    let enrol = |client: Client| async move {
        let headers = [("content-type", "application/pkcs10")];
        client.call("POST", "/api/v1/certificates", &headers, Signer::request(login)).await
    };
    let Some(reply) = asked(&load, &client, enrol).await else { return };
    let signer = Signer::certified(me.login, &reply.is(201).json());
    while !load.stopped() {
        let list = |client: Client| async move { client.get("/api/v1/documents?box=inbox&limit=20").await };
        let Some(reply) = asked(&load, &client, list).await else { return };
        let waiting: Vec<Value> = reply.is(200).json()["items"].as_array().unwrap().clone();
        if waiting.is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        }
        let document = &waiting[moments.below(waiting.len() as u64) as usize];
        let rejects = moments.below(4) == 0;
        if decide(&load, &client, &me, &signer, document, rejects).await.is_none() {
            return;
        }
    }
}

async fn decide(load: &Load, client: &Client, me: &Person, signer: &Signer, document: &Value, rejects: bool) -> Option<()> {
    let (number, edition, revision) = (document["number"].as_str().unwrap(), document["edition"].as_u64().unwrap(), document["revision"].as_u64().unwrap());
    let place = format!("/api/v1/documents/{number}");
    // A signature is another body each time it is made, so each has a key of its own; tries of one share it.
    let try_of = load.seed.fetch_add(1, Ordering::Relaxed);
    let (tag, key) = (format!("\"{revision}\""), format!("{}-{number}-{edition}-{revision}-{rejects}-{try_of}", me.login));
    let reply = if rejects {
        let act = |client: Client| {
            let (place, tag, key) = (place.clone(), tag.clone(), key.clone());
            async move { client.post(&format!("{place}/rejection"), &json!({ "reason": "No" }), &[("if-match", &tag), ("idempotency-key", &key)]).await }
        };
        asked(load, client, act).await?
    } else {
        let file = format!("{place}/file?revision={revision}");
        let read = |client: Client| {
            let file = file.clone();
            async move { client.get(&file).await }
        };
        let ask = |client: Client| {
            let place = place.clone();
            async move { client.get(&format!("{place}/signing")).await }
        };
        let (original, signing) = (asked(load, client, read).await?, asked(load, client, ask).await?);
        // Others decide as well: then there is nothing to sign any more.
        if original.status != 200 || signing.status != 200 || signing.json()["revision"] != json!(revision) {
            return Some(());
        }
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
        let appended = signer.appended(&original.bytes, &signing.json(), now);
        let act = |client: Client| {
            let (place, tag, key, appended) = (place.clone(), tag.clone(), key.clone(), appended.clone());
            async move {
                let headers = [("content-type", "application/vnd.signet.revision"), ("if-match", tag.as_str()), ("idempotency-key", key.as_str())];
                client.call("POST", &format!("{place}/signatures"), &headers, appended).await
            }
        };
        asked(load, client, act).await?
    };
    match reply.status {
        201 => {
            let outcome = if rejects { "rejected" } else { "signed" };
            let mut ledger = load.ledger.lock().unwrap();
            let entry = (me.login.to_owned(), number.to_owned(), edition, outcome);
            // The same request may have been answered before a kill already.
            if !ledger.decided.contains(&entry) {
                ledger.decided.push(entry);
            }
        }
        // Faster ones, or an earlier try of this one whose answer was lost, or whose server died with the key in its hand.
        409 | 404 | 403 => {}
        status => panic!("{status} {}", String::from_utf8_lossy(&reply.bytes)),
    }
    Some(())
}

fn cursor(delivery: &Value) -> String {
    delivery["cursor"].as_str().unwrap().to_owned()
}
