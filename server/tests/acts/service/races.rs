//! Who race get one winner and one clear answer.

use app::error::Code;
use app::model::{SignatureDecision, Status};
use futures::future::join_all;
use support::world::{World, claim};

#[tokio::test(flavor = "multi_thread")]
async fn of_sixteen_approvers_on_one_step_exactly_one_wins() {
    let world = World::new().await;
    let document = world.claim("RACE-1", "10").await;
    let mut ready = Vec::new();
    for n in 0..16 {
        let login = format!("head-{n}");
        world.add(&login, &["department-head"]).await;
        let (desk, key) = (world.desk(&login).await, world.key(&login).await);
        let offer = desk.offer(document.number.clone(), 0, key.serial.clone(), None).await.unwrap();
        let cms = key.cms(&*desk, &offer).await;
        ready.push((desk, SignatureDecision { number: document.number.clone(), offer: offer.id, cms }));
    }
    let outcomes = join_all(ready.into_iter().enumerate().map(|(n, (desk, decision))| {
        tokio::spawn(async move { if n % 4 == 3 { desk.reject(decision.number, 0.into(), "no".into()).await } else { desk.sign(decision).await } })
    }))
    .await;
    let (won, lost): (Vec<_>, Vec<_>) = outcomes.into_iter().map(Result::unwrap).partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    for error in lost.into_iter().map(Result::unwrap_err) {
        assert!(matches!(error.code, Code::AlreadyDecided | Code::StaleRevision), "{error:?}");
    }
    let creator = world.desk("li.na").await;
    let after = creator.document(document.number.clone()).await.unwrap();
    assert!(matches!(after.status, Status::Signed | Status::Rejected));
    assert_eq!(after.steps[0].decisions.len(), 1);
    assert_eq!(creator.deliveries(None, None).await.unwrap().items.len(), 1);

    // What the losers stored goes with the sweep; what is left is whole.
    world.clock.advance(60 * 60 * 1000);
    server::service::sweep::once(&world.app).await.unwrap();
    let findings = server::service::fsck::run(&world.app).await.unwrap();
    assert!(findings.findings.is_empty(), "{findings:?}");
    assert_eq!(files_in(&world.folder.path().join("data/files")), findings.files + findings.records + 1, "and the store's mark");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_eight_creations_of_one_matter_exactly_one_wins_and_twins_share_an_answer() {
    let world = World::new().await;
    let desk = world.desk("li.na").await;
    let tries = join_all((0..8).map(|_| desk.submit(claim("RACE-2", "10"), None, None))).await;
    let (won, lost): (Vec<_>, Vec<_>) = tries.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    let number = &won[0].as_ref().unwrap().document.number;
    for error in lost.into_iter().map(Result::unwrap_err) {
        assert_eq!((error.code, error.number.as_ref()), (Code::DuplicateMatter, Some(number)), "{}", error.detail);
    }
    let twins = join_all((0..6).map(|_| desk.submit(claim("RACE-3", "10"), None, Some("twin".into())))).await;
    let twins: Vec<_> = twins.into_iter().map(Result::unwrap).collect();
    assert_eq!(twins.iter().filter(|twin| twin.fresh).count(), 1);
    assert!(twins.iter().all(|twin| twin.document == twins[0].document));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_browser_goes_away_still_ends_whole() {
    let world = World::new().await;
    let desk = world.desk("li.na").await;
    for milliseconds in [0, 1, 3, 10, 30] {
        let invoice = format!("GONE-{milliseconds}");
        let submit = desk.submit(claim(&invoice, "10"), None, None);
        let _ = tokio::time::timeout(std::time::Duration::from_millis(milliseconds), submit).await;
    }
    // The tasks run on: wait for the last one, then every document is there with its file.
    for _ in 0..200 {
        if desk.documents(app::model::Query::default()).await.unwrap().items.len() == 5 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    assert_eq!(server::service::fsck::run(&world.app).await.unwrap().files, 5);
    assert!(world.claim("GONE-after", "10").await.revision == 0);
}

fn files_in(folder: &std::path::Path) -> u64 {
    std::fs::read_dir(folder).unwrap().map(Result::unwrap).map(|entry| if entry.path().is_dir() { files_in(&entry.path()) } else { 1 }).sum()
}
