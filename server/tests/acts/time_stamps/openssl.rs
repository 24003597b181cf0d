//! OpenSSL asks the authority for time stamps and about revocation, and judges the answers.

use std::path::Path;

use axum::body::{Body, to_bytes};
use base64ct::{Base64, Encoding};
use http::{HeaderMap, Request};
use support::world::{NOW, World};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::time_stamps::judges::openssl;

struct Reply {
    status: u16,
    headers: HeaderMap,
    bytes: Vec<u8>,
}

async fn call(world: &World, method: &str, path: &str, media: &str, body: Vec<u8>) -> Reply {
    let router = server::router::router(world.app.clone(), CancellationToken::new());
    asked(&router, method, path, media, body).await
}

async fn asked(router: &axum::Router, method: &str, path: &str, media: &str, body: Vec<u8>) -> Reply {
    let request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:3000").header("content-type", media);
    let response = router.clone().oneshot(request.body(Body::from(body)).unwrap()).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Reply { status, headers, bytes: to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec() }
}

/// The root alone, and the issuing levels, as PEM files.
fn authority(world: &World) -> (String, String) {
    let write = |name: &str, ders: Vec<Vec<u8>>| {
        let path = world.folder.path().join(name);
        let pem: String =
            ders.iter().map(|der| format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", wrapped(&Base64::encode_string(der)))).collect();
        std::fs::write(&path, pem).unwrap();
        path.display().to_string()
    };
    let (anchors, intermediates) = (world.app.authority.anchors(), world.app.authority.intermediates());
    let between = if intermediates.is_empty() { anchors.clone() } else { intermediates };
    (write("root.pem", anchors), write("issuing.pem", between))
}

fn wrapped(text: &str) -> String {
    text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect::<Vec<_>>().join("\n")
}

fn file(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_gets_a_time_stamp_and_believes_it() {
    let world = World::new().await;
    let (root, issuing) = authority(&world);
    let folder = world.folder.path();
    let (data, query, reply) = (file(folder, "what.txt"), file(folder, "query.tsq"), file(folder, "reply.tsr"));
    std::fs::write(&data, "what is stamped").unwrap();
    let time = (NOW / 1000).to_string();
    for digest in ["-sha256", "-sha384", "-sha512"] {
        openssl(&["ts", "-query", "-data", &data, digest, "-cert", "-out", &query]);
        let answered = call(&world, "POST", "/tsa", "application/timestamp-query", std::fs::read(&query).unwrap()).await;
        assert_eq!((answered.status, &answered.headers["content-type"]), (200, &"application/timestamp-reply".parse().unwrap()));
        std::fs::write(&reply, &answered.bytes).unwrap();
        let said = openssl(&["ts", "-verify", "-queryfile", &query, "-in", &reply, "-CAfile", &root, "-untrusted", &issuing, "-attime", &time]);
        assert!(said.contains("Verification: OK"), "{said}");
    }
    let said = openssl(&["ts", "-reply", "-in", &reply, "-text"]);
    assert!(said.contains("Status: Granted.") && said.contains("Time stamp: Nov 23 ") && said.contains("2026 GMT"), "{said}");
    // Two stamps never have one serial number.
    let serial = |said: &str| said.lines().find_map(|line| line.trim().strip_prefix("Serial number: ").map(str::to_owned)).unwrap();
    let again = call(&world, "POST", "/tsa", "application/timestamp-query", std::fs::read(&query).unwrap()).await;
    std::fs::write(&reply, &again.bytes).unwrap();
    assert_ne!(serial(&said), serial(&openssl(&["ts", "-reply", "-in", &reply, "-text"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_stamped_is_rejected_in_the_protocols_words() {
    let world = World::new().await;
    let folder = world.folder.path();
    let (data, query, reply) = (file(folder, "what.txt"), file(folder, "query.tsq"), file(folder, "reply.tsr"));
    std::fs::write(&data, "what is stamped").unwrap();
    let rejected = async |query: Vec<u8>| {
        let answered = call(&world, "POST", "/tsa", "application/timestamp-query", query).await;
        assert_eq!(answered.status, 200);
        std::fs::write(&reply, &answered.bytes).unwrap();
        openssl(&["ts", "-reply", "-in", &reply, "-text"])
    };
    openssl(&["ts", "-query", "-data", &data, "-sha1", "-out", &query]);
    let said = rejected(std::fs::read(&query).unwrap()).await;
    assert!(said.contains("Status: Rejected.") && said.contains("unrecognized or unsupported algorithm"), "{said}");
    openssl(&["ts", "-query", "-data", &data, "-sha256", "-tspolicy", "1.2.3.4.1", "-out", &query]);
    let said = rejected(std::fs::read(&query).unwrap()).await;
    assert!(said.contains("the requested TSA policy is not supported"), "{said}");
    let said = rejected(b"no request".to_vec()).await;
    assert!(said.contains("the data submitted has the wrong format"), "{said}");
    // What is not the protocol at all is the HTTP layer's matter.
    assert_eq!(call(&world, "POST", "/tsa", "text/plain", Vec::new()).await.status, 415);
    assert_eq!(call(&world, "POST", "/tsa", "application/timestamp-query", vec![0x30; 100_000]).await.status, 413);
    let wrong = call(&world, "GET", "/tsa", "", Vec::new()).await;
    assert_eq!((wrong.status, &wrong.headers["content-type"]), (405, &"application/problem+json".parse().unwrap()));
    let router = server::router::router(world.app.clone(), CancellationToken::new());
    let query = std::fs::read(&query).unwrap();
    let mut last = 0;
    for _ in 0..601 {
        last = asked(&router, "POST", "/tsa", "application/timestamp-query", query.clone()).await.status;
    }
    assert_eq!(last, 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_asks_about_certificates_and_believes_the_answer() {
    let world = World::new().await;
    let (root, issuing) = authority(&world);
    let folder = world.folder.path();
    let (query, reply) = (file(folder, "query.ocsp"), file(folder, "reply.ocsp"));
    let key = world.key("wang.jianguo").await;
    let desk = world.desk("wang.jianguo").await;
    let serial = format!("0x{}", key.serial);
    let time = (NOW / 1000).to_string();
    let judged = |bytes: &[u8], serial: &str, digest: &str| {
        std::fs::write(&reply, bytes).unwrap();
        // The clock of the test stands still, OpenSSL's goes on: how fresh the answer is is not asked here.
        openssl(&[
            "ocsp",
            digest,
            "-issuer",
            &issuing,
            "-serial",
            serial,
            "-reqin",
            &query,
            "-respin",
            &reply,
            "-CAfile",
            &root,
            "-verify_other",
            &issuing,
            "-no_nonce",
            "-attime",
            &time,
            "-validity_period",
            "1000000000",
        ])
    };
    for digest in ["-sha1", "-sha256"] {
        openssl(&["ocsp", digest, "-issuer", &issuing, "-serial", &serial, "-reqout", &query]);
        let request = std::fs::read(&query).unwrap();
        let answered = call(&world, "POST", "/ocsp", "application/ocsp-request", request.clone()).await;
        assert_eq!((answered.status, &answered.headers["content-type"]), (200, &"application/ocsp-response".parse().unwrap()));
        let said = judged(&answered.bytes, &serial, digest);
        assert!(said.contains("Response verify OK") && said.contains(": good"), "{said}");
        let place = format!("/ocsp/{}", Base64::encode_string(&request).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"));
        let got = call(&world, "GET", &place, "", Vec::new()).await;
        assert_eq!(got.status, 200);
        assert!(judged(&got.bytes, &serial, digest).contains(": good"));
    }
    desk.revoke(key.serial.clone(), "keyCompromise".into(), None).await.unwrap();
    openssl(&["ocsp", "-sha256", "-issuer", &issuing, "-serial", &serial, "-reqout", &query]);
    let answered = call(&world, "POST", "/ocsp", "application/ocsp-request", std::fs::read(&query).unwrap()).await;
    let said = judged(&answered.bytes, &serial, "-sha256");
    assert!(said.contains("Response verify OK") && said.contains(": revoked") && said.contains("keyCompromise"), "{said}");
    // Never issued here.
    openssl(&["ocsp", "-sha256", "-issuer", &issuing, "-serial", "0x4711", "-reqout", &query]);
    let answered = call(&world, "POST", "/ocsp", "application/ocsp-request", std::fs::read(&query).unwrap()).await;
    assert!(judged(&answered.bytes, "0x4711", "-sha256").contains(": unknown"));
    assert_eq!(call(&world, "POST", "/ocsp", "application/ocsp-request", b"no request".to_vec()).await.bytes, [0x30, 3, 0x0a, 1, 1]);
    assert_eq!(call(&world, "GET", "/ocsp/no+base64", "", Vec::new()).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keys_of_the_services_are_for_their_owner_alone_and_change_in_time() {
    let world = World::new().await;
    let ca = world.folder.path().join("data/ca");
    let keys = |stem: &str| -> Vec<std::path::PathBuf> {
        let names = std::fs::read_dir(&ca).unwrap().map(|entry| entry.unwrap().path());
        names.filter(|path| path.extension().is_some_and(|end| end == "key") && path.file_name().unwrap().to_str().unwrap().starts_with(stem)).collect()
    };
    for stem in ["tsa-", "ocsp-"] {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&keys(stem)[0]).unwrap().permissions());
        assert_eq!((keys(stem).len(), mode & 0o777), (1, 0o600), "{stem}");
    }
    let (first, now) = (keys("tsa-"), world.app.time_stamps.chain(&world.app.authority, NOW).unwrap());
    // Another start finds the same key; a year later there is a fresh one, and the old one is gone.
    let again = World::open(&world.folder, &world.clock, &[]).await;
    assert_eq!(again.time_stamps.chain(&again.authority, NOW).unwrap(), now);
    let year = 366 * 24 * 3600 * 1000;
    let later = world.app.time_stamps.chain(&world.app.authority, NOW + year).unwrap();
    assert!(later[0] != now[0] && later[1..] == now[1..]);
    assert!(keys("tsa-").len() == 1 && keys("tsa-") != first);
    world.clock.advance(year);
    let restarted = World::open(&world.folder, &world.clock, &[]).await;
    assert_eq!(restarted.time_stamps.chain(&restarted.authority, NOW + year).unwrap(), later);
}
