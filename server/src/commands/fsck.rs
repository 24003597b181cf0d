//! `signet fsck`: every row against its file and its hash. Changes nothing.

use super::{Failure, Outcome, with_app};
use crate::service;

pub fn run() -> Outcome {
    with_app(async |app| {
        let findings = service::fsck::run(&app).await?;
        for finding in &findings {
            println!("{} · {} · {} · {}", finding.what, finding.number, finding.path, finding.text);
        }
        if findings.is_empty() {
            println!("Every row has its file, and every file its hash.");
            return Ok(());
        }
        Err(Failure::new(format!("{} findings; bring the named files back from a backup of the file store, then run `signet fsck` again", findings.len())))
    })
}
