//! Table `types`: the imported type folders.

use app::model::TypeCode;
use sqlx::any::AnyRow;

use super::Index;
use super::error::{Constraint, IndexError};
use super::records::{self, NewRecord};
use super::sql::{Columns, sql};
use super::trail::{self, Entry};

/// An imported type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeRow {
    /// The code.
    pub code: TypeCode,
    /// The database that holds its documents. Never changes.
    pub database: String,
    /// `type.toml`.
    pub definition: String,
    /// `template.typ`; none for uploads.
    pub template: Option<String>,
    /// When it was imported last.
    pub imported_at: i64,
    /// Sign-in name of who imported it last; empty for the command line.
    pub imported_by: String,
}

impl Index {
    /// Imports or replaces a type. `Constraint::TypeDatabase` where it is known and in another database.
    pub async fn save_type(&self, row: TypeRow, record: Option<NewRecord>) -> Result<(), IndexError> {
        if !self.has_database(&row.database) {
            return Err(IndexError::Constraint(Constraint::TypeDatabase));
        }
        let (code, database) = (row.code.clone(), row.database.clone());
        self.main()
            .write(move |connection| {
                let (row, record) = (row.clone(), record.clone());
                Box::pin(async move {
                    let changed = sql("INSERT INTO types (code, database_name, definition, template, imported_at, imported_by) \
                         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (code) DO UPDATE SET definition = excluded.definition, \
                         template = excluded.template, imported_at = excluded.imported_at, imported_by = excluded.imported_by \
                         WHERE types.database_name = excluded.database_name")
                    .bind(row.code.as_str())
                    .bind(&row.database)
                    .bind(&row.definition)
                    .bind(row.template.clone())
                    .bind(row.imported_at)
                    .bind(&row.imported_by)
                    .execute(connection)
                    .await?;
                    if changed != 1 {
                        return Err(IndexError::Constraint(Constraint::TypeDatabase));
                    }
                    records::add_some(connection, record.as_ref(), row.imported_at).await?;
                    let entry = Entry::new(row.imported_at, "type-imported", row.code.as_str())
                        .fact("account", &row.imported_by)
                        .fact("database", &row.database)
                        .fact("definition_sha256", digest(row.definition.as_bytes()))
                        .fact("template_sha256", row.template.as_ref().map(|template| digest(template.as_bytes())))
                        .record(record.as_ref());
                    trail::append(connection, vec![entry]).await
                })
            })
            .await?;
        self.remember_home(&code, &database);
        Ok(())
    }

    /// One type.
    pub async fn type_row(&self, code: &TypeCode) -> Result<Option<TypeRow>, IndexError> {
        let row = sql("SELECT * FROM types WHERE code = $1").bind(code.as_str()).row(&mut *self.main().connection().await?).await?;
        row.as_ref().map(read).transpose()
    }

    /// All types, by code.
    pub async fn types(&self) -> Result<Vec<TypeRow>, IndexError> {
        let rows = sql("SELECT * FROM types ORDER BY code").rows(&mut *self.main().connection().await?).await?;
        rows.iter().map(read).collect()
    }
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(<sha2::Sha256 as sha2::Digest>::digest(bytes))
}

fn read(row: &AnyRow) -> Result<TypeRow, IndexError> {
    Ok(TypeRow {
        code: row.parsed("code")?,
        database: row.text("database_name")?,
        definition: row.text("definition")?,
        template: row.maybe_text("template")?,
        imported_at: row.int("imported_at")?,
        imported_by: row.text("imported_by")?,
    })
}
