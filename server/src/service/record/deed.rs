//! What an edition's first revision says of itself, inside the PDF (`pades::issue_with_data`): every signature covers it.

use std::collections::BTreeMap;

use app::model::{ClientNumber, Decide, LocalText, Number, SealChoice, TypeCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::VERSION;
use crate::error::{Result, internal};
use crate::index::{Cell, Cells, NewStep, StepFieldRow};
use crate::service::history::Derived;

/// An edition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deed {
    /// The version of this form.
    pub v: u32,
    /// The document's number.
    pub number: Number,
    /// Its type's code.
    #[serde(rename = "type")]
    pub type_code: TypeCode,
    /// 1 is the first.
    pub edition: u32,
    /// Title.
    pub title: String,
    /// The matter.
    pub matter: String,
    /// Field values by key.
    pub fields: BTreeMap<String, Value>,
    /// The language the file is made in.
    pub lang: String,
    /// Who created the document.
    pub creator: DeedCreator,
    /// When the first edition was created, unix milliseconds.
    pub created_at: i64,
    /// When this edition was, unix milliseconds.
    pub at: i64,
    /// The route, in order.
    pub steps: Vec<DeedStep>,
}

/// Who created a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeedCreator {
    /// Account id.
    pub account: String,
    /// Sign-in name.
    pub login: String,
    /// The person's name then.
    pub name: String,
    /// The client number.
    pub client_number: ClientNumber,
}

/// A step of the route.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeedStep {
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
    /// Its signature fields.
    pub fields: Vec<DeedField>,
}

/// A signature field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeedField {
    /// Its name in the PDF.
    pub field: String,
    /// 1 is the first page.
    pub page: i32,
    /// `[left, bottom, right, top]` in points; none where the field is made together with its signature.
    pub rect: Option<[i32; 4]>,
    /// How far its page is shown turned.
    pub rotate: i32,
    /// Whether the approver may place the seal.
    pub movable: bool,
    /// The one account it is for.
    pub account: Option<String>,
    /// That account's name then.
    pub account_name: Option<String>,
}

impl Deed {
    /// As it goes into the PDF.
    ///
    /// # Errors
    /// Never for values that passed their checks.
    pub fn write(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(internal)
    }

    /// What a PDF says of itself; none where it says nothing.
    ///
    /// # Errors
    /// In words: what is wrong with it.
    pub fn read(pdf: &[u8]) -> std::result::Result<Option<Self>, String> {
        let Some(data) = pades::issued_data(pdf).map_err(|error| format!("it cannot be read ({error})"))? else { return Ok(None) };
        let deed: Self = serde_json::from_slice(&data).map_err(|error| format!("what it says of itself cannot be read ({error})"))?;
        if deed.v == VERSION { Ok(Some(deed)) } else { Err(format!("what it says of itself is of version {}, which this Signet does not know", deed.v)) }
    }

    /// What the rows of an index say of an edition; none where one of them is missing or holds what is no value of ours.
    pub fn from_rows(rows: &Derived, edition: i64) -> Option<Self> {
        let of = |name: &'static str| rows.iter().filter(move |((table, _), _)| *table == name).map(|(_, row)| row);
        let here = |row: &&Cells| row.get("edition").is_some_and(|own| *own == Cell::Number(edition));
        let (document, own) = (of("documents").next()?, of("editions").find(here)?);
        let mut steps = Vec::new();
        for step in of("steps").filter(here) {
            let fields = of("step_fields").filter(here).filter(|field| field["position"] == step["position"]).map(DeedField::from_row);
            steps.push(DeedStep {
                key: step["step_key"].text().to_owned(),
                name: LocalText { en: step["name_en"].text().to_owned(), zh: step["name_zh"].text().to_owned() },
                role: step["role"].text().to_owned(),
                decide: parsed(&step["decide"])?,
                design: parsed(&step["seal_design"])?,
                fields: fields.collect(),
            });
        }
        let first = of("editions").find(|row| row["edition"] == Cell::Number(1)).unwrap_or(own);
        Some(Self {
            v: VERSION,
            number: document["number"].text().parse().ok()?,
            type_code: document["type_code"].text().parse().ok()?,
            edition: edition.try_into().ok()?,
            title: own["title"].text().to_owned(),
            matter: own["matter"].text().to_owned(),
            fields: serde_json::from_str(own["fields"].text()).ok()?,
            lang: document["lang"].text().to_owned(),
            creator: DeedCreator {
                account: document["creator"].text().to_owned(),
                login: String::new(),
                name: document["creator_name"].text().to_owned(),
                client_number: document["creator_client_number"].text().parse().ok()?,
            },
            created_at: first["created_at"].number(),
            at: own["created_at"].number(),
            steps,
        })
    }
}

impl DeedField {
    fn from_row(row: &Cells) -> Self {
        let some = |column: &str| Some(row[column].text().to_owned()).filter(|text| !text.is_empty());
        Self {
            field: row["field"].text().to_owned(),
            page: row["page"].number() as i32,
            rect: serde_json::from_str(row["rect"].text()).ok(),
            rotate: row["rotate"].number() as i32,
            movable: row["movable"].number() != 0,
            account: some("account"),
            account_name: some("account_name"),
        }
    }
}

/// A cell as an enum's value.
fn parsed<T: serde::de::DeserializeOwned>(cell: &Cell) -> Option<T> {
    serde_json::from_value(Value::String(cell.text().to_owned())).ok()
}

impl From<NewStep> for DeedStep {
    fn from(NewStep { key, name, role, decide, design, fields }: NewStep) -> Self {
        Self { key, name, role, decide, design, fields: fields.into_iter().map(DeedField::from).collect() }
    }
}

impl From<StepFieldRow> for DeedField {
    fn from(row: StepFieldRow) -> Self {
        let StepFieldRow { ordinal: _, field, page, rect, rotate, movable, account, account_name } = row;
        Self { field, page, rect, rotate, movable, account, account_name }
    }
}
