//! Rows as they are, of any table and on either kind of database: for checking, backups, and making an index anew.

use std::collections::{BTreeMap, BTreeSet};

use app::model::Number;
use serde::{Deserialize, Serialize};
use sqlx::AnyConnection;
use sqlx::Row as _;
use sqlx::any::AnyRow;
use tokio::sync::mpsc;

use super::connect::Kind;
use super::error::IndexError;
use super::sql::{Argument, Columns, Sql, sql};
use super::write::apart;
use super::{Index, MAIN, documents, listings};

/// A row: what stands in each column.
pub type Cells = BTreeMap<String, Cell>;

/// What stands in a column.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Cell {
    /// NULL.
    Null,
    /// BIGINT.
    Number(i64),
    /// TEXT.
    Text(String),
}

/// A table with the columns that tell its rows apart.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its key.
    pub key: &'static [&'static str],
    /// What it holds: of people, types and keys, of documents, or of every database.
    pub part: Part,
}

/// Which databases have rows of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The main one.
    People,
    /// Those that types name, the main one too.
    Documents,
    /// Each has its own.
    Own,
}

/// Every table, those first that others refer to.
pub const TABLES: [Table; 27] = {
    const fn table(name: &'static str, key: &'static [&'static str], part: Part) -> Table {
        Table { name, key, part }
    }
    use Part::{Documents, Own, People};
    [
        table("accounts", &["id"], People),
        table("account_roles", &["account", "role"], People),
        table("account_reads", &["account", "type_code"], People),
        table("seal_designs", &["account"], People),
        table("sessions", &["secret_hash"], People),
        table("tokens", &["id"], People),
        table("login_tries", &["who"], People),
        table("types", &["code"], People),
        table("certificates", &["serial"], People),
        table("answers", &["account", "request_key"], People),
        table("documents", &["number"], Documents),
        table("editions", &["number", "edition"], Documents),
        table("revisions", &["number", "edition", "revision"], Documents),
        table("steps", &["number", "edition", "position"], Documents),
        table("step_fields", &["number", "edition", "position", "ordinal"], Documents),
        table("decisions", &["number", "edition", "position", "account"], Documents),
        table("events", &["number", "position"], Documents),
        table("mailbox_positions", &["creator"], Documents),
        table("deliveries", &["creator", "position"], Documents),
        table("offers", &["id"], Documents),
        table("idempotency", &["account", "request_key"], Documents),
        table("counters", &["name"], Own),
        table("intents", &["id"], Own),
        table("records", &["store_path"], Own),
        table("trail", &["position"], Own),
        table("checkpoints", &["position"], Own),
        table("trail_head", &["id"], Own),
    ]
};

/// One change of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Adds a row.
    Insert(&'static str, Cells),
    /// Sets columns of the row with this key.
    Update(&'static str, Cells, Cells),
    /// Removes the row with this key.
    Delete(&'static str, Cells),
}

/// The table of this name.
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

impl Cell {
    /// Its text; empty where it is none.
    pub fn text(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Null | Self::Number(_) => "",
        }
    }

    /// Its number; 0 where it is none.
    pub fn number(&self) -> i64 {
        match self {
            Self::Number(number) => *number,
            Self::Null | Self::Text(_) => 0,
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<bool> for Cell {
    fn from(truth: bool) -> Self {
        Self::Number(truth.into())
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

impl From<Cell> for Argument {
    fn from(cell: Cell) -> Self {
        match cell {
            // NULL of either kind is the same where a column takes it.
            Cell::Null => Self::Text(None),
            Cell::Number(number) => Self::Number(Some(number)),
            Cell::Text(text) => Self::Text(Some(text)),
        }
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => f.write_str("nothing"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) if text.chars().count() > 60 => write!(f, "{:?}…", text.chars().take(60).collect::<String>()),
            Self::Text(text) => write!(f, "{text:?}"),
        }
    }
}

impl Index {
    /// Rows of a table after the row `after`, in the order of its key; at most `limit`.
    pub async fn cells(&self, database: &str, table: &'static Table, after: Option<&Cells>, limit: u32) -> Result<Vec<Cells>, IndexError> {
        let database = self.named(database)?;
        let connection = &mut *database.connection().await?;
        let columns = columns(database.kind, connection, table.name).await?;
        page(connection, table, &columns, after, limit).await
    }

    /// The rows of a table whose `column` has one of these values, in the order of its key.
    pub async fn cells_where(&self, database: &str, table: &'static Table, column: &str, values: &[String]) -> Result<Vec<Cells>, IndexError> {
        let database = self.named(database)?;
        let connection = &mut *database.connection().await?;
        let columns = columns(database.kind, connection, table.name).await?;
        let mut statement = sql(format!("SELECT * FROM {} WHERE {column} IN ", table.name));
        let list = statement.list(values);
        statement.push(&format!("{list} ORDER BY {}", table.key.join(", ")));
        let rows = statement.rows(connection).await?;
        Ok(rows.iter().map(|row| read(row, &columns)).collect())
    }

    /// Rows of a document's table whose document is not there, at most a thousand.
    pub async fn orphans(&self, database: &str, table: &'static Table) -> Result<Vec<Cells>, IndexError> {
        let database = self.named(database)?;
        let connection = &mut *database.connection().await?;
        let columns = columns(database.kind, connection, table.name).await?;
        let question = format!("SELECT t.* FROM {} t WHERE NOT EXISTS (SELECT 1 FROM documents d WHERE d.number = t.number) LIMIT 1000", table.name);
        let rows = sql(question).rows(connection).await?;
        Ok(rows.iter().map(|row| read(row, &columns)).collect())
    }

    /// Makes changes in one transaction.
    pub async fn change(&self, database: &str, changes: Vec<Change>) -> Result<(), IndexError> {
        let kind = self.named(database)?.kind;
        self.named(database)?
            .write(move |connection| {
                let changes = changes.clone();
                Box::pin(async move {
                    let mut known: BTreeMap<&'static str, Vec<Column>> = BTreeMap::new();
                    let mut numbers = BTreeSet::new();
                    for change in changes {
                        let name = change.table();
                        numbers.extend(change.number());
                        if !known.contains_key(name) {
                            known.insert(name, columns(kind, connection, name).await?);
                        }
                        change.statement(&known[name]).execute(connection).await?;
                    }
                    // What lists and search show follows from these rows.
                    for number in numbers {
                        if documents::is_readable(connection, &number).await? {
                            listings::anew(connection, &number).await?;
                        }
                    }
                    Ok(())
                })
            })
            .await
    }

    /// Sends the rows of these tables, page by page, all as of one moment. Ends early when nobody takes them any more.
    pub async fn export(&self, database: &str, tables: Vec<&'static Table>, sink: mpsc::Sender<(&'static Table, Vec<Cells>)>) -> Result<(), IndexError> {
        let database = self.named(database)?.clone();
        apart(async move {
            let begin = match database.kind {
                Kind::Sqlite => "BEGIN",
                Kind::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            };
            let mut transaction = database.pool.begin_with(begin).await?;
            if database.kind == Kind::Postgres {
                // Whoever takes the rows may write them to a slow disk.
                sql("SET LOCAL idle_in_transaction_session_timeout = 0").execute(&mut transaction).await?;
            }
            for table in tables {
                let columns = columns(database.kind, &mut transaction, table.name).await?;
                let mut after: Option<Cells> = None;
                loop {
                    let rows = page(&mut transaction, table, &columns, after.as_ref(), EXPORTED).await?;
                    after = rows.last().cloned();
                    let is_last = rows.len() < EXPORTED as usize;
                    if sink.send((table, rows)).await.is_err() {
                        return Err(IndexError::Unavailable("nobody takes the rows of the backup any more".to_owned()));
                    }
                    if is_last {
                        break;
                    }
                }
            }
            Ok(transaction.rollback().await?)
        })
        .await
    }

    /// The databases that may have rows of a part.
    pub fn databases_of(&self, part: Part) -> Vec<String> {
        match part {
            Part::People => vec![MAIN.to_owned()],
            Part::Documents | Part::Own => self.database_names(),
        }
    }
}

/// Rows in one page of an export.
const EXPORTED: u32 = 500;

/// A column and whether it holds numbers.
pub(super) struct Column {
    pub name: String,
    pub is_number: bool,
}

/// A table's columns, as the database has them.
pub(super) async fn columns(kind: Kind, connection: &mut AnyConnection, table: &str) -> Result<Vec<Column>, IndexError> {
    let question = match kind {
        Kind::Sqlite => "SELECT CAST(name AS TEXT) AS name, CAST(type AS TEXT) AS kind FROM pragma_table_info($1) ORDER BY cid",
        Kind::Postgres => {
            "SELECT CAST(column_name AS TEXT) AS name, CAST(data_type AS TEXT) AS kind FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position"
        }
    };
    let rows = sql(question).bind(table).rows(connection).await?;
    let mut columns = Vec::with_capacity(rows.len());
    for row in &rows {
        let kind = row.text("kind")?.to_ascii_lowercase();
        // Nothing else is ours: what a database adds for its own searching is made anew by it.
        if matches!(kind.as_str(), "text" | "bigint") {
            columns.push(Column { name: row.text("name")?, is_number: kind == "bigint" });
        }
    }
    Ok(columns)
}

/// Rows of a table after the row `after`.
pub(super) async fn page(
    connection: &mut AnyConnection,
    table: &Table,
    columns: &[Column],
    after: Option<&Cells>,
    limit: u32,
) -> Result<Vec<Cells>, IndexError> {
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let mut statement = sql(format!("SELECT {} FROM {}", names.join(", "), table.name));
    let key = table.key.join(", ");
    if let Some(after) = after {
        let places: Vec<String> = table.key.iter().map(|column| statement.place(after.get(*column).cloned().unwrap_or(Cell::Null))).collect();
        statement.push(&format!(" WHERE ({key}) > ({})", places.join(", ")));
    }
    let limit = statement.place(limit);
    statement.push(&format!(" ORDER BY {key} LIMIT {limit}"));
    let rows = statement.rows(connection).await?;
    Ok(rows.iter().map(|row| read(row, columns)).collect())
}

fn read(row: &AnyRow, columns: &[Column]) -> Cells {
    let mut cells = Cells::new();
    for Column { name, is_number } in columns {
        // What is of the other kind than its column cannot be ours; it is shown as nothing, and the check says so.
        let cell = if *is_number {
            row.try_get::<Option<i64>, _>(name.as_str()).map(Cell::from)
        } else {
            row.try_get::<Option<String>, _>(name.as_str()).map(Cell::from)
        };
        cells.insert(name.clone(), cell.unwrap_or(Cell::Null));
    }
    cells
}

impl Change {
    fn table(&self) -> &'static str {
        match self {
            Self::Insert(table, ..) | Self::Update(table, ..) | Self::Delete(table, ..) => table,
        }
    }

    /// The document whose lists this changes.
    fn number(&self) -> Option<Number> {
        let listed = matches!(self.table(), "documents" | "steps" | "step_fields" | "decisions");
        let (Self::Insert(_, cells) | Self::Update(_, cells, _) | Self::Delete(_, cells)) = self;
        cells.get("number").filter(|_| listed)?.text().parse().ok()
    }

    fn statement(self, columns: &[Column]) -> Sql {
        let value = |name: &str, cell: Cell| match cell {
            Cell::Null if columns.iter().any(|column| column.name == name && column.is_number) => Argument::Number(None),
            cell => cell.into(),
        };
        let matching = |statement: &mut Sql, key: Cells| {
            let conditions: Vec<String> = key.into_iter().map(|(name, cell)| format!("{name} = {}", statement.place(value(&name, cell)))).collect();
            statement.push(&format!(" WHERE {}", conditions.join(" AND ")));
        };
        match self {
            Self::Insert(table, cells) => {
                let names: Vec<String> = cells.keys().cloned().collect();
                let mut statement = sql(format!("INSERT INTO {table} ({}) VALUES (", names.join(", ")));
                let places: Vec<String> = cells.into_iter().map(|(name, cell)| statement.place(value(&name, cell))).collect();
                statement.push(&format!("{})", places.join(", ")));
                statement
            }
            Self::Update(table, key, cells) => {
                let mut statement = sql(format!("UPDATE {table} SET "));
                let sets: Vec<String> = cells.into_iter().map(|(name, cell)| format!("{name} = {}", statement.place(value(&name, cell)))).collect();
                statement.push(&sets.join(", "));
                matching(&mut statement, key);
                statement
            }
            Self::Delete(table, key) => {
                let mut statement = sql(format!("DELETE FROM {table}"));
                matching(&mut statement, key);
                statement
            }
        }
    }
}
