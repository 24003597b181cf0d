//! `signet token create`: prints the token once, alone on the last line.

use super::{Outcome, with_app};
use crate::service;

/// API tokens
#[derive(clap::Subcommand)]
pub enum Token {
    /// Make a token; it is printed once, alone on the last line
    Create(Create),
}

/// Whose token it is.
#[derive(clap::Args)]
pub struct Create {
    /// Sign-in name of the account it acts for
    #[arg(long)]
    login: String,
    /// What it is for
    #[arg(long, default_value = "command line")]
    label: String,
}

impl Token {
    pub fn run(self) -> Outcome {
        let Self::Create(create) = self;
        with_app(async |app| {
            let secret = service::tokens::create_for_login(&app, &create.login, &create.label).await?;
            println!("{secret}");
            Ok(())
        })
    }
}
