//! Servers that refuse, vanish, come back, or say nothing.

use std::fs;
use std::time::{Duration, Instant};

use server::store::{Limits, Refusal, Store, StoreConfig, StoreError};
use support::vsftpd::Vsftpd;

use crate::store::world::{get, names, path, put, sample, store_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_called_so_and_never_shown() {
    let Some(server) = Vsftpd::start(false, &[]) else { return };
    let config = StoreConfig::parse(&server.url_with("not-the-password"), None).unwrap();
    let store = Store::connect(&config);
    let (path, bytes) = (path("EXP/a.pdf"), sample(5, 100));
    for error in [store.check().await.unwrap_err(), put(&store, &path, &bytes).await.unwrap_err(), get(&store, &path, &bytes).await.unwrap_err()] {
        assert!(matches!(error, StoreError::Refused { refusal: Refusal::Login, .. }), "{error:?}");
        assert!(!error.is_transient() && !error.next().en.is_empty() && !error.next().zh.is_empty());
        assert!(!format!("{error} {error:?} {config:?} {store:?}").contains("not-the-password"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_server_is_not_noticed() {
    for tls in [false, true] {
        let Some(mut server) = Vsftpd::start(tls, &[]) else { return };
        let store = store_of(&server);
        let (path, bytes) = (path("EXP/a.pdf"), sample(6, 80_000));
        let all: Vec<_> = (0..4).map(|_| store.clone()).map(|store| tokio::spawn(async move { store.check().await })).collect();
        for one in all {
            one.await.unwrap().unwrap();
        }
        put(&store, &path, &bytes).await.unwrap();
        server.kill();
        server.resume();
        assert_eq!(get(&store, &path, &bytes).await.unwrap(), bytes);
        server.kill();
        server.resume();
        put(&store, &self::path("EXP/b.pdf"), &bytes).await.unwrap();
        server.kill();
        server.resume();
        assert_eq!(store.size(&path).await.unwrap(), Some(80_000));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_during_an_upload_leaves_no_final_name() {
    let Some(mut server) = Vsftpd::start(false, &["local_max_rate=2000000"]) else { return };
    let store = store_of(&server);
    store.check().await.unwrap();
    let (path, bytes) = (path("EXP/2026/a.pdf"), sample(7, 6_000_000));
    let uploading = tokio::spawn({
        let (store, path, bytes) = (store.clone(), path.clone(), bytes.clone());
        async move { put(&store, &path, &bytes).await }
    });
    let deadline = Instant::now() + Duration::from_secs(10);
    while !names(&server.files()).iter().any(|name| name.starts_with(".t-a.pdf")) {
        assert!(Instant::now() < deadline, "the upload never began");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    server.kill();
    let began = Instant::now();
    let result = uploading.await.unwrap();
    assert!(matches!(result, Err(StoreError::Unavailable { .. })), "{result:?}");
    assert!(began.elapsed() < Duration::from_secs(20), "it took {:?} to say so", began.elapsed());
    assert!(!server.files().join(path.as_str()).exists());

    server.resume();
    put(&store, &path, &bytes).await.unwrap();
    assert_eq!(fs::read(server.files().join(path.as_str())).unwrap(), bytes);
    store.discard(&path).await.unwrap();
    assert!(names(&server.files()).is_empty(), "{:?}", names(&server.files()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_few_connections_is_shared() {
    let Some(server) = Vsftpd::start(false, &["max_clients=2"]) else { return };
    let store = store_of(&server);
    let puts = (0..12).map(|at| {
        let store = store.clone();
        tokio::spawn(async move { put(&store, &path(&format!("EXP/{at}.pdf")), &sample(at, 30_000)).await })
    });
    for put in puts.collect::<Vec<_>>() {
        put.await.unwrap().unwrap();
    }
    assert_eq!(names(&server.files()).len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_one_may_not_write_to_is_refused() {
    let Some(server) = Vsftpd::start(false, &["cmds_denied=STOR,DELE"]) else { return };
    let store = store_of(&server);
    let refused = put(&store, &path("EXP/a.pdf"), &sample(8, 100)).await;
    assert!(matches!(refused, Err(StoreError::Refused { refusal: Refusal::Permission, .. })), "{refused:?}");
    fs::write(server.files().join("EXP/b.pdf"), "there").unwrap();
    let refused = store.delete(&path("EXP/b.pdf")).await;
    assert!(matches!(refused, Err(StoreError::Refused { refusal: Refusal::Permission, .. })), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_holds_nobody() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let silent = tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((socket, _)) = listener.accept().await {
            kept.push(socket);
        }
    });
    let limit = Duration::from_millis(300);
    let limits = Limits { connect: limit, command: limit, stall: limit, wait: limit, total: Duration::from_secs(2), pause: limit };
    let config = StoreConfig::parse(&format!("ftp://user:password@127.0.0.1:{port}/"), None).unwrap().with_limits(limits);
    let store = Store::connect(&config);
    let bytes = sample(1, 100);
    let began = Instant::now();
    for result in [store.check().await, put(&store, &path("a.pdf"), &bytes).await, get(&store, &path("a.pdf"), &bytes).await.map(drop)] {
        assert!(matches!(result, Err(StoreError::Unavailable { .. })), "{result:?}");
    }
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    silent.abort();
}
