//! A full disk on the file server: said as such, nothing half-made, and over once there is room.

use std::fs;
use std::path::Path;

use server::store::{EmbeddedServer, Store, StoreError};
use support::machine::SmallDisk;
use support::proftpd::Proftpd;
use support::pureftpd::Pureftpd;
use support::vsftpd::Vsftpd;

use crate::store::world::{get, names, path, put, sample, store};

/// What must hold on a server whose files lie on this disk.
async fn fills_up(store: &Store, disk: &SmallDisk, files: &Path) {
    let (kept, small) = (path("EXP/kept.pdf"), sample(1, 50_000));
    put(store, &kept, &small).await.unwrap();
    for left in [300_000, 0] {
        let ballast = disk.fill(left);
        let full = put(store, &path("EXP/large.pdf"), &sample(2, 900_000)).await;
        assert!(matches!(full, Err(StoreError::Full { .. })), "{left} bytes left: {full:?}");
        let error = full.unwrap_err();
        assert!(error.text().en.contains("what was stored before is safe") && !error.next().zh.is_empty());
        assert_eq!(store.size(&path("EXP/large.pdf")).await.unwrap(), None);
        assert!(!names(files).iter().any(|name| name.starts_with('.')), "{:?}", names(files));
        assert_eq!(get(store, &kept, &small).await.unwrap(), small, "reading goes on");
        fs::remove_file(ballast).unwrap();
        put(store, &path("EXP/large.pdf"), &sample(2, 900_000)).await.unwrap();
        store.delete(&path("EXP/large.pdf")).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_servers_disk_fills_up() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path(), "3m", "root") else { return };
    let server = EmbeddedServer::start(folder.path()).await.unwrap();
    fills_up(&Store::connect(&server.config()), &disk, folder.path()).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn vsftpds_disk_fills_up() {
    let Some(server) = Vsftpd::start(false, &[]) else { return };
    let Some(disk) = SmallDisk::mount(&server.files(), "3m", server.user()) else { return };
    fills_up(&store(&server.url(), None), &disk, &server.files()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn proftpds_disk_fills_up() {
    let Some(server) = Proftpd::start(false, &[]) else { return };
    let Some(disk) = SmallDisk::mount(&server.files(), "3m", "nobody") else { return };
    fills_up(&store(&server.url(), None), &disk, &server.files()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pureftpds_disk_fills_up() {
    let Some(server) = Pureftpd::start(false, &[]) else { return };
    let Some(disk) = SmallDisk::mount(&server.files(), "3m", "nobody") else { return };
    fills_up(&store(&server.url(), None), &disk, &server.files()).await;
}
