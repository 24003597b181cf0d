//! `signet type import DIR`: a type's folder becomes a type, or replaces one.

use std::path::{Path, PathBuf};

use app::model::TypeFiles;

use super::{Failure, Outcome, with_app};
use crate::service;

/// Document types
#[derive(clap::Subcommand)]
pub enum Type {
    /// Import or replace a type from its folder (type.toml, template.typ)
    Import {
        /// The folder
        dir: PathBuf,
    },
}

impl Type {
    pub fn run(self) -> Outcome {
        let Self::Import { dir } = self;
        let files = TypeFiles { definition: required(&dir.join("type.toml"))?, template: optional(&dir.join("template.typ"))? };
        with_app(async |app| {
            let definition = service::types::import_here(&app, files).await?;
            println!("Imported {}: {} / {}", definition.code, definition.name.en, definition.name.zh);
            Ok(())
        })
    }
}

fn required(path: &Path) -> Result<String, Failure> {
    optional(path)?
        .ok_or_else(|| Failure::new(format!("{} is not there; a type's folder has type.toml and, unless file = \"upload\", template.typ", path.display())))
}

fn optional(path: &Path) -> Result<Option<String>, Failure> {
    match std::fs::read(path) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| Failure::new(format!("{} is not UTF-8 text", path.display()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::new(format!("{} cannot be read ({error})", path.display()))),
    }
}
