//! A document's levels from its first signature to the evidence in its file.

use app::model::{Level, Status};
use server::service::level::later;
use support::world::{NOW, World};

use crate::time_stamps::judges;

/// The environment of a test: a PostgreSQL database, or none for SQLite.
pub fn database(url: Option<&String>) -> Vec<(&str, &str)> {
    url.map(|url| ("SIGNET_DATABASE_URL", url.as_str())).into_iter().collect()
}

pub async fn each_signature_is_stamped_and_the_last_one_makes_it_last(url: Option<String>) {
    let world = World::with(&database(url.as_ref())).await;
    let ca = world.app.authority.certificate_pem();
    let creator = world.desk("li.na").await;
    let created = world.claim("LEVEL-1", "7280").await;
    assert_eq!(created.level, Level::None);

    // The first signature is stamped before anyone signs over it.
    let key = world.key("wang.jianguo").await;
    let once = world.seal("wang.jianguo", &created.number, &key).await.unwrap();
    assert_eq!((once.status, once.revision, once.level), (Status::Pending, 1, Level::TimeStamped));
    let file = creator.file(created.number.clone(), None).await.unwrap();
    assert_eq!((file.bytes.len() as u64, &file.sha256), (once.size, &once.sha256));
    judges::pyhanko(&file.bytes, &ca, "", "PAdES-B-T", 1, NOW / 1000);

    // The last one leaves a file with all that a later check needs.
    world.clock.advance(60_000);
    let key = world.key("chen.jing").await;
    let done = world.seal("chen.jing", &created.number, &key).await.unwrap();
    assert_eq!((done.status, done.revision, done.level), (Status::Signed, 2, Level::Archival));
    let file = creator.file(created.number.clone(), None).await.unwrap();
    assert_eq!((file.bytes.len() as u64, &file.sha256), (done.size, &done.sha256));
    let at = NOW / 1000 + 60;
    judges::pyhanko(&file.bytes, &ca, "", "PAdES-B-LTA", 2, at);
    let report = server::service::verify::run(&world.app, file.bytes.clone(), ()).await.unwrap();
    assert!(report.passed(), "{report:?}");

    // Every place says the same, and nothing is left to do.
    let view = creator.view(created.number.clone()).await.unwrap();
    let levels: Vec<_> = view.events.iter().map(|event| (event.kind.as_str(), event.level)).collect();
    assert_eq!(levels, [("created", None), ("signed", Some(Level::TimeStamped)), ("signed", Some(Level::Archival)), ("returned", None)]);
    assert_eq!(creator.deliveries(None, None).await.unwrap().items[0].revision, 2);
    assert_eq!(later::once(&world.app).await.unwrap(), 0);
    assert!(server::service::fsck::run(&world.app).await.unwrap().findings.is_empty());

    // Revoking the key afterwards does not take the signature back.
    world.clock.advance(60_000);
    creator_of(&world, "wang.jianguo").await;
    let report = server::service::verify::run(&world.app, file.bytes, ()).await.unwrap();
    assert!(report.passed(), "{report:?}");
}

/// Revokes every key of an account.
async fn creator_of(world: &World, login: &str) {
    let desk = world.desk(login).await;
    for certificate in desk.certificates().await.unwrap() {
        desk.revoke(certificate.serial, "keyCompromise".into(), None).await.unwrap();
    }
}

pub async fn a_document_from_before_is_raised_once(url: Option<String>) {
    let world = World::with(&database(url.as_ref())).await;
    let created = world.claim("LEVEL-2", "10").await;
    let key = world.key("wang.jianguo").await;
    let done = world.seal("wang.jianguo", &created.number, &key).await.unwrap();
    // As an index from before has it: signed, without a level, due.
    let url = url.unwrap_or_else(|| format!("sqlite:{}", world.folder.path().join("data/main.sqlite").display()));
    let sql = "UPDATE documents SET level = 'PAdES-B-B', raise_at = 0";
    if url.starts_with("sqlite") {
        let mut connection = <sqlx::SqliteConnection as sqlx::Connection>::connect(&url).await.unwrap();
        sqlx::Executor::execute(&mut connection, sql).await.unwrap();
    } else {
        let mut connection = <sqlx::PgConnection as sqlx::Connection>::connect(&url).await.unwrap();
        sqlx::Executor::execute(&mut connection, sql).await.unwrap();
    }
    // Two replicas look at the same moment; the work is done once.
    let twin = World::open(&world.folder, &world.clock, &[("SIGNET_DATABASE_URL", &url)]).await;
    let (one, two) = tokio::join!(later::once(&world.app), later::once(&twin));
    assert_eq!(one.unwrap() + two.unwrap(), 1);
    let creator = world.desk("li.na").await;
    let raised = creator.document(created.number.clone()).await.unwrap();
    assert_eq!((raised.revision, raised.level, raised.status), (done.revision + 1, Level::Archival, Status::Signed));
    let file = creator.file(created.number.clone(), None).await.unwrap();
    assert_eq!(file.sha256, raised.sha256);
    assert_eq!(creator.deliveries(None, None).await.unwrap().items[0].revision, raised.revision);
    let last = creator.events(created.number.clone()).await.unwrap().pop().unwrap();
    assert_eq!((last.kind.as_str(), last.revision, last.level, last.sha256), ("raised", 2, Some(Level::Archival), Some(raised.sha256)));
    assert!(server::service::fsck::run(&world.app).await.unwrap().findings.is_empty());
}
