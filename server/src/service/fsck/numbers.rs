//! Counters against the numbers that were given.

use std::collections::BTreeMap;

use app::model::Number;

use crate::App;
use crate::error::Result;
use crate::service::catalog;
use crate::types::numbering;

/// The counters that these documents' numbers come from, each with the highest number.
///
/// # Errors
/// When the index does not answer.
pub async fn counters_of(app: &App, numbers: &[Number]) -> Result<BTreeMap<String, i64>> {
    let mut patterns: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut highest = BTreeMap::new();
    for number in numbers {
        let code = number.type_code();
        if !patterns.contains_key(code.as_str()) {
            // A type that cannot be read is no type whose next number could be given.
            let known = catalog::known(app, &code).await.ok().flatten();
            patterns.insert(code.to_string(), known.map(|known| known.definition.number));
        }
        let Some(Some(pattern)) = patterns.get(code.as_str()) else { continue };
        if let Some((counter, sequence)) = numbering::counter_of(pattern, number.as_str()) {
            let value: &mut i64 = highest.entry(format!("number {counter}")).or_default();
            *value = (*value).max(sequence);
        }
    }
    Ok(highest)
}
