//! `signet trail …`: the audit trail's key, its checkpoints, and a copy of it for whoever wants to check it elsewhere.

use std::path::PathBuf;

use super::{Failure, Outcome, with_app};
use crate::error::internal;
use crate::service;
use crate::store::StorePath;

/// The audit trail
#[derive(clap::Subcommand)]
pub enum Trail {
    /// Print the public key that checkpoints verify with, as signed notes write it
    Key,
    /// Write checkpoints of all that is new, now instead of within a minute
    Checkpoint,
    /// Copy every segment and checkpoint into a folder, one folder a database, with the key in trail.pub
    Export {
        /// The folder
        dir: PathBuf,
    },
}

impl Trail {
    pub fn run(self) -> Outcome {
        with_app(async |app| {
            match self {
                Self::Key => println!("{}", app.trail_key.verifier()),
                Self::Checkpoint => println!("{} entries are in the store that were not.", service::trail::checkpoint(&app).await?),
                Self::Export { dir } => {
                    service::trail::checkpoint(&app).await?;
                    let written = |error: std::io::Error| Failure::new(format!("{} cannot be written ({error})", dir.display()));
                    for database in app.index.database_names() {
                        let folder = dir.join(&database);
                        std::fs::create_dir_all(&folder).map_err(written)?;
                        let mut after = String::new();
                        loop {
                            let records = app.index.records(&database, &after, 200).await.map_err(crate::error::Error::from)?;
                            let Some(last) = records.last() else { break };
                            after.clone_from(&last.store_path);
                            for record in records.iter().filter(|record| matches!(record.kind.as_str(), "segment" | "note")) {
                                let path: StorePath = record.store_path.parse().map_err(internal)?;
                                let bytes = app.store.get(&path, record.size, &record.sha256).await.map_err(crate::error::Error::from)?;
                                std::fs::write(folder.join(path.name()), bytes).map_err(written)?;
                            }
                        }
                    }
                    std::fs::write(dir.join("trail.pub"), format!("{}\n", app.trail_key.verifier())).map_err(written)?;
                    println!("{}", dir.display());
                }
            }
            Ok(())
        })
    }
}
