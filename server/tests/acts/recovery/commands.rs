//! The same by the command line: a person's way through a lost database, with exit status and what is said.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use support::machine;

use crate::recovery::place::{Place, live};
use crate::recovery::reindex::copy;

/// `signet` with its data in a folder of its own, and the databases beside it.
fn signet(data: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(machine::signet());
    command.args(arguments).env("SIGNET_DATA", data).env("SIGNET_DATABASE_SECOND_URL", format!("sqlite:{}", data.join("second.sqlite").display()));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn good(data: &Path, arguments: &[&str], input: &str) -> String {
    let output = signet(data, arguments, input);
    assert!(output.status.success(), "{arguments:?}: {} {}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn bad(data: &Path, arguments: &[&str]) -> String {
    let output = signet(data, arguments, "");
    assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_database_comes_back_by_the_command_line() {
    let world = Place::embedded().world().await;
    live(&world).await;
    world.app.close().await;
    tokio::task::spawn_blocking(move || {
        let data = world.folder.path().join("data");
        // Clean, in words and as JSON.
        assert!(good(&data, &["fsck"], "").contains("all as it must be"));
        let sums: Value = serde_json::from_str(good(&data, &["fsck", "--json"], "").trim()).unwrap();
        assert!(sums["documents"].as_u64() > Some(10) && sums["entries"].as_u64() > Some(50) && sums["findings"] == 0, "{sums}");
        // A copy elsewhere, and the trail for whoever wants to check it.
        let backup = world.folder.path().join("backup");
        assert!(good(&data, &["backup", backup.to_str().unwrap()], "").contains("whole"));
        let exported = world.folder.path().join("exported");
        good(&data, &["trail", "export", exported.to_str().unwrap()], "");
        assert_eq!(std::fs::read_to_string(exported.join("trail.pub")).unwrap(), good(&data, &["trail", "key"], ""));
        assert!(exported.join("main").read_dir().unwrap().count() >= 2 && exported.join("second").read_dir().unwrap().count() >= 2);
        // A file that changed, a row that changed: both named, one mended.
        let mut stored = Vec::new();
        crate::recovery::damage::walk(&data.join("files/EXP"), &mut stored);
        let file = stored.into_iter().find(|path| path.extension().is_some_and(|ending| ending == "pdf")).unwrap();
        let bytes = std::fs::read(&file).unwrap();
        std::fs::write(&file, &bytes[1..]).unwrap();
        assert!(bad(&data, &["fsck"]).contains("file-corrupt"));
        assert!(bad(&data, &["fsck", "--repair", "--json"]).contains("\"repair\":\"none\""));
        std::fs::write(&file, bytes).unwrap();
        // The databases are gone.
        for name in ["main", "second"] {
            for ending in ["sqlite", "sqlite-wal", "sqlite-shm"] {
                let _ = std::fs::remove_file(data.join(format!("{name}.{ending}")));
            }
        }
        let said = good(&data, &["reindex"], "");
        assert!(said.contains("documents") && said.contains("account password"), "{said}");
        assert!(bad(&data, &["reindex"]).contains("not empty"));
        good(&data, &["account", "password", "--login", "li.na", "--password-stdin"], "a new password\n");
        assert!(bad(&data, &["account", "password", "--login", "nobody", "--password-stdin"]).contains("no account"));
        assert!(good(&data, &["fsck"], "").contains("all as it must be"));
        // The backup, in a new place.
        let new = world.folder.path().join("new");
        assert!(good(&new, &["restore", backup.to_str().unwrap()], "").contains("Everything was checked"));
        assert!(bad(&new, &["restore", backup.to_str().unwrap()]).contains("already"));
        // What is refused leaves nothing behind that would be in the way of the next try.
        std::fs::remove_dir_all(new.join("ca")).unwrap();
        assert!(bad(&new, &["restore", backup.to_str().unwrap()]).contains("not empty"));
        assert!(!new.join("ca").exists());
        let other = world.folder.path().join("other");
        copy(&data.join("ca"), &other.join("ca"));
        assert!(bad(&other, &["restore", backup.to_str().unwrap()]).contains("authority"));
    })
    .await
    .unwrap();
}
