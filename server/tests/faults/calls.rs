//! The kernel says no, or kills, in the middle of a creation and of a signature: EIO, ENOSPC and SIGKILL at the nth call of what writes.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};

use support::ground::Kind;
use support::program::Program;

use crate::crash::acts::Act;
use crate::crash::stage::Stage;

/// What the embedded server and SQLite write with.
const CALLS: [&str; 9] = ["openat", "pwrite64", "fsync", "fdatasync", "renameat", "mkdirat", "ftruncate", "unlinkat", "write"];
const FAULTS: [&str; 3] = ["error=EIO", "error=ENOSPC", "signal=KILL"];

#[tokio::test(flavor = "multi_thread")]
async fn the_kernel_refuses_or_kills_in_the_middle_of_an_act() {
    if !usable() {
        eprintln!("SKIPPED: strace is not installed or may not trace here");
        return;
    }
    let stage = Arc::new(Stage::new(Kind { postgres: false, vsftpd: false }).await.unwrap());
    let begun = Instant::now();
    let mut cases = Vec::new();
    for call in CALLS {
        for fault in FAULTS {
            // What is written is also what wakes this program's own threads; refusing that is no fault that a disk has.
            if call == "write" && fault != "signal=KILL" {
                continue;
            }
            for (act, nth) in [(Act::Create, 1), (Act::Sign, 1), (Act::Create, 2), (Act::Sign, 3)] {
                cases.push((act, call, fault, nth));
            }
        }
    }
    let only = std::env::var("SIGNET_CRASH_ONLY").unwrap_or_default();
    cases.retain(|(_, call, ..)| call.contains(&only));
    let count = cases.len();
    let outcomes: Vec<Result<bool, String>> = stream::iter(cases)
        .map(|(act, call, fault, nth)| {
            let stage = stage.clone();
            async move {
                let case = tokio::spawn(async move { injected(&stage, act, call, fault, nth).await });
                case.await.map_err(|error| format!("{act:?} {call}:{fault}:when={nth}: {error}"))
            }
        })
        .buffer_unordered(2)
        .collect()
        .await;
    let failures: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).cloned().collect();
    let hit = outcomes.iter().filter(|outcome| **outcome == Ok(true)).count();
    println!("{count} faults of the kernel, {hit} of them felt, in {:.1} s", begun.elapsed().as_secs_f32());
    assert!(failures.is_empty(), "{} of {count} failed:\n{}", failures.len(), failures.join("\n"));
    assert!(hit * 3 > count, "only {hit} of {count} were felt");
}

/// Whether the fault was felt: the act was refused, or the program died.
async fn injected(stage: &Stage, act: Act, call: &str, fault: &str, nth: u32) -> bool {
    let ground = stage.ground.copy().await;
    let mut program = ground.start(&[]);
    program.ready().await.unwrap();
    let mut tracer = attach(&program, call, fault, nth);
    let url = program.url.clone();
    let first = tokio::time::timeout(Duration::from_secs(8), act.drive(stage, &url, 1)).await.unwrap_or_default();
    // The kernel is itself again; only then is a death seen for certain.
    detach(&mut tracer).await;
    let died = program.end(Duration::from_millis(20)).await.is_some();
    let felt = died || !first.iter().any(|reply| reply.status == 201);
    if let Some(reply) = first.iter().find(|reply| reply.status != 201) {
        assert!(matches!(reply.status, 500 | 503), "{} {}", reply.status, String::from_utf8_lossy(&reply.bytes));
    }
    let acknowledged: Vec<_> = first.into_iter().filter(|reply| reply.status == 201).collect();
    // The same server goes on where it lives; a dead one comes back.
    if !died {
        let begun = Instant::now();
        while program.answers("/readyz", 200).await.is_err() {
            assert!(begun.elapsed() < Duration::from_secs(8), "it does not recover\n{}", program.told());
        }
        let reply = act.drive(stage, &program.url, 2).await;
        assert!(reply.iter().any(|reply| matches!(reply.status, 201 | 409)), "{reply:?}\n{}", program.told());
    }
    program.kill();
    ground.time_passes().await;
    let mut program = ground.start(&[]);
    program.ready().await.unwrap_or_else(|ended| panic!("it does not come back: {ended}\n{}", program.told()));
    ground.swept().await;
    let second = act.drive(stage, &program.url, 2).await;
    act.check(stage, &ground, &program.url, &acknowledged, &second, true).await;
    ground.swept().await;
    ground.is_whole().await;
    program.kill();
    ground.fsck().await;
    felt
}

fn attach(program: &Program, call: &str, fault: &str, nth: u32) -> Child {
    let inject = format!("inject={call}:{fault}:when={nth}");
    let arguments = ["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={call}"), "-e", &inject, "-p", &program.id().to_string()];
    let child = Command::new("strace").args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    // Every thread is traced before the act begins.
    while untraced(program.id()) > 0 {
        assert!(begun.elapsed() < Duration::from_secs(5), "strace does not attach");
        std::thread::sleep(Duration::from_millis(3));
    }
    child
}

/// Lets the program go. A tracer whose program died the moment it came may wait for it for ever; the kernel detaches one that is killed.
async fn detach(tracer: &mut Child) {
    let _ = Command::new("kill").arg("-INT").arg(tracer.id().to_string()).status();
    let begun = Instant::now();
    while tracer.try_wait().is_ok_and(|ended| ended.is_none()) {
        if begun.elapsed() > Duration::from_secs(2) {
            let _ = tracer.kill();
        }
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}

fn untraced(process: u32) -> usize {
    let tasks = std::fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let status = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("status")).ok());
    // One that a fault ended while it came is traced no more.
    let lives = |text: &String| !text.lines().any(|line| line.starts_with("State:") && line.contains(['Z', 'X']));
    status.filter(lives).filter(|text| text.lines().any(|line| line.split_whitespace().eq(["TracerPid:", "0"]))).count()
}

fn usable() -> bool {
    let traced = Command::new("strace").args(["-qq", "-o", "/dev/null", "-e", "inject=fsync:error=EIO", "true"]).output();
    traced.is_ok_and(|output| output.status.success())
}
