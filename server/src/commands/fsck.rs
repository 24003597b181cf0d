//! `signet fsck`: every row against its file and its hash. Changes nothing.

use super::{Failure, Outcome, with_app};
use crate::service;

pub fn run() -> Outcome {
    with_app(async |app| {
        let service::fsck::Findings { files, findings } = service::fsck::run(&app).await?;
        for finding in &findings {
            println!("{} · {} · {} · {}", finding.what, finding.number, finding.path, finding.text);
        }
        if findings.is_empty() {
            println!("{files} files, every one as its row says.");
            return Ok(());
        }
        Err(Failure::new(format!(
            "{} of {files} files are not as their rows say; bring the named files back from a backup of the file store, then run `signet fsck` again",
            findings.len()
        )))
    })
}
