//! How many documents a second one core creates and signs, through the desk, with real rendering, real FTP and real SQLite.
//!
//! `taskset -c 0 cargo bench --workspace --bench throughput` (figures and command: `server/benches/README.md`).
//! The approver's own work (preparing the revision and signing with the key) is done in a browser; it is timed apart.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::desk::Desk;
use app::model::{AccountChange, Lang, NewDocument, Number, SignatureDecision};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::EncodePublicKey;
use serde_json::json;
use server::App;
use server::caller::{Caller, Proof};
use server::config::Config;

const DOCUMENTS: usize = 100;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    // `cargo test --benches` only asks whether it starts.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let variables = [("SIGNET_DATA".to_owned(), folder.path().to_string_lossy().into_owned())].into();
    let config = Config::read(&variables).expect("a valid configuration");
    let app = server::build(config, support::machine::options(server::clock::SystemClock, false)).await.expect("a server");
    let creator = desk(&app, "li.na", "李娜", &["creator"]).await;
    let approver = desk(&app, "wang.jianguo", "王建国", &["department-head"]).await;

    let began = Instant::now();
    let mut numbers = Vec::with_capacity(DOCUMENTS);
    for sequence in 0..DOCUMENTS {
        let submitted = creator.submit(claim(sequence), None, None).await.expect("a document");
        numbers.push(submitted.document.number);
    }
    report("created", DOCUMENTS, began.elapsed());

    let key = SigningKey::from_slice(&[7; 32]).expect("a scalar in range");
    let public = key.verifying_key().to_public_key_der().expect("an SPKI");
    let info = pades::request_info("王建国", public.as_bytes()).expect("a request");
    let request = pades::request(&info, &raw(&key, &info)).expect("a request");
    let enrolment = approver.enrol(request.into(), "bench".to_owned()).await.expect("a certificate");
    let chain = pades::certificates_from_pem(&enrolment.certificate).expect("PEM");

    let (mut server, mut browser) = (Duration::ZERO, Duration::ZERO);
    for number in &numbers {
        let (by_server, by_browser) = sign(&*approver, number, &enrolment.serial, &chain, &key).await;
        server += by_server;
        browser += by_browser;
    }
    report("signed (server: offer, check, store, commit)", DOCUMENTS, server);
    report("prepared and signed natively (the browser's part)", DOCUMENTS, browser);
    app.close().await;
}

/// One signature; how long the server and the signer worked.
async fn sign(approver: &dyn Desk, number: &Number, serial: &str, chain: &[Vec<u8>], key: &SigningKey) -> (Duration, Duration) {
    let began = Instant::now();
    let offer = approver.offer(number.clone(), 0, serial.to_owned(), None).await.expect("an offer");
    let original = approver.file(number.clone(), Some(0)).await.expect("the file").bytes;
    let mut server = began.elapsed();

    let began = Instant::now();
    let parameters = serde_json::from_str(&offer.parameters).expect("parameters");
    let prepared = pades::prepare(&original, &parameters).expect("a revision");
    let to_be_signed = prepared.to_be_signed(&chain[0]).expect("attributes");
    let signature = raw(key, to_be_signed.signed_attributes());
    let signed = to_be_signed.signed(&signature, &[&chain[1]]).expect("a CMS");
    let browser = began.elapsed();

    let began = Instant::now();
    let decision = SignatureDecision { number: number.clone(), offer: offer.id, cms: hex::encode(signed.cms()) };
    approver.sign(decision).await.expect("a decision");
    server += began.elapsed();
    (server, browser)
}

async fn desk(app: &Arc<App>, login: &str, name: &str, roles: &[&str]) -> Arc<dyn Desk> {
    let change = AccountChange {
        login: login.to_owned(),
        name: Some(name.to_owned()),
        roles: Some(roles.iter().map(ToString::to_string).collect()),
        password: Some("a password for the bench".to_owned()),
        active: Some(true),
        ..AccountChange::default()
    };
    server::service::accounts::add(app, change).await.expect("an account");
    let secret = server::service::tokens::create_for_login(app, login, "bench").await.expect("a token");
    let (proof, person): (Proof, _) = server::service::identify::by_token(app, &secret).await.expect("an answer").expect("a token that holds");
    server::desk::for_caller(app.clone(), Caller::signed_in(proof, person, Lang::Zh, IpAddr::V4(Ipv4Addr::LOCALHOST)))
}

fn claim(sequence: usize) -> NewDocument {
    let new = json!({"type": "EXP", "fields": {
        "project": "P-17", "invoice": format!("INV-{sequence}"), "department": "工程一部", "date": "2026-11-23", "amount": "128.00", "reason": "差旅"
    }});
    serde_json::from_value(new).expect("a document")
}

fn raw(key: &SigningKey, message: &[u8]) -> [u8; 64] {
    let signature: Signature = key.sign(message);
    signature.to_bytes().into()
}

fn report(what: &str, count: usize, took: Duration) {
    let each = took.as_secs_f64() * 1000.0 / count as f64;
    println!("{what}: {count} in {:.2} s, {:.1} a second, {each:.2} ms each", took.as_secs_f64(), count as f64 / took.as_secs_f64());
}
