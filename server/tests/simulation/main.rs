//! The protocol of storing and the state machine in a simulated world: several replicas, interleaved by a seed, with lost replies, crashes
//! between any two steps, stalls past the lease, clocks that jump, and sweeps at any moment. `keep`, `commit`, the sweep and the rules are
//! the server's own.
//!
//! A failure prints its seed; `SIGNET_SEED=… cargo test --release --workspace --test simulation` plays it again, with every step told.
#![allow(clippy::unwrap_used, missing_docs)]

mod actors;
mod chance;
mod intents;
mod ledger;
mod rows;
mod schedule;
mod world;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use world::Bug;

/// Seeds of one run of the tests.
const SEEDS: u64 = 20_000;
/// Seeds within which every planted bug must be found.
const ENOUGH: u64 = 3_000;

#[test]
fn no_seed_breaks_a_promise() {
    if let Ok(seed) = std::env::var("SIGNET_SEED") {
        let told = schedule::run(seed.parse().unwrap(), None, true);
        assert_eq!(told.map(drop), Ok(()));
        return;
    }
    // A start that differs from run to run, and is printed.
    let start = std::env::var("SIGNET_SEEDS_FROM").ok().and_then(|text| text.parse().ok()).unwrap_or_else(|| u64::from(std::process::id()) << 20);
    println!("seeds {start} to {}", start + SEEDS);
    let totals = Mutex::new(schedule::Told::default());
    let failure = search(start, SEEDS, |seed| {
        schedule::run(seed, None, false).map(|told| {
            let mut totals = totals.lock().unwrap();
            *totals = totals.plus(told);
        })
    });
    if let Some((seed, broken)) = failure {
        panic!("SIGNET_SEED={seed} breaks a promise: {broken}");
    }
    let totals = totals.into_inner().unwrap();
    println!("{totals:?}");
    // A simulation in which nothing goes wrong, or nothing gets done, proves nothing.
    for (what, count) in [("created", totals.created), ("decided", totals.decided), ("corrected", totals.corrected), ("withdrawn", totals.withdrawn)] {
        assert!(count > SEEDS / 10, "only {count} were {what}");
    }
    for (what, count) in [("crashes", totals.crashes), ("lost replies", totals.lost), ("stalls", totals.stalls), ("files swept", totals.swept)] {
        assert!(count > SEEDS / 10, "only {count} {what}");
    }
}

#[test]
fn every_planted_bug_is_found() {
    for bug in Bug::ALL {
        let found = search(1, ENOUGH, |seed| schedule::run(seed, Some(*bug), false).map(drop));
        let (seed, broken) = found.unwrap_or_else(|| panic!("{bug:?} was not found within {ENOUGH} seeds"));
        println!("{bug:?}: seed {seed}: {broken}");
    }
}

#[test]
fn a_seed_always_plays_the_same() {
    for seed in 0..20 {
        assert_eq!(schedule::run(seed, None, false), schedule::run(seed, None, false));
    }
}

/// Tries seeds on every core; the first failure found.
fn search(start: u64, count: u64, run: impl Fn(u64) -> Result<(), String> + Sync) -> Option<(u64, String)> {
    let next = AtomicU64::new(start);
    let found = Mutex::new(None);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= start + count || found.lock().unwrap().is_some() {
                        return;
                    }
                    if let Err(broken) = run(seed) {
                        found.lock().unwrap().get_or_insert((seed, broken));
                    }
                }
            });
        }
    });
    found.into_inner().unwrap()
}
