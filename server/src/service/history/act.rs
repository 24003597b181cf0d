//! One act on a document, as the trail keeps it.

use serde::Deserialize;

use crate::index::{Cell, Cells, TrailRow};

/// An entry of the trail, read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Told {
    /// Its place in the trail.
    pub position: i64,
    /// When.
    pub at: i64,
    /// What happened.
    pub kind: String,
    /// To what.
    pub object: String,
    /// Account id of who did it.
    pub account: String,
    /// Who, by name.
    pub by: Option<String>,
    /// The step's key.
    pub step: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The edition.
    pub edition: i64,
    /// The revision it made or saw.
    pub revision: i64,
    /// Digest of that revision.
    pub sha256: Option<String>,
    /// The lowest level of the signatures after it.
    pub level: Option<String>,
    /// Where the file that it made is.
    pub path: Option<String>,
    /// That file's length in bytes.
    pub size: i64,
    /// Serial number of the certificate that signed.
    pub serial: Option<String>,
    /// Where its record is.
    pub record: Option<String>,
    /// That record's digest.
    pub record_sha256: Option<String>,
    /// That record's length in bytes.
    pub record_size: i64,
    /// Its delivery's place in the creator's mailbox.
    pub delivery: Option<i64>,
    /// Its place in the document's history.
    pub event: i64,
    /// An account's sign-in name.
    pub login: Option<String>,
    /// Whether an account may sign in after it.
    pub active: Option<bool>,
    /// What a token is for.
    pub label: Option<String>,
    /// What a record is of.
    pub of: Option<String>,
}

impl Told {
    /// Reads an entry; none where its body is none of ours.
    pub fn read(row: &TrailRow) -> Option<Self> {
        serde_json::from_str(&row.body).ok()
    }
}

/// What happened to a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActKind {
    /// Its first edition.
    Created,
    /// Its next edition.
    Corrected,
    /// A step was signed.
    Signed,
    /// A step was rejected.
    Rejected,
    /// The result went to the creator's mailbox.
    Returned,
    /// Evidence was added to its file.
    Raised,
    /// Its creator took it back.
    Withdrawn,
}

impl ActKind {
    /// The act of this word; none for what happens to something else.
    pub fn read(word: &str) -> Option<Self> {
        Some(match word {
            "created" => Self::Created,
            "corrected" => Self::Corrected,
            "signed" => Self::Signed,
            "rejected" => Self::Rejected,
            "returned" => Self::Returned,
            "raised" => Self::Raised,
            "withdrawn" => Self::Withdrawn,
            _ => return None,
        })
    }

    /// Whether it made a file.
    pub fn makes_file(self) -> bool {
        matches!(self, Self::Created | Self::Corrected | Self::Signed | Self::Raised)
    }
}

/// An act on a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// What happened.
    pub kind: ActKind,
    /// All about it.
    pub told: Told,
}

impl Act {
    /// The act that an entry tells of; none where it is about something else.
    pub fn of(told: Told) -> Option<Self> {
        ActKind::read(&told.kind).map(|kind| Self { kind, told })
    }

    /// Acts as a document's rows tell them, for documents from before there was a trail.
    pub fn from_rows(events: &[&Cells], revisions: &[&Cells], decisions: &[&Cells], deliveries: &[&Cells]) -> Vec<Self> {
        let text = |cells: &Cells, column: &str| cells.get(column).map(Cell::text).filter(|text| !text.is_empty()).map(str::to_owned);
        let number = |cells: &Cells, column: &str| cells.get(column).map_or(0, Cell::number);
        let mut acts = Vec::new();
        for event in events {
            let mut told = Told {
                at: number(event, "at"),
                kind: text(event, "kind").unwrap_or_default(),
                object: text(event, "number").unwrap_or_default(),
                account: text(event, "account").unwrap_or_default(),
                by: text(event, "by_name"),
                step: text(event, "step_key"),
                reason: text(event, "reason"),
                edition: number(event, "edition"),
                revision: number(event, "revision"),
                sha256: text(event, "sha256"),
                level: text(event, "level"),
                event: number(event, "position"),
                ..Told::default()
            };
            let same = |cells: &&&Cells| number(cells, "edition") == told.edition && number(cells, "revision") == told.revision;
            if let Some(file) = revisions.iter().find(same) {
                (told.path, told.size) = (text(file, "store_path"), number(file, "size"));
            }
            let decided = decisions.iter().find(|decision| same(decision) && text(decision, "account").as_deref() == Some(&told.account));
            told.serial = decided.filter(|_| told.kind == "signed").and_then(|decision| text(decision, "serial"));
            let returned = deliveries.iter().find(|delivery| number(delivery, "edition") == told.edition && number(delivery, "at") == told.at);
            told.delivery = returned.filter(|_| told.kind == "returned").map(|delivery| number(delivery, "position"));
            acts.extend(Self::of(told));
        }
        acts
    }
}
