//! Whether two values say the same though they are written otherwise: programs that copy a dictionary write its texts in their own encoding.

use crate::pdf::date::parse_date;
use crate::pdf::text::decode;
use crate::pdf::{Dictionary, Value};

/// Keys whose strings are text for people (ISO 32000-2 §7.9.2.2): in the catalogue, fields, output intents, page labels, seals.
const TEXTS: &[&str] = &[
    "Lang",
    "T",
    "TU",
    "TM",
    "NM",
    "P",
    "CA",
    "RC",
    "AC",
    "Title",
    "Author",
    "Subject",
    "Keywords",
    "Creator",
    "Producer",
    "Info",
    "OutputCondition",
    "OutputConditionIdentifier",
    "RegistryName",
    "Name",
    "Reason",
    "Location",
    "ContactInfo",
];
/// Keys whose strings are dates (§7.9.4).
const DATES: &[&str] = &["CreationDate", "ModDate", "LastModified", "M"];

/// Whether the values of `key` say the same: strings by their text, dates by their instant, everything else as it is.
pub(super) fn alike(key: &[u8], one: &Value, other: &Value) -> bool {
    if one == other {
        return true;
    }
    if let (Some(one), Some(other)) = (one.string(), other.string()) {
        let of = |keys: &[&str]| keys.iter().any(|known| known.as_bytes() == key);
        return (of(TEXTS) && same_text(one, other)) || (of(DATES) && same_instant(one, other));
    }
    if let (Some(one), Some(other)) = (one.array(), other.array()) {
        return one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike(key, one, other));
    }
    match (one.dictionary(), other.dictionary()) {
        (Some(this), Some(that)) if one.stream().is_none() && other.stream().is_none() => dictionaries_alike(this, that),
        _ => false,
    }
}

/// The information dictionary's own keys are text or dates, whatever they are called (§14.3.3).
pub(super) fn alike_in_info(key: &[u8], one: &Value, other: &Value) -> bool {
    let strings = one.string().zip(other.string());
    alike(key, one, other)
        || strings.is_some_and(|(one, other)| same_text(one, other) || (DATES.iter().any(|date| date.as_bytes() == key) && same_instant(one, other)))
}

fn dictionaries_alike(one: &Dictionary, other: &Dictionary) -> bool {
    one.entries.len() == other.entries.len() && one.entries.iter().all(|(key, value)| other.get(key).is_some_and(|other| alike(key, value, other)))
}

fn same_text(one: &[u8], other: &[u8]) -> bool {
    decode(one).is_some_and(|text| decode(other) == Some(text))
}

fn same_instant(one: &[u8], other: &[u8]) -> bool {
    let instant = |bytes: &[u8]| parse_date(&decode(bytes)?);
    instant(one).is_some_and(|time| instant(other) == Some(time))
}
