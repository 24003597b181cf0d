//! Eight contenders a round, on three replicas at once: one wins, the others read why not, and every view of the document says the same.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures::future::join_all;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::signer::{Signer, page, to_sign};
use crate::world::World;

/// Contenders in a round.
const AT_ONCE: usize = 8;
/// Rounds under way together.
const SIDE_BY_SIDE: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Race {
    SignSign,
    SignReject,
    SignWithdraw,
    RevokeSign,
    CreateMatter,
    CreateKey,
}

const RACES: [Race; 6] = [Race::SignSign, Race::SignReject, Race::SignWithdraw, Race::RevokeSign, Race::CreateMatter, Race::CreateKey];

struct Place {
    world: World,
    creator: String,
    signers: Vec<Signer>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_all_who_race_on_three_replicas_one_wins() {
    let rounds: usize = std::env::var("SIGNET_RACES").ok().and_then(|text| text.parse().ok()).unwrap_or(2000);
    let world = World::three().await;
    let creator = world.person("li.na", &["creator"]).await;
    let mut signers = Vec::new();
    for n in 0..AT_ONCE {
        let token = world.person(&format!("head{n}"), &["head"]).await;
        signers.push(Signer::enrol(&world, n % 3, &format!("Person head{n}"), &token, 10 + n as u8).await);
    }
    let place = Place { world, creator, signers };
    let begun = Instant::now();
    let mut won: BTreeMap<String, usize> = BTreeMap::new();
    for first in (0..rounds).step_by(SIDE_BY_SIDE) {
        let together = (first..rounds.min(first + SIDE_BY_SIDE)).map(|n| place.round(RACES[n % RACES.len()], n));
        for (race, winner) in join_all(together).await {
            *won.entry(format!("{race:?} {winner}")).or_default() += 1;
        }
    }
    println!("{rounds} rounds of {AT_ONCE} in {:.1} s: {won:?}", begun.elapsed().as_secs_f64());
    place.world.is_whole().await;
}

impl Place {
    /// One round; who won.
    async fn round(&self, race: Race, n: usize) -> (Race, &'static str) {
        match race {
            Race::CreateMatter | Race::CreateKey => (race, self.creations(race, n).await),
            _ => (race, self.decisions(race, n).await),
        }
    }

    async fn creations(&self, race: Race, n: usize) -> &'static str {
        let slip = format!("matter {n}");
        let contenders = (0..AT_ONCE).map(|contender| {
            let request = self.world.creation(contender % 3, &self.creator, &slip, page(b""));
            if race == Race::CreateKey { request.header("idempotency-key", format!("key-{n}")) } else { request }
        });
        let answers = all_at_once(contenders.map(|request| (Duration::ZERO, request)).collect()).await;
        let numbers: std::collections::BTreeSet<_> = answers.iter().map(|(_, answer)| answer["number"].as_str().unwrap_or_default().to_owned()).collect();
        assert_eq!(numbers.len(), 1, "{race:?}: {answers:?}");
        let made = answers.iter().filter(|(status, _)| *status == 201).count();
        if race == Race::CreateKey {
            assert_eq!(made, AT_ONCE, "{answers:?}");
            assert!(answers.iter().all(|(_, answer)| *answer == answers[0].1), "twins share their answer");
        } else {
            assert_eq!(made, 1, "{answers:?}");
            assert!(
                answers.iter().filter(|(status, _)| *status != 201).all(|(status, answer)| (*status, &answer["code"]) == (409, &json!("duplicate_matter")))
            );
        }
        self.agree(numbers.iter().next().unwrap(), "pending").await;
        "create"
    }

    async fn decisions(&self, race: Race, n: usize) -> &'static str {
        let document = self.world.create(n % 3, &self.creator, &format!("{race:?} {n}")).await;
        let number = document["number"].as_str().unwrap();
        let (file, signing) = to_sign(&self.world, n % 3, &self.signers[0].token, number).await;
        let fresh = if race == Race::RevokeSign { Some(self.fresh(n).await) } else { None };
        let sign = |contender: usize| {
            let signer = fresh.as_ref().unwrap_or(&self.signers[contender]);
            ("sign", signer.signature(&self.world, contender % 3, number, signer.revision(&file, &signing)))
        };
        let contenders: Vec<(&'static str, RequestBuilder)> = (0..AT_ONCE)
            .map(|contender| match race {
                Race::SignReject if contender % 2 == 1 => ("reject", self.world.rejection(contender % 3, &self.signers[contender].token, number)),
                Race::SignWithdraw if contender % 2 == 1 => {
                    ("withdraw", self.world.ask(contender % 3, reqwest::Method::POST, &format!("/api/v1/documents/{number}/withdrawal"), &self.creator))
                }
                Race::RevokeSign if contender % 2 == 1 => {
                    let signer = fresh.as_ref().unwrap();
                    let path = format!("/api/v1/certificates/{}/revocation", signer.serial);
                    ("revoke", self.world.ask(contender % 3, reqwest::Method::POST, &path, &signer.token).json(&json!({"reason": "keyCompromise"})))
                }
                _ => sign(contender),
            })
            .collect();
        let (acts, requests): (Vec<&'static str>, Vec<RequestBuilder>) = contenders.into_iter().unzip();
        // A signature takes longer than the acts it races with; those wait a little, in each round another while, so that either may win.
        let pause = Duration::from_millis(n as u64 / RACES.len() as u64 % 6 * 12);
        let paused = acts.iter().zip(requests).map(|(act, request)| (if *act == "sign" { Duration::ZERO } else { pause }, request));
        let answers = all_at_once(paused.collect()).await;
        let won: Vec<&'static str> = acts.iter().zip(&answers).filter(|(_, (status, _))| matches!(status, 200 | 201)).map(|(act, _)| *act).collect();
        for (act, (status, answer)) in acts.iter().zip(&answers).filter(|(_, (status, _))| !matches!(status, 200 | 201)) {
            let code = answer["code"].as_str().unwrap_or_default();
            let typed = match *act {
                // A signature by a certificate that was revoked a moment before.
                "sign" if race == Race::RevokeSign => {
                    matches!((*status, code), (409, "already_decided" | "stale_revision") | (422, "signature_invalid" | "certificate_refused"))
                }
                _ => *status == 409 && matches!(code, "already_decided" | "stale_revision" | "wrong_state"),
            };
            assert!(typed, "{race:?} {act}: {status} {answer}");
        }
        let decided: Vec<_> = won.iter().filter(|act| **act != "revoke").collect();
        if race == Race::RevokeSign {
            // Revoking is no decision: one signature at most, and the certificate is revoked whoever was faster.
            assert!(decided.len() <= 1 && won.len() > decided.len(), "{race:?}: {answers:?}");
        } else {
            assert_eq!(decided.len(), 1, "{race:?}: {answers:?}");
        }
        let (winner, status) = match decided.first() {
            Some(act) if **act == "sign" => ("sign", "signed"),
            Some(act) if **act == "reject" => ("reject", "rejected"),
            Some(_) => ("withdraw", "withdrawn"),
            None => ("revoke", "pending"),
        };
        self.agree(number, status).await;
        winner
    }

    /// A key that may be revoked: every round has its own.
    async fn fresh(&self, n: usize) -> Signer {
        let mut seed = [0x51; 32];
        seed[..8].copy_from_slice(&(n as u64 + 1).to_be_bytes());
        Signer::enrol_seeded(&self.world, n % 3, "Person head0", &self.signers[0].token, seed).await
    }

    /// Page, list, mailbox and the file itself say that the document stands there, on every replica.
    async fn agree(&self, number: &str, status: &str) {
        let signatures = usize::from(status == "signed");
        let mut states = Vec::new();
        for n in 0..3 {
            let document: Value = self.world.get(n, &format!("/api/v1/documents/{number}"), &self.creator).await.json().await.unwrap();
            assert_eq!(document["status"], status, "{document}");
            let decisions = document["steps"][0]["decisions"].as_array().unwrap().len();
            assert_eq!(decisions, usize::from(matches!(status, "signed" | "rejected")), "{document}");
            states.push(document);
        }
        assert!(states.iter().all(|state| *state == states[0]));
        let list: Value = self.world.get(0, &format!("/api/v1/documents?q={number}"), &self.creator).await.json().await.unwrap();
        assert_eq!(list["items"][0]["status"], status, "{list}");
        let inbox: Value = self.world.get(1, &format!("/api/v1/documents?box=inbox&q={number}"), &self.signers[1].token).await.json().await.unwrap();
        assert_eq!(inbox["items"].as_array().unwrap().len(), usize::from(status == "pending"), "{inbox}");
        let file = self.world.get(2, &format!("/api/v1/documents/{number}/file"), &self.creator).await.bytes().await.unwrap();
        // Time stamps and seals of the authority are signatures of a PDF too; a person's carries this filter.
        let found = count(&file, b"/ETSI.CAdES.detached");
        assert_eq!(found, signatures, "{number} is {status}");
        let app = &self.world.app;
        let creator = app.index.account_by_login("li.na").await.unwrap().unwrap();
        let delivered = app.index.mailbox(&creator.id, 200).await.unwrap().deliveries.into_iter().filter(|row| row.number.as_str() == number).count();
        assert_eq!(delivered, usize::from(matches!(status, "signed" | "rejected")));
    }
}

/// Sends all requests in the same moment, but for their pauses; status and answer of each.
async fn all_at_once(requests: Vec<(Duration, RequestBuilder)>) -> Vec<(u16, Value)> {
    join_all(requests.into_iter().map(|(pause, request)| async move {
        tokio::time::sleep(pause).await;
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        (status, response.json().await.unwrap_or_default())
    }))
    .await
}

fn count(hay: &[u8], needle: &[u8]) -> usize {
    hay.windows(needle.len()).filter(|window| *window == needle).count()
}
