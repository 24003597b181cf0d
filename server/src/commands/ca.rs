//! `signet ca export`: the trust anchor, to give to whoever verifies.

use std::io::Write;
use std::path::PathBuf;

use super::{Failure, Outcome, with_app};
use crate::service;

/// The certificate authority
#[derive(clap::Subcommand)]
pub enum Ca {
    /// Print the authority's certificate as PEM
    Export {
        /// Write to this file instead of standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

impl Ca {
    pub fn run(self) -> Outcome {
        let Self::Export { out } = self;
        with_app(async |app| {
            let pem = service::authority::anchor_pem(&app);
            let written = match &out {
                Some(path) => std::fs::write(path, pem),
                None => std::io::stdout().write_all(pem.as_bytes()),
            };
            written.map_err(|error| Failure::new(format!("the certificate cannot be written ({error}); choose another place by --out")))
        })
    }
}
