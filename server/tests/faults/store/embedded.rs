//! The embedded server: it stops and starts over its folder.

use std::fs;

use server::store::{EmbeddedServer, Refusal, Store, StoreError};

use crate::store::world::{embedded, get, path, put, sample};

#[tokio::test(flavor = "multi_thread")]
async fn embedded_stops_and_its_files_stay() {
    let (server, store, folder) = embedded().await;
    let (path, bytes) = (path("EXP/kept.pdf"), sample(4, 10_000));
    put(&store, &path, &bytes).await.unwrap();
    server.stop().await;
    assert!(matches!(store.check().await, Err(StoreError::Unavailable { .. })));
    assert!(matches!(get(&store, &path, &bytes).await, Err(StoreError::Unavailable { .. })));
    let again = EmbeddedServer::start(folder.path()).await.unwrap();
    assert_eq!(get(&Store::connect(&again.config()), &path, &bytes).await.unwrap(), bytes);
    // The old password does not open the new server.
    assert_ne!(format!("{store:?}"), format!("{:?}", Store::connect(&again.config())));
}

#[tokio::test]
async fn embedded_needs_a_folder_it_can_use() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "no folder").unwrap();
    let refused = EmbeddedServer::start(&file).await;
    assert!(matches!(refused, Err(StoreError::Refused { refusal: Refusal::Configuration, .. })), "{refused:?}");
}
