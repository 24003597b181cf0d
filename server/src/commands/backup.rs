//! `signet backup DIR` and `signet restore DIR`: rows, files and authority out of a running Signet, and into an empty one.

use std::path::PathBuf;

use super::{Failure, Outcome, runtime, with_app};
use crate::config::Config;
use crate::{Options, service};

/// Where to.
#[derive(clap::Args)]
pub struct Backup {
    /// The backup's folder; files that are in it already are not copied again
    dir: PathBuf,
}

impl Backup {
    pub fn run(self) -> Outcome {
        with_app(async |app| {
            let kept = service::backup::backup(&app, &self.dir).await?;
            println!("{} files, {} of them copied now ({} bytes). The snapshot is whole:", kept.files, kept.copied, kept.bytes);
            println!("{}", kept.snapshot.display());
            Ok(())
        })
    }
}

/// Where from.
#[derive(clap::Args)]
pub struct Restore {
    /// The backup's folder
    dir: PathBuf,
    /// One of its snapshots, by name; the newest whole one without
    #[arg(long)]
    snapshot: Option<String>,
}

impl Restore {
    pub fn run(self) -> Outcome {
        let config = Config::from_env()?;
        super::log::quiet(&config);
        let (snapshot, manifest) = service::backup::prepare(&config, &self.dir, self.snapshot.as_deref())?;
        let place = config.clone();
        runtime()?.block_on(async {
            let app = crate::open(config, Options::default()).await.inspect_err(|_| service::backup::give_up(&place))?;
            if let Err(refusal) = service::backup::check(&app, &snapshot, &manifest).await {
                app.close().await;
                service::backup::give_up(&place);
                return Err(refusal.into());
            }
            let restored = match service::backup::restore(&app, &self.dir, &snapshot, &manifest).await {
                Ok(restored) => Ok((restored, service::fsck::run(&app).await)),
                Err(error) => Err(error),
            };
            app.close().await;
            let (restored, found) = restored?;
            println!("{} rows and {} files of {} are back.", restored.rows, restored.files, restored.at);
            let found = found?.findings;
            for finding in &found {
                println!("{} · {} · {}", finding.rule, finding.object, finding.text);
            }
            match found.len() {
                0 => {
                    println!("Everything was checked and is as it must be. Sessions are not in a backup: everyone signs in again.");
                    Ok(())
                }
                count => Err(Failure::new(format!("{count} faults were in the backup already; each says what to do"))),
            }
        })
    }
}
