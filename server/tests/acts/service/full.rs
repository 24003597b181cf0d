//! Full disks under a whole Signet: an act is refused with what was kept, nothing of it stays, and with room again all goes on by itself.

use std::fs;
use std::path::Path;
use std::process::Command;

use app::error::Code;
use app::model::Query;
use server::App;
use support::machine::SmallDisk;
use support::world::{World, claim};

/// Nothing is there that no row names, and every row's file is there.
async fn clean(app: &App) {
    server::service::sweep::once(app).await.unwrap();
    assert!(server::service::fsck::run(app).await.unwrap().findings.is_empty());
}

/// All that is in one folder, into the other.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    assert!(Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_disk_of_the_files_fills_up() {
    let world = World::new().await;
    let files = world.folder.path().join("data/files");
    // The server holds its folder by handle: it starts over the small disk, with what it has stored already.
    world.app.close().await;
    let kept = world.folder.path().join("kept");
    copy(&files, &kept);
    let Some(disk) = SmallDisk::mount(&files, "4m", "root") else { return };
    copy(&kept, &files);
    let app = World::open(&world.folder, &world.clock, &[]).await;
    let world = World { app, ..world };
    let document = world.claim("FULL-1", "10").await;
    let key = world.key("wang.jianguo").await;
    let ballast = disk.fill(0);

    let creator = world.desk("li.na").await;
    let error = creator.submit(claim("FULL-2", "10"), None, None).await.unwrap_err();
    assert_eq!(error.code, Code::StoreUnavailable);
    assert!(error.detail.contains("no room") && error.detail.contains("what was stored before is safe"), "{}", error.detail);
    assert!(error.next.unwrap().contains("free space"));
    let error = world.seal("wang.jianguo", &document.number, &key).await.unwrap_err();
    assert!(error.code == Code::StoreUnavailable && error.detail.contains("no room"), "{}", error.detail);
    assert_eq!(creator.documents(Query::default()).await.unwrap().items, std::slice::from_ref(&document));
    assert_eq!(creator.file(document.number.clone(), None).await.unwrap().sha256, document.sha256);
    clean(&world.app).await;

    fs::remove_file(ballast).unwrap();
    assert_eq!(world.claim("FULL-2", "10").await.revision, 0);
    assert_eq!(world.seal("wang.jianguo", &document.number, &key).await.unwrap().revision, 1);
    clean(&world.app).await;
    world.app.close().await;
    // Before the folder that it lies in.
    drop(disk);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_disk_of_the_index_fills_up() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(&folder.path().join("index"), "6m", "root") else { return };
    let url = format!("sqlite:{}", folder.path().join("index/main.sqlite").display());
    let world = World::with(&[("SIGNET_DATABASE_URL", &url)]).await;
    let document = world.claim("FULL-3", "10").await;
    let key = world.key("wang.jianguo").await;
    let ballast = disk.fill(0);

    let creator = world.desk("li.na").await;
    let mut refused = 0;
    for at in 0..40 {
        // What room is left inside the files of the index is used up first.
        if let Err(error) = creator.submit(claim(&format!("FULL-4-{at}"), "10"), None, None).await {
            assert_eq!(error.code, Code::IndexUnavailable, "{}", error.detail);
            assert!(error.detail.contains("Nothing was changed"), "{}", error.detail);
            refused += 1;
        }
    }
    assert!(refused > 0, "the index found room for everything");
    let before = creator.documents(Query { limit: Some(100), ..Default::default() }).await.unwrap().items.len();
    assert_eq!(creator.file(document.number.clone(), None).await.unwrap().sha256, document.sha256);

    fs::remove_file(ballast).unwrap();
    assert_eq!(world.claim("FULL-5", "10").await.revision, 0);
    assert_eq!(world.seal("wang.jianguo", &document.number, &key).await.unwrap().revision, 1);
    assert_eq!(creator.documents(Query { limit: Some(100), ..Default::default() }).await.unwrap().items.len(), before + 1);
    clean(&world.app).await;
    world.app.close().await;
}
