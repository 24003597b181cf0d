//! Uploads by many producers, signed twice and closed for the long term: programs that are not ours find all of it right.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use app::model::{Level, NewDocument};
use serde_json::Value;
use support::world::{NOW, World};

use crate::time_stamps::judges;

/// So many must have been judged for the test to say anything.
const AT_LEAST: usize = 60;

/// Every sixth of the files: enough kinds of them, and done in a minute.
fn some() -> Option<Vec<PathBuf>> {
    let folder = Path::new("../../../shared/corpus/pdfjs");
    let mut files: Vec<_> =
        folder.read_dir().ok()?.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "pdf")).collect();
    files.sort();
    Some(files.into_iter().step_by(6).collect())
}

fn said(program: &str, arguments: &[&str], file: &Path) -> (Option<i32>, String) {
    let output = Command::new(program).args(arguments).arg(file).output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_made_stays_valid_for_other_judges() {
    let Some(files) = some() else {
        println!("skipped: shared/corpus/pdfjs is not there");
        return;
    };
    let world = World::new().await;
    let creator = world.desk("li.na").await;
    let definition = creator.definition("RCT".parse().unwrap()).await.unwrap();
    let keys = [("wang.jianguo", world.key("wang.jianguo").await), ("chen.jing", world.key("chen.jing").await)];
    let signed = tempfile::tempdir().unwrap();
    let mut refused = BTreeMap::<String, usize>::new();
    for (turn, path) in files.iter().enumerate() {
        let mut fields = server::types::sample::values(&definition);
        fields.insert("receipt".to_owned(), Value::from(format!("R-{turn}")));
        let new = NewDocument { type_code: "RCT".parse().unwrap(), title: None, fields };
        let pdf = std::fs::read(path).unwrap();
        let document = match creator.submit(new, Some(pdf.into()), None).await {
            Ok(made) => made.document,
            Err(error) => {
                *refused.entry(error.detail).or_default() += 1;
                continue;
            }
        };
        for (login, key) in &keys {
            world.seal(login, &document.number, key).await.unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
        }
        let file = creator.file(document.number.clone(), None).await.unwrap();
        assert_eq!(creator.document(document.number).await.unwrap().level, Level::Archival, "{}", path.display());
        std::fs::write(signed.path().join(path.file_name().unwrap()), &file.bytes).unwrap();
    }
    let mut wrong = Vec::new();
    let mut judged = 0;
    for original in &files {
        let path = Path::new(original.file_name().unwrap());
        let file = signed.path().join(path);
        if !file.is_file() {
            continue;
        }
        judged += 1;
        let (status, words) = said("qpdf", &["--check"], &file);
        // 3 is a warning: a picture that cannot be read stays one
        let warned = || status == Some(3) && words.contains("error decoding stream data") && said("qpdf", &["--check"], original).0 != Some(0);
        if status != Some(0) && !warned() {
            wrong.push(format!("{}: qpdf: {words}", path.display()));
        }
        let (_, words) = said("pdfsig", &["-nocert"], &file);
        if words.matches("Signature is Valid.").count() < 2 || words.contains("Signature is Invalid") || !words.contains("Total document signed") {
            wrong.push(format!("{}: pdfsig: {words}", path.display()));
        }
    }
    println!("{judged} judged; refused: {refused:#?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(judged >= AT_LEAST, "only {judged} of {} files were taken", files.len());
    judges::pyhanko_folder(signed.path(), &world.app.authority.certificate_pem(), "PAdES-B-LTA", 2, NOW / 1000);
}
