//! Documents: what they are, where they stand, and what a caller asks of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::level::Level;
use super::number::{ClientNumber, Number, Sha256, TypeCode};
use super::types::{Decide, TypeDefinition};

/// Where a document stands. One state machine in the server is its only writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Waits for a step's decision.
    Pending,
    /// Every step signed.
    Signed,
    /// Rejected with a reason; can be corrected or withdrawn.
    Rejected,
    /// Taken back by its creator; its matter is free again.
    Withdrawn,
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum StepStatus {
    /// Not reached yet.
    Waiting,
    /// Asks for a decision now.
    Open,
    /// Signed by all it asked for.
    Signed,
    /// Rejected.
    Rejected,
    /// Never opened because the document ended before it.
    Closed,
}

/// What an approver decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum DecisionKind {
    /// Sealed.
    Signed,
    /// Rejected with a reason.
    Rejected,
}

/// One approver's decision on one step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Decision {
    /// The approver's name.
    pub by: String,
    /// What was decided.
    pub decision: DecisionKind,
    /// When, RFC 3339 UTC.
    pub at: String,
    /// Serial number of the signing certificate, lower-case hexadecimal; null for a rejection.
    pub serial: Option<String>,
    /// The reason of a rejection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// One step of a document's route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Step {
    /// The step's key in the type.
    pub key: String,
    /// Its name in the caller's language.
    pub name: String,
    /// The role it asks, or `@login` when it asks one person.
    pub role: String,
    /// Any one of the role, or all of them.
    pub decide: Decide,
    /// Where it stands.
    pub status: StepStatus,
    /// Decisions so far, oldest first.
    pub decisions: Vec<Decision>,
    /// When it opened, RFC 3339 UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opened_at: Option<String>,
    /// Names of those an `all` step still waits for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub awaits: Vec<String>,
}

/// Who created a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Creator {
    /// The client number.
    pub client_number: ClientNumber,
    /// The person's name.
    pub name: String,
}

/// A document as every list, page and API call gives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Document {
    /// The unique number.
    pub number: Number,
    /// The type's code.
    #[serde(rename = "type")]
    pub type_code: TypeCode,
    /// Title; the type's name and the matter where none was given.
    pub title: String,
    /// 1 at first, one more with each correction.
    pub edition: u32,
    /// The matter's identifying values, joined by `/`.
    pub matter: String,
    /// Where it stands.
    pub status: Status,
    /// Who created it.
    pub creator: Creator,
    /// Field values by key; money as a decimal string, dates as `YYYY-MM-DD`, tables as arrays of objects.
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub fields: BTreeMap<String, Value>,
    /// 0 is what was created; each signature adds one, and so does evidence that could only be added later.
    pub revision: u32,
    /// The lowest level of its signatures.
    #[serde(default)]
    pub level: Level,
    /// Digest of the newest revision.
    pub sha256: Sha256,
    /// Length of the newest revision in bytes.
    pub size: u64,
    /// Path of the newest revision on the FTP server.
    pub store_path: String,
    /// Creation time of the first edition, RFC 3339 UTC.
    pub created_at: String,
    /// The route, in order.
    pub steps: Vec<Step>,
}

impl Document {
    /// The `ETag` of the document's state: it changes with every act.
    pub fn state(&self) -> String {
        let decided: usize = self.steps.iter().map(|step| step.decisions.len()).sum();
        let status = match self.status {
            Status::Pending => "pending",
            Status::Signed => "signed",
            Status::Rejected => "rejected",
            Status::Withdrawn => "withdrawn",
        };
        format!("{}-{}-{status}-{decided}", self.edition, self.revision)
    }

    /// The step that asks for a decision now.
    pub fn open_step(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.status == StepStatus::Open)
    }
}

/// What the caller may do with a document now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actions {
    /// Sign or reject the open step.
    pub decide: bool,
    /// Take it back.
    pub withdraw: bool,
    /// Correct it (next edition).
    pub correct: bool,
}

/// A document with all that its page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DocumentView {
    /// The document.
    pub document: Document,
    /// Its type, for labels.
    pub definition: TypeDefinition,
    /// What the caller may do now.
    pub actions: Actions,
    /// Its history, oldest first.
    pub events: Vec<Event>,
    /// Field values of the edition before, when there was one: what changed is shown as a list.
    pub before: Option<BTreeMap<String, Value>>,
}

/// One entry of a document's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct Event {
    /// When, RFC 3339 UTC.
    pub at: String,
    /// `created`, `signed`, `rejected`, `withdrawn`, `corrected`, `returned`, `raised` (time stamps and evidence were added later).
    pub kind: String,
    /// Who, by name.
    pub by: String,
    /// The step's key, for decisions.
    pub step: Option<String>,
    /// The reason of a rejection.
    pub reason: Option<String>,
    /// Edition it happened in.
    pub edition: u32,
    /// Revision it made or saw.
    pub revision: u32,
    /// Digest of that revision.
    pub sha256: Option<Sha256>,
    /// The lowest level of the signatures after it, where it changed any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
}

/// What a creator sends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewDocument {
    /// The type's code.
    #[serde(rename = "type")]
    pub type_code: TypeCode,
    /// A title of the creator's own.
    #[serde(default)]
    pub title: Option<String>,
    /// Field values by key.
    #[cfg_attr(feature = "utoipa", schema(value_type = Object))]
    pub fields: BTreeMap<String, Value>,
}

/// The answer to a submission: the document, and whether this very call made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Submitted {
    /// The document.
    pub document: Document,
    /// False when an earlier call with the same idempotency key had made it.
    pub fresh: bool,
}

/// Which documents a list is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Box {
    /// Waiting for the caller's decision, longest waiting first.
    Inbox,
    /// Created by the caller, newest first.
    Created,
    /// Decided by the caller, newest first.
    Decided,
    /// All that the caller may see, newest first.
    #[default]
    All,
}

/// The fields whose values a list shows, the first that holds an amount. Everything else that was filled in, photographs above all, stays behind.
pub const LISTED_VALUES: [&str; 3] = ["amount", "total", "sum"];

/// A question for a list of documents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// Which documents.
    #[serde(rename = "box", default)]
    pub which: Box,
    /// Only this type.
    #[serde(rename = "type", default)]
    pub type_code: Option<TypeCode>,
    /// Only this status.
    #[serde(default)]
    pub status: Option<Status>,
    /// Text to find in number, title, matter and creator's name.
    #[serde(default)]
    pub q: Option<String>,
    /// Created at or after, RFC 3339 or `YYYY-MM-DD`.
    #[serde(default)]
    pub from: Option<String>,
    /// Created before, RFC 3339 or `YYYY-MM-DD` (that day included).
    #[serde(default)]
    pub to: Option<String>,
    /// 1 to 200, default 50.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Where the page before ended.
    #[serde(default)]
    pub cursor: Option<String>,
}
