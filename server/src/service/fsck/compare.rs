//! Rows as they should be against rows as they are.

use super::Findings;
use super::mend::Mend;
use crate::index::{Cells, Change, table};
use crate::service::history::{Derived, Key};

/// Adds a finding for every row that is missing, should not be there, or differs. Only columns that `expected` names are compared.
pub fn compare(database: &str, object: &str, expected: &Derived, actual: &Derived, tables: &[&'static str], all: &mut Findings) {
    let ours = |key: &Key| tables.contains(&key.0);
    for (key, row) in expected.iter().filter(|(key, _)| ours(key)) {
        let name = key.0;
        let Some(found) = actual.get(key) else {
            let mend = Mend::rows(database, vec![Change::Insert(name, row.clone())]);
            all.say(format!("{name}-missing"), object, format!("the row {} of {name} is missing", shown(key)), Some(mend));
            continue;
        };
        for (column, should) in row {
            let is = found.get(column);
            if is != Some(should) {
                let mend = Mend::rows(database, vec![Change::Update(name, key_cells(key), Cells::from([(column.clone(), should.clone())]))]);
                let is = is.map_or_else(|| "no such column".to_owned(), ToString::to_string);
                all.say(format!("{name}-{column}"), object, format!("{name} {} has {column} {is} instead of {should}", shown(key)), Some(mend));
            }
        }
    }
    for key in actual.keys().filter(|key| ours(key) && !expected.contains_key(*key)) {
        let name = key.0;
        let mend = Mend::rows(database, vec![Change::Delete(name, key_cells(key))]);
        all.say(format!("{name}-extra"), object, format!("the row {} of {name} was made by no act", shown(key)), Some(mend));
    }
}

/// A row's key as cells by column.
pub fn key_cells(key: &Key) -> Cells {
    let columns = table(key.0).map_or(&[][..], |table| table.key);
    columns.iter().map(ToString::to_string).zip(key.1.iter().cloned()).collect()
}

fn shown(key: &Key) -> String {
    key.1.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
