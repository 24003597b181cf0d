//! The check: every row against the trail and the files, every file against its hash, the trail against its checkpoints.
//!
//! Nothing is believed because it is in a row. What a document's rows must be follows from its entries in the trail and from what its PDF
//! says of itself (`service::history`); what an account, a certificate, a type must be, from its newest record; what lists and search read,
//! from the rows. A finding has a rule, which is the table and what is wrong there, the object, and what to do; most can be mended by what
//! they were compared with.

mod compare;
mod documents;
mod files;
mod lists;
mod mend;
mod numbers;
mod people;
mod rest;
mod trail;

use std::collections::HashSet;
use std::time::Duration;

use serde::Serialize;

use crate::App;
use crate::error::Result;
use crate::index::MAIN;
use crate::service::presence;

pub use mend::Mend;
pub use numbers::Patterns;
pub use people::{Known, expected as expected_people};
pub use trail::{Telling, tell};

/// Between two looks.
const SETTLING: Duration = Duration::from_secs(2);

/// Something that is not as it should be.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// What is wrong: `documents-status`, `file-missing`, `trail-chain` …
    pub rule: String,
    /// With what: a number, a path, an account's id.
    pub object: String,
    /// In words, with what to do where it cannot be mended.
    pub text: String,
    /// `none`, `possible`, `done` or `failed`.
    pub repair: &'static str,
    /// What would mend it.
    #[serde(skip)]
    pub mend: Option<Mend>,
}

/// How much was looked at, and what was found.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Findings {
    /// Documents.
    pub documents: u64,
    /// Their files.
    pub files: u64,
    /// Records beside them.
    pub records: u64,
    /// Entries of the trails.
    pub entries: u64,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Finding {
    fn said(&self) -> (&str, &str, &str) {
        (&self.rule, &self.object, &self.text)
    }
}

impl Findings {
    fn say(&mut self, rule: impl Into<String>, object: impl Into<String>, text: impl Into<String>, mend: Option<Mend>) {
        let repair = if mend.is_some() { "possible" } else { "none" };
        self.findings.push(Finding { rule: rule.into(), object: object.into(), text: text.into(), repair, mend });
    }

    fn add(&mut self, other: Self) {
        self.documents += other.documents;
        self.files += other.files;
        self.records += other.records;
        self.entries += other.entries;
        self.findings.extend(other.findings);
    }
}

/// Looks at everything. Changes nothing.
///
/// # Errors
/// An outage of index or store: what was not looked at is not called good.
pub async fn run(app: &App) -> Result<Findings> {
    let mut all = Findings::default();
    let mut patterns = Patterns::default();
    // The main one first: it has the types that all documents are of.
    let mut databases = app.index.database_names();
    databases.sort_by_key(|database| database != MAIN);
    for database in databases {
        // 1. The trail first: everything else is compared with it.
        let telling = trail::check(app, &database, &mut all).await?;
        if database == MAIN {
            patterns = Patterns::told(app, &telling).await?;
        }
        // 2. Documents and their files.
        let highest = documents::check(app, &database, &telling, &mut patterns, &mut all).await?;
        // 3. People, types and keys; then what is left.
        if database == MAIN {
            people::check(app, &telling, &mut all).await?;
        }
        rest::check(app, &database, &telling, highest, &mut all).await?;
        // 4. What lists and search read follows from those rows.
        lists::check(app, &database, &mut all).await?;
    }
    Ok(all)
}

/// Looks at everything, and where something is wrong while a server is there, once more: what an act was just changing is no fault.
///
/// # Errors
/// As [`run`].
pub async fn settled(app: &App) -> Result<Findings> {
    let first = run(app).await?;
    if first.findings.is_empty() || presence::anyone(app).await?.is_none() {
        return Ok(first);
    }
    tokio::time::sleep(SETTLING).await;
    let mut second = run(app).await?;
    let seen: HashSet<(&str, &str, &str)> = first.findings.iter().map(Finding::said).collect();
    second.findings.retain(|finding| seen.contains(&finding.said()));
    Ok(second)
}

/// Looks at everything and mends what can be mended; says so of each finding. No server may be there: what is mended is written as it was read.
///
/// # Errors
/// An outage of index or store.
pub async fn repair(app: &App) -> Result<Findings> {
    let mut found = run(app).await?;
    mend::all(app, &mut found.findings).await;
    Ok(found)
}
