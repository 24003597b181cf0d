//! SQLite is held by another process, or its disk is full.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use app::model::{Document, Status};

use crate::outages::world::{World, is_outage};

/// Another program that holds the database's write lock for a while.
struct Holder(Child);

impl Holder {
    fn start(url: &str, seconds: f64) -> Self {
        let path = url.trim_start_matches("sqlite:");
        let program = format!(
            "import sqlite3, sys, time\nc = sqlite3.connect({path:?}, timeout=30, isolation_level=None)\nc.execute('BEGIN IMMEDIATE')\nprint('held', flush=True)\ntime.sleep({seconds})\nc.execute('ROLLBACK')"
        );
        let mut child = Command::new("python3").arg("-c").arg(program).stdout(Stdio::piped()).spawn().expect("python3");
        let mut line = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
        assert_eq!(line.trim(), "held");
        Self(child)
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_another_process_writes_acts_wait_and_then_go_on() {
    let world = World::sqlite().await;
    let (signed, rejected) = (world.create("a", None).await.unwrap(), world.create("b", None).await.unwrap());
    let signature = world.signature(&signed).await;
    let held = Holder::start(&world.plain, 1.5);
    let begun = Instant::now();
    let (created, signed, rejected) =
        tokio::join!(world.create("c", Some("c")), world.head.sign(signature), world.head.reject(rejected.number, 0.into(), "no".into()));
    assert!(begun.elapsed() > Duration::from_secs(1));
    assert_eq!(world.create("c", Some("c")).await.unwrap(), created.unwrap());
    assert_eq!((signed.unwrap().status, rejected.unwrap().status), (Status::Signed, Status::Rejected));
    drop(held);
    world.is_whole().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_too_long_is_refused_and_nothing_of_it_is_there() {
    let world = World::sqlite().await;
    let document = world.create("a", None).await.unwrap();
    let held = Holder::start(&world.plain, 60.0);
    let (created, rejected) = tokio::join!(world.create("b", Some("b")), world.head.reject(document.number.clone(), 0.into(), "no".into()));
    is_outage(&created.unwrap_err());
    is_outage(&rejected.unwrap_err());
    // Reading goes on meanwhile.
    assert_eq!(world.document(&document.number).await.status, Status::Pending);
    drop(held);
    assert_eq!(world.create("b", Some("b")).await.unwrap().matter.to_lowercase(), "b");
    assert_eq!(world.head.reject(document.number, 0.into(), "no".into()).await.unwrap().status, Status::Rejected);
    world.is_whole().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_acts_are_refused_whole_and_go_on_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = SmallDisk::mount(folder.path()) else { return };
    let url = format!("sqlite:{}", folder.path().join("main.sqlite").display());
    let world = World::over(&url, &url).await;
    let document = world.create("a", None).await.unwrap();
    let other = world.create("b", None).await.unwrap();
    let signature = world.signature(&document).await;
    disk.fill();
    // It may still find room in pages it has; then the disk is filled further by the acts themselves.
    let mut made: Vec<Document> = Vec::new();
    let refused = loop {
        match world.create(&format!("c{}", made.len()), Some(&format!("c{}", made.len()))).await {
            Ok(document) => made.push(document),
            Err(error) => break error,
        }
        assert!(made.len() < 500, "the disk is not full");
    };
    is_outage(&refused);
    assert!(refused.detail.contains("no room") || refused.detail.contains("answer"), "{refused:?}");
    for outcome in [world.head.sign(signature.clone()).await, world.head.reject(other.number.clone(), 0.into(), "no".into()).await] {
        if let Err(error) = outcome {
            is_outage(&error);
        }
    }
    disk.empty();
    let again = world.create(&format!("c{}", made.len()), Some(&format!("c{}", made.len()))).await.unwrap();
    assert_eq!(world.of_matter(&again.matter).await, std::slice::from_ref(&again));
    for document in made {
        assert_eq!(world.document(&document.number).await, document);
    }
    let signed = world.document(&document.number).await.status == Status::Signed || world.head.sign(signature).await.unwrap().status == Status::Signed;
    assert!(signed);
    world.is_whole().await;
    world.app.close().await;
    drop(world);
    drop(disk);
}

/// A file system of a few megabytes.
struct SmallDisk(std::path::PathBuf);

impl SmallDisk {
    fn mount(folder: &Path) -> Option<Self> {
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=6m", "tmpfs"]).arg(folder).stderr(Stdio::null()).status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(folder.to_owned()));
        }
        eprintln!("SKIPPED: a small file system cannot be mounted here");
        None
    }

    /// Takes all the room that is left.
    fn fill(&self) {
        let block = [0u8; 4096];
        let mut file = std::fs::File::create(self.0.join("ballast")).unwrap();
        while std::io::Write::write_all(&mut file, &block).is_ok() {}
    }

    fn empty(&self) {
        std::fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
