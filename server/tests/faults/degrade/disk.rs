//! The disk under database and files is full, and has room again.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use support::ground::{open, person};
use support::program::{Client, Environment, Program, claim, run};

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_what_is_there_is_read_and_room_is_enough_to_go_on() {
    let Some(disk) = Disk::mount() else { return };
    let environment: Environment =
        vec![("SIGNET_DATA".into(), disk.0.join("data").display().to_string()), ("SIGNET_PUBLIC_URL".into(), "http://127.0.0.1:3000".into())];
    let app = open(&environment).await;
    let (li, wang) = (person(&app, "li.na", &["creator"], false).await, person(&app, "wang", &["department-head"], false).await);
    app.close().await;
    drop(app);
    let log = tempfile::tempdir().unwrap();
    let mut program = Program::start(&environment, &log.path().join("log"));
    program.ready().await.unwrap();
    let (li, wang) = (Client::new(&program.url, &li), Client::new(&program.url, &wang));
    let first = li.post("/api/v1/documents", &claim("FULL-1", "10"), &[]).await.unwrap().is(201).json();
    let place = format!("/api/v1/documents/{}", first["number"].as_str().unwrap());

    disk.fill();
    // Whoever asks for the first time has his use noted, which cannot be written now: he reads all the same.
    wang.get("/api/v1/documents?box=inbox").await.unwrap().is(200);
    for path in ["/api/v1/documents".to_owned(), place.clone(), format!("{place}/events"), format!("{place}/file")] {
        li.get(&path).await.unwrap().is(200);
    }
    let mut refused = 0;
    for n in 0..4 {
        let reply = li.post("/api/v1/documents", &claim(&format!("FULL-X{n}"), "10"), &[]).await.unwrap();
        let problem = reply.is(503).json();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.contains("no room") && detail.contains("Nothing was changed"), "{problem}");
        assert!(problem["next"].as_str().is_some_and(|next| next.contains("free space")), "{problem}");
        refused += 1;
    }
    assert_eq!(refused, 4);

    disk.empty();
    let back = Instant::now();
    loop {
        if li.post("/api/v1/documents", &claim("FULL-2", "10"), &[("idempotency-key", "2")]).await.unwrap().status == 201 {
            break;
        }
        assert!(back.elapsed() < Duration::from_secs(5), "it does not recover\n{}", program.told());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("writing {:.1} s after there was room", back.elapsed().as_secs_f32());
    is_not_broken(&li).await;
    program.kill();
    let checked = run(&environment, &["fsck"]).await;
    assert!(checked.status.success(), "{checked:?}");
}

async fn is_not_broken(li: &Client) {
    assert_eq!(li.get("/api/v1/documents").await.unwrap().is(200).json()["items"].as_array().unwrap().len(), 2);
}

/// A small file system in memory.
struct Disk(PathBuf);

impl Disk {
    /// None where this is not root.
    fn mount() -> Option<Self> {
        let folder = tempfile::Builder::new().prefix("signet-full-").tempdir().unwrap().keep();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=12m", "tmpfs"]).arg(&folder).output();
        if !mounted.is_ok_and(|done| done.status.success()) {
            eprintln!("SKIPPED: no file system in memory can be mounted here");
            let _ = std::fs::remove_dir(&folder);
            return None;
        }
        Some(Self(folder))
    }

    fn fill(&self) {
        use std::io::Write;
        let mut ballast = std::fs::File::create(self.0.join("ballast")).unwrap();
        let piece = vec![1; 64 * 1024];
        while ballast.write_all(&piece).is_ok() {}
        // Down to the last page, so that not even a small file fits.
        while ballast.write_all(&[1; 512]).is_ok() {}
    }

    fn empty(&self) {
        std::fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // The program may hold it for another moment.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}
