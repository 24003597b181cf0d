//! Certificates through the API: enrol, renew, list, revoke; and what the revocation list says afterwards.

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};

use super::world::{Reply, World};

const PKCS10: [(&str, &str); 1] = [("content-type", "application/pkcs10")];

struct Key(SigningKey);

impl Key {
    fn new(seed: &str) -> Self {
        Self(SigningKey::from_slice(&<sha2::Sha256 as sha2::Digest>::digest(seed)).unwrap())
    }

    fn sign(&self, message: &[u8]) -> Signature {
        self.0.sign(message)
    }

    fn request(&self) -> Vec<u8> {
        let info = pades::request_info("A program", self.0.verifying_key().to_sec1_point(false).as_bytes()).unwrap();
        pades::request(&info, &self.sign(&info).to_bytes().into()).unwrap()
    }
}

async fn enrol(world: &World, token: &str, key: &Key) -> Reply {
    world.call(token, "POST", "/api/v1/certificates?device=Script", &PKCS10, key.request()).await
}

/// A key made from `seed`, on a device of this name, percent-encoded.
pub async fn enrol_as(world: &World, token: &str, seed: &str, device: &str) -> Reply {
    world.call(token, "POST", &format!("/api/v1/certificates?device={device}"), &PKCS10, Key::new(seed).request()).await
}

fn renewal(new: &Key, old: &Key, serial: &Value, raw: bool) -> Value {
    let request = new.request();
    let signature = old.sign(&request);
    let countersignature = if raw { hex::encode(signature.to_bytes()) } else { hex::encode(signature.to_der()) };
    let pem = der::pem::encode_string("CERTIFICATE REQUEST", der::pem::LineEnding::LF, &request).unwrap();
    json!({ "request": pem, "renews": serial, "countersignature": countersignature })
}

pub async fn every_certificate_is_listed_with_how_it_came(world: World) {
    let first = enrol(&world, &world.wang, &Key::new("first")).await.is(201);
    assert_eq!(first.header("location"), format!("/api/v1/certificates/{}", first.json()["serial"].as_str().unwrap()));
    let first = first.json();
    assert_eq!(first["continuity"], "first");
    assert_eq!(pades::certificates_from_pem(first["certificate"].as_str().unwrap()).unwrap().len(), 2);
    let second = enrol(&world, &world.wang, &Key::new("second")).await.is(201).json();
    assert_eq!(second["continuity"], "new");
    for (seed, raw) in [("third", true), ("fourth", false)] {
        let body = renewal(&Key::new(seed), &Key::new("second"), &second["serial"], raw);
        let renewed = world.post(&world.wang, "/api/v1/certificates?device=Laptop", &body, &[]).await.is(201).json();
        assert_eq!(renewed["continuity"], "renewed");
    }
    let list = world.get(&world.wang, "/api/v1/certificates?limit=3").await.is(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 3);
    let rest = world.get(&world.wang, &format!("/api/v1/certificates?limit=3&cursor={}", list["next"].as_str().unwrap())).await.is(200).json();
    assert!(rest["next"].is_null() && rest["items"].as_array().unwrap().len() == 1);
    let all: Vec<Value> = [list["items"].as_array().unwrap().clone(), rest["items"].as_array().unwrap().clone()].concat();
    let renewed: Vec<&Value> = all.iter().filter(|one| one["continuity"] == "renewed").collect();
    assert!(renewed.iter().all(|one| one["renews"] == second["serial"] && one["device"] == "Laptop") && renewed.len() == 2);
    for one in &all {
        assert_eq!((&one["state"], &one["used_at"], one["fingerprint"].as_str().unwrap().len()), (&json!("valid"), &Value::Null, 64));
    }
    assert_eq!(world.get(&world.li, "/api/v1/certificates").await.is(200).json()["items"], json!([]));
    world.get("", "/api/v1/certificates").await.is_problem(401, "sign_in_required");
}

pub async fn a_renewal_needs_the_old_key_and_a_key_is_nobody_elses(world: World) {
    let (old, new) = (Key::new("old"), Key::new("new"));
    let first = enrol(&world, &world.wang, &old).await.is(201).json();
    let wrong = [
        renewal(&new, &Key::new("stranger's"), &first["serial"], true),
        renewal(&new, &old, &json!("00ff"), true),
        json!({ "request": "nothing", "renews": first["serial"], "countersignature": "00" }),
    ];
    for body in &wrong {
        world.post(&world.wang, "/api/v1/certificates", body, &[]).await.is_problem(422, "certificate_refused");
    }
    let mut unreadable = renewal(&new, &old, &first["serial"], true);
    unreadable["countersignature"] = json!("zz");
    world.post(&world.wang, "/api/v1/certificates", &unreadable, &[]).await.is_problem(422, "invalid_input");
    unreadable["colour"] = json!("red");
    world.post(&world.wang, "/api/v1/certificates", &unreadable, &[]).await.is_problem(422, "invalid_input");
    // Another's certificate cannot be renewed, and another's key cannot be certified.
    world.post(&world.li, "/api/v1/certificates", &renewal(&new, &old, &first["serial"], true), &[]).await.is_problem(422, "certificate_refused");
    enrol(&world, &world.li, &old).await.is_problem(422, "certificate_refused");
    // The same key again is the same holder; once revoked it never comes back.
    let again = enrol(&world, &world.wang, &old).await.is(201).json();
    assert_eq!((again["continuity"].as_str(), again["serial"] == first["serial"]), (Some("renewed"), false));
    revoke(&world, &world.wang, &first["serial"], &json!({ "reason": "keyCompromise" })).await.is(200);
    enrol(&world, &world.wang, &old).await.is_problem(422, "certificate_refused");
    world.post(&world.wang, "/api/v1/certificates", &renewal(&new, &old, &first["serial"], true), &[]).await.is_problem(422, "certificate_refused");
    assert_eq!(world.get(&world.wang, "/api/v1/certificates").await.is(200).json()["items"].as_array().unwrap().len(), 2);
}

async fn revoke(world: &World, token: &str, serial: &Value, body: &Value) -> Reply {
    world.post(token, &format!("/api/v1/certificates/{}/revocation", serial.as_str().unwrap()), body, &[]).await
}

pub async fn a_revocation_is_the_owners_and_stands_on_the_list(world: World) {
    let serial = enrol(&world, &world.wang, &Key::new("one")).await.is(201).json()["serial"].clone();
    let words = enrol(&world, &world.wang, &Key::new("two")).await.is(201).json()["serial"].clone();
    let why = json!({ "reason": "superseded", "note": "New laptop\n新电脑" });
    revoke(&world, &world.li, &serial, &why).await.is_problem(404, "not_found");
    revoke(&world, &world.admin, &serial, &why).await.is_problem(404, "not_found");
    revoke(&world, "", &serial, &why).await.is_problem(401, "sign_in_required");
    revoke(&world, &world.wang, &json!("ffff"), &why).await.is_problem(404, "not_found");
    for wrong in [json!({}), json!({ "reason": " " }), json!({ "reason": "x".repeat(201) }), json!({ "reason": "a\u{7}" }), json!({ "reason": "x", "more": 1 })]
    {
        revoke(&world, &world.wang, &serial, &wrong).await.is_problem(422, "invalid_input");
    }
    let done = revoke(&world, &world.wang, &serial, &why).await.is(200).json();
    assert_eq!((&done["state"], &done["revocation_reason"], &done["revocation_note"]), (&json!("revoked"), &json!("superseded"), &json!("New laptop\n新电脑")));
    assert_eq!(done["revoked_by"], "Wang Jianguo");
    // A second time changes nothing, also not the reason; upper case is the same number.
    let upper = json!(serial.as_str().unwrap().to_uppercase());
    assert_eq!(revoke(&world, &world.wang, &upper, &json!({ "reason": "keyCompromise" })).await.is(200).json(), done);
    revoke(&world, &world.wang, &words, &json!({ "reason": "lost on the train" })).await.is(200);

    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let list = file("crl.der", &world.get("", "/crl.der").await.is(200).bytes);
    let ca = file("ca.pem", &world.get("", "/ca.pem").await.is(200).bytes);
    let shown = std::process::Command::new("openssl").args(["crl", "-inform", "DER", "-in", &list, "-CAfile", &ca, "-noout", "-text"]).output();
    let Ok(shown) = shown else { return println!("skipped: openssl is not installed") };
    let text = String::from_utf8_lossy(&shown.stdout).into_owned() + &String::from_utf8_lossy(&shown.stderr);
    assert!(text.contains("verify OK") && text.contains("Superseded") && !text.contains("Key Compromise"), "{text}");
    for serial in [&serial, &words] {
        assert!(text.to_lowercase().contains(serial.as_str().unwrap()), "{text}");
    }
    // The address that the certificates themselves name gives the same list; the root's names no issuing level.
    let own = file("own.pem", enrol(&world, &world.li, &Key::new("three")).await.is(201).json()["certificate"].as_str().unwrap().as_bytes());
    let point = std::process::Command::new("openssl").args(["x509", "-in", &own, "-noout", "-ext", "crlDistributionPoints"]).output().unwrap();
    let point = String::from_utf8(point.stdout).unwrap();
    let path = &point[point.find("/crl/").unwrap()..].trim().to_owned();
    assert_eq!(world.get("", path).await.is(200).header("content-type"), "application/pkix-crl");
    assert_eq!(world.get("", "/root.crl.der").await.is(200).header("content-type"), "application/pkix-crl");
    world.get("", "/crl/0000000000000000.der").await.is_problem(404, "not_found");
}
