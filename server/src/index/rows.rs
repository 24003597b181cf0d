//! Documents as rows: what a question gives, and how a change ended.

use std::collections::BTreeMap;

use app::model::{ClientNumber, Decide, DecisionKind, LISTED_VALUES, Level, LocalText, Number, SealChoice, Sha256, Status, StepStatus, TypeCode};
use serde_json::Value;
use sqlx::any::AnyRow;

use super::connect::Kind;
use super::error::IndexError;
use super::sql::Columns;
use super::viewer::Viewer;

/// A document with the route of its current edition.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentRow {
    /// The unique number.
    pub number: Number,
    /// The type's code.
    pub type_code: TypeCode,
    /// Title.
    pub title: String,
    /// 1 at first, one more with each correction.
    pub edition: u32,
    /// The matter.
    pub matter: String,
    /// Where it stands.
    pub status: Status,
    /// Account id of its creator.
    pub creator: String,
    /// The creator's client number.
    pub creator_client_number: ClientNumber,
    /// The creator's name when it was created.
    pub creator_name: String,
    /// Field values by key.
    pub fields: BTreeMap<String, Value>,
    /// 0 is what was created; each signature adds one, and so does evidence added later.
    pub revision: u32,
    /// The lowest level of its signatures.
    pub level: Level,
    /// Digest of the newest revision.
    pub sha256: Sha256,
    /// Length of the newest revision in bytes.
    pub size: u64,
    /// Where the newest revision is stored.
    pub store_path: String,
    /// The language its file was made in, `en` or `zh`.
    pub lang: String,
    /// When the first edition was created.
    pub created_at: i64,
    /// The route, in order.
    pub steps: Vec<StepRow>,
}

/// A step of a document's route.
#[derive(Clone, Debug, PartialEq)]
pub struct StepRow {
    /// 1 is the first.
    pub position: u32,
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
    /// Where it stands.
    pub status: StepStatus,
    /// When it opened.
    pub opened_at: Option<i64>,
    /// Its signature fields: one for `any`, one per account for `all`.
    pub fields: Vec<StepFieldRow>,
    /// Decisions so far, oldest first.
    pub decisions: Vec<DecisionRow>,
}

/// A signature field of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct StepFieldRow {
    /// Order within the step, 1 is the first.
    pub ordinal: u32,
    /// Full name of the field in the PDF.
    pub field: String,
    /// Its page, 1 is the first.
    pub page: i32,
    /// `[left, bottom, right, top]` in points. None where the field is made together with its signature; a movable one of earlier days has the
    /// whole page.
    pub rect: Option<[i32; 4]>,
    /// How far its page is shown turned, degrees clockwise.
    pub rotate: i32,
    /// Whether the approver may place the seal.
    pub movable: bool,
    /// The one account it is for, in an `all` step.
    pub account: Option<String>,
    /// That account's name when the edition was created.
    pub account_name: Option<String>,
}

/// A decision on a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionRow {
    /// Account id.
    pub account: String,
    /// The approver's name.
    pub by: String,
    /// What was decided.
    pub decision: DecisionKind,
    /// When.
    pub at: i64,
    /// Serial number of the signing certificate.
    pub serial: Option<String>,
    /// The reason of a rejection.
    pub reason: Option<String>,
    /// The revision it made (signed) or saw (rejected).
    pub revision: u32,
}

/// How a change of a document ended. Everything but `Done` changed nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Done; the document as it is now.
    Done(Box<DocumentRow>),
    /// There is no such document, or it is not the creator's.
    Missing,
    /// The document is in no state for this.
    WrongState,
    /// Another edition or revision is current.
    StaleRevision,
    /// The step was decided already, by this account or by another.
    AlreadyDecided,
    /// The open step does not ask this account.
    NotAsked,
}

impl DocumentRow {
    /// The step that asks for a decision now.
    pub fn open_step(&self) -> Option<&StepRow> {
        self.steps.iter().find(|step| step.status == StepStatus::Open)
    }

    /// The columns of `d` for [`read`](Self::read) with no more of the values than a list shows. The others never leave the database.
    pub(super) fn listed(kind: Kind) -> String {
        let keys = LISTED_VALUES.map(|key| format!("'{key}'")).join(", ");
        let fields = match kind {
            Kind::Sqlite => format!("SELECT json_group_object(e.key, e.value) FROM json_each(d.fields) e WHERE e.key IN ({keys}) AND e.type = 'text'"),
            Kind::Postgres => format!(
                "SELECT CAST(json_object_agg(e.key, e.value) AS TEXT) FROM json_each(CAST(d.fields AS json)) e \
                 WHERE e.key IN ({keys}) AND json_typeof(e.value) = 'string'"
            ),
        };
        format!(
            "d.number, d.type_code, d.title, d.edition, d.matter, d.status, d.creator, d.creator_client_number, d.creator_name, d.revision, d.level, \
             d.sha256, d.size, d.store_path, d.lang, d.created_at, COALESCE(({fields}), '{{}}') AS fields"
        )
    }

    pub(super) fn read(row: &AnyRow) -> Result<Self, IndexError> {
        Ok(Self {
            number: row.parsed("number")?,
            type_code: row.parsed("type_code")?,
            title: row.text("title")?,
            edition: row.small("edition")?,
            matter: row.text("matter")?,
            status: row.word("status")?,
            creator: row.text("creator")?,
            creator_client_number: row.parsed("creator_client_number")?,
            creator_name: row.text("creator_name")?,
            fields: row.json("fields")?,
            revision: row.small("revision")?,
            level: row.word("level")?,
            sha256: row.parsed("sha256")?,
            size: row.count("size")?,
            store_path: row.text("store_path")?,
            lang: row.text("lang")?,
            created_at: row.int("created_at")?,
            steps: Vec::new(),
        })
    }
}

impl StepRow {
    /// Names of those an open `all` step still waits for.
    pub fn awaits(&self) -> Vec<String> {
        if self.status != StepStatus::Open || self.decide != Decide::All {
            return Vec::new();
        }
        let decided = |account: &Option<String>| self.decisions.iter().any(|decision| Some(&decision.account) == account.as_ref());
        self.fields.iter().filter(|field| !decided(&field.account)).filter_map(|field| field.account_name.clone()).collect()
    }

    /// Whether the step is open and asks this viewer for a decision not given yet.
    pub fn asks(&self, viewer: &Viewer) -> bool {
        let asked = self.role == viewer.as_person()
            || match self.decide {
                Decide::Any => viewer.roles.contains(&self.role),
                Decide::All => self.field_for(&viewer.account_id).is_some(),
            };
        asked && self.status == StepStatus::Open && !self.decisions.iter().any(|decision| decision.account == viewer.account_id)
    }

    /// The field this account would sign: its own in an `all` step, else the step's one field.
    pub fn field_for(&self, account: &str) -> Option<&StepFieldRow> {
        match self.decide {
            Decide::Any => self.fields.first(),
            Decide::All => self.fields.iter().find(|field| field.account.as_deref() == Some(account)),
        }
    }

    pub(super) fn read(row: &AnyRow) -> Result<Self, IndexError> {
        Ok(Self {
            position: row.small("position")?,
            key: row.text("step_key")?,
            name: LocalText { en: row.text("name_en")?, zh: row.text("name_zh")? },
            role: row.text("role")?,
            decide: row.word("decide")?,
            design: row.word("seal_design")?,
            status: row.word("status")?,
            opened_at: row.maybe_int("opened_at")?,
            fields: Vec::new(),
            decisions: Vec::new(),
        })
    }
}

impl StepFieldRow {
    pub(super) fn read(row: &AnyRow) -> Result<Self, IndexError> {
        let rect = row.maybe_text("rect")?.map(|text| serde_json::from_str(&text)).transpose();
        Ok(Self {
            ordinal: row.small("ordinal")?,
            field: row.text("field")?,
            page: i32::try_from(row.int("page")?).map_err(|_| IndexError::Corrupt("column page holds no page".to_owned()))?,
            rect: rect.map_err(|_| IndexError::Corrupt("column rect holds no rectangle".to_owned()))?,
            rotate: row.small("rotate")? as i32,
            movable: row.truth("movable")?,
            account: row.maybe_text("account")?,
            account_name: row.maybe_text("account_name")?,
        })
    }
}

impl DecisionRow {
    pub(super) fn read(row: &AnyRow) -> Result<Self, IndexError> {
        Ok(Self {
            account: row.text("account")?,
            by: row.text("decided_by")?,
            decision: row.word("decision")?,
            at: row.int("decided_at")?,
            serial: row.maybe_text("serial")?,
            reason: row.maybe_text("reason")?,
            revision: row.small("revision")?,
        })
    }
}
