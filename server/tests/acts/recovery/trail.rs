//! The trail holds for a stranger's program, and not when anything in it was touched.

use std::path::Path;
use std::process::{Command, Output};

use server::service;

use crate::recovery::place::{Place, live};
use crate::recovery::reindex::copy;

fn python() -> String {
    std::env::var("SIGNET_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

fn judge(folder: &Path, databases: &[&str]) -> Output {
    let script = "support/trail.py";
    Command::new(python()).arg(script).arg(folder.join("trail.pub")).args(databases.iter().map(|name| folder.join(name))).output().unwrap()
}

type Change<'a> = Box<dyn Fn(&Path) + 'a>;

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_program_checks_the_trail_and_finds_every_change_of_it() {
    let usable = Command::new(python()).args(["-c", "import cryptography"]).output().is_ok_and(|output| output.status.success());
    if !usable {
        println!("SKIPPED: {} cannot import cryptography", python());
        return;
    }
    let world = Place::embedded().world().await;
    assert!(service::trail::checkpoint(&world.app).await.unwrap() > 0);
    live(&world).await;
    assert!(service::trail::checkpoint(&world.app).await.unwrap() > 50);
    assert_eq!(service::trail::checkpoint(&world.app).await.unwrap(), 0, "nothing is new");
    world.claim("LAST", "5").await;
    // One replica at a time: of two that look at the same moment one writes.
    let (one, other) = tokio::join!(service::trail::checkpoint(&world.app), service::trail::checkpoint(&world.app));
    assert_eq!(one.unwrap() + other.unwrap(), 1);

    let exported = world.folder.path().join("exported");
    copy(&world.folder.path().join("data/files/records/trail"), &exported);
    std::fs::write(exported.join("trail.pub"), format!("{}\n", world.app.trail_key.verifier())).unwrap();
    let good = judge(&exported, &["main", "second"]);
    let said = String::from_utf8(good.stdout).unwrap();
    assert!(good.status.success(), "{}", String::from_utf8_lossy(&good.stderr));
    for database in ["main", "second"] {
        let head = world.app.index.trail_head(database).await.unwrap();
        assert!(said.contains(&format!("{} {} {}", head.origin, head.position, head.hash)), "{said}");
    }

    // Every kind of change, each on a copy of its own.
    let names = |ending: &str| {
        let mut names: Vec<_> = std::fs::read_dir(exported.join("main")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| name.ends_with(ending));
        names.sort();
        names
    };
    let (segments, notes) = (names(".jsonl"), names(".note"));
    assert!(segments.len() >= 3 && notes.len() == segments.len());
    let text = |folder: &Path, name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let changes: Vec<(&str, Change)> = vec![
        (
            "a word",
            Box::new(|folder| {
                std::fs::write(folder.join(&segments[1]), text(folder, &segments[1]).replacen("R-1", "R-2", 1).replacen("signed", "singed", 1)).unwrap();
            }),
        ),
        (
            "a line less",
            Box::new(|folder| {
                let lines: Vec<_> = text(folder, &segments[1]).lines().map(str::to_owned).collect();
                std::fs::write(folder.join(&segments[1]), lines[..lines.len() - 1].join("\n") + "\n").unwrap();
            }),
        ),
        (
            "two lines changed places",
            Box::new(|folder| {
                let mut lines: Vec<_> = text(folder, &segments[1]).lines().map(str::to_owned).collect();
                lines.swap(3, 4);
                std::fs::write(folder.join(&segments[1]), lines.join("\n") + "\n").unwrap();
            }),
        ),
        ("a space", Box::new(|folder| std::fs::write(folder.join(&segments[0]), text(folder, &segments[0]).replacen("\":", "\": ", 1)).unwrap())),
        ("a segment less", Box::new(|folder| std::fs::remove_file(folder.join(&segments[1])).unwrap())),
        ("a checkpoint less", Box::new(|folder| std::fs::remove_file(folder.join(&notes[1])).unwrap())),
        (
            "both less",
            Box::new(|folder| {
                for name in [&segments[1], &notes[1]] {
                    std::fs::remove_file(folder.join(name)).unwrap();
                }
            }),
        ),
        (
            "another size",
            Box::new(|folder| {
                let note = text(folder, &notes[0]);
                let size = note.lines().nth(1).unwrap().to_owned();
                std::fs::write(folder.join(&notes[0]), note.replacen(&format!("\n{size}\n"), "\n1\n", 1)).unwrap();
            }),
        ),
        (
            "another signature",
            Box::new(|folder| {
                let (first, second) = (text(folder, &notes[0]), text(folder, &notes[1]));
                let own = first.rsplit(' ').next().unwrap().to_owned();
                std::fs::write(folder.join(&notes[1]), second.replace(second.rsplit(' ').next().unwrap(), &own)).unwrap();
            }),
        ),
        (
            "another key",
            Box::new(|folder| {
                let other = server::ca::TrailKey::open(tempfile::tempdir().unwrap().path(), None).unwrap();
                std::fs::write(folder.parent().unwrap().join("trail.pub"), other.verifier().to_string()).unwrap();
            }),
        ),
        (
            "the other database",
            Box::new(|folder| {
                std::fs::remove_dir_all(folder).unwrap();
                copy(&folder.parent().unwrap().join("second"), folder);
                let first = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
                std::fs::write(first.with_file_name("000000000001-000000000001-x.note"), text(&exported.join("main"), &notes[0])).unwrap();
            }),
        ),
    ];
    for (what, change) in changes {
        let touched = world.folder.path().join("touched");
        let _ = std::fs::remove_dir_all(&touched);
        copy(&exported, &touched);
        change(&touched.join("main"));
        let output = judge(&touched, &["main"]);
        assert_eq!(output.status.code(), Some(1), "{what}: {}", String::from_utf8_lossy(&output.stdout));
        assert!(
            !output.stderr.is_empty() && !String::from_utf8_lossy(&output.stderr).contains("Traceback"),
            "{what}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    world.app.close().await;
}
