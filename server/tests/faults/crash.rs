//! The real program dies at each of its points and comes back: nothing acknowledged is lost, nothing is there twice, nothing is left over,
//! and what was begun can be done.

pub mod acts;
pub mod stage;

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, stream};
use server::crash::Point;

use acts::Act;
use stage::Stage;
use support::ground::Kind;
use support::program;

/// Cases at a time: they wait for the disk half of the time.
const AT_ONCE: usize = 3;

#[test]
fn every_point_belongs_to_an_act() {
    let driven: Vec<Point> = Act::ALL.iter().flat_map(|act| act.points()).copied().collect();
    let missing: Vec<_> = Point::ALL.iter().filter(|point| !driven.contains(point)).map(|point| point.name()).collect();
    assert!(missing.is_empty() && driven.len() >= 80, "{} driven, missing: {missing:?}", driven.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn dies_and_comes_back_on_sqlite_and_the_embedded_server() {
    matrix(Kind { postgres: false, vsftpd: false }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dies_and_comes_back_on_postgres_and_vsftpd() {
    matrix(Kind { postgres: true, vsftpd: true }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dies_and_comes_back_on_sqlite_and_vsftpd() {
    matrix(Kind { postgres: false, vsftpd: true }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dies_and_comes_back_on_postgres_and_the_embedded_server() {
    matrix(Kind { postgres: true, vsftpd: false }).await;
}

async fn matrix(kind: Kind) {
    let Some(stage) = Stage::new(kind).await else { return };
    let stage = Arc::new(stage);
    let sides = ["before", "after"];
    let cases = Act::ALL.iter().flat_map(|act| act.points().iter().map(move |point| (*act, *point)));
    let cases = cases.filter(|(_, point)| !(kind.vsftpd && point.name().starts_with("disk."))).flat_map(|(act, point)| sides.map(|side| (act, point, side)));
    let only = std::env::var("SIGNET_CRASH_ONLY").unwrap_or_default();
    let cases: Vec<_> = cases.filter(|(_, point, _)| point.name().contains(&only)).collect();
    let (begun, count) = (std::time::Instant::now(), cases.len());
    let failures: Vec<String> = stream::iter(cases)
        .map(|(act, point, side)| {
            let stage = stage.clone();
            async move {
                let case = tokio::spawn(async move { dies(&stage, act, point, side).await });
                case.await.err().map(|error| format!("{act:?} {}:{side}: {error}", point.name()))
            }
        })
        .buffer_unordered(AT_ONCE)
        .filter_map(std::future::ready)
        .collect()
        .await;
    println!("{kind:?}: {count} deaths in {:.1} s", begun.elapsed().as_secs_f32());
    assert!(failures.is_empty(), "{} of {count} failed:\n{}", failures.len(), failures.join("\n"));
}

async fn dies(stage: &Stage, act: Act, point: Point, side: &str) {
    let ground = stage.ground.copy().await;
    act.prepare(stage, &ground).await;
    let place = format!("{}:{side}", point.name());
    // 1. It dies on the way.
    let own = act.environment(&ground);
    let own: Vec<(&str, &str)> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut program = ground.start(&[&own[..], &[(server::crash::VARIABLE, place.as_str())]].concat());
    let first = match program.ready().await {
        Ok(()) => act.drive(stage, &program.url, 1).await,
        Err(_) => Vec::new(),
    };
    let ended = program.end(Duration::from_secs(12)).await;
    let ended = ended.unwrap_or_else(|| panic!("it did not come by {place}; answered {first:?}\n{}", program.told()));
    assert!(program::ended_by(ended, 6), "it did not die at {place} but {ended}\n{}", program.told());
    // 2. It comes back, tidies up, and all is whole.
    ground.time_passes().await;
    let mut program = ground.start(&own);
    program.ready().await.unwrap_or_else(|ended| panic!("it does not come back: {ended}\n{}", program.told()));
    ground.swept().await;
    ground.is_whole().await;
    // 3. What was begun can be done, once.
    let second = act.drive(stage, &program.url, 2).await;
    act.check(stage, &ground, &program.url, &first, &second, false).await;
    ground.swept().await;
    ground.is_whole().await;
    program.kill();
    ground.fsck().await;
    ground.clear().await;
}
