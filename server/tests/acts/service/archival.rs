//! Documents are PDF/A-2b and stay it through stamp, fields, seals and signatures. Judged by `support/pdfa.py` and qpdf; skipped, saying so, without them.

use std::path::Path;
use std::process::Command;

use app::model::{NewDocument, Number, SealDesign, SealShape};
use support::world::{World, claim};

fn python() -> String {
    std::env::var("SIGNET_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

fn judge(arguments: &[&str]) -> String {
    let script = "support/pdfa.py";
    let output = Command::new(python()).arg(script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn usable() -> bool {
    let usable = Command::new(python()).args(["-c", "import pikepdf, pyhanko"]).output().is_ok_and(|output| output.status.success());
    if !usable {
        println!("skipped: {} cannot import pikepdf and pyhanko", python());
    }
    usable
}

async fn file(world: &World, number: &Number, place: &Path) -> String {
    let file = world.desk("li.na").await.file(number.clone(), None).await.unwrap();
    std::fs::write(place, &file.bytes).unwrap();
    let checked = Command::new("qpdf").arg("--check").arg(place).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    place.display().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn rendered_and_uploaded_documents_stay_pdf_a_under_every_design() {
    if !usable() {
        return;
    }
    let world = World::new().await;
    let place = world.folder.path().join("judged.pdf");
    let created = world.claim("INV-1", "7280").await;
    assert_eq!(judge(&[&file(&world, &created.number, &place).await]), "", "revision 0");
    let ink = "M200 300C600 100 900 900 1400 300C1700 0 2300 900 2900 500".to_owned();
    let designs = [
        ("wang.jianguo", SealDesign { shape: SealShape::Round, organisation: "山东送变电工程有限公司".into(), ..SealDesign::default() }),
        ("chen.jing", SealDesign { shape: SealShape::Handwriting, ink, ..SealDesign::default() }),
    ];
    for (login, design) in designs {
        world.desk(login).await.save_seal(design).await.unwrap();
        let key = world.key(login).await;
        world.seal(login, &created.number, &key).await.unwrap();
        assert_eq!(judge(&[&file(&world, &created.number, &place).await]), "", "sealed by {login}");
    }
    // A judge that lets everything pass would be none.
    let found = judge(&["--prove", &place.display().to_string()]);
    for (change, rule) in [
        ("flags", "6.3.2"),
        ("down", "6.3.3"),
        ("action", "6.4.1"),
        ("script", "6.5.1"),
        ("appearances", "6.4.1"),
        ("colours", "6.2.4.3"),
        ("fonts", "6.2.11.4"),
        ("claim", "6.6.4"),
        ("schema", "6.6.2.3"),
        ("reference", "6.2.9"),
        ("operator", "6.2.2"),
    ] {
        let line = found.lines().find(|line| line.starts_with(&format!("{change} "))).unwrap_or_else(|| panic!("{change}: {found}"));
        assert!(line.split(' ').any(|word| word == rule), "{line}");
    }

    // An uploaded PDF/A gets number and code stamped on, and keeps its claim.
    let pdf = world.desk("li.na").await.preview(claim("INV-2", "10"), None).await.unwrap();
    let definition = world.desk("li.na").await.definition("RCT".parse().unwrap()).await.unwrap();
    let new = NewDocument { type_code: "RCT".parse().unwrap(), title: None, fields: server::types::sample::values(&definition) };
    let upload = world.desk("li.na").await.submit(new, Some(pdf), None).await.unwrap().document;
    let key = world.key("wang.jianguo").await;
    world.seal("wang.jianguo", &upload.number, &key).await.unwrap();
    assert_eq!(judge(&[&file(&world, &upload.number, &place).await]), "", "stamped and sealed");
}
