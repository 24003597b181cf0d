//! The store lies or is gone: wrong bytes are never shown or signed, and fsck names them.

use app::error::Code;
use support::world::{World, claim};

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_or_missing_file_is_never_shown_or_signed_and_is_found_by_fsck() {
    let world = World::new().await;
    let document = world.claim("STORE-1", "10").await;
    let file = world.folder.path().join("data/files").join(&document.store_path);
    let key = world.key("wang.jianguo").await;
    let head = world.desk("wang.jianguo").await;
    let offer = head.offer(document.number.clone(), 0, key.serial.clone(), None).await.unwrap();
    let cms = key.cms(&*head, &offer).await;

    let mut bytes = std::fs::read(&file).unwrap();
    bytes[100] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    assert_eq!(head.file(document.number.clone(), None).await.err().unwrap().code, Code::StoreUnavailable);
    let decision = app::model::SignatureDecision { number: document.number.clone(), offer: offer.id, cms };
    assert_eq!(head.sign(decision.clone()).await.unwrap_err().code, Code::StoreUnavailable);
    let findings = server::service::fsck::run(&world.app).await.unwrap().findings;
    assert_eq!(findings.iter().map(|finding| finding.rule.clone()).collect::<Vec<_>>(), ["file-corrupt"]);

    std::fs::remove_file(&file).unwrap();
    let findings = server::service::fsck::run(&world.app).await.unwrap().findings;
    assert_eq!(findings.iter().map(|finding| finding.rule.clone()).collect::<Vec<_>>(), ["file-missing"]);

    bytes[100] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    assert_eq!(head.sign(decision).await.unwrap().revision, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_store_nothing_is_created_and_the_matter_stays_free() {
    let world = World::new().await;
    // A file where the folder of the type would be: the store can make no folder and keep nothing.
    let obstacle = world.folder.path().join("data/files/EXP");
    std::fs::write(&obstacle, b"").unwrap();
    let creator = world.desk("li.na").await;
    assert_eq!(creator.submit(claim("STORE-2", "10"), None, None).await.unwrap_err().code, Code::StoreUnavailable);
    assert!(creator.documents(app::model::Query::default()).await.unwrap().items.is_empty());
    std::fs::remove_file(&obstacle).unwrap();
    assert_eq!(world.claim("STORE-2", "10").await.revision, 0);
}
