//! Table `events`: a document's history, written in the transaction of each act.

use app::model::{Level, Number, Sha256};
use sqlx::AnyConnection;

use super::Index;
use super::batch::{Answers, Batch, Place};
use super::error::IndexError;
use super::sql::{Columns, Sql, sql};
use super::trail::{self, Entry};

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRow {
    /// When.
    pub at: i64,
    /// `created`, `signed`, `rejected`, `withdrawn`, `corrected`, `returned`, `raised`.
    pub kind: String,
    /// Account id of who did it.
    pub account: String,
    /// Who, by name.
    pub by: String,
    /// The step's key, for decisions.
    pub step: Option<String>,
    /// The reason of a rejection.
    pub reason: Option<String>,
    /// Edition it happened in.
    pub edition: u32,
    /// Revision it made or saw.
    pub revision: u32,
    /// Digest of that revision.
    pub sha256: Option<Sha256>,
    /// The lowest level of the signatures after it, where it changed any.
    pub level: Option<Level>,
}

impl Index {
    /// The history of a document that the caller has found before, oldest first.
    pub async fn events(&self, number: &Number) -> Result<Vec<EventRow>, IndexError> {
        let Some(database) = self.home(&number.type_code()).await? else { return Ok(Vec::new()) };
        let rows = sql("SELECT * FROM events WHERE number = $1 ORDER BY position").bind(number.as_str()).rows(&mut *database.connection().await?).await?;
        rows.iter()
            .map(|row| {
                Ok(EventRow {
                    at: row.int("at")?,
                    kind: row.text("kind")?,
                    account: row.text("account")?,
                    by: row.text("by_name")?,
                    step: row.maybe_text("step_key")?,
                    reason: row.maybe_text("reason")?,
                    edition: row.small("edition")?,
                    revision: row.small("revision")?,
                    sha256: row
                        .maybe_text("sha256")?
                        .map(|text| text.parse())
                        .transpose()
                        .map_err(|_| IndexError::Corrupt("column sha256 holds no digest".to_owned()))?,
                    level: row.maybe_text("level")?.map(|text| Level::read(&text)),
                })
            })
            .collect()
    }
}

/// Does what an act still has to do and adds its entries, to the document's history and to the trail; gives the answers of `batch`. The last
/// thing in its transaction. The document is locked, or new, so positions cannot collide. `more` adds to the trail what the history does not
/// hold, by the entry's place.
pub(super) async fn record(
    connection: &mut AnyConnection,
    mut batch: Batch,
    number: &Number,
    events: Vec<EventRow>,
    more: impl Fn(usize, Entry) -> Entry + Send,
) -> Result<Answers, IndexError> {
    let placed: Vec<Place> = events.iter().map(|event| batch.add(insert(number, event))).collect();
    let head = trail::take(&mut batch, events.len());
    let mut answers = batch.run(connection).await?;
    let mut entries = Vec::with_capacity(events.len());
    for (place, event) in events.into_iter().enumerate() {
        let entry = Entry::new(event.at, &event.kind, number.as_str())
            .fact("account", Some(&event.account).filter(|account| !account.is_empty()))
            .fact("by", &event.by)
            .fact("step", &event.step)
            .fact("reason", &event.reason)
            .fact("edition", event.edition)
            .fact("revision", event.revision)
            .fact("sha256", &event.sha256)
            .fact("level", event.level.map(Level::as_str));
        entries.push(more(place, entry.fact("event", answers.row(placed[place])?.int("position")?)));
    }
    let head = answers.row(head)?;
    trail::write(connection, &head, &entries).await?;
    Ok(answers)
}

fn insert(number: &Number, event: &EventRow) -> Sql {
    sql("INSERT INTO events (number, position, at, kind, account, by_name, step_key, reason, edition, revision, sha256, level) \
         SELECT $1, COALESCE(MAX(position), 0) + 1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 FROM events WHERE number = $1 RETURNING position")
    .bind(number.as_str())
    .bind(event.at)
    .bind(&event.kind)
    .bind(&event.account)
    .bind(&event.by)
    .bind(event.step.clone())
    .bind(event.reason.clone())
    .bind(event.edition)
    .bind(event.revision)
    .bind(event.sha256.clone().map(String::from))
    .bind(event.level.map(|level| level.as_str().to_owned()))
}
