//! Document types: the checked form of a type folder's `type.toml` (design: "A type is a folder").

use serde::{Deserialize, Serialize};

use super::number::TypeCode;
use super::seal::SealChoice;
use super::text::LocalText;

/// A type, as its folder defines it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TypeDefinition {
    /// The code, which starts every number.
    pub code: TypeCode,
    /// Its name.
    pub name: LocalText,
    /// Numbering pattern: `EXP-{yyyy}-{seq:6}`; `{yyyy}`, `{mm}` and `{seq:width}` are replaced.
    pub number: String,
    /// Keys of the fields that identify the matter.
    pub matter: Vec<String>,
    /// Name of the configured database that holds its documents.
    #[serde(default = "main_database")]
    pub database: String,
    /// Name of the configured volume that its files go to; absent means the active one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<String>,
    /// Roles that may create; empty means every account with the role `creator`.
    #[serde(default)]
    pub creators: Vec<String>,
    /// Template or uploaded file.
    #[serde(default, rename = "file")]
    pub source: TypeSource,
    /// Whether a signature counts without a time stamp.
    #[serde(default)]
    pub time_stamp: TimeStamps,
    /// The fields, in order.
    #[serde(default, rename = "field")]
    pub fields: Vec<Field>,
    /// The route, in order.
    #[serde(default, rename = "step")]
    pub steps: Vec<StepDefinition>,
}

fn main_database() -> String {
    "main".to_owned()
}

/// Where a type's PDF comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum TypeSource {
    /// The type's Typst template.
    #[default]
    Template,
    /// A PDF that the creator uploads.
    Upload,
}

/// What happens when the time-stamp authority does not answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum TimeStamps {
    /// The signature is kept without one, and time stamps follow after the last approver.
    #[default]
    Later,
    /// Nothing is signed.
    Required,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// One line, at most 200 characters.
    Text,
    /// Several lines, at most 4,000 characters.
    Paragraph,
    /// A decimal number.
    Number,
    /// An amount with two decimals, carried as a decimal string.
    Money,
    /// A day, `YYYY-MM-DD`.
    Date,
    /// One of `choices`.
    Choice,
    /// Rows of `columns`, at most 200.
    Table,
    /// A JPEG or PNG picture, carried as a data URL, at most 5 MB.
    Image,
}

/// A field of a type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Lower-case letters, digits and underscores, a letter first.
    pub key: String,
    /// What people read.
    pub label: LocalText,
    /// What it holds.
    pub kind: FieldKind,
    /// Must be filled.
    #[serde(default)]
    pub required: bool,
    /// A sentence under the field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<LocalText>,
    /// For a choice: the values, each also its label where `choice_labels` has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// For a table: its columns.
    #[serde(default, skip_serializing_if = "Vec::is_empty", rename = "column")]
    pub columns: Vec<Column>,
    /// Smallest number or amount, as a decimal string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// Largest number or amount, as a decimal string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
}

/// One value of a choice field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What is stored.
    pub value: String,
    /// What people read.
    pub label: LocalText,
}

/// One column of a table field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Key in each row's object.
    pub key: String,
    /// What people read.
    pub label: LocalText,
    /// Text, number, money, date or choice-free kinds only.
    pub kind: FieldKind,
}

/// How many of those asked must decide.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Decide {
    /// Any one.
    #[default]
    Any,
    /// Every account that had the role when the document was created.
    All,
}

/// A step as the type defines it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct StepDefinition {
    /// Lower-case letters, digits, dashes and underscores.
    pub key: String,
    /// What people read.
    pub name: LocalText,
    /// The role asked; `@login` asks one person.
    pub role: String,
    /// Any one or all of the role.
    #[serde(default)]
    pub decide: Decide,
    /// A CEL condition over the fields; absent means always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Where the seal goes and which it is; absent means that the approver chooses both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<Seal>,
}

/// A step's seal: its place and its design. The place is given whole or not at all; without it the approver places the seal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Seal {
    /// Page, 1 is the first, -1 the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<i32>,
    /// Left edge in millimetres from the page's lower left corner as a reader sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<f64>,
    /// Lower edge, the same way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<f64>,
    /// Width in millimetres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<f64>,
    /// Height in millimetres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<f64>,
    /// The design it must have.
    #[serde(default, skip_serializing_if = "SealChoice::is_any")]
    pub design: SealChoice,
}

/// A seal's place in millimetres from the lower left corner of the page as a reader sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SealPlace {
    /// Page, 1 is the first, -1 the last.
    pub page: i32,
    /// Left edge.
    pub x: f64,
    /// Lower edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

impl Seal {
    /// The place, where the type gives one.
    pub fn place(&self) -> Option<SealPlace> {
        Some(SealPlace { page: self.page?, x: self.x?, y: self.y?, width: self.width?, height: self.height? })
    }
}

impl StepDefinition {
    /// The place of the step's seal, where the type gives one.
    pub fn place(&self) -> Option<SealPlace> {
        self.seal.as_ref().and_then(Seal::place)
    }

    /// The design that the step asks for.
    pub fn design(&self) -> SealChoice {
        self.seal.map_or(SealChoice::Any, |seal| seal.design)
    }
}

/// A type in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
pub struct TypeSummary {
    /// The code.
    pub code: TypeCode,
    /// Its name.
    pub name: LocalText,
    /// Template or upload.
    pub file: TypeSource,
    /// Whether the caller may create documents of it.
    pub may_create: bool,
}

/// A type folder's files as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeFiles {
    /// `type.toml`.
    pub definition: String,
    /// `template.typ`; absent for uploads.
    pub template: Option<String>,
}
