//! The command line, one file a verb. Exit status 0 only on success; errors go to stderr with what to do next.

mod account;
mod backup;
mod ca;
mod demo;
mod fsck;
mod log;
mod reindex;
mod serve;
mod token;
mod trail;
mod types;
mod verify;

use std::future::Future;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::{App, Options};

/// Documents created once, sealed in the approver's own browser, and returned.
#[derive(Parser)]
#[command(name = "signet", version, about, after_help = "Configuration comes from the environment (SIGNET_…); .env.sample explains every value.")]
struct Line {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Serve pages and API
    Serve(serve::Serve),
    /// People
    #[command(subcommand)]
    Account(account::Account),
    /// API tokens
    #[command(subcommand)]
    Token(token::Token),
    /// Document types
    #[command(subcommand)]
    Type(types::Type),
    /// Validate the signatures of PDF files
    Verify(verify::Verify),
    /// Check every row against the audit trail and the files, and every file against its hash
    Fsck(fsck::Fsck),
    /// Make the index anew from the file store alone, into empty databases
    Reindex(reindex::Reindex),
    /// Copy rows, files and authority into a folder while the server runs
    Backup(backup::Backup),
    /// Put a backup into an empty place
    Restore(backup::Restore),
    /// The audit trail
    #[command(subcommand)]
    Trail(trail::Trail),
    /// The certificate authority
    #[command(subcommand)]
    Ca(ca::Ca),
    /// Make accounts, types and documents to play with
    Demo,
    /// A process of the server's own
    #[command(name = TYPESET, hide = true)]
    Typeset,
}

/// What the server calls itself with, for processes that typeset.
pub const TYPESET: &str = "typeset";

/// Why a command ended: what it says on stderr, and its exit status.
#[derive(Debug)]
pub struct Failure {
    text: String,
    status: u8,
}

type Outcome = Result<(), Failure>;

/// Reads the command line and does what it says.
pub fn run() -> ExitCode {
    let line = Line::parse();
    if let Err(problem) = crate::crash::arm_from_environment() {
        eprintln!("signet: {problem}");
        return ExitCode::FAILURE;
    }
    let outcome = match line.verb {
        Verb::Serve(serve) => serve.run(),
        Verb::Account(account) => account.run(),
        Verb::Token(token) => token.run(),
        Verb::Type(types) => types.run(),
        Verb::Verify(verify) => verify.run(),
        Verb::Fsck(fsck) => fsck.run(),
        Verb::Reindex(reindex) => reindex.run(),
        Verb::Backup(backup) => backup.run(),
        Verb::Restore(restore) => restore.run(),
        Verb::Trail(trail) => trail.run(),
        Verb::Ca(ca) => ca.run(),
        Verb::Demo => demo::run(),
        Verb::Typeset => return render::worker::serve(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.text.is_empty() {
                eprintln!("signet: {}", failure.text);
            }
            ExitCode::from(failure.status)
        }
    }
}

/// Opens all parts, does one thing with them and closes them again.
fn with_app<F: Future<Output = Outcome>>(act: impl FnOnce(Arc<App>) -> F) -> Outcome {
    let config = Config::from_env()?;
    log::quiet(&config);
    runtime()?.block_on(async {
        let app = crate::build(config, Options::default()).await?;
        let outcome = act(app.clone()).await;
        app.close().await;
        outcome
    })
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| Failure::new(format!("no threads to work with ({error})")))
}

impl Failure {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), status: 1 }
    }

    /// An end that was already explained.
    fn silent(status: u8) -> Self {
        Self { text: String::new(), status }
    }
}

impl From<crate::error::Error> for Failure {
    fn from(error: crate::error::Error) -> Self {
        Self::new(error.to_string())
    }
}

impl From<crate::config::ConfigError> for Failure {
    fn from(error: crate::config::ConfigError) -> Self {
        Self::new(error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        <Line as clap::CommandFactory>::command().debug_assert();
    }
}
