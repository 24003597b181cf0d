//! The trail against itself, against its checkpoints, and against those in the store; and what it tells of everything but documents.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use bytes::Bytes;

use super::Findings;
use super::compare::compare;
use super::files::{Wanted, look};
use super::mend::Mend;
use crate::App;
use crate::error::{Result, internal};
use crate::index::{Cell, Cells, Change, CheckpointRow, TrailHead, table, trail_link, trail_seed};
use crate::service::history::{ActKind, Derived, Told, key_of};
use crate::service::trail::read;
use crate::store::StorePath;

/// Entries read at a time.
const PAGE: u32 = 1_000;

/// Longest note that is read, bytes.
const NOTE: u64 = 4_096;

/// What a trail tells of people, types and keys.
#[derive(Debug, Default)]
pub struct Telling {
    /// When its first entry was made.
    pub begins: Option<i64>,
    /// Numbers of the documents that were created.
    pub created: BTreeSet<String>,
    /// Rows of `records` that belong to no document, by path.
    pub records: BTreeMap<String, Cells>,
    /// Accounts, certificates, types and seals that it tells of, whether or not a record does.
    pub objects: HashSet<String>,
    /// Where each certificate was issued.
    pub issued: HashMap<String, i64>,
    /// When each certificate was replaced.
    pub replaced: HashMap<String, i64>,
    /// Where and when each account ended.
    pub ended: HashMap<String, Vec<(i64, i64)>>,
    /// Tokens that were made and did not end: account, label, when.
    pub tokens: BTreeMap<String, Cells>,
    active: HashMap<String, bool>,
    versions: HashMap<(String, String), i64>,
}

impl Telling {
    /// Takes an entry in.
    pub fn take(&mut self, told: &Told) {
        self.begins.get_or_insert(told.at);
        if let Some(kind) = ActKind::read(&told.kind) {
            if kind == ActKind::Created {
                self.created.insert(told.object.clone());
            }
            return;
        }
        let object = &told.object;
        let recorded = match told.kind.as_str() {
            "account-added" | "account-changed" => Some("account"),
            "certificate-issued" | "certificate-confirmed" | "certificate-revoked" => Some("certificate"),
            "type-imported" => Some("type"),
            "seal-saved" => Some("seal"),
            "recorded" => told.of.as_deref(),
            _ => None,
        };
        if recorded.is_some() {
            self.objects.insert(object.clone());
        }
        if let (Some(kind), Some(path)) = (recorded, &told.record) {
            let version = self.versions.entry((kind.to_owned(), object.clone())).or_default();
            *version += 1;
            let cells = [
                ("store_path", Cell::from(path.as_str())),
                ("kind", kind.into()),
                ("object", object.as_str().into()),
                ("version", (*version).into()),
                ("sha256", told.record_sha256.clone().into()),
                ("size", told.record_size.into()),
                ("created_at", told.at.into()),
            ];
            self.records.insert(path.clone(), cells.into_iter().map(|(name, cell)| (name.to_owned(), cell)).collect());
        }
        match told.kind.as_str() {
            "account-added" | "account-changed" => {
                let active = told.active.unwrap_or(true);
                if self.active.insert(object.clone(), active).unwrap_or(true) && !active {
                    self.ended.entry(object.clone()).or_default().push((told.position, told.at));
                }
            }
            "certificate-issued" => drop(self.issued.insert(object.clone(), told.position)),
            "certificate-replaced" => drop(self.replaced.insert(object.clone(), told.at)),
            "token-created" => {
                let cells = [
                    ("id", Cell::from(object.as_str())),
                    ("account", told.account.as_str().into()),
                    ("label", told.label.clone().into()),
                    ("created_at", told.at.into()),
                ];
                self.tokens.insert(object.clone(), cells.into_iter().map(|(name, cell)| (name.to_owned(), cell)).collect());
            }
            "token-ended" => drop(self.tokens.remove(object)),
            // Tokens cannot be made anew: they ended with the index before.
            "reindexed" => self.tokens.clear(),
            _ => {}
        }
    }
}

/// What a database's trail tells, as it is.
///
/// # Errors
/// When the index does not answer.
pub async fn tell(app: &App, database: &str) -> Result<Telling> {
    let mut telling = Telling::default();
    let mut after = 0;
    loop {
        let rows = app.index.trail(database, after, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(telling) };
        after = last.position;
        rows.iter().filter_map(Told::read).for_each(|told| telling.take(&told));
    }
}

/// Checks a database's trail.
pub(super) async fn check(app: &App, database: &str, all: &mut Findings) -> Result<Telling> {
    let head = app.index.trail_head(database).await?;
    if !app.index.trail_is_guarded(database).await? {
        let text = "nothing in the database refuses that entries of the trail are changed or removed";
        all.say("trail-guard", database, text, Some(Mend::Guard { database: database.to_owned() }));
    }
    let checkpoints = app.index.checkpoints(database).await?;
    let mut pass =
        Pass { app, database, head: &head, telling: Telling::default(), hash: trail_seed(&head.origin), position: 0, begun: 0, lines: String::new() };
    let mut waiting = checkpoints.into_iter().peekable();
    let mut after = 0;
    let mut is_sound = true;
    loop {
        let rows = app.index.trail(database, after, PAGE).await?;
        let Some(last) = rows.last() else { break };
        after = last.position;
        for row in rows {
            all.entries += 1;
            let told = Told::read(&row);
            let follows = row.position == pass.position + 1 && trail_link(&pass.hash, &row.body).is_ok_and(|hash| hash == row.hash);
            let says_so = told.as_ref().is_some_and(|told| told.position == row.position as i64 && told.object == row.object);
            if is_sound && !(follows && says_so) {
                is_sound = false;
                let text = "the entry does not follow from the one before it: the trail was changed. Bring the database back from a backup whose `signet fsck` was clean";
                all.say("trail-chain", format!("{database} {}", row.position), text, None);
            }
            if let Some(told) = &told {
                pass.telling.take(told);
            }
            (pass.position, pass.hash) = (row.position, row.hash.clone());
            pass.lines.push_str(&row.body);
            pass.lines.push('\n');
            while let Some(checkpoint) = waiting.next_if(|checkpoint| checkpoint.position <= row.position) {
                pass.checkpoint(&checkpoint, all).await?;
            }
        }
    }
    for checkpoint in waiting {
        let text = format!(
            "a checkpoint covers {} entries, the trail has {}: its end was cut off. Bring the database back from a backup",
            checkpoint.position, pass.position
        );
        all.say("trail-truncated", format!("{database} {}", checkpoint.position), text, None);
    }
    pass.head(all);
    pass.stored(all).await?;
    Ok(pass.telling)
}

/// One look through a trail.
struct Pass<'a> {
    app: &'a App,
    database: &'a str,
    head: &'a TrailHead,
    telling: Telling,
    hash: String,
    position: u64,
    /// Where the segment under way began, and its lines so far.
    begun: u64,
    lines: String,
}

impl Pass<'_> {
    /// A checkpoint at the entry that was read last: its signature, what it says, its two files.
    async fn checkpoint(&mut self, row: &CheckpointRow, all: &mut Findings) -> Result<()> {
        let object = format!("{} {}", self.database, row.position);
        let note = self.note(row, &object, all).await?;
        match self.app.trail_key.verifier().text(&note).ok().and_then(read) {
            Some((origin, position, hash)) if origin == self.head.origin && position == row.position && position == self.position && hash == self.hash => {}
            Some(_) => {
                let text = "what the checkpoint signed is not what the trail says: the trail was written anew. Bring the database back from a backup whose `signet fsck` was clean";
                all.say("checkpoint-differs", &object, text, None);
            }
            None => {}
        }
        let segment = Bytes::from(std::mem::take(&mut self.lines));
        self.file(row.position, "segment", segment, all).await?;
        self.file(row.position, "note", note.into(), all).await?;
        self.begun = row.position;
        Ok(())
    }

    /// The checkpoint's note; where its row does not hold, the one in the store, if that does.
    async fn note(&self, row: &CheckpointRow, object: &str, all: &mut Findings) -> Result<String> {
        let verifier = self.app.trail_key.verifier();
        let Err(problem) = verifier.text(&row.note) else { return Ok(row.note.clone()) };
        let mut stored = None;
        if let Some(record) = self.app.index.record_of(self.database, "note", self.database, row.position).await?
            && let Ok(path) = record.store_path.parse::<StorePath>()
        {
            let file = self.app.store.read(&path, NOTE).await?;
            stored = file.and_then(|file| String::from_utf8(file.to_vec()).ok()).filter(|note| verifier.text(note).is_ok());
        }
        let mend = stored.as_ref().map(|note| {
            let key = Cells::from([("position".to_owned(), Cell::from(row.position as i64))]);
            Mend::rows(self.database, vec![Change::Update("checkpoints", key, Cells::from([("note".to_owned(), note.as_str().into())]))])
        });
        all.say("checkpoint-signature", object, problem, mend);
        Ok(stored.unwrap_or_else(|| row.note.clone()))
    }

    /// A file that the checkpoint stored: its row, and its bytes, which the trail itself gives again.
    async fn file(&self, position: u64, kind: &'static str, bytes: Bytes, all: &mut Findings) -> Result<()> {
        let object = format!("{} {position}", self.database);
        let Some(row) = self.app.index.record_of(self.database, kind, self.database, position).await? else {
            all.say("records-missing", &object, format!("no row names the {kind} of the checkpoint; bring the database back from a backup"), None);
            return Ok(());
        };
        let sha256 = crate::store::hash(&bytes);
        if row.sha256 != sha256 || row.size != bytes.len() as u64 {
            let is =
                [("sha256", Cell::from(row.sha256.as_str()), Cell::from(sha256.as_str())), ("size", (row.size as i64).into(), (bytes.len() as i64).into())];
            for (column, _, should) in is.into_iter().filter(|(_, is, should)| is != should) {
                let key = Cells::from([("store_path".to_owned(), row.store_path.as_str().into())]);
                let mend = Mend::rows(self.database, vec![Change::Update("records", key, Cells::from([(column.to_owned(), should)]))]);
                all.say(format!("records-{column}"), &object, format!("the row of the {kind} has another {column} than the trail gives"), Some(mend));
            }
        }
        let wanted = Wanted { what: "record", path: &row.store_path, sha256: sha256.as_str(), size: bytes.len() as i64, object: &object, is_read: false };
        look(self.app, wanted, Some(bytes.clone()), all).await?;
        Ok(())
    }

    /// The head against the last entry.
    fn head(&self, all: &mut Findings) {
        let key = Cells::from([("id".to_owned(), Cell::Number(1))]);
        let mut differ = |column: &str, is: Cell, should: Cell| {
            if is != should {
                let mend = Mend::rows(self.database, vec![Change::Update("trail_head", key.clone(), Cells::from([(column.to_owned(), should.clone())]))]);
                all.say(format!("trail_head-{column}"), self.database, format!("the trail's head has {column} {is}; its entries give {should}"), Some(mend));
            }
        };
        differ("position", (self.head.position as i64).into(), (self.position as i64).into());
        differ("hash", self.head.hash.as_str().into(), self.hash.as_str().into());
        differ("checkpointed", (self.head.checkpointed as i64).into(), (self.begun as i64).into());
    }

    /// Notes in the store that no row knows: a database that was put back to an earlier day does not hide what it has forgotten.
    async fn stored(&self, all: &mut Findings) -> Result<()> {
        let known = self.notes(all).await?;
        for folder in self.app.store.places().into_iter().map(|place| format!("{place}records/trail/{}", self.database)) {
            self.stored_in(&folder, &known, all).await?;
        }
        Ok(())
    }

    async fn stored_in(&self, folder: &str, known: &HashSet<String>, all: &mut Findings) -> Result<()> {
        for name in self.app.store.list(folder).await?.into_iter().filter(|name| name.strip_suffix(".note").is_some()) {
            let path: StorePath = format!("{folder}/{name}").parse().map_err(internal)?;
            if known.contains(path.as_str()) {
                continue;
            }
            let Some(note) = self.app.store.read(&path, NOTE).await? else { continue };
            let signed = std::str::from_utf8(&note).ok().and_then(|note| self.app.trail_key.verifier().text(note).ok()).and_then(read);
            // What the key did not sign says nothing; what a crash left agrees with the trail and is swept.
            let Some((_, position, hash)) = signed.filter(|(origin, ..)| *origin == self.head.origin) else { continue };
            let object = format!("{} {position}", self.database);
            if position > self.position {
                let text =
                    format!("{path} covers {position} entries, the trail has {}: its end was cut off. Bring the database back from a backup", self.position);
                all.say("trail-truncated", object, text, None);
            } else if self.app.index.trail(self.database, position.saturating_sub(1), 1).await?.pop().is_none_or(|row| row.hash != hash) {
                all.say("checkpoint-differs", object, format!("{path} signed another trail than this one. Bring the database back from a backup"), None);
            }
        }
        Ok(())
    }

    /// The notes that rows name; each has its checkpoint.
    async fn notes(&self, all: &mut Findings) -> Result<HashSet<String>> {
        let records = table("records").ok_or_else(|| internal("records is a table"))?;
        let checkpoints: HashMap<i64, i64> = self.app.index.checkpoint_times(self.database).await?.into_iter().collect();
        let mut notes = HashSet::new();
        for row in self.app.index.cells_where(self.database, records, "kind", &["note".to_owned()]).await? {
            let (path, position) = (row["store_path"].text(), row["version"].number());
            let object = format!("{} {position}", self.database);
            match checkpoints.get(&position) {
                None => all.say("checkpoints-missing", object, format!("no checkpoint is kept of {path}. Bring the database back from a backup"), None),
                Some(at) if *at != row["created_at"].number() => {
                    let key = Cells::from([("position".to_owned(), position.into())]);
                    let mend = Mend::rows(self.database, vec![Change::Update("checkpoints", key, Cells::from([("at".to_owned(), row["created_at"].clone())]))]);
                    all.say("checkpoints-at", object, format!("the checkpoint was made at another time than {path}"), Some(mend));
                }
                Some(_) => {}
            }
            notes.insert(path.to_owned());
        }
        Ok(notes)
    }
}

/// The records of a database that belong to no document, against what its trail tells.
pub(super) async fn records(app: &App, database: &str, telling: &Telling, all: &mut Findings) -> Result<()> {
    let records = table("records").ok_or_else(|| internal("records is a table"))?;
    let kinds = ["account", "certificate", "type", "seal"].map(str::to_owned);
    let mut actual = Derived::new();
    for row in app.index.cells_where(database, records, "kind", &kinds).await? {
        actual.insert(key_of("records", &row), row);
    }
    let expected: Derived = telling.records.values().map(|row| (key_of("records", row), row.clone())).collect();
    compare(database, database, &expected, &actual, &["records"], all);
    Ok(())
}
