//! What can be under way when the program dies, by which points each leads, and what must be true when it was done again.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use server::crash::Point;
use support::ground::Ground;
use support::program::{Client, Reply, claim};
use support::signer::Signer;

use crate::crash::stage::{Stage, without_stamps};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Create,
    /// A creation whose file the store refuses.
    CreateRefused,
    Correct,
    /// The last signature.
    Sign,
    /// A signature with another step behind it.
    SignFirst,
    /// The last signature while no time stamp is to be had.
    SignUnstamped,
    Reject,
    /// A rejection of a revision that is not current, with a key.
    RejectStale,
    Withdraw,
    Stream,
    Read,
    Raise,
    Enrol,
    Revoke,
    Sweep,
}

use Point as P;

impl Act {
    pub const ALL: &[Self] = &[
        Self::Create,
        Self::CreateRefused,
        Self::Correct,
        Self::Sign,
        Self::SignFirst,
        Self::SignUnstamped,
        Self::Reject,
        Self::RejectStale,
        Self::Withdraw,
        Self::Stream,
        Self::Read,
        Self::Raise,
        Self::Enrol,
        Self::Revoke,
        Self::Sweep,
    ];

    pub fn points(self) -> &'static [Point] {
        match self {
            Self::Create => &[
                P::CreateDraft,
                P::CreateNumber,
                P::CreateRender,
                P::KeepIntent,
                P::KeepPut,
                P::StoreFolder,
                P::StoreUpload,
                P::DiskWrite,
                P::DiskSync,
                P::StoreSize,
                P::StoreHash,
                P::StoreRename,
                P::DiskRename,
                P::CreateCommit,
                P::CreateKey,
                P::CreateDocument,
                P::EditionRow,
                P::FileIntent,
                P::FileRow,
                P::RouteRows,
                P::CreateEvent,
                P::AnswerSend,
            ],
            Self::CreateRefused => &[P::KeepGiveUp],
            Self::Correct => &[
                P::CorrectDraft,
                P::CorrectRender,
                P::KeepPut,
                P::CorrectCommit,
                P::CorrectLock,
                P::CorrectKey,
                P::CorrectDocument,
                P::FileRow,
                P::CorrectEvent,
            ],
            Self::Sign => &[
                P::StoreRead,
                P::SignAccept,
                P::LevelStamp,
                P::LevelEvidence,
                P::LevelSeal,
                P::SignLevel,
                P::KeepIntent,
                P::KeepPut,
                P::SignCommit,
                P::DecideLock,
                P::FileIntent,
                P::FileRow,
                P::DecideDocument,
                P::DecideRow,
                P::DecideEvent,
                P::DecideOffers,
                P::DecideStep,
                P::DecideEnd,
                P::DeliverPosition,
                P::DeliverRow,
                P::DeliverReturned,
                P::DecideWake,
                P::SignUsed,
                P::OnceClaim,
                P::OnceKeep,
                P::AnswerSend,
            ],
            Self::SignFirst => &[P::DecideNext],
            Self::SignUnstamped => &[P::DecidePlan],
            Self::Reject => &[P::RejectCommit, P::DecideRow, P::DecideEnd, P::DeliverRow],
            Self::RejectStale => &[P::OnceRelease],
            Self::Withdraw => &[P::WithdrawCommit, P::WithdrawLock, P::WithdrawDocument, P::WithdrawSteps, P::WithdrawEvent],
            Self::Stream => &[P::MailboxLook, P::MailboxSend],
            Self::Read => &[P::MailboxRead],
            Self::Raise => {
                &[P::RaiseTake, P::RaiseMake, P::KeepIntent, P::KeepPut, P::RaiseCommit, P::RaiseLock, P::RaiseDocument, P::RaiseDelivery, P::RaiseEvent]
            }
            Self::Enrol => &[P::EnrolIssue, P::EnrolCommit, P::EnrolRow],
            Self::Revoke => &[P::RevokeCommit, P::RevokeRow],
            Self::Sweep => &[P::SweepExpired, P::SweepFile, P::StoreDelete, P::SweepForget],
        }
    }

    pub fn environment(self, ground: &Ground) -> Vec<(&'static str, String)> {
        if self == Self::SignUnstamped { without_stamps(ground).to_vec() } else { Vec::new() }
    }

    /// What the program is to find beside the stage.
    pub async fn prepare(self, stage: &Stage, ground: &Ground) {
        let place = |name: &str| ground.files().join(name);
        match self {
            Self::Raise => {
                ground.sql(&format!("UPDATE documents SET raise_at = 0 WHERE number = '{}'", stage.signed)).await;
            }
            Self::Sweep => {
                let folder = "EXP/2026/11/EXP-2026-999999";
                std::fs::create_dir_all(place(folder)).unwrap();
                std::fs::write(place(folder).join("1-0-aaaaaaaaaaaa.pdf"), "left over").unwrap();
                std::fs::write(place(folder).join(".t-1-0-aaaaaaaaaaaa.pdf-2"), "left").unwrap();
                let hash = "0".repeat(64);
                let row = format!(
                    "INSERT INTO intents (id, store_path, sha256, size, created_at, lease_until, given_up) VALUES ('old', '{folder}/1-0-aaaaaaaaaaaa.pdf', '{hash}', 9, 0, 0, 0)"
                );
                ground.sql(&row).await;
                own(ground, folder);
            }
            Self::CreateRefused => {
                // A file where the folder of the next number would be.
                let path = ground.texts(&format!("SELECT store_path FROM revisions WHERE number = '{}'", stage.pending)).await.remove(0);
                let obstacle = path.split('/').take(3).collect::<Vec<_>>().join("/") + "/" + &stage.next;
                std::fs::write(place(&obstacle), "").unwrap();
            }
            _ => {}
        }
    }

    /// Does it, the second time after the program came back; the answers that came.
    pub async fn drive(self, stage: &Stage, url: &str, attempt: u32) -> Vec<Reply> {
        let (li, wang, chen) = (Client::new(url, &stage.creator), Client::new(url, &stage.head), Client::new(url, &stage.finance));
        let document = |number: &str, what: &str| format!("/api/v1/documents/{number}/{what}");
        let no = json!({ "reason": "No" });
        let answer = match self {
            Self::Create | Self::CreateRefused => li.post("/api/v1/documents", &claim("NEW", "10"), &[("idempotency-key", "create-1")]).await,
            Self::Correct => li.post(&document(&stage.rejected, "corrections"), &claim("REJECTED", "20"), &[("idempotency-key", "correct-1")]).await,
            Self::Sign | Self::SignUnstamped => sign(&wang, &document(&stage.pending, "signatures"), &stage.signature).await,
            Self::SignFirst => sign(&wang, &document(&stage.longer, "signatures"), &stage.first_signature).await,
            Self::Reject => wang.post(&document(&stage.pending, "rejection"), &no, &[("if-match", "\"0\""), ("idempotency-key", "reject-1")]).await,
            Self::RejectStale => wang.post(&document(&stage.pending, "rejection"), &no, &[("if-match", "\"7\""), ("idempotency-key", "reject-1")]).await,
            Self::Withdraw => li.post(&document(&stage.pending, "withdrawal"), &json!({}), &[]).await,
            Self::Stream => return listen(&li, &wang, &document(&stage.pending, "rejection")).await,
            Self::Read => {
                let Some(page) = li.get("/api/v1/mailbox").await else { return Vec::new() };
                let cursor = page.json()["items"].as_array().unwrap().last().unwrap()["cursor"].clone();
                li.post("/api/v1/mailbox/read", &json!({ "cursor": cursor }), &[]).await
            }
            Self::Enrol => {
                let headers = [("content-type", "application/pkcs10"), ("idempotency-key", "enrol-1")];
                chen.call("POST", "/api/v1/certificates?device=Script", &headers, Signer::request("chen")).await
            }
            Self::Revoke => wang.post(&format!("/api/v1/certificates/{}/revocation", stage.serial), &json!({ "reason": "superseded" }), &[]).await,
            Self::Raise if attempt > 1 => {
                let begun = Instant::now();
                while wang.get(&format!("/api/v1/documents/{}", stage.signed)).await.unwrap().json()["revision"] != json!(2) {
                    assert!(begun.elapsed() < Duration::from_secs(15), "it is not raised");
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                None
            }
            Self::Raise | Self::Sweep => None,
        };
        answer.into_iter().collect()
    }

    /// What must be so after it was done again: what was answered holds, and it was done once. `later` where the fault may have hit what
    /// makes the evidence, so that it follows later.
    pub async fn check(self, stage: &Stage, ground: &Ground, url: &str, first: &[Reply], second: &[Reply], later: bool) {
        let of = |table: &str, number: &str| format!("{table} WHERE number = '{number}'");
        let statuses = |allowed: &[u16]| {
            assert_eq!(second.len(), 1);
            assert!(allowed.contains(&second[0].status), "{} {}", second[0].status, String::from_utf8_lossy(&second[0].bytes));
        };
        // With its key an act that was answered is answered the same.
        if let (Some(first), Some(second), false) = (first.first(), second.first(), matches!(self, Self::Withdraw | Self::Revoke | Self::Stream)) {
            assert_eq!((first.status, &first.bytes), (second.status, &second.bytes), "{}", String::from_utf8_lossy(&second.bytes));
        }
        let li = Client::new(url, &stage.creator);
        let read = async |number: &str| -> Value { li.get(&format!("/api/v1/documents/{number}")).await.unwrap().is(200).json() };
        let documents = if matches!(self, Self::Create | Self::CreateRefused) { 5 } else { 4 };
        assert_eq!(ground.count("documents").await, documents);
        match self {
            Self::Create | Self::CreateRefused => statuses(&[201]),
            Self::Correct => {
                statuses(&[201]);
                assert_eq!(read(&stage.rejected).await["edition"], json!(2));
                assert_eq!(ground.count(&of("editions", &stage.rejected)).await, 2);
                assert_eq!(ground.count(&of("revisions", &stage.rejected)).await, 2);
            }
            Self::Sign | Self::SignUnstamped => {
                statuses(&[201, 409]);
                // Evidence that came later is one more revision, and one event tells of it; perhaps it comes between two looks.
                let (raised, document, revisions) = loop {
                    let raises = format!("events WHERE number = '{}' AND kind = 'raised'", stage.pending);
                    let before = ground.count(&raises).await;
                    let seen = (before, read(&stage.pending).await, ground.count(&of("revisions", &stage.pending)).await);
                    if ground.count(&raises).await == before {
                        break seen;
                    }
                };
                assert_eq!((&document["status"], &document["revision"]), (&json!("signed"), &json!(1 + raised)), "{document}");
                assert!(raised == 0 || (later && raised == 1), "raised {raised} times");
                assert!(document["level"] == json!(self.level()) || (later && raised == 0), "{}", document["level"]);
                self.decided_once(stage, ground).await;
                assert_eq!(revisions, 2 + raised);
            }
            Self::SignFirst => {
                statuses(&[201, 409]);
                let document = read(&stage.longer).await;
                assert_eq!((&document["status"], &document["revision"], &document["steps"][1]["status"]), (&json!("pending"), &json!(1), &json!("open")));
            }
            Self::Reject => {
                statuses(&[201, 409]);
                assert_eq!(read(&stage.pending).await["status"], json!("rejected"));
                self.decided_once(stage, ground).await;
            }
            Self::RejectStale => {
                statuses(&[409]);
                assert_eq!(read(&stage.pending).await["status"], json!("pending"));
            }
            Self::Withdraw => {
                statuses(&[200, 409]);
                assert_eq!(read(&stage.pending).await["status"], json!("withdrawn"));
                assert_eq!(ground.count(&format!("events WHERE number = '{}' AND kind = 'withdrawn'", stage.pending)).await, 1);
            }
            Self::Stream => {
                let numbers = |replies: &[Reply]| -> Vec<Value> { replies.iter().map(|reply| reply.json()["number"].clone()).collect() };
                assert_eq!(numbers(second), [json!(stage.rejected), json!(stage.signed), json!(stage.pending)]);
                assert!(numbers(second).starts_with(&numbers(first)));
            }
            Self::Read => {
                statuses(&[204]);
                assert_eq!(ground.count("deliveries WHERE read_at IS NULL").await, 0);
            }
            Self::Raise => {
                assert_eq!(ground.count(&of("revisions", &stage.signed)).await, 3);
                assert_eq!(ground.count(&format!("deliveries WHERE number = '{}' AND revision = 2", stage.signed)).await, 1);
                assert_eq!(ground.count(&format!("events WHERE number = '{}' AND kind = 'raised'", stage.signed)).await, 1);
                assert_eq!(read(&stage.signed).await["level"], json!("PAdES-B-LTA"));
            }
            Self::Enrol => {
                statuses(&[201]);
                // The same key again is the same holder: at most a second certificate that follows from the first.
                let of_key = "(SELECT key_sha256 FROM certificates GROUP BY key_sha256 HAVING COUNT(*) > 1) AS twice";
                assert!(ground.count("certificates").await - ground.count(of_key).await == 3);
                assert_eq!(ground.count("certificates WHERE continuity = 'new'").await, 1);
            }
            Self::Revoke => {
                statuses(&[200]);
                assert_eq!(ground.count("certificates WHERE revoked_at IS NOT NULL").await, 1);
            }
            Self::Sweep => assert!(!ground.files().join("EXP/2026/11/EXP-2026-999999/1-0-aaaaaaaaaaaa.pdf").exists()),
        }
    }

    fn level(self) -> &'static str {
        if self == Self::SignUnstamped { "PAdES-B-B" } else { "PAdES-B-LTA" }
    }

    async fn decided_once(self, stage: &Stage, ground: &Ground) {
        for table in ["decisions", "deliveries"] {
            assert_eq!(ground.count(&format!("{table} WHERE number = '{}'", stage.pending)).await, 1, "{table}");
        }
    }
}

async fn sign(client: &Client, path: &str, appended: &[u8]) -> Option<Reply> {
    let headers = [("content-type", "application/vnd.signet.revision"), ("if-match", "\"0\""), ("idempotency-key", "sign-1")];
    client.call("POST", path, &headers, appended).await
}

/// The deliveries of a stream, each as a reply, while the pending document is rejected.
async fn listen(li: &Client, wang: &Client, rejection: &str) -> Vec<Reply> {
    let Some(mut stream) = li.stream("/api/v1/mailbox/stream").await else { return Vec::new() };
    let no = json!({ "reason": "No" });
    let rejected = wang.post(rejection, &no, &[("if-match", "\"0\"")]);
    let heard = async {
        let mut text = String::new();
        loop {
            match tokio::time::timeout(Duration::from_secs(8), stream.chunk()).await {
                Ok(Ok(Some(piece))) => text.push_str(&String::from_utf8_lossy(&piece)),
                _ => break,
            }
            if text.matches("\ndata:").count() + usize::from(text.starts_with("data:")) == 3 && text.ends_with("\n\n") {
                break;
            }
        }
        text
    };
    let (_, text) = tokio::join!(rejected, heard);
    let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
    data.map(|line| Reply { status: 200, bytes: line.trim().as_bytes().to_vec() }).collect()
}

/// The file server writes as its own user.
fn own(ground: &Ground, folder: &str) {
    if ground.kind.vsftpd {
        let like = format!("--reference={}", ground.files().display());
        let top = ground.files().join(folder.split('/').next().unwrap());
        assert!(std::process::Command::new("chown").args(["-R", &like]).arg(top).status().unwrap().success());
    }
}
