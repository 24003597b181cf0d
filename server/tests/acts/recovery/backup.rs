//! Backups while the server works, put back on either kind of database; nothing that was touched is put back.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use server::clock::FrozenClock;
use server::service::backup::{backup, prepare, restore};
use server::{App, Options, service};
use support::world::{NOW, World, claim};

use crate::recovery::place::{Place, config, differences, dump, live};

/// Not in a backup, or at another time: what is passing.
const PASSING: [&str; 4] = ["sessions", "login_tries", "intents", "trail_head.lease_until"];

#[tokio::test(flavor = "multi_thread")]
async fn from_sqlite_to_postgresql_while_others_write() {
    let world = Place::embedded().world().await;
    live(&world).await;
    let folder = world.folder.path().join("backup");
    let first = backup(&world.app, &folder).await.unwrap();
    assert!(first.files > 30 && first.copied == first.files, "{first:?}");

    // Others create, sign and reject all the while.
    let world = Arc::new(world);
    let stop = Arc::new(AtomicBool::new(false));
    let writer = tokio::spawn(write(world.clone(), stop.clone()));
    let mut kept = first.clone();
    for _ in 0..3 {
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        world.clock.advance(1_000);
        let next = backup(&world.app, &folder).await.unwrap();
        assert!(next.copied < next.files && next.files > kept.files, "{next:?} after {kept:?}");
        assert!(next.copied <= next.files - kept.files + 2, "what is there already is not copied again: {next:?} after {kept:?}");
        kept = next;
    }
    stop.store(true, Ordering::Relaxed);
    writer.await.unwrap();

    // The newest comes back on the other kind of database, and holds.
    let (place, back) = (Place { postgres: true, ftp: None }, tempfile::tempdir().unwrap());
    let app = restored(&place, back.path(), &folder, None).await.unwrap();
    let found = service::fsck::run(&app).await.unwrap();
    assert!(found.findings.is_empty(), "{:#?}", found.findings);
    assert!(found.documents > 14, "{found:?}");
    // Whoever could sign in still can, and the authority is the same.
    let account = app.index.account_by_login("li.na").await.unwrap().unwrap();
    assert_eq!(account.password_hash, world.app.index.account_by_login("li.na").await.unwrap().unwrap().password_hash);
    assert_eq!(app.authority.certificate_pem(), world.app.authority.certificate_pem());
    app.close().await;

    // Back again to SQLite: the very same rows.
    world.clock.advance(1_000);
    let last = backup(&world.app, &folder).await.unwrap();
    let before = dump(&world.app, &PASSING).await;
    let there = tempfile::tempdir().unwrap();
    let app = restored(&Place::embedded(), there.path(), &folder, Some(last.snapshot.file_name().unwrap().to_str().unwrap())).await.unwrap();
    assert_eq!(differences(&before, &dump(&app, &PASSING).await), Vec::<String>::new());

    // Not into a place where something is.
    let config = app.config.clone();
    app.close().await;
    let refused = prepare(&config, &folder, None).unwrap_err().to_string();
    assert!(refused.contains("authority"), "{refused}");
    std::fs::remove_dir_all(config.data.join("ca")).unwrap();
    let (snapshot, manifest) = prepare(&config, &folder, None).unwrap();
    let app = server::open(config, options()).await.unwrap();
    let refused = restore(&app, &folder, &snapshot, &manifest).await.unwrap_err().to_string();
    assert!(refused.contains("not empty"), "{refused}");
    app.close().await;

    touched(&folder, &last.snapshot).await;
}

/// Whatever was changed in a backup, it is refused before anything is written.
async fn touched(folder: &Path, snapshot: &Path) {
    let name = snapshot.file_name().unwrap().to_str().unwrap();
    let flip = |path: &Path| {
        let mut bytes = std::fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(path, bytes).unwrap();
    };
    let stored = std::fs::read_dir(folder.join("files")).unwrap().next().unwrap().unwrap().path().read_dir().unwrap().next().unwrap().unwrap().path();
    for path in ["main/accounts.jsonl", "main/trail.jsonl", "ca/root.pem", "files.jsonl", "manifest.json", "manifest.note"]
        .map(|name| snapshot.join(name))
        .into_iter()
        .chain([stored])
    {
        let kept = std::fs::read(&path).unwrap();
        for damage in ["flipped", "gone"] {
            if damage == "flipped" {
                flip(&path);
            } else {
                std::fs::remove_file(&path).unwrap();
            }
            let place = tempfile::tempdir().unwrap();
            let done = restored(&Place::embedded(), place.path(), folder, Some(name)).await;
            assert!(done.is_err(), "{} {damage}", path.display());
            std::fs::write(&path, &kept).unwrap();
        }
    }
}

async fn write(world: Arc<World>, stop: Arc<AtomicBool>) {
    let mut place = 0;
    let key = world.key("wang.jianguo").await;
    while !stop.load(Ordering::Relaxed) {
        place += 1;
        let document = world.claim(&format!("BUSY-{place}"), "10").await;
        match place % 3 {
            0 => drop(world.seal("wang.jianguo", &document.number, &key).await.unwrap()),
            1 => drop(world.desk("wang.jianguo").await.reject(document.number, 0.into(), "busy".into()).await.unwrap()),
            _ => drop(world.desk("li.na").await.submit(claim(&format!("MORE-{place}"), "20"), None, None).await.unwrap()),
        }
    }
}

async fn restored(place: &Place, to: &Path, from: &Path, snapshot: Option<&str>) -> Result<Arc<App>, String> {
    let values = place.values(to).await;
    let config = config(to, &values);
    let (snapshot, manifest) = prepare(&config, from, snapshot).map_err(|error| error.to_string())?;
    let app = server::open(config, options()).await.map_err(|error| error.to_string())?;
    match restore(&app, from, &snapshot, &manifest).await {
        Ok(back) => {
            assert!(back.rows > 100 && back.files > 30, "{back:?}");
            Ok(app)
        }
        Err(error) => {
            app.close().await;
            Err(error.to_string())
        }
    }
}

fn options() -> Options {
    support::machine::options(FrozenClock::at(NOW + 9_000_000), false)
}
