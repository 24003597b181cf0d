//! `signet fsck`: every row against the trail and the files, every file against its hash, the trail against its checkpoints.

use std::time::Duration;

use super::{Failure, Outcome, runtime};
use crate::config::Config;
use crate::service;
use crate::service::fsck::{Finding, Findings};
use crate::{App, Options};

/// Between two looks whether a server is there.
const PAUSE: Duration = Duration::from_secs(1);

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
        let config = Config::from_env()?;
        super::log::quiet(&config);
        runtime()?.block_on(async {
            // Nothing of a server's own work runs beside the check.
            let app = crate::open_whole(config, Options::default()).await?;
            let checked = self.checked(&app).await;
            app.close().await;
            let found = checked?;
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

    async fn checked(&self, app: &App) -> Result<Findings, Failure> {
        if !self.repair {
            return Ok(service::fsck::settled(app).await?);
        }
        // What is mended was read a while before: no act may come between.
        let mut last = None;
        while let Some(until) = service::presence::anyone(app).await? {
            match last {
                None => eprintln!("A server is there, or was killed a moment ago; waiting up to half a minute to see."),
                Some(last) if until > last => {
                    return Err(Failure::new("a server runs over this index; nothing was changed. Stop every one, then run `signet fsck --repair` again"));
                }
                Some(_) => {}
            }
            last = Some(until);
            tokio::time::sleep(PAUSE).await;
        }
        Ok(service::fsck::repair(app).await?)
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
