//! Table `records`: the small files that lie in the store beside the documents' own, each made real by the act it tells of.

use app::model::Sha256;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::batch::Batch;
use super::create::NewFile;
use super::error::IndexError;
use super::sql::{Columns, sql};
use super::trail::{self, Entry};
use super::{Index, intents};

/// A stored record about to become real together with its act.
#[derive(Clone, Debug)]
pub struct NewRecord {
    /// What it tells of: `rejected`, `withdrawn`, `account`, `certificate`, `type`, `seal`, `segment`, `note`.
    pub kind: &'static str,
    /// Which one: a number, an account's id, a serial number, a code, a database.
    pub object: String,
    /// One more with each change of the object; two changes at the same moment cannot both have it.
    pub version: u64,
    /// The file.
    pub file: NewFile,
}

/// A record that is real.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// What it tells of.
    pub kind: String,
    /// Which one.
    pub object: String,
    /// One more with each change.
    pub version: u64,
    /// Digest.
    pub sha256: Sha256,
    /// Length in bytes.
    pub size: u64,
    /// Where it is stored.
    pub store_path: String,
    /// When it became real.
    pub created_at: i64,
}

impl Index {
    /// The version of an object's newest record in a database, 0 where there is none.
    pub async fn record_version(&self, database: &str, kind: &str, object: &str) -> Result<u64, IndexError> {
        let row = sql("SELECT COALESCE(MAX(version), 0) AS version FROM records WHERE kind = $1 AND object = $2")
            .bind(kind)
            .bind(object)
            .row(&mut *self.named(database)?.connection().await?)
            .await?;
        row.map_or(Ok(0), |row| row.count("version"))
    }

    /// The records of a database after a path, in order of their paths.
    pub async fn records(&self, database: &str, after: &str, limit: u32) -> Result<Vec<RecordRow>, IndexError> {
        let database = self.named(database)?;
        let bytes = database.kind.by_bytes();
        let rows = sql(format!("SELECT * FROM records WHERE store_path{bytes} > $1 ORDER BY store_path{bytes} LIMIT $2"))
            .bind(after)
            .bind(limit)
            .rows(&mut *database.connection().await?)
            .await?;
        rows.iter().map(read).collect()
    }

    /// One record.
    pub async fn record_of(&self, database: &str, kind: &str, object: &str, version: u64) -> Result<Option<RecordRow>, IndexError> {
        let row = sql("SELECT * FROM records WHERE kind = $1 AND object = $2 AND version = $3")
            .bind(kind)
            .bind(object)
            .bind(version)
            .row(&mut *self.named(database)?.connection().await?)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// An object's newest record.
    pub async fn newest_record(&self, database: &str, kind: &str, object: &str) -> Result<Option<RecordRow>, IndexError> {
        let row = sql("SELECT * FROM records WHERE kind = $1 AND object = $2 ORDER BY version DESC LIMIT 1")
            .bind(kind)
            .bind(object)
            .row(&mut *self.named(database)?.connection().await?)
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// Makes a record real that tells of what is there already; nothing happens where a newer one came first.
    pub async fn add_record(&self, database: &str, record: NewRecord, at: i64) -> Result<(), IndexError> {
        self.named(database)?
            .write(move |connection| {
                let record = record.clone();
                Box::pin(async move {
                    add_some(connection, Some(&record), at).await?;
                    let entry = Entry::new(at, "recorded", &record.object).fact("of", record.kind).record(Some(&record));
                    trail::append(connection, vec![entry]).await
                })
            })
            .await
    }

    /// Accounts, certificates and types (each its kind and its key) that no record tells of yet; at most `limit` of each.
    pub async fn unrecorded(&self, limit: u32) -> Result<Vec<(&'static str, String)>, IndexError> {
        let mut found = Vec::new();
        for (kind, table, key) in
            [("account", "accounts", "id"), ("certificate", "certificates", "serial"), ("type", "types", "code"), ("seal", "seal_designs", "account")]
        {
            let rows = sql(format!(
                "SELECT t.{key} AS object FROM {table} t WHERE NOT EXISTS (SELECT 1 FROM records r WHERE r.kind = $1 AND r.object = t.{key}) LIMIT $2"
            ))
            .bind(kind)
            .bind(limit)
            .rows(&mut *self.main().connection().await?)
            .await?;
            for row in rows {
                found.push((kind, row.text("object")?));
            }
        }
        Ok(found)
    }
}

/// Makes a stored record real, in the transaction of its act.
pub(super) fn add(batch: &mut Batch, record: &NewRecord, at: i64) {
    intents::end(batch, &record.file);
    batch.add(
        sql("INSERT INTO records (store_path, kind, object, version, sha256, size, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)")
            .bind(&record.file.store_path)
            .bind(record.kind)
            .bind(&record.object)
            .bind(record.version)
            .bind(record.file.sha256.as_str())
            .bind(record.file.size)
            .bind(at),
    );
}

/// The same at once, where there may be none.
pub(super) async fn add_some(connection: &mut AnyConnection, record: Option<&NewRecord>, at: i64) -> Result<(), IndexError> {
    let Some(record) = record else { return Ok(()) };
    let mut batch = Batch::default();
    add(&mut batch, record, at);
    batch.run(connection).await.map(drop)
}

fn read(row: &AnyRow) -> Result<RecordRow, IndexError> {
    Ok(RecordRow {
        kind: row.text("kind")?,
        object: row.text("object")?,
        version: row.count("version")?,
        sha256: row.parsed("sha256")?,
        size: row.count("size")?,
        store_path: row.text("store_path")?,
        created_at: row.int("created_at")?,
    })
}
