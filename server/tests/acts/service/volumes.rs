//! Several volumes: a document's files go where there is room, and every place says what is so.

use std::time::{Duration, Instant};

use app::model::TypeFiles;
use http::Request;
use support::vsftpd::Vsftpd;
use support::world::World;
use tower::ServiceExt;

async fn page(world: &World, path: &str) -> (u16, String) {
    let router = server::router::router(world.app.clone(), tokio_util::sync::CancellationToken::new());
    let request = Request::get(path).header("host", "127.0.0.1:3000").body(axum::body::Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drained_volume_stops_nobody_and_every_place_names_it() {
    let Some(mut archive) = Vsftpd::start(false, &[]) else { return };
    let world = World::with(&[("SIGNET_FTP_ARCHIVE2_URL", &archive.url()), ("SIGNET_FTP_PATIENCE", "20")]).await;
    assert_eq!(page(&world, "/readyz").await, (200, "ready\n".to_owned()));
    let first = world.claim("VOL-1", "10").await;
    assert!(first.store_path.starts_with("EXP/2026/11/"), "{}", first.store_path);

    // The volume main takes nothing new: a file stands where its folders would be.
    let main = world.folder.path().join("data/files");
    let (folder, aside) = (main.join("EXP"), main.join("aside"));
    std::fs::rename(&folder, &aside).unwrap();
    std::fs::write(&folder, b"in the way").unwrap();
    let second = world.claim("VOL-2", "10").await;
    assert!(second.store_path.starts_with("archive2:EXP/2026/11/"), "{}", second.store_path);
    assert!(archive.files().join(second.store_path.trim_start_matches("archive2:")).exists());
    let (status, body) = page(&world, "/readyz").await;
    assert!(status == 200 && body.starts_with("ready\nvolume main: "), "{body}");
    let (_, figures) = page(&world, "/metrics").await;
    assert!(figures.contains("signet_volume_takes_files{volume=\"archive2\",why_not=\"\"} 1"), "{figures}");
    assert!(figures.contains("signet_volume_takes_files{volume=\"main\",why_not=\"refused\"} 0"), "{figures}");
    let health = server::service::health::check(&world.app).await;
    let told: Vec<_> = health.checks.iter().filter(|check| check.part == "store").map(|check| (check.ok, check.text.en.contains("volume main"))).collect();
    assert_eq!(told, [(true, false), (false, true)]);

    // Read from one volume, the next revision on the other.
    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(&aside, &folder).unwrap();
    let key = world.key("wang.jianguo").await;
    let signed = world.seal("wang.jianguo", &first.number, &key).await.unwrap();
    assert!(signed.store_path.starts_with("archive2:"), "{}", signed.store_path);

    // Tried again by itself, main takes files again; then the other one goes, and comes back.
    let deadline = Instant::now() + Duration::from_secs(20);
    while page(&world, "/readyz").await.1 != "ready\n" {
        assert!(Instant::now() < deadline, "main was not tried again");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let third = world.claim("VOL-3", "10").await;
    assert!(third.store_path.starts_with("EXP/"), "{}", third.store_path);
    archive.kill();
    let (status, body) = page(&world, "/readyz").await;
    assert!(status == 200 && body.starts_with("ready\nvolume archive2: "), "{body}");
    assert_eq!(world.desk("li.na").await.file(second.number.clone(), None).await.err().unwrap().code, app::error::Code::StoreUnavailable);
    archive.resume();
    assert_eq!(world.desk("li.na").await.file(second.number, None).await.unwrap().sha256, second.sha256);
    server::service::sweep::once(&world.app).await.unwrap();
    assert!(server::service::fsck::run(&world.app).await.unwrap().findings.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_names_its_volume_and_new_documents_go_to_the_active_one() {
    let Some(archive) = Vsftpd::start(true, &[]) else { return };
    let authority = archive.authority().unwrap().display().to_string();
    let more = [("SIGNET_FTP_ARCHIVE2_URL", archive.url()), ("SIGNET_FTP_ARCHIVE2_CA", authority), ("SIGNET_FTP_ACTIVE", "archive2".to_owned())];
    let more: Vec<_> = more.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let world = World::with(&more).await;
    assert!(world.claim("VOL-4", "10").await.store_path.starts_with("archive2:"));

    let files = server::types::shipped::all().into_iter().find(|files| files.definition.contains("code = \"EXP\"")).unwrap();
    let with = |volume: &str| TypeFiles { definition: files.definition.replacen("code = ", &format!("volume = \"{volume}\"\ncode = "), 1), ..files.clone() };
    let refused = server::service::types::import_here(&world.app, with("archive9")).await.unwrap_err().translate(app::model::Lang::En);
    assert!(refused.fields.contains_key("volume") && refused.detail.contains("archive2, main"), "{refused:?}");
    server::service::types::import_here(&world.app, with("Archive 2")).await.unwrap_err();
    server::service::types::import_here(&world.app, with("main")).await.unwrap();
    assert!(world.claim("VOL-5", "10").await.store_path.starts_with("EXP/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lies_on_a_volume_that_is_away_does_not_keep_the_sweep_from_the_others() {
    let Some(mut archive) = Vsftpd::start(false, &[]) else { return };
    let world = World::with(&[("SIGNET_FTP_ARCHIVE2_URL", &archive.url()), ("SIGNET_FTP_ACTIVE", "archive2"), ("SIGNET_FTP_PATIENCE", "1")]).await;
    let number = world.claim("VOL-6", "10").await.number;
    let code = number.type_code();
    // Two acts that were cut off after their files were stored, the one on the volume that goes away first.
    for (volume, at) in [("archive2", 0), ("main", 1)] {
        let path: server::store::StorePath = format!("EXP/left-{at}.pdf").parse().unwrap();
        let path = path.on(&volume.parse().unwrap());
        let bytes = bytes::Bytes::from_static(b"left");
        let sha256 = server::store::hash(&bytes);
        world.app.store.put(&path, bytes, &sha256).await.unwrap();
        let id = server::index::new_id();
        let lease_until = support::world::NOW + at;
        let new = server::index::NewIntent { id, path: path.to_string(), sha256, size: 4, at: support::world::NOW, lease_until };
        world.app.index.begin_intent(&code, new).await.unwrap();
    }
    world.clock.advance(60_000);
    archive.kill();
    let error = server::service::sweep::once(&world.app).await.unwrap_err();
    assert_eq!(error.code(), app::error::Code::StoreUnavailable);
    assert!(!world.folder.path().join("data/files/EXP/left-1.pdf").exists(), "the other volume was swept");
    archive.resume();
    assert!(archive.files().join("EXP/left-0.pdf").exists());
    assert_eq!(server::service::sweep::once(&world.app).await.unwrap(), 1);
    assert!(!archive.files().join("EXP/left-0.pdf").exists());
    assert!(world.claim("VOL-7", "10").await.store_path.starts_with("archive2:"));
}
