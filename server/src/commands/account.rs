//! `signet account …`: add one, whose client number is printed alone on the last line; set a password.

use std::io::{BufRead, IsTerminal};

use app::model::AccountChange;
use zeroize::Zeroizing;

use super::{Failure, Outcome, with_app};
use crate::service;

/// People
#[derive(clap::Subcommand)]
pub enum Account {
    /// Add an account; its client number is printed alone on the last line
    Add(Add),
    /// Set an account's password; its sessions and access tokens end
    Password(Password),
}

/// Whose password.
#[derive(clap::Args)]
pub struct Password {
    /// Sign-in name
    #[arg(long)]
    login: String,
    /// Read the password from the first line of standard input instead of asking
    #[arg(long)]
    password_stdin: bool,
    /// Keep the account's access tokens: programs that sign in with one go on
    #[arg(long)]
    keep_tokens: bool,
}

/// What an account is made of.
#[derive(clap::Args)]
pub struct Add {
    /// Sign-in name: lower-case letters, digits, dots, dashes, underscores
    #[arg(long)]
    login: String,
    /// The person's name as printed on seals
    #[arg(long)]
    name: String,
    /// A role; may be given several times. `creator` may create documents
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<String>,
    /// A type whose documents the account may read without taking part; may be given several times
    #[arg(long = "read", value_name = "TYPE")]
    reads: Vec<String>,
    /// May administer people and types
    #[arg(long)]
    admin: bool,
    /// Read the password from the first line of standard input instead of asking
    #[arg(long)]
    password_stdin: bool,
}

impl Account {
    pub fn run(self) -> Outcome {
        match self {
            Self::Add(add) => add.run(),
            Self::Password(Password { login, password_stdin, keep_tokens }) => {
                let password = password(password_stdin)?;
                with_app(async |app| Ok(service::accounts::set_password(&app, &login, password.to_string(), keep_tokens).await?))
            }
        }
    }
}

impl Add {
    fn run(self) -> Outcome {
        let add = self;
        let password = password(add.password_stdin)?;
        with_app(async |app| {
            let change = AccountChange {
                login: add.login,
                name: Some(add.name),
                roles: Some(add.roles),
                reads: Some(add.reads),
                admin: Some(add.admin),
                active: Some(true),
                password: Some(password.to_string()),
                ..AccountChange::default()
            };
            let account = service::accounts::add(&app, change).await?;
            println!("{}", account.client_number);
            Ok(())
        })
    }
}

fn password(from_stdin: bool) -> Result<Zeroizing<String>, Failure> {
    if from_stdin {
        let mut line = Zeroizing::new(String::new());
        std::io::stdin().lock().read_line(&mut line).map_err(|error| Failure::new(format!("standard input cannot be read ({error})")))?;
        return Ok(Zeroizing::new(line.trim_end_matches(['\r', '\n']).to_owned()));
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::new("there is no terminal to ask for the password on; give it by --password-stdin"));
    }
    let ask = |prompt: &str| {
        rpassword::prompt_password(prompt)
            .map(Zeroizing::new)
            .map_err(|error| Failure::new(format!("the password cannot be read ({error}); give it by --password-stdin")))
    };
    let (first, second) = (ask("Password: ")?, ask("Once more: ")?);
    if first == second { Ok(first) } else { Err(Failure::new("the two passwords differ; nothing was added, try again")) }
}
