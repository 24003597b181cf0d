//! Opaque places in lists that are merged from several databases.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use app::model::Box;
use base64ct::{Base64UrlUnpadded, Encoding};

use super::error::IndexError;
use super::sql::word;

/// The last document of a page: its sort key and number, and the box it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ListCursor {
    pub key: i64,
    pub number: String,
}

impl ListCursor {
    pub fn write(&self, which: Box) -> String {
        Base64UrlUnpadded::encode_string(format!("{} {} {}", word(which), self.key, self.number).as_bytes())
    }

    pub fn read(text: &str, which: Box) -> Result<Self, IndexError> {
        let parse = || {
            // A cursor is short; longer text is not looked at.
            let bytes = Base64UrlUnpadded::decode_vec(text.get(..).filter(|text| text.len() < 200)?).ok()?;
            let plain = String::from_utf8(bytes).ok()?;
            let mut parts = plain.splitn(3, ' ');
            if parts.next()? != word(which) {
                return None;
            }
            Some(Self { key: parts.next()?.parse().ok()?, number: parts.next()?.to_owned() })
        };
        parse().ok_or(IndexError::BadCursor)
    }
}

/// A place in a mailbox: the position reached in each database, written `main.12_wo.5`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Positions(BTreeMap<String, i64>);

impl Positions {
    pub fn read(text: &str) -> Result<Self, IndexError> {
        let mut positions = BTreeMap::new();
        let mut rest = text;
        while !rest.is_empty() {
            // A name may hold an underscore, but no dot; a position is only digits: so the first dot ends the name.
            let (name, after) = rest.split_once('.').ok_or(IndexError::BadCursor)?;
            let end = after.find('_').unwrap_or(after.len());
            let digits = &after[..end];
            if name.is_empty() || digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) || positions.len() > 100 {
                return Err(IndexError::BadCursor);
            }
            positions.insert(name.to_owned(), digits.parse().map_err(|_| IndexError::BadCursor)?);
            rest = match after.get(end + 1..) {
                Some("") => return Err(IndexError::BadCursor),
                Some(more) => more,
                None => "",
            };
        }
        Ok(Self(positions))
    }

    pub fn of(&self, database: &str) -> i64 {
        self.0.get(database).copied().unwrap_or_default()
    }

    pub fn set(&mut self, database: &str, position: i64) {
        self.0.insert(database.to_owned(), position);
    }

    pub fn write(&self) -> String {
        let mut text = String::new();
        for (name, position) in self.0.iter().filter(|(_, position)| **position > 0) {
            if !text.is_empty() {
                text.push('_');
            }
            write!(text, "{name}.{position}").expect("writing to a String does not fail");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_come_back_as_written() {
        let mut positions = Positions::default();
        positions.set("main", 12);
        positions.set("work_orders", 5);
        assert_eq!(positions.write(), "main.12_work_orders.5");
        assert_eq!(Positions::read("main.12_work_orders.5"), Ok(positions));
        assert_eq!(Positions::read(""), Ok(Positions::default()));
    }

    #[test]
    fn foreign_cursors_are_refused() {
        for text in ["x", "main", "main.", ".1", "main.-1", "main.1_", "main.99999999999999999999", "main.1x", "main.1__a.2."] {
            assert_eq!(Positions::read(text), Err(IndexError::BadCursor), "{text}");
        }
        let cursor = ListCursor { key: 5, number: "EXP-1".to_owned() };
        let text = cursor.write(Box::All);
        assert_eq!(ListCursor::read(&text, Box::All), Ok(cursor));
        assert_eq!(ListCursor::read(&text, Box::Inbox), Err(IndexError::BadCursor));
        assert_eq!(ListCursor::read("%%%", Box::All), Err(IndexError::BadCursor));
    }
}
