//! kill -9 at random moments under load, again and again on the same data, against a ledger of every acknowledgement that its clients keep.
//!
//! `SIGNET_SEED` plays a run's moments again; `SIGNET_KILLS` changes how many there are.

mod clients;
mod ledger;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use clients::{Load, Person};
use ledger::Ledger;
use support::ground::{Ground, Kind, person};

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_on_sqlite_and_the_embedded_server() {
    kills(Kind { postgres: false, vsftpd: false }, 80).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_random_on_postgres_and_vsftpd() {
    kills(Kind { postgres: true, vsftpd: true }, 20).await;
}

/// Keys, tables and types are made at the first start; whatever of it was there when it was killed, the next start goes on from.
#[tokio::test(flavor = "multi_thread")]
async fn killed_during_the_first_start() {
    for milliseconds in (2..200).step_by(14) {
        let ground = Ground::new(Kind { postgres: false, vsftpd: false }).await.unwrap();
        let mut program = ground.start(&[]);
        tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        program.kill();
        let mut program = ground.start(&[]);
        program.ready().await.unwrap_or_else(|ended| panic!("killed after {milliseconds} ms it does not start: {ended}\n{}", program.told()));
        program.kill();
        ground.fsck().await;
    }
}

async fn kills(kind: Kind, rounds: u64) {
    let rounds = std::env::var("SIGNET_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(rounds);
    let seed: u64 = std::env::var("SIGNET_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or_else(|| u64::from(std::process::id()));
    println!("{kind:?}: SIGNET_SEED={seed}, {rounds} kills");
    let Some(ground) = Ground::new(kind).await else { return };
    let ground = Arc::new(ground);
    let app = ground.open(&[]).await;
    let mut people = Vec::new();
    for (login, role) in [("li.na", "creator"), ("sun.yue", "creator"), ("wang", "department-head"), ("ma.jun", "department-head"), ("chen", "finance")] {
        people.push(Person { login, creates: role == "creator", token: person(&app, login, &[role], false).await });
    }
    app.close().await;
    drop(app);

    let load = Load::new(seed);
    let mut moments = clients::Moments::new(seed);
    let mut program = ground.start(&[]);
    program.ready().await.unwrap();
    load.server_is(&program.url);
    let tasks: Vec<_> = people.iter().map(|person| tokio::spawn(clients::live(load.clone(), person.clone()))).collect();
    let (begun, mut starting, mut longest) = (Instant::now(), Duration::ZERO, Duration::ZERO);
    for round in 1..=rounds {
        // Every other time something was acknowledged since the start, however slow the machine; then the moment is anyone's guess.
        if round % 2 == 0 {
            load.acknowledges(2).await;
        }
        tokio::time::sleep(Duration::from_millis(40 + moments.below(460))).await;
        program.kill();
        // 1. Everything acknowledged up to here is in the index that it left.
        let ledger: Ledger = load.ledger.lock().unwrap().clone();
        ledger.is_kept(&ground).await;
        // 2. It starts again on the same data.
        let started = Instant::now();
        program = ground.start(&[]);
        program.ready().await.unwrap_or_else(|ended| panic!("kill {round}: it does not come back: {ended}\n{}", program.told()));
        starting += started.elapsed();
        longest = longest.max(started.elapsed());
        load.server_is(&program.url);
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    load.stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
    // 3. At the end ledger, lists, mailboxes, rows and files are one.
    let ledger: Ledger = load.ledger.lock().unwrap().clone();
    println!(
        "{kind:?}: {} in {:.1} s, starts {:.0} ms on average, {:.0} ms at most",
        ledger.summary(),
        begun.elapsed().as_secs_f32(),
        starting.as_secs_f32() * 1000.0 / rounds.max(1) as f32,
        longest.as_secs_f32() * 1000.0
    );
    assert!(ledger.acknowledged() as u64 > rounds, "hardly anything was acknowledged: {}", ledger.summary());
    ledger.is_kept(&ground).await;
    ledger.is_what_everyone_sees(&program.url, &people).await;
    program.kill();
    ground.time_passes().await;
    let mut program = ground.start(&[]);
    program.ready().await.unwrap();
    ground.swept().await;
    program.kill();
    ground.is_whole().await;
    ground.fsck().await;
}
