//! The creation of a document: its rows, its first step and its history, in one transaction.

use std::collections::BTreeMap;

use app::model::{ClientNumber, Decide, LocalText, Number, SealChoice, Sha256};
use serde_json::Value;

use super::batch::Batch;
use super::connect::Kind;
use super::error::IndexError;
use super::events::{self, EventRow};
use super::idempotency::{self, NewIdempotency};
use super::rows::{DocumentRow, StepFieldRow};
use super::sql::sql;
use super::trail::Entry;
use super::{Index, documents, listings, revisions, search, steps};
use crate::crash::{self, Point};

/// A document to make real.
#[derive(Clone, Debug)]
pub struct NewDocumentRow {
    /// The unique number; its front is the type's code.
    pub number: Number,
    /// What its first edition holds.
    pub content: EditionContent,
    /// Account id of its creator.
    pub creator: String,
    /// The creator's client number.
    pub creator_client_number: ClientNumber,
    /// The creator's name.
    pub creator_name: String,
    /// The language its file was made in.
    pub lang: String,
    /// Now.
    pub at: i64,
    /// The request's key, if it had one.
    pub idempotency: Option<NewIdempotency>,
}

/// What an edition holds.
#[derive(Clone, Debug)]
pub struct EditionContent {
    /// Title.
    pub title: String,
    /// The matter.
    pub matter: String,
    /// Field values by key.
    pub fields: BTreeMap<String, Value>,
    /// The route, in order; at least one step.
    pub steps: Vec<NewStep>,
    /// Revision 0, already stored.
    pub file: NewFile,
}

/// A step of a new route.
#[derive(Clone, Debug)]
pub struct NewStep {
    /// The step's key in the type.
    pub key: String,
    /// Its name.
    pub name: LocalText,
    /// The role it asks, or `@login`.
    pub role: String,
    /// Any one, or all.
    pub decide: Decide,
    /// The design its seals must have.
    pub design: SealChoice,
    /// Its signature fields: one for `any`, one per account for `all`.
    pub fields: Vec<StepFieldRow>,
}

/// A stored file about to become real.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// Digest.
    pub sha256: Sha256,
    /// Length in bytes.
    pub size: u64,
    /// Where it is stored.
    pub store_path: String,
    /// The intent under which it was stored.
    pub intent: String,
}

impl Index {
    /// Makes a document real. Nothing happens on `Constraint::IdempotencyKey` (the same request was faster), `LiveMatter`,
    /// `Number` or `IntentGone`.
    pub async fn create(&self, new: NewDocumentRow) -> Result<DocumentRow, IndexError> {
        self.home_for_writing(&new.number.type_code())
            .await?
            .write(move |connection| {
                let new = new.clone();
                Box::pin(async move {
                    let (number, content) = (&new.number, &new.content);
                    let mut batch = Batch::default();
                    idempotency::insert(&mut batch, Point::CreateKey, new.idempotency.clone(), number, new.at);
                    batch.add(
                        sql("INSERT INTO documents (number, type_code, matter, live, title, edition, status, creator, creator_client_number, creator_name, \
                         revision, sha256, size, store_path, fields, search, lang, created_at) \
                         VALUES ($1, $2, $3, 1, $4, 1, 'pending', $5, $6, $7, 0, $8, $9, $10, $11, $12, $13, $14)")
                        .bind(number.as_str())
                        .bind(number.type_code().as_str())
                        .bind(&content.matter)
                        .bind(&content.title)
                        .bind(&new.creator)
                        .bind(new.creator_client_number.as_str())
                        .bind(&new.creator_name)
                        .bind(content.file.sha256.as_str())
                        .bind(content.file.size)
                        .bind(&content.file.store_path)
                        .bind(content.fields_text())
                        .bind(content.search_text(number, &new.creator_name))
                        .bind(&new.lang)
                        .bind(new.at),
                    );
                    batch.at(Point::CreateDocument);
                    edition(Kind::of(connection), &mut batch, number, 1, content, new.at)?;
                    let asked = documents::Asked::of(&mut batch, number);
                    let event = EventRow {
                        at: new.at,
                        kind: "created".to_owned(),
                        account: new.creator.clone(),
                        by: new.creator_name.clone(),
                        step: None,
                        reason: None,
                        edition: 1,
                        revision: 0,
                        sha256: Some(content.file.sha256.clone()),
                        level: None,
                    };
                    let told = events::record(connection, batch, number, vec![event], |_, entry| stored(entry, &content.file));
                    asked.there(&mut crash::step(Point::CreateEvent, told).await?)
                })
            })
            .await
    }
}

/// Where an act's file is, as the trail keeps it beside the digest.
pub(super) fn stored(entry: Entry, file: &NewFile) -> Entry {
    entry.fact("path", &file.store_path).fact("size", file.size)
}

/// Writes an edition with its revision 0 and its route; lists and search show it from then on.
pub(super) fn edition(kind: Kind, batch: &mut Batch, number: &Number, edition: u32, content: &EditionContent, at: i64) -> Result<(), IndexError> {
    let row = sql("INSERT INTO editions (number, edition, title, matter, fields, created_at) VALUES ($1, $2, $3, $4, $5, $6)")
        .bind(number.as_str())
        .bind(edition)
        .bind(&content.title)
        .bind(&content.matter)
        .bind(content.fields_text())
        .bind(at);
    batch.add(row);
    batch.at(Point::EditionRow);
    revisions::add(batch, number, edition, 0, &content.file, at);
    steps::insert(batch, number, edition, &content.steps, at)?;
    batch.at(Point::RouteRows);
    search::keep(kind, batch, number);
    listings::refresh(batch, number);
    Ok(())
}

impl EditionContent {
    pub(super) fn fields_text(&self) -> String {
        serde_json::to_string(&self.fields).expect("a map with text keys is always JSON")
    }

    /// What a search looks through: number, title, matter and creator's name, in lower case.
    pub(super) fn search_text(&self, number: &Number, creator: &str) -> String {
        search_text(number, &self.title, &self.matter, creator)
    }
}

/// What a search for a document looks through: number, title, matter and creator's name, in lower case.
pub fn search_text(number: &Number, title: &str, matter: &str, creator: &str) -> String {
    format!("{number}\n{title}\n{matter}\n{creator}").to_lowercase()
}
