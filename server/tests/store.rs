//! The file store, through its public face: on the embedded server and on a real vsftpd, plain and over TLS.
#![allow(clippy::unwrap_used, missing_docs)]

#[path = "support/vsftpd.rs"]
mod vsftpd;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use server::store::{EmbeddedServer, Limits, PathError, Refusal, Store, StoreConfig, StoreError, StorePath, hash};
use tempfile::TempDir;
use vsftpd::Vsftpd;

/// Bytes that an ASCII transfer would change, different for each seed.
fn sample(seed: u64, length: usize) -> Bytes {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let byte = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        if state >> 61 == 0 { b'\n' } else { (state >> 33) as u8 }
    };
    (0..length).map(byte).collect()
}

fn path(text: &str) -> StorePath {
    text.parse().unwrap()
}

async fn put(store: &Store, path: &StorePath, bytes: &Bytes) -> Result<(), StoreError> {
    store.put(path, bytes.clone(), &hash(bytes)).await
}

async fn get(store: &Store, path: &StorePath, bytes: &Bytes) -> Result<Bytes, StoreError> {
    store.get(path, bytes.len() as u64, &hash(bytes)).await
}

/// Every file below `folder`, by name.
fn names(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            names.extend(self::names(&entry.path()));
        } else {
            names.push(entry.file_name().into_string().unwrap());
        }
    }
    names
}

async fn embedded() -> (EmbeddedServer, Store, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let server = EmbeddedServer::start(folder.path()).await.unwrap();
    let store = Store::connect(&server.config());
    (server, store, folder)
}

fn store_of(server: &Vsftpd) -> Store {
    Store::connect(&StoreConfig::parse(&server.url(), server.authority().as_deref()).unwrap())
}

/// Everything that must hold on every server.
async fn behaves(store: &Store, files: &Path) {
    store.check().await.unwrap();
    round_trip(store, files).await;
    concurrent_puts(store, files).await;
    folder_vanishes(store, files).await;
    wrong_bytes(store, files).await;
    cancelled(store, files).await;
    assert!(!names(files).iter().any(|name| name.starts_with('.')), "temporary files were left: {:?}", names(files));
}

async fn round_trip(store: &Store, files: &Path) {
    for (at, length) in [0, 1, 50_000, 3_000_000].into_iter().enumerate() {
        let bytes = sample(at as u64, length);
        let path = path(&format!("EXP/2026/11/EXP-2026-00000{at}/1-0-9f2c41d0a7b3.pdf"));
        assert_eq!(store.size(&path).await.unwrap(), None);
        put(store, &path, &bytes).await.unwrap();
        assert_eq!(fs::read(files.join(path.as_str())).unwrap(), bytes);
        assert_eq!(store.size(&path).await.unwrap(), Some(length as u64));
        assert_eq!(get(store, &path, &bytes).await.unwrap(), bytes);
        // The same again is no mistake: a caller that did not hear the answer repeats itself.
        put(store, &path, &bytes).await.unwrap();
        store.delete(&path).await.unwrap();
        store.delete(&path).await.unwrap();
        assert_eq!(store.size(&path).await.unwrap(), None);
        assert_eq!(get(store, &path, &bytes).await, Err(StoreError::Missing { path: path.clone() }));
    }
    let bytes = sample(9, 100);
    let refused = store.put(&path("input.pdf"), bytes.clone(), &hash(b"other bytes")).await;
    assert!(matches!(refused, Err(StoreError::Refused { refusal: Refusal::Input, .. })), "{refused:?}");
    assert_eq!(store.size(&path("input.pdf")).await.unwrap(), None);
}

async fn concurrent_puts(store: &Store, files: &Path) {
    let puts = (0..24).map(|at| {
        let store = store.clone();
        tokio::spawn(async move {
            let (path, bytes) = (path(&format!("WO/2026/12/WO-{at}/1-0.pdf")), sample(at, 60_000));
            put(&store, &path, &bytes).await.unwrap();
            assert_eq!(get(&store, &path, &bytes).await.unwrap(), bytes);
        })
    });
    for put in puts.collect::<Vec<_>>() {
        put.await.unwrap();
    }
    assert_eq!(names(&files.join("WO")).len(), 24);
}

async fn folder_vanishes(store: &Store, files: &Path) {
    let bytes = sample(1, 1000);
    put(store, &path("GONE/2026/a.pdf"), &bytes).await.unwrap();
    fs::remove_dir_all(files.join("GONE")).unwrap();
    assert!(matches!(get(store, &path("GONE/2026/a.pdf"), &bytes).await, Err(StoreError::Missing { .. })));
    put(store, &path("GONE/2026/b.pdf"), &bytes).await.unwrap();
    assert_eq!(get(store, &path("GONE/2026/b.pdf"), &bytes).await.unwrap(), bytes);
}

async fn wrong_bytes(store: &Store, files: &Path) {
    let (path, bytes) = (path("BAD/one.pdf"), sample(2, 400_000));
    put(store, &path, &bytes).await.unwrap();
    let mut flipped = bytes.to_vec();
    flipped[200_000] ^= 1;
    let mut longer = bytes.to_vec();
    longer.extend_from_slice(&[b'x'; 400_000]);
    for wrong in [&flipped[..], &bytes[..399_999], &longer, b""] {
        fs::write(files.join(path.as_str()), wrong).unwrap();
        let got = get(store, &path, &bytes).await;
        assert!(matches!(got, Err(StoreError::Corrupt { .. })), "{} bytes: {got:?}", wrong.len());
    }
    fs::write(files.join(path.as_str()), &bytes).unwrap();
    assert_eq!(get(store, &path, &bytes).await.unwrap(), bytes, "after wrong bytes the store works on");
}

/// Callers go away at every moment; those who stay must never get another's answer.
async fn cancelled(store: &Store, files: &Path) {
    let (kept, bytes) = (path("CANCEL/kept.pdf"), sample(3, 20_000));
    put(store, &kept, &bytes).await.unwrap();
    for at in 0..40_u64 {
        let gone = path(&format!("CANCEL/gone-{at}.pdf"));
        let other = sample(at + 100, 500_000);
        let _ = tokio::time::timeout(Duration::from_micros(at * 400), put(store, &gone, &other)).await;
        let _ = tokio::time::timeout(Duration::from_micros(at * 90), store.size(&gone)).await;
        assert_eq!(store.size(&kept).await.unwrap(), Some(20_000));
        assert_eq!(get(store, &kept, &bytes).await.unwrap(), bytes);
        let whole = fs::read(files.join(gone.as_str()));
        assert!(whole.is_err() || whole.unwrap() == other, "a final name held a part");
    }
    // Give an abandoned session time to end, then sweep as a crash's intents would.
    tokio::time::sleep(Duration::from_millis(300)).await;
    for at in 0..40 {
        store.discard(&path(&format!("CANCEL/gone-{at}.pdf"))).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn embedded_behaves() {
    let (server, store, folder) = embedded().await;
    behaves(&store, folder.path()).await;
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn vsftpd_plain_behaves() {
    let Some(server) = Vsftpd::start(false, &[]) else { return };
    behaves(&store_of(&server), &server.files()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn vsftpd_over_tls_behaves() {
    let Some(server) = Vsftpd::start(true, &[]) else { return };
    behaves(&store_of(&server), &server.files()).await;
}

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
async fn tls_fails_closed() {
    let Some(secure) = Vsftpd::start(true, &[]) else { return };
    let Some(plain) = Vsftpd::start(false, &[]) else { return };
    let other = tempfile::tempdir().unwrap();
    vsftpd::make_certificates(other.path());
    let stranger = other.path().join("ca.pem");
    let no_tls = plain.url().replace("ftp://", "ftps://");
    for (url, authority) in [(secure.url(), &stranger), (no_tls, &stranger)] {
        let store = Store::connect(&StoreConfig::parse(&url, Some(authority)).unwrap());
        let refused = store.check().await;
        assert!(matches!(refused, Err(StoreError::Refused { refusal: Refusal::Tls, .. })), "{refused:?}");
    }
    // And the plain way in is closed on the server that demands TLS: nothing was sent there by mistake.
    let url = secure.url().replace("ftps://", "ftp://");
    let refused = Store::connect(&StoreConfig::parse(&url, None).unwrap()).check().await;
    assert!(matches!(refused, Err(StoreError::Refused { .. })), "{refused:?}");
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
    let limits = Limits { connect: limit, command: limit, stall: limit, wait: limit, total: Duration::from_secs(2) };
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

#[test]
fn paths_have_an_alphabet() {
    assert_eq!(path("EXP/2026/11/EXP-2026-000123/1-1-9f2c41d0a7b3.pdf").name(), "1-1-9f2c41d0a7b3.pdf");
    assert_eq!(path("EXP/a_b.pdf").folder(), "EXP");
    assert_eq!(StorePath::new(["EXP", "2026", "a.pdf"]).unwrap(), path("EXP/2026/a.pdf"));
    let long = "a".repeat(101);
    let deep = ["a".repeat(90), "b".repeat(90), "c".repeat(30)].join("/");
    for (text, problem) in [
        ("", PathError::Empty),
        ("/a.pdf", PathError::Empty),
        ("a//b.pdf", PathError::Empty),
        ("a/", PathError::Empty),
        ("..", PathError::FirstByte),
        ("a/../b.pdf", PathError::FirstByte),
        (".t-a.pdf-1", PathError::FirstByte),
        ("a/-la", PathError::FirstByte),
        ("a b.pdf", PathError::Alphabet),
        ("a\r\nDELE b.pdf", PathError::Alphabet),
        ("a\0b.pdf", PathError::Alphabet),
        ("a\\b.pdf", PathError::Alphabet),
        ("报销单.pdf", PathError::Alphabet),
        (long.as_str(), PathError::TooLong),
        (&long[..97], PathError::TooLong),
        (deep.as_str(), PathError::TooLong),
    ] {
        assert_eq!(text.parse::<StorePath>(), Err(problem), "{text:?}");
    }
    // A part with a slash in it is not two parts.
    assert_eq!(StorePath::new(["a/b", "c.pdf"]), Err(PathError::Alphabet));
}

#[test]
fn a_bad_address_stops_with_one_clear_line() {
    for url in [
        "nonsense",
        "sftp://u:p@localhost/",
        "ftp://u:p@files.example.org/",
        "ftp://u:p@192.0.2.1/",
        "ftp://localhost/",
        "ftp://u@localhost/",
        "ftp://u:p%0d%0aDELE@localhost/",
        "ftp://u:p%00@localhost/",
        "ftp://u:p@localhost/a%2fb/",
        "ftp://u:p@localhost/%2e%2e%2fb",
        "ftp://u:p@localhost/?x",
        "ftps://u:p@localhost/../x%01",
    ] {
        let problem = StoreConfig::parse(url, None).expect_err(url).to_string();
        assert!(problem.starts_with("SIGNET_FTP_URL") && !problem.contains('\n'), "{url}: {problem}");
    }
    let ca = StoreConfig::parse("ftps://u:p@files.example.org/", Some(Path::new("/nowhere.pem"))).unwrap_err();
    assert!(ca.to_string().starts_with("SIGNET_FTP_CA /nowhere.pem"), "{ca}");
    let config = StoreConfig::parse("ftp://li:hidden%40word@127.0.0.1:2121/signet", None).unwrap();
    assert_eq!(config.address(), "ftp://127.0.0.1:2121/signet/");
    assert!(!format!("{config:?}").contains("hidden"));
}
