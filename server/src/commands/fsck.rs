//! `signet fsck`: every row against the trail and the files, every file against its hash, the trail against its checkpoints.

use super::{Failure, Outcome, with_app};
use crate::service;
use crate::service::fsck::{Finding, Findings};

/// How to check.
#[derive(clap::Args)]
pub struct Fsck {
    /// Print one JSON object a line: findings with rule, object, text and repair, then the sums
    #[arg(long)]
    json: bool,
    /// Mend what can be mended: rows that follow from the trail and the files, records that can be written again
    #[arg(long)]
    repair: bool,
}

impl Fsck {
    pub fn run(self) -> Outcome {
        with_app(async |app| {
            let found = if self.repair { service::fsck::repair(&app).await? } else { service::fsck::run(&app).await? };
            for finding in &found.findings {
                self.say(finding)?;
            }
            let Findings { documents, files, records, entries, findings } = &found;
            if self.json {
                println!(
                    "{}",
                    serde_json::json!({ "documents": documents, "files": files, "records": records, "entries": entries, "findings": findings.len() })
                );
            }
            let left = findings.iter().filter(|finding| finding.repair != "done").count();
            match (findings.len(), left) {
                (0, _) if self.json => Ok(()),
                (0, _) => {
                    println!("{documents} documents with {files} files and {records} records, {entries} entries of the trail: all as it must be.");
                    Ok(())
                }
                (mended, 0) => {
                    eprintln!("{mended} faults were mended; run `signet fsck` again to see that none is left.");
                    Ok(())
                }
                (_, left) if self.repair => Err(Failure::new(format!("{left} faults could not be mended; each says what to do, then run `signet fsck` again"))),
                (all, _) => {
                    let possible = findings.iter().filter(|finding| finding.repair == "possible").count();
                    Err(Failure::new(format!("{all} faults, {possible} of which `signet fsck --repair` can mend; the others say what to do")))
                }
            }
        })
    }

    fn say(&self, finding: &Finding) -> Outcome {
        if self.json {
            println!("{}", serde_json::to_string(finding).map_err(|error| Failure::new(error.to_string()))?);
        } else {
            let repair = match finding.repair {
                "done" => " · mended",
                "failed" => " · not mended",
                _ => "",
            };
            println!("{} · {} · {}{repair}", finding.rule, finding.object, finding.text);
        }
        Ok(())
    }
}
