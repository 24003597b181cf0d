//! The check raises no false alarm: ten thousand documents in every state, each with its files, and not one finding.

use std::collections::BTreeMap;
use std::path::Path;

use app::model::{Decide, Level, LocalText, SealChoice};
use server::index::{
    Act, Cell, Cells, Change, Correction, EditionContent, Index, NewDecision, NewDocumentRow, NewFile, NewIntent, NewStep, Outcome, StepFieldRow, Withdrawal,
    new_id,
};
use server::service;
use support::world::NOW;

use crate::recovery::place::Place;

/// How many documents; `SIGNET_CLEAN_DOCUMENTS` says another number.
const DOCUMENTS: usize = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_clean_documents_raise_no_alarm() {
    let count = std::env::var("SIGNET_CLEAN_DOCUMENTS").ok().and_then(|count| count.parse().ok()).unwrap_or(DOCUMENTS);
    clean(Place::embedded(), count).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clean_documents_raise_no_alarm_on_postgresql() {
    clean(Place { postgres: true, ftp: None }, 500).await;
}

async fn clean(place: Place, count: usize) {
    let world = place.world().await;
    let account = world.app.index.account_by_login("li.na").await.unwrap().unwrap();
    let head = world.app.index.account_by_login("wang.jianguo").await.unwrap().unwrap();
    let files = world.folder.path().join("data/files");
    let mut made = 0;
    for place in 0..count {
        let life =
            Life { index: &world.app.index, files: &files, number: format!("EXP-2026-{:06}", place + 1).parse().unwrap(), creator: &account, head: &head };
        made += life.run(place).await;
    }
    let counter = Cells::from([("name".to_owned(), Cell::from("number EXP-2026-{seq}")), ("value".to_owned(), Cell::Number(count as i64))]);
    world.app.index.change("main", vec![Change::Insert("counters", counter)]).await.unwrap();
    let begun = std::time::Instant::now();
    let found = service::fsck::run(&world.app).await.unwrap();
    println!("{} documents, {} files: checked in {:.1} s", found.documents, found.files, begun.elapsed().as_secs_f32());
    assert!(found.findings.is_empty(), "{} {:#?}", found.findings.len(), &found.findings[..found.findings.len().min(5)]);
    assert_eq!((found.documents, found.files), (count as u64, made));
    world.app.close().await;
}

struct Life<'a> {
    index: &'a Index,
    files: &'a Path,
    number: app::model::Number,
    creator: &'a server::index::AccountRow,
    head: &'a server::index::AccountRow,
}

impl Life<'_> {
    /// A document's life, another one for each place; how many files it has.
    async fn run(&self, place: usize) -> u64 {
        let at = NOW + place as i64 * 10;
        let new = NewDocumentRow {
            number: self.number.clone(),
            content: self.content(place, 1, at).await,
            creator: self.creator.id.clone(),
            creator_client_number: self.creator.client_number.clone(),
            creator_name: self.creator.name.clone(),
            lang: if place.is_multiple_of(2) { "zh" } else { "en" }.into(),
            at,
            idempotency: None,
        };
        self.index.create(new).await.unwrap();
        match place % 6 {
            0 => 1,
            1 => self.sign(1, 0, at + 1).await,
            2 => self.sign(1, 0, at + 1).await + self.sign(1, 1, at + 2).await - 1,
            3 => {
                self.reject(1, 0, at + 1).await;
                1
            }
            4 => {
                self.withdraw(at + 1).await;
                1
            }
            _ => {
                let files = self.sign(1, 0, at + 1).await;
                self.reject(1, 1, at + 2).await;
                let correction = Correction {
                    number: self.number.clone(),
                    edition: 1,
                    content: self.content(place, 2, at + 3).await,
                    creator: self.creator.id.clone(),
                    by: self.creator.name.clone(),
                    lang: "en".into(),
                    at: at + 3,
                    idempotency: None,
                };
                assert!(matches!(self.index.correct(correction).await.unwrap(), Outcome::Done(_)));
                files + 1
            }
        }
    }

    async fn sign(&self, edition: u32, revision: u32, at: i64) -> u64 {
        let file = self.file(&format!("{edition}-{}", revision + 1), at).await;
        let more = revision == 0;
        let act = Act::Sign { serial: "0a".into(), file, level: if more { Level::TimeStamped } else { Level::Archival }, more };
        self.decide(edition, revision, revision + 1, at, act).await;
        2
    }

    async fn reject(&self, edition: u32, revision: u32, at: i64) {
        self.decide(edition, revision, revision + 1, at, Act::Reject { reason: "没有发票\nno invoice".into(), record: None }).await;
    }

    async fn decide(&self, edition: u32, revision: u32, position: u32, at: i64, act: Act) {
        let (account, by) = (self.head.id.clone(), self.head.name.clone());
        let new = NewDecision { number: self.number.clone(), edition, revision, position, account, by, at, act };
        assert!(matches!(self.index.decide(new).await.unwrap(), Outcome::Done(_)));
    }

    async fn withdraw(&self, at: i64) {
        let withdrawal = Withdrawal { number: self.number.clone(), creator: self.creator.id.clone(), by: self.creator.name.clone(), at, record: None };
        assert!(matches!(self.index.withdraw(withdrawal).await.unwrap(), Outcome::Done(_)));
    }

    async fn content(&self, place: usize, edition: u32, at: i64) -> EditionContent {
        let step = |key: &str| NewStep {
            key: key.into(),
            name: LocalText { en: key.into(), zh: "环节".into() },
            role: "department-head".into(),
            decide: Decide::Any,
            design: SealChoice::Any,
            fields: vec![StepFieldRow {
                ordinal: 1,
                field: format!("seal_{key}"),
                page: 1,
                rect: (!place.is_multiple_of(3)).then_some([10, 20, 130, 140]),
                rotate: 0,
                movable: place.is_multiple_of(3),
                account: None,
                account_name: None,
            }],
        };
        EditionContent {
            title: format!("Taxi 出租车 {place}"),
            matter: format!("P/{place}/{edition}"),
            fields: BTreeMap::from([("amount".to_owned(), format!("{place}.00").into()), ("note".to_owned(), "\"quoted\" 引号".into())]),
            steps: vec![step("head"), step("finance")],
            file: self.file(&format!("{edition}-0"), at).await,
        }
    }

    /// A small file straight into the folder of the file server, with its intent.
    async fn file(&self, name: &str, at: i64) -> NewFile {
        let path = format!("EXP/2026/11/{}/{name}-0123456789ab.pdf", self.number);
        let bytes = format!("{path} {}", "x".repeat(200));
        let place = self.files.join(&path);
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, &bytes).unwrap();
        let (id, sha256, size) = (new_id(), server::store::hash(bytes.as_bytes()), bytes.len() as u64);
        let intent = NewIntent { id: id.clone(), path: path.clone(), sha256: sha256.clone(), size, at, lease_until: at + 600_000 };
        self.index.begin_intent(&"EXP".parse().unwrap(), intent).await.unwrap();
        NewFile { sha256, size, store_path: path, intent: id }
    }
}
