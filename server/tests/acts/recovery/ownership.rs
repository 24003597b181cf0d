//! A store belongs to one index: another one is refused before it writes, and a backup does not lie in what it keeps.

use server::clock::FrozenClock;
use server::service;
use server::service::backup::backup;
use support::vsftpd::Vsftpd;
use support::world::{NOW, World};

use crate::recovery::place::config;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_index_over_one_store_is_refused() {
    let Some(ftp) = Vsftpd::start(false, &[]) else {
        println!("SKIPPED: vsftpd is not here");
        return;
    };
    let url = ftp.url();
    let world = World::with(&[("SIGNET_FTP_URL", &url)]).await;
    let kept = world.claim("OWN-1", "10").await;
    // Another data folder, another index, the same files.
    let other = tempfile::tempdir().unwrap();
    let values = [("SIGNET_FTP_URL".to_owned(), url.clone())];
    let refused =
        server::build(config(other.path(), &values), support::machine::options(FrozenClock::at(NOW), false)).await.err().expect("a refusal").to_string();
    assert!(refused.contains("belongs to another index") && refused.contains("SIGNET_FTP_URL"), "{refused}");
    // A replica of the first is none.
    let clock = FrozenClock::at(NOW);
    let replica = World::open(&world.folder, &clock, &[("SIGNET_FTP_URL", &url)]).await;
    assert!(service::find::row(&replica, &world.caller("li.na").await.account.unwrap(), &kept.number).await.is_ok());
    replica.close().await;
    // Nor is a store without a mark, as one from before has none.
    let mark = "signet-index.txt".parse().unwrap();
    world.app.store.delete(&mark).await.unwrap();
    let replica = World::open(&world.folder, &clock, &[("SIGNET_FTP_URL", &url)]).await;
    replica.close().await;
    assert!(world.app.store.read(&mark, 1024).await.unwrap().is_some());
    world.app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_into_the_data_or_the_store_is_refused() {
    let world = World::new().await;
    let data = world.app.config.data.clone();
    for inside in [data.clone(), data.join("backup"), data.join("files/EXP"), data.join("../data/x"), world.folder.path().to_owned()] {
        let refused = backup(&world.app, &inside).await.unwrap_err().to_string();
        assert!(refused.contains("data folder"), "{}: {refused}", inside.display());
    }
    std::os::unix::fs::symlink(&data, world.folder.path().join("link")).unwrap();
    assert!(backup(&world.app, &world.folder.path().join("link/backup")).await.is_err());
    assert!(!data.join("backup").exists());
    // A store of its own on the same disk, known by its mark.
    let origin = world.app.index.trail_head("main").await.unwrap().origin;
    let store = world.folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    std::fs::write(store.join("signet-index.txt"), origin + "\n").unwrap();
    let refused = backup(&world.app, &store.join("EXP/backup")).await.unwrap_err().to_string();
    assert!(refused.contains("file store"), "{refused}");
    assert!(backup(&world.app, &world.folder.path().join("backup")).await.is_ok());
}
