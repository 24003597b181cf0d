//! What was printed on an upload is printed on the document: number and strip stand where nothing was. Judged by pictures that poppler draws.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use app::model::NewDocument;
use serde_json::Value;
use support::world::World;

/// So many must have been compared for the test to say anything.
const AT_LEAST: usize = 150;
/// Pages of each that are compared: the first gets the number, the others stay as they are.
const PAGES: usize = 2;

/// A third of the corpus, and every file of the cases.
fn files() -> Vec<PathBuf> {
    let listed = |folder: &str| {
        let entries = Path::new("../../../shared").join(folder).read_dir().into_iter().flatten();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "pdf")).collect();
        files.sort();
        files
    };
    listed("corpus/pdfjs").into_iter().step_by(3).chain(listed("cases/pdf")).collect()
}

/// A page as readers see it.
struct Picture {
    width: usize,
    height: usize,
    grey: Vec<u8>,
}

/// The first pages, a pixel a point, as long as they are not too large to be looked at; none where poppler draws nothing.
fn pictures(file: &Path, folder: &Path) -> Vec<Picture> {
    let prefix = folder.join("page");
    let last = PAGES.to_string();
    let output = Command::new("pdftoppm").args(["-cropbox", "-gray", "-r", "72", "-f", "1", "-l", &last]).arg(file).arg(&prefix).output().unwrap();
    let mut pages: Vec<PathBuf> =
        folder.read_dir().unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|end| end == "pgm")).collect();
    pages.sort();
    assert!(output.status.success() || pages.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let read = |path: &PathBuf| {
        let bytes = std::fs::read(path).unwrap();
        std::fs::remove_file(path).unwrap();
        let mut fields = bytes.splitn(4, u8::is_ascii_whitespace);
        let mut number = || std::str::from_utf8(fields.next().unwrap()).unwrap().parse::<usize>().ok();
        let (_, width, height) = (number(), number().unwrap(), number().unwrap());
        let grey = bytes[bytes.len() - width * height..].to_vec();
        Picture { width, height, grey }
    };
    pages.iter().map(read).collect()
}

/// Dark pixels of `before` that are not dark in `after`, which may be longer at its foot; one pixel beside is near enough.
fn lost(before: &Picture, after: &Picture) -> usize {
    let dark = |picture: &Picture, x: usize, y: usize, most: u8| x < picture.width && y < picture.height && picture.grey[y * picture.width + x] <= most;
    let near = |x: usize, y: usize| (y.saturating_sub(1)..=y + 1).any(|y| (x.saturating_sub(1)..=x + 1).any(|x| dark(after, x, y, 140)));
    let cells = (0..before.height).flat_map(|y| (0..before.width).map(move |x| (x, y)));
    cells.filter(|&(x, y)| dark(before, x, y, 100) && !near(x, y)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_upload_loses_a_drop_of_ink() {
    let files = files();
    if files.is_empty() {
        println!("skipped: shared/corpus/pdfjs and shared/cases/pdf are not there");
        return;
    }
    let world = World::new().await;
    let creator = world.desk("li.na").await;
    let definition = creator.definition("RCT".parse().unwrap()).await.unwrap();
    let (mut zeros, mut refused, mut strips) = (Vec::new(), BTreeMap::<String, usize>::new(), 0);
    let folder = tempfile::tempdir().unwrap();
    for (turn, path) in files.iter().enumerate() {
        let mut fields = server::types::sample::values(&definition);
        fields.insert("receipt".to_owned(), Value::from(format!("R-{turn}")));
        let new = NewDocument { type_code: "RCT".parse().unwrap(), title: None, fields };
        let pdf = std::fs::read(path).unwrap();
        match creator.submit(new, Some(pdf.into()), None).await {
            Ok(made) => {
                let file = creator.file(made.document.number, Some(0)).await.unwrap();
                let zero = folder.path().join(format!("{turn}.pdf"));
                std::fs::write(&zero, &file.bytes).unwrap();
                zeros.push((path.clone(), zero));
            }
            Err(error) => *refused.entry(error.detail).or_default() += 1,
        }
    }
    let chunk = zeros.len().div_ceil(2).max(1);
    let compare = |(original, zero): &(PathBuf, PathBuf)| {
        let folder = tempfile::tempdir().unwrap();
        let (before, after) = (pictures(original, folder.path()), pictures(zero, folder.path()));
        let pairs = before.iter().zip(&after);
        let wrong: Vec<usize> = pairs.clone().map(|(before, after)| lost(before, after)).collect();
        let grown = pairs.clone().any(|(before, after)| after.height > before.height + 1);
        let turned = pairs.clone().any(|(before, after)| before.width.abs_diff(after.width) > 1);
        let name = original.file_name().unwrap().to_string_lossy().into_owned();
        let bad = turned || after.len() < before.len() || wrong.iter().any(|lost| *lost > 0);
        (!before.is_empty(), grown, bad.then(|| format!("{name}: {wrong:?} pixels lost, {} of {} pages", after.len(), before.len())))
    };
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = zeros.chunks(chunk).map(|part| scope.spawn(move || part.iter().map(compare).collect::<Vec<_>>())).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    let compared = outcomes.iter().filter(|(compared, ..)| *compared).count();
    strips += outcomes.iter().filter(|(_, grown, _)| *grown).count();
    let wrong: Vec<&String> = outcomes.iter().filter_map(|(_, _, wrong)| wrong.as_ref()).collect();
    println!("{compared} compared, {strips} with a strip; refused: {refused:#?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(compared >= AT_LEAST, "only {compared} of {} files were compared", files.len());
}
