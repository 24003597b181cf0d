//! Documents stamped by an outside authority, and what happens while it is away.

use app::error::Code;
use app::model::{Level, Number, Status, TypeFiles};
use server::service::level::later;
use support::world::{NOW, World};

use crate::time_stamps::judges;
use crate::time_stamps::tsa::{Mood, Tsa};

/// A server that has its stamps from `tsa`, and knows where its revocation lists are.
async fn with(tsa: &Tsa, url: Option<&String>) -> World {
    World::with(&values(tsa, url, &[("SIGNET_TSA_CRLS", &tsa.lists)]).iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>()).await
}

fn values(tsa: &Tsa, url: Option<&String>, more: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let own = [("SIGNET_TSA_URL", tsa.url.clone()), ("SIGNET_TSA_CA", tsa.ca.display().to_string())];
    let more = more.iter().map(|(name, value)| (*name, (*value).to_owned()));
    url.map(|url| ("SIGNET_DATABASE_URL", url.clone())).into_iter().chain(own).chain(more).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outside_authority_stamps_and_is_checked() {
    let tsa = Tsa::start().await;
    let world = with(&tsa, None).await;
    let created = world.claim("OUT-1", "7280").await;
    let key = world.key("wang.jianguo").await;
    let once = world.seal("wang.jianguo", &created.number, &key).await.unwrap();
    assert_eq!((once.level, tsa.asked()), (Level::TimeStamped, 1));
    let file = world.desk("li.na").await.file(created.number.clone(), None).await.unwrap();
    judges::pyhanko(&file.bytes, &world.app.authority.certificate_pem(), &tsa.pem, "PAdES-B-T", 1, NOW / 1000);
    // The signature is by the other house's authority, so the built-in one has nothing to do with it.
    let health = server::service::health::check(&world.app).await;
    let check = health.checks.iter().find(|check| check.part == "time_stamps").unwrap();
    assert!(check.ok && check.text.en.contains("127.0.0.1"), "{check:?}");
    // Pages learn whose stamps count.
    let pem = server::service::authority::stamp_anchors_pem(&world.app).unwrap();
    assert_eq!(pades::certificates_from_pem(&pem).unwrap().len(), 4);
    let key = world.key("chen.jing").await;
    let done = world.seal("chen.jing", &created.number, &key).await.unwrap();
    assert_eq!((done.status, done.level), (Status::Signed, Level::Archival));
    let file = world.desk("li.na").await.file(created.number.clone(), None).await.unwrap();
    judges::pyhanko(&file.bytes, &world.app.authority.certificate_pem(), &tsa.pem, "PAdES-B-LTA", 2, NOW / 1000);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_revocation_lists_an_outside_authority_gives_time_but_no_long_term() {
    let tsa = Tsa::start().await;
    let values = values(&tsa, None, &[]);
    let world = World::with(&values.iter().map(|(name, value)| (*name, value.as_str())).collect::<Vec<_>>()).await;
    let created = world.claim("OUT-5", "10").await;
    let key = world.key("wang.jianguo").await;
    let done = world.seal("wang.jianguo", &created.number, &key).await.unwrap();
    assert_eq!(done.status, Status::Signed);
    // Its stamps count; whether its own certificate was revoked is not known here.
    assert_eq!((done.level, tsa.asked()), (Level::TimeStamped, 2));
    // Nothing more is to be had, so nobody asks again.
    world.clock.advance(61_000);
    assert_eq!((later::once(&world.app).await.unwrap(), tsa.asked()), (0, 2));
    // Whoever knows the signers' authority alone finds the signatures good; only the time is unproven then.
    let file = world.desk("li.na").await.file(created.number.clone(), None).await.unwrap();
    let trust = pades::Trust {
        anchors: world.app.authority.anchors(),
        intermediates: world.app.authority.intermediates(),
        at: NOW / 1000 + 61,
        ..pades::Trust::default()
    };
    let report = pades::verify(&file.bytes, &trust).unwrap();
    for entry in report.signatures.iter().filter(|entry| entry.kind == pades::EntryKind::Signature) {
        assert_eq!(entry.indication, pades::Indication::TotalPassed, "{entry:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_right_is_none() {
    let tsa = Tsa::start().await;
    let world = with(&tsa, None).await;
    let key = world.key("wang.jianguo").await;
    // What it says first is what it repeats afterwards: another imprint, another nonce.
    let first = world.claim("OUT-2", "7280").await;
    assert_eq!(world.seal("wang.jianguo", &first.number, &key).await.unwrap().level, Level::TimeStamped);
    for (mood, why) in [
        (Mood::Fails, "503"),
        (Mood::LeadsElsewhere, "307"),
        (Mood::RepeatsItself, ""),
        (Mood::TalksNonsense, ""),
        (Mood::TalksForever, "read"),
        (Mood::Stalls, "within 5 seconds"),
    ] {
        tsa.is(mood);
        world.clock.advance(31_000);
        let document = world.claim(&format!("OUT-{mood:?}"), "7280").await;
        let sealed = world.seal("wang.jianguo", &document.number, &key).await.unwrap();
        assert_eq!(sealed.level, Level::Basic, "{mood:?}");
        let health = server::service::health::check(&world.app).await;
        let check = health.checks.into_iter().find(|check| check.part == "time_stamps").unwrap();
        assert!(!check.ok && check.text.en.contains(why) && !check.text.zh.is_empty(), "{mood:?} {check:?}");
    }
    // One that failed is left alone for half a minute: the next approver does not wait for it.
    let asked = tsa.asked();
    let document = world.claim("OUT-rest", "7280").await;
    assert_eq!(world.seal("wang.jianguo", &document.number, &key).await.unwrap().level, Level::Basic);
    assert_eq!(tsa.asked(), asked);
}

pub async fn while_the_authority_is_away_signatures_are_kept_and_raised_later(url: Option<String>) {
    let tsa = Tsa::start().await;
    let world = with(&tsa, url.as_ref()).await;
    tsa.is(Mood::Fails);
    let creator = world.desk("li.na").await;
    let created = world.claim("OUT-3", "7280").await;
    for login in ["wang.jianguo", "chen.jing"] {
        let key = world.key(login).await;
        let sealed = world.seal(login, &created.number, &key).await.unwrap();
        assert_eq!(sealed.level, Level::Basic);
    }
    let kept = creator.document(created.number.clone()).await.unwrap();
    assert_eq!((kept.status, kept.revision), (Status::Signed, 2));
    let events = creator.events(created.number.clone()).await.unwrap();
    assert!(events.iter().filter(|event| event.kind == "signed").all(|event| event.level == Some(Level::Basic)));
    // Still away: nothing changes, and it is tried again.
    world.clock.advance(61_000);
    assert_eq!(later::once(&world.app).await.unwrap(), 0);
    assert_eq!(creator.document(created.number.clone()).await.unwrap(), kept);

    tsa.is(Mood::Works);
    let raised = raised(&world, &created.number).await;
    assert_eq!(raised.revision, 3);
    assert!(raised.level >= Level::TimeStamped, "{:?}", raised.level);
    assert_ne!(raised.state(), kept.state(), "the ETag tells it");
    let file = creator.file(created.number.clone(), None).await.unwrap();
    assert_eq!((file.bytes.len() as u64, &file.sha256), (raised.size, &raised.sha256));
    assert_eq!(creator.deliveries(None, None).await.unwrap().items[0].revision, 3);
    let last = creator.events(created.number.clone()).await.unwrap().pop().unwrap();
    assert_eq!((last.kind.as_str(), last.level), ("raised", Some(raised.level)));
    // What was signed before is still there, byte for byte.
    let before = creator.file(created.number.clone(), Some(2)).await.unwrap();
    assert!(file.bytes.starts_with(&before.bytes));
    assert!(server::service::fsck::run(&world.app).await.unwrap().findings.is_empty());
}

/// Looks until the document has been raised, by whichever of the two that look.
async fn raised(world: &World, number: &Number) -> app::model::Document {
    let creator = world.desk("li.na").await;
    for _ in 0..50 {
        world.clock.advance(61_000);
        later::once(&world.app).await.unwrap();
        let document = creator.document(number.clone()).await.unwrap();
        if document.level > Level::Basic {
            return document;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{number} was not raised");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_that_demands_a_stamp_is_not_signed_without() {
    let tsa = Tsa::start().await;
    let world = with(&tsa, None).await;
    let definition = include_str!("../../../types/EXP/type.toml").replacen("database = \"main\"", "database = \"main\"\ntime_stamp = \"required\"", 1);
    let files = TypeFiles { definition, template: Some(include_str!("../../../types/EXP/template.typ").to_owned()) };
    server::service::types::import_here(&world.app, files).await.unwrap();
    let created = world.claim("OUT-4", "10").await;
    let key = world.key("wang.jianguo").await;
    tsa.is(Mood::Fails);
    for _ in 0..2 {
        let error = world.seal("wang.jianguo", &created.number, &key).await.unwrap_err();
        assert_eq!(error.code, Code::TimeStampUnavailable);
        assert!(error.next.is_some());
    }
    assert_eq!(world.desk("li.na").await.document(created.number.clone()).await.unwrap(), created);
    tsa.is(Mood::Works);
    assert_eq!(world.seal("wang.jianguo", &created.number, &key).await.unwrap().status, Status::Signed);
}
