//! `signet reindex`: a whole index anew, from the store alone, into empty databases.

use super::{Failure, Outcome, runtime};
use crate::config::Config;
use crate::{Options, service};

/// How to tell of it.
#[derive(clap::Args)]
pub struct Reindex {
    /// Print what was made, and what has no place, as JSON
    #[arg(long)]
    json: bool,
}

impl Reindex {
    pub fn run(self) -> Outcome {
        let config = Config::from_env()?;
        super::log::quiet(&config);
        runtime()?.block_on(async {
            let app = crate::open(config, Options::default()).await?;
            let made = service::reindex::run(&app).await;
            app.close().await;
            let made = made?;
            if self.json {
                println!("{}", serde_json::to_string(&made).map_err(|error| Failure::new(error.to_string()))?);
            } else {
                for unplaced in &made.unplaced {
                    println!("no place: {} · {}", unplaced.path, unplaced.why);
                }
                println!(
                    "{} documents, {} accounts, {} certificates, {} types and {} entries of the trail are in the index again.",
                    made.documents, made.accounts, made.certificates, made.types, made.entries
                );
                println!("Passwords and tokens are not in the store: set each by `signet account password --login L`, and have tokens made anew. Then run `signet fsck`.");
            }
            match made.unplaced.len() {
                0 => Ok(()),
                count => Err(Failure::new(format!("{count} files have no place in the index; each is named with the reason, and none was removed"))),
            }
        })
    }
}
