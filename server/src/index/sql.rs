//! One statement with its arguments, and reading rows: the little that every table's file needs.

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, AnyConnection, AssertSqlSafe, Row};

use super::error::IndexError;

/// A statement under construction. Its text is only ever ours; what comes from outside is an argument.
#[derive(Default)]
pub(super) struct Sql {
    text: String,
    arguments: Vec<Argument>,
}

/// A value of one of the two column types.
#[derive(Clone)]
pub(super) enum Argument {
    /// TEXT
    Text(Option<String>),
    /// BIGINT
    Number(Option<i64>),
}

/// Starts a statement.
pub(super) fn sql(text: impl Into<String>) -> Sql {
    Sql { text: text.into(), arguments: Vec::new() }
}

impl Sql {
    /// Gives the next `$n` its value.
    pub fn bind(mut self, value: impl Into<Argument>) -> Self {
        self.arguments.push(value.into());
        self
    }

    /// Adds text.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds an argument and gives the `$n` to write for it.
    pub fn place(&mut self, value: impl Into<Argument>) -> String {
        self.arguments.push(value.into());
        format!("${}", self.arguments.len())
    }

    /// Adds a list of arguments and gives what to write after `IN`. An empty list matches nothing.
    pub fn list<T: Into<Argument>>(&mut self, values: impl IntoIterator<Item = T>) -> String {
        let places: Vec<String> = values.into_iter().map(|value| self.place(value)).collect();
        if places.is_empty() { "(NULL)".to_owned() } else { format!("({})", places.join(", ")) }
    }

    /// All rows.
    pub async fn rows(self, connection: &mut AnyConnection) -> Result<Vec<AnyRow>, IndexError> {
        Ok(self.query().fetch_all(connection).await?)
    }

    /// The first row.
    pub async fn row(self, connection: &mut AnyConnection) -> Result<Option<AnyRow>, IndexError> {
        // All rows are read, so that no statement stays half-way inside a transaction.
        Ok(self.rows(connection).await?.into_iter().next())
    }

    /// How many rows it changed.
    pub async fn execute(self, connection: &mut AnyConnection) -> Result<u64, IndexError> {
        Ok(self.query().execute(connection).await?.rows_affected())
    }

    /// Adds another statement behind this one, for a database that takes several at a time.
    pub fn append(&mut self, other: Self) {
        let (behind, mut parts) = (self.arguments.len(), other.text.split('$'));
        self.text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            let digits = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
            match part[..digits].parse::<usize>() {
                Ok(place) => self.text.push_str(&format!("${}{}", place + behind, &part[digits..])),
                Err(_) => self.text.push_str(&format!("${part}")),
            }
        }
        self.text.push_str(";\n");
        self.arguments.extend(other.arguments);
    }

    pub(super) fn query(self) -> Query<'static, Any, AnyArguments> {
        let query = sqlx::query(AssertSqlSafe(self.text));
        self.arguments.into_iter().fold(query, |query, argument| match argument {
            Argument::Text(text) => query.bind(text.map(storable)),
            Argument::Number(number) => query.bind(number),
        })
    }
}

/// PostgreSQL refuses NUL in text. Checked values hold none; what is only searched for must not fail, and must not become another text that
/// is there: NUL becomes the replacement character.
pub(super) fn storable(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{FFFD}") } else { text }
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<String> for Argument {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<&String> for Argument {
    fn from(text: &String) -> Self {
        Self::Text(Some(text.clone()))
    }
}

impl From<Option<String>> for Argument {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Argument {
    fn from(number: i64) -> Self {
        Self::Number(Some(number))
    }
}

impl From<u64> for Argument {
    fn from(number: u64) -> Self {
        Self::Number(Some(i64::try_from(number).unwrap_or(i64::MAX)))
    }
}

impl From<u32> for Argument {
    fn from(number: u32) -> Self {
        Self::Number(Some(i64::from(number)))
    }
}

impl From<i32> for Argument {
    fn from(number: i32) -> Self {
        Self::Number(Some(i64::from(number)))
    }
}

impl From<Option<i64>> for Argument {
    fn from(number: Option<i64>) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Argument {
    fn from(truth: bool) -> Self {
        Self::Number(Some(i64::from(truth)))
    }
}

/// Reading a row's columns by name.
pub(super) trait Columns {
    /// TEXT that is there.
    fn text(&self, column: &str) -> Result<String, IndexError>;
    /// TEXT or NULL.
    fn maybe_text(&self, column: &str) -> Result<Option<String>, IndexError>;
    /// BIGINT that is there.
    fn int(&self, column: &str) -> Result<i64, IndexError>;
    /// BIGINT or NULL.
    fn maybe_int(&self, column: &str) -> Result<Option<i64>, IndexError>;
    /// 0 or 1.
    fn truth(&self, column: &str) -> Result<bool, IndexError> {
        Ok(self.int(column)? != 0)
    }
    /// A BIGINT that counts.
    fn count(&self, column: &str) -> Result<u64, IndexError> {
        u64::try_from(self.int(column)?).map_err(|_| damaged(column))
    }
    /// A BIGINT that counts little.
    fn small(&self, column: &str) -> Result<u32, IndexError> {
        u32::try_from(self.int(column)?).map_err(|_| damaged(column))
    }
    /// TEXT as one of the checked types.
    fn parsed<T: std::str::FromStr>(&self, column: &str) -> Result<T, IndexError> {
        self.text(column)?.parse().map_err(|_| damaged(column))
    }
    /// TEXT as one word of an enum that serde knows.
    fn word<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, IndexError> {
        serde_json::from_value(serde_json::Value::String(self.text(column)?)).map_err(|_| damaged(column))
    }
    /// TEXT as JSON.
    fn json<T: serde::de::DeserializeOwned>(&self, column: &str) -> Result<T, IndexError> {
        serde_json::from_str(&self.text(column)?).map_err(|_| damaged(column))
    }
}

impl Columns for AnyRow {
    fn text(&self, column: &str) -> Result<String, IndexError> {
        Ok(self.try_get(column)?)
    }

    fn maybe_text(&self, column: &str) -> Result<Option<String>, IndexError> {
        Ok(self.try_get(column)?)
    }

    fn int(&self, column: &str) -> Result<i64, IndexError> {
        Ok(self.try_get(column)?)
    }

    fn maybe_int(&self, column: &str) -> Result<Option<i64>, IndexError> {
        Ok(self.try_get(column)?)
    }
}

/// The word serde writes for an enum's value.
pub(super) fn word<T: serde::Serialize>(value: T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        other => unreachable!("only enums without data are written as words: {other:?}"),
    }
}

fn damaged(column: &str) -> IndexError {
    IndexError::Corrupt(format!("column {column} holds no value of its kind"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_one_behind_the_other_keep_their_own_arguments() {
        let mut whole = sql("SELECT $1 || '$x', $2").bind("a").bind(1_i64);
        let mut both = Sql::default();
        both.append(std::mem::take(&mut whole));
        both.append(sql("UPDATE t SET c = $2 WHERE k = $1 OR k = $11").bind("b").bind(2_i64));
        assert_eq!(both.text, "SELECT $1 || '$x', $2;\nUPDATE t SET c = $4 WHERE k = $3 OR k = $13;\n");
        assert_eq!(both.arguments.len(), 4);
    }
}
