//! An index made anew from the store alone is the index that was there.

use std::sync::Arc;

use app::model::{Query, SignIn};
use server::clock::FrozenClock;
use server::{App, Options, service};
use support::world::{NOW, World, claim};

use crate::recovery::place::{Place, config, differences, dump, live, travel};

/// What is nowhere in the store, and so not there afterwards.
const LOST: [&str; 16] = [
    // What is secret or passing.
    "accounts.password_hash",
    "sessions",
    "tokens",
    "login_tries",
    "offers",
    "intents",
    "answers",
    // The same request again is refused by its matter instead of answered.
    "idempotency",
    // Read marks, and what was only noted in passing.
    "deliveries.read_at",
    "certificates.used_at",
    // A plan: tried once more.
    "documents.raise_at",
    // The trail goes on: a new head, and one entry more.
    "trail_head",
    "trail",
    "checkpoints",
    "records.created_at",
    "counters",
];

#[tokio::test(flavor = "multi_thread")]
async fn on_sqlite_and_the_embedded_server() {
    anew(Place::embedded()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_and_vsftpd() {
    match Place::outside() {
        Some(place) => anew(place).await,
        None => println!("SKIPPED: vsftpd is not here"),
    }
}

async fn anew(place: Place) {
    let world = place.world().await;
    let mut keys = live(&world).await;
    world.clock.advance(1_000);
    assert!(service::trail::checkpoint(&world.app).await.unwrap() > 50);
    let before = dump(&world.app, &LOST).await;
    let counters = dump(&world.app, &[]).await.into_iter().filter(|line| line.contains(" counters ")).count();
    let found = service::fsck::run(&world.app).await.unwrap();
    assert!(found.findings.is_empty(), "{:#?}", found.findings);

    // 1. All that a checkpoint covers comes back row by row.
    let (folder, app) = reopened(&place, &world).await;
    let made = service::reindex::run(&app).await.unwrap();
    assert_eq!(made.unplaced, []);
    let after = dump(&app, &LOST).await;
    assert_eq!(differences(&before, &after), Vec::<String>::new());
    assert!(dump(&app, &[]).await.into_iter().filter(|line| line.contains(" counters ")).count() >= counters - 1);
    clean(&app).await;

    // 2. The server runs on it: passwords are set anew, numbers go on, documents go on.
    service::accounts::set_password(&app, "li.na", "a new password".into(), false).await.unwrap();
    app.close().await;
    let running = World { app: server::build(app.config.clone(), options()).await.unwrap(), clock: FrozenClock::at(NOW + 9_000_000), folder };
    let caller = server::caller::Caller::anonymous(app::model::Lang::En, [127, 0, 0, 1].into());
    let anonymous = server::desk::for_caller(running.app.clone(), caller);
    anonymous.sign_in(SignIn { login: "li.na".into(), password: "a new password".into() }).await.unwrap();
    let creator = running.desk("li.na").await;
    let fresh = creator.submit(claim("AFTER-1", "10"), None, None).await.unwrap().document;
    let numbers: Vec<_> = creator.documents(Query { limit: Some(200), ..Query::default() }).await.unwrap().items.into_iter().map(|item| item.number).collect();
    assert_eq!(numbers.iter().filter(|number| **number == fresh.number).count(), 1);
    assert_eq!(creator.submit(claim("R-4", "10"), None, None).await.unwrap_err().code, app::error::Code::DuplicateMatter);
    assert!(service::trail::checkpoint(&running.app).await.unwrap() > 0);
    clean(&running.app).await;
    running.app.close().await;

    // 3. A second run into the same databases is refused and changes nothing.
    let again = server::open(running.app.config.clone(), options()).await.unwrap();
    assert!(service::reindex::run(&again).await.unwrap_err().to_string().contains("not empty"));
    again.close().await;

    if place.ftp.is_none() {
        last_minute(&place, &world, &mut keys).await;
    }
}

/// Acts that no checkpoint covers are read from the files themselves.
async fn last_minute(place: &Place, world: &World, keys: &mut crate::recovery::place::Keys) {
    let creator = world.desk("li.na").await;
    let signed = creator.submit(claim("LAST-1", "7000"), None, None).await.unwrap().document;
    keys.finish(world, &signed.number).await;
    let rejected = creator.submit(travel("LAST-2", "7000"), None, None).await.unwrap().document;
    keys.sign(world, &rejected.number).await;
    world.desk("chen.jing").await.reject(rejected.number.clone(), 1.into(), "late".into()).await.unwrap();
    creator.correct(rejected.number.clone(), travel("LAST-2", "60"), None, None).await.unwrap();
    let withdrawn = creator.submit(claim("LAST-3", "7"), None, None).await.unwrap().document;
    creator.withdraw(withdrawn.number.clone()).await.unwrap();
    world.add("last.one", &["creator"]).await;
    // What a crash leaves: a file that no commit ever named.
    let orphan = "EXP/2026/11/EXP-2026-000001/1-9-00000000000a.pdf".parse().unwrap();
    let bytes = bytes::Bytes::from_static(b"%PDF-1.7 nothing");
    world.app.store.put(&orphan, bytes.clone(), &server::store::hash(&bytes)).await.unwrap();

    let (_folder, app) = reopened(place, world).await;
    let made = service::reindex::run(&app).await.unwrap();
    assert_eq!(made.unplaced.iter().map(|unplaced| unplaced.path.as_str()).collect::<Vec<_>>(), ["EXP/2026/11/EXP-2026-000001/1-9-00000000000a.pdf"]);
    // The moment of a signature, its words and its events come from the file: to the second.
    let mut lost = LOST.to_vec();
    lost.extend([
        "decisions.decided_at",
        "events.at",
        "deliveries.at",
        "steps.opened_at",
        "revisions.created_at",
        "certificates.replaced_at",
        "events.level",
        "documents.level",
    ]);
    lost.push("mailbox_positions");
    assert_eq!(differences(&dump(&world.app, &lost).await, &dump(&app, &lost).await), Vec::<String>::new());
    clean(&app).await;
    app.close().await;
}

async fn clean(app: &Arc<App>) {
    let found = service::fsck::run(app).await.unwrap();
    assert!(found.findings.is_empty(), "{:#?}", found.findings);
}

fn options() -> Options {
    support::machine::options(FrozenClock::at(NOW + 9_000_000), false)
}

/// Another Signet over the same store: the authority's folder, and new, empty databases.
async fn reopened(place: &Place, world: &World) -> (tempfile::TempDir, Arc<App>) {
    let folder = tempfile::tempdir().unwrap();
    let values = place.values(folder.path()).await;
    let (from, to) = (world.folder.path().join("data"), folder.path().join("data"));
    copy(&from.join("ca"), &to.join("ca"));
    if place.ftp.is_none() {
        copy(&from.join("files"), &to.join("files"));
    }
    let app = server::open(config(folder.path(), &values), options()).await.unwrap();
    (folder, app)
}

pub fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
