//! Tables `trail`, `trail_head` and `checkpoints`: what happened, in one chain of hashes per database. `server/TRAIL.md` has the format.
//!
//! Every act adds its entries in its own transaction, as the last thing in it: the head is one row, locked from here to the commit, and
//! nothing else is waited for behind it, so two acts can never wait for each other.

use std::collections::BTreeMap;

use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::batch::{Batch, Place};
use super::connect::Kind;
use super::error::IndexError;
use super::records::{self, NewRecord};
use super::sql::{Columns, sql, storable};
use super::{Index, new_id};

/// An entry about to be added.
pub(super) struct Entry {
    at: i64,
    kind: String,
    object: String,
    facts: BTreeMap<String, Value>,
}

/// An entry as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailRow {
    /// 1 is the first; there are no gaps.
    pub position: u64,
    /// What it is about.
    pub object: String,
    /// Canonical JSON.
    pub body: String,
    /// SHA-256 over the hash before and the body, lower-case hexadecimal.
    pub hash: String,
}

/// Where a trail stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailHead {
    /// The trail's own name, the first line of its checkpoints.
    pub origin: String,
    /// Position of the newest entry, 0 where there is none.
    pub position: u64,
    /// Its hash.
    pub hash: String,
    /// How far the checkpoints reach.
    pub checkpointed: u64,
    /// Whether the index is being made anew.
    pub restoring: bool,
}

/// A checkpoint as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointRow {
    /// The entries that it covers.
    pub position: u64,
    /// The signed note.
    pub note: String,
}

/// A checkpoint to make real; its files are stored.
#[derive(Clone, Debug)]
pub struct NewCheckpoint {
    /// The entries that it covers.
    pub position: u64,
    /// The signed note.
    pub note: String,
    /// When.
    pub at: i64,
    /// The entries since the checkpoint before, and the note.
    pub records: Vec<NewRecord>,
}

/// The hash that the first entry follows: of the trail's name.
pub fn trail_seed(origin: &str) -> String {
    hex::encode(Sha256::digest(origin))
}

/// The hash of an entry after the one before.
///
/// # Errors
/// `Corrupt` where `previous` is no hash.
pub fn trail_link(previous: &str, body: &str) -> Result<String, IndexError> {
    let previous = hex::decode(previous).map_err(|_| IndexError::Corrupt("the trail's hash is no hexadecimal".to_owned()))?;
    Ok(hex::encode(Sha256::new().chain_update(previous).chain_update(body).finalize()))
}

impl Entry {
    /// An act of this kind on an object: a document's number, an account's id, a serial number, a type's code.
    pub fn new(at: i64, kind: &str, object: &str) -> Self {
        Self { at, kind: kind.to_owned(), object: storable(object.to_owned()), facts: BTreeMap::new() }
    }

    /// Adds a fact; one that is not there is left out.
    pub fn fact<T: serde::Serialize>(mut self, name: &str, value: T) -> Self {
        let mut value = serde_json::to_value(value).unwrap_or_default();
        // As its row has it.
        if let Value::String(text) = &mut value {
            *text = storable(std::mem::take(text));
        }
        if !value.is_null() {
            self.facts.insert(name.to_owned(), value);
        }
        self
    }

    /// The file that an act stored with it.
    pub fn record(self, record: Option<&NewRecord>) -> Self {
        let Some(NewRecord { file, .. }) = record else { return self };
        self.fact("record", &file.store_path).fact("record_sha256", file.sha256.as_str()).fact("record_size", file.size)
    }

    /// Canonical JSON: keys in order, no space.
    fn body(&self, position: u64) -> String {
        let mut facts = self.facts.clone();
        facts.insert("at".to_owned(), self.at.into());
        facts.insert("kind".to_owned(), self.kind.as_str().into());
        facts.insert("object".to_owned(), self.object.as_str().into());
        facts.insert("position".to_owned(), position.into());
        serde_json::to_string(&facts).expect("a map with text keys is always JSON")
    }
}

/// Adds entries. The last thing in its transaction.
pub(super) async fn append(connection: &mut AnyConnection, entries: Vec<Entry>) -> Result<(), IndexError> {
    if entries.is_empty() {
        return Ok(());
    }
    let mut batch = Batch::default();
    let head = take(&mut batch, entries.len());
    let head = batch.run(connection).await?.row(head)?;
    write(connection, &head, &entries).await
}

/// Takes the places of so many entries, and the head with them, until the transaction ends. The last statement of its batch.
pub(super) fn take(batch: &mut Batch, many: usize) -> Place {
    let head = sql("UPDATE trail_head SET position = position + $1 WHERE id = 1 RETURNING position, hash").bind(many as u64);
    batch.one(head, IndexError::Corrupt("the trail has no head".to_owned()))
}

/// Writes as many entries as places were taken, behind the `head` that [`take`] gave.
pub(super) async fn write(connection: &mut AnyConnection, head: &AnyRow, entries: &[Entry]) -> Result<(), IndexError> {
    let first = head.count("position")? + 1 - entries.len() as u64;
    let mut hash = head.text("hash")?;
    let mut batch = Batch::default();
    for (position, entry) in (first..).zip(entries) {
        let body = entry.body(position);
        hash = trail_link(&hash, &body)?;
        let row = sql("INSERT INTO trail (position, object, body, hash) VALUES ($1, $2, $3, $4)");
        batch.add(row.bind(position).bind(&entry.object).bind(body).bind(&hash));
    }
    batch.add(sql("UPDATE trail_head SET hash = $1 WHERE id = 1").bind(hash));
    batch.run(connection).await.map(drop)
}

/// What a database needs beside its tables: the head, and the triggers that keep the trail as it is.
pub(super) async fn prepare(kind: Kind, name: &str, connection: &mut AnyConnection) -> Result<(), IndexError> {
    let origin = format!("signet/{name}/{}", new_id());
    sql("INSERT INTO trail_head (id, origin, position, hash, checkpointed, lease_until, restoring) VALUES (1, $1, 0, $2, 0, 0, 0) ON CONFLICT (id) DO NOTHING")
        .bind(&origin)
        .bind(trail_seed(&origin))
        .execute(connection)
        .await?;
    if is_guarded(kind, connection).await? {
        return Ok(());
    }
    for statement in match kind {
        Kind::Sqlite => &SQLITE_GUARDS[..],
        Kind::Postgres => &POSTGRES_GUARDS[..],
    } {
        sql(*statement).execute(connection).await?;
    }
    Ok(())
}

/// Whether the triggers are there.
async fn is_guarded(kind: Kind, connection: &mut AnyConnection) -> Result<bool, IndexError> {
    let (question, all) = match kind {
        Kind::Sqlite => {
            ("SELECT COUNT(*) AS guards FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'trail' AND name IN ('trail_stays', 'trail_remains')", 2)
        }
        Kind::Postgres => (
            "SELECT COUNT(*) AS guards FROM pg_trigger WHERE tgrelid = 'trail'::regclass AND tgenabled <> 'D' AND tgname IN ('trail_stays', 'trail_remains')",
            2,
        ),
    };
    Ok(sql(question).row(connection).await?.map_or(Ok(0), |row| row.int("guards"))? == all)
}

const SQLITE_GUARDS: [&str; 2] = [
    "CREATE TRIGGER IF NOT EXISTS trail_stays BEFORE UPDATE ON trail BEGIN SELECT RAISE(ABORT, 'the trail is only added to'); END",
    "CREATE TRIGGER IF NOT EXISTS trail_remains BEFORE DELETE ON trail BEGIN SELECT RAISE(ABORT, 'the trail is only added to'); END",
];

const POSTGRES_GUARDS: [&str; 4] = [
    // Replicas that start together make them one after the other.
    "SELECT CAST(pg_advisory_xact_lock(7361951) AS TEXT) AS locked",
    "CREATE OR REPLACE FUNCTION trail_only_grows() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN RAISE EXCEPTION 'the trail is only added to'; END $guard$",
    "CREATE OR REPLACE TRIGGER trail_stays BEFORE UPDATE OR DELETE ON trail FOR EACH ROW EXECUTE FUNCTION trail_only_grows()",
    "CREATE OR REPLACE TRIGGER trail_remains BEFORE TRUNCATE ON trail FOR EACH STATEMENT EXECUTE FUNCTION trail_only_grows()",
];

impl Index {
    /// Where the trail of a database stands.
    pub async fn trail_head(&self, database: &str) -> Result<TrailHead, IndexError> {
        let connection = &mut *self.named(database)?.connection().await?;
        let row = sql("SELECT * FROM trail_head WHERE id = 1").row(connection).await?.ok_or_else(|| IndexError::Corrupt("the trail has no head".to_owned()))?;
        Ok(TrailHead {
            origin: row.text("origin")?,
            position: row.count("position")?,
            hash: row.text("hash")?,
            checkpointed: row.count("checkpointed")?,
            restoring: row.truth("restoring")?,
        })
    }

    /// Entries after a position, in order.
    pub async fn trail(&self, database: &str, after: u64, limit: u32) -> Result<Vec<TrailRow>, IndexError> {
        let connection = &mut *self.named(database)?.connection().await?;
        let rows = sql("SELECT * FROM trail WHERE position > $1 ORDER BY position LIMIT $2").bind(after).bind(limit).rows(connection).await?;
        rows.iter().map(read).collect()
    }

    /// The entries about an object, in order.
    pub async fn trail_about(&self, database: &str, object: &str) -> Result<Vec<TrailRow>, IndexError> {
        let connection = &mut *self.named(database)?.connection().await?;
        let rows = sql("SELECT * FROM trail WHERE object = $1 ORDER BY position").bind(object).rows(connection).await?;
        rows.iter().map(read).collect()
    }

    /// Every checkpoint of a database, in order.
    pub async fn checkpoints(&self, database: &str) -> Result<Vec<CheckpointRow>, IndexError> {
        let rows = sql("SELECT position, note FROM checkpoints ORDER BY position").rows(&mut *self.named(database)?.connection().await?).await?;
        rows.iter().map(|row| Ok(CheckpointRow { position: row.count("position")?, note: row.text("note")? })).collect()
    }

    /// When each checkpoint was made, by its position.
    pub async fn checkpoint_times(&self, database: &str) -> Result<Vec<(i64, i64)>, IndexError> {
        let rows = sql("SELECT position, at FROM checkpoints").rows(&mut *self.named(database)?.connection().await?).await?;
        rows.iter().map(|row| Ok((row.int("position")?, row.int("at")?))).collect()
    }

    /// Whether the database refuses changes of its trail.
    pub async fn trail_is_guarded(&self, database: &str) -> Result<bool, IndexError> {
        let database = self.named(database)?;
        is_guarded(database.kind, &mut *database.connection().await?).await
    }

    /// Makes the guards of a trail anew.
    pub async fn guard_trail(&self, database: &str) -> Result<(), IndexError> {
        let (kind, name) = (self.named(database)?.kind, database.to_owned());
        self.named(database)?
            .write(move |connection| {
                let name = name.clone();
                Box::pin(async move { prepare(kind, &name, connection).await })
            })
            .await
    }

    /// Takes it in hand to write the next checkpoint until `until`; false where another replica has it, or there is nothing new.
    pub async fn take_checkpoint(&self, database: &str, now: i64, until: i64) -> Result<bool, IndexError> {
        self.named(database)?
            .write(move |connection| {
                let statement = sql("UPDATE trail_head SET lease_until = $1 WHERE id = 1 AND restoring = 0 AND position > checkpointed AND lease_until <= $2")
                    .bind(until)
                    .bind(now);
                Box::pin(async move { Ok(statement.execute(connection).await? == 1) })
            })
            .await
    }

    /// Makes a checkpoint real, and gives the lease back.
    pub async fn commit_checkpoint(&self, database: &str, new: NewCheckpoint) -> Result<(), IndexError> {
        self.named(database)?
            .write(move |connection| {
                let new = new.clone();
                Box::pin(async move {
                    for record in &new.records {
                        records::add_some(connection, Some(record), new.at).await?;
                    }
                    sql("INSERT INTO checkpoints (position, note, at) VALUES ($1, $2, $3)")
                        .bind(new.position)
                        .bind(&new.note)
                        .bind(new.at)
                        .execute(connection)
                        .await?;
                    sql("UPDATE trail_head SET checkpointed = $1, lease_until = 0 WHERE id = 1 AND checkpointed < $1")
                        .bind(new.position)
                        .execute(connection)
                        .await
                        .map(drop)
                })
            })
            .await
    }

    /// Gives the lease of a checkpoint back that could not be written.
    pub async fn release_checkpoint(&self, database: &str) -> Result<(), IndexError> {
        self.named(database)?
            .write(|connection| Box::pin(async move { sql("UPDATE trail_head SET lease_until = 0 WHERE id = 1").execute(connection).await.map(drop) }))
            .await
    }

    /// Adds one entry that belongs to no other change.
    pub async fn tell_trail(&self, database: &str, at: i64, kind: &'static str, object: &str, facts: BTreeMap<String, Value>) -> Result<(), IndexError> {
        let object = object.to_owned();
        self.named(database)?
            .write(move |connection| {
                let entry = Entry { facts: facts.clone(), ..Entry::new(at, kind, &object) };
                Box::pin(async move { append(connection, vec![entry]).await })
            })
            .await
    }
}

fn read(row: &AnyRow) -> Result<TrailRow, IndexError> {
    Ok(TrailRow { position: row.count("position")?, object: row.text("object")?, body: row.text("body")?, hash: row.text("hash")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_canonical_and_its_hash_follows_from_the_one_before() {
        let entry = Entry::new(5, "signed", "EXP-1").fact("revision", 1).fact("by", "李 \"na\"\n").fact("reason", None::<String>);
        let body = entry.body(7);
        assert_eq!(body, r#"{"at":5,"by":"李 \"na\"\n","kind":"signed","object":"EXP-1","position":7,"revision":1}"#);
        // echo -n signet/main/x | sha256sum; then xxd -r -p of it with the body behind it | sha256sum.
        let seed = trail_seed("signet/main/x");
        assert_eq!(seed.len(), 64);
        let link = trail_link(&seed, &body).unwrap();
        assert_eq!(link, hex::encode(Sha256::digest([hex::decode(&seed).unwrap(), body.into_bytes()].concat())));
        assert!(trail_link("no hash", "").is_err());
    }
}
