//! Counters against the numbers that were given.

use std::collections::BTreeMap;

use app::model::{Number, TypeCode};

use super::Telling;
use crate::App;
use crate::error::Result;
use crate::index::Cells;
use crate::service::catalog;
use crate::service::record::Record;
use crate::store::StoreError;
use crate::types::{definition, numbering};

/// The types' numbering patterns, each looked up once.
#[derive(Debug, Default)]
pub struct Patterns(BTreeMap<TypeCode, Option<String>>);

impl Patterns {
    /// Those of each type's newest record, for the row may be what is wrong.
    ///
    /// # Errors
    /// An outage of the store.
    pub(super) async fn told(app: &App, telling: &Telling) -> Result<Self> {
        let mut newest: BTreeMap<&str, &Cells> = BTreeMap::new();
        for row in telling.records.values().filter(|row| row["kind"].text() == "type") {
            let other = newest.entry(row["object"].text()).or_insert(row);
            if other["version"] < row["version"] {
                *other = row;
            }
        }
        let mut patterns = Self::default();
        for (code, row) in newest {
            if let (Ok(code), Some(pattern)) = (code.parse(), recorded(app, row).await?) {
                patterns.0.insert(code, Some(pattern));
            }
        }
        Ok(patterns)
    }

    /// The counters that these documents' numbers come from, each with the highest number. A type that is not looked up yet is, by its row.
    ///
    /// # Errors
    /// When the index does not answer.
    pub async fn counters_of(&mut self, app: &App, numbers: &[Number]) -> Result<BTreeMap<String, i64>> {
        let mut highest = BTreeMap::new();
        for number in numbers {
            let code = number.type_code();
            if !self.0.contains_key(&code) {
                // A type that cannot be read is no type whose next number could be given.
                let known = catalog::known(app, &code).await.ok().flatten();
                self.0.insert(code.clone(), known.map(|known| known.definition.number));
            }
            let Some(Some(pattern)) = self.0.get(&code) else { continue };
            if let Some((counter, sequence)) = numbering::counter_of(pattern, number.as_str()) {
                let value: &mut i64 = highest.entry(format!("number {counter}")).or_default();
                *value = (*value).max(sequence);
            }
        }
        Ok(highest)
    }
}

/// The pattern that a type's record tells; none where it cannot be read, which is said of the record.
async fn recorded(app: &App, row: &Cells) -> Result<Option<String>> {
    let (Ok(path), Ok(sha256), Ok(size)) = (row["store_path"].text().parse(), row["sha256"].text().parse(), row["size"].number().try_into()) else {
        return Ok(None);
    };
    match app.store.get(&path, size, &sha256).await {
        Ok(bytes) => Ok(match Record::read(&bytes) {
            Ok(Record::Type(record)) => definition::parse(&record.definition).ok().map(|definition| definition.number),
            _ => None,
        }),
        Err(StoreError::Missing { .. } | StoreError::Corrupt { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
