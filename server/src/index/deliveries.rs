//! Tables `deliveries` and `mailbox_positions`: results on their way back to the creator.
//!
//! A position is taken by a locked update inside the transaction of the decision, so within one database positions become
//! visible in order: whoever has read up to one has missed nothing before it.

use app::model::{DecisionKind, Number, Page};
use futures::future::try_join_all;
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::cursor::Positions;
use super::decide::NewDecision;
use super::error::IndexError;
use super::rows::DocumentRow;
use super::sql::{Columns, sql, word};
use super::{Index, live};
use crate::crash::{self, Point};

/// One result for the creator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Opaque place in the mailbox; resume after it.
    pub cursor: String,
    /// The document.
    pub number: Number,
    /// `signed` or `rejected`.
    pub decision: DecisionKind,
    /// The reason of a rejection.
    pub reason: Option<String>,
    /// Edition of the result.
    pub edition: u32,
    /// Revision of the result.
    pub revision: u32,
    /// The document's title.
    pub title: String,
    /// Who decided last.
    pub by: String,
    /// When.
    pub at: i64,
    /// Confirmed as arrived.
    pub read: bool,
}

/// A mailbox as its page shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MailboxRows {
    /// Newest first.
    pub deliveries: Vec<DeliveryRow>,
    /// How many are not confirmed yet, in all.
    pub unread: u64,
    /// Cursor of the newest; none where the mailbox is empty.
    pub newest: Option<String>,
}

/// A delivery with its place in its own database.
struct Placed {
    position: i64,
    row: DeliveryRow,
}

impl Index {
    /// The creator's deliveries after a cursor (from the beginning without one), in order; at most `limit`.
    pub async fn deliveries(&self, creator: &str, after: Option<&str>, limit: u32) -> Result<Page<DeliveryRow>, IndexError> {
        let limit = limit.clamp(1, 200) as usize;
        let mut reached = Positions::read(after.unwrap_or_default())?;
        let start = &reached;
        let mut queues = try_join_all(self.0.databases.iter().map(|database| async move {
            let rows = sql("SELECT * FROM deliveries WHERE creator = $1 AND position > $2 ORDER BY position LIMIT $3")
                .bind(creator)
                .bind(start.of(&database.name))
                .bind(limit as u64 + 1)
                .rows(&mut *database.connection().await?)
                .await?;
            let queue = rows.iter().map(Placed::read).collect::<Result<std::collections::VecDeque<_>, _>>()?;
            Ok::<_, IndexError>((&database.name, queue))
        }))
        .await?;
        let mut items = Vec::new();
        // The oldest head comes next; within a database the order of positions stands.
        while items.len() < limit {
            let next = queues.iter_mut().filter(|(_, queue)| !queue.is_empty()).min_by_key(|(_, queue)| queue.front().map(|placed| placed.row.at));
            let Some((name, Placed { position, mut row })) = next.and_then(|(name, queue)| queue.pop_front().map(|placed| (&**name, placed))) else { break };
            reached.set(name, position);
            row.cursor = reached.write();
            items.push(row);
        }
        let more = queues.iter().any(|(_, queue)| !queue.is_empty());
        let next = items.last().filter(|_| more).map(|row| row.cursor.clone());
        Ok(Page { items, next })
    }

    /// The creator's newest deliveries, newest first, and how many are unread.
    pub async fn mailbox(&self, creator: &str, limit: u32) -> Result<MailboxRows, IndexError> {
        let limit = limit.clamp(1, 200) as usize;
        let mut queues = try_join_all(self.0.databases.iter().map(|database| async move {
            let connection = &mut *database.connection().await?;
            let rows =
                sql("SELECT * FROM deliveries WHERE creator = $1 ORDER BY position DESC LIMIT $2").bind(creator).bind(limit as u64).rows(connection).await?;
            let unread = sql("SELECT COUNT(*) AS unread FROM deliveries WHERE creator = $1 AND read_at IS NULL").bind(creator).row(connection).await?;
            let queue = rows.iter().map(Placed::read).collect::<Result<std::collections::VecDeque<_>, _>>()?;
            Ok::<_, IndexError>((&database.name, queue, unread.map_or(Ok(0), |row| row.count("unread"))?))
        }))
        .await?;
        let mut reached = Positions::default();
        for (name, queue, _) in &queues {
            reached.set(name, queue.front().map_or(0, |placed| placed.position));
        }
        let mut mailbox = MailboxRows {
            deliveries: Vec::new(),
            unread: queues.iter().map(|(_, _, unread)| unread).sum(),
            newest: Some(reached.write()).filter(|cursor| !cursor.is_empty()),
        };
        while mailbox.deliveries.len() < limit {
            let next = queues.iter_mut().filter(|(_, queue, _)| !queue.is_empty()).max_by_key(|(_, queue, _)| queue.front().map(|placed| placed.row.at));
            let Some((name, Placed { position, mut row })) = next.and_then(|(name, queue, _)| queue.pop_front().map(|placed| (&**name, placed))) else { break };
            row.cursor = reached.write();
            reached.set(name, position - 1);
            mailbox.deliveries.push(row);
        }
        Ok(mailbox)
    }

    /// Each creator's last place in the mailbox, in one database.
    pub async fn last_deliveries(&self, database: &str) -> Result<Vec<(String, i64)>, IndexError> {
        let connection = &mut *self.named(database)?.connection().await?;
        let rows = sql("SELECT creator, MAX(position) AS position FROM deliveries GROUP BY creator ORDER BY creator").rows(connection).await?;
        rows.iter().map(|row| Ok((row.text("creator")?, row.int("position")?))).collect()
    }

    /// Everything up to a cursor has arrived.
    pub async fn mark_read(&self, creator: &str, cursor: &str, at: i64) -> Result<(), IndexError> {
        let reached = Positions::read(cursor)?;
        for database in &self.0.databases {
            let (creator, position) = (creator.to_owned(), reached.of(&database.name));
            if position > 0 {
                database
                    .write(move |connection| {
                        let statement = sql("UPDATE deliveries SET read_at = $1 WHERE creator = $2 AND position <= $3 AND read_at IS NULL")
                            .bind(at)
                            .bind(&creator)
                            .bind(position);
                        Box::pin(async move { statement.execute(connection).await.map(drop) })
                    })
                    .await?;
            }
        }
        Ok(())
    }
}

impl Placed {
    fn read(row: &AnyRow) -> Result<Self, IndexError> {
        Ok(Self {
            position: row.int("position")?,
            row: DeliveryRow {
                cursor: String::new(),
                number: row.parsed("number")?,
                decision: row.word("decision")?,
                reason: row.maybe_text("reason")?,
                edition: row.small("edition")?,
                revision: row.small("revision")?,
                title: row.text("title")?,
                by: row.text("by_name")?,
                at: row.int("at")?,
                read: row.maybe_int("read_at")?.is_some(),
            },
        })
    }
}

/// Puts a result into the mailbox of the document's creator, in the transaction of the last decision. Gives its place there.
pub(super) async fn deliver(
    connection: &mut AnyConnection,
    document: &DocumentRow,
    last: &NewDecision,
    decision: DecisionKind,
    revision: u32,
    reason: Option<String>,
) -> Result<i64, IndexError> {
    crash::before(Point::DeliverPosition);
    let position = sql("INSERT INTO mailbox_positions (creator, position) VALUES ($1, 1) \
         ON CONFLICT (creator) DO UPDATE SET position = mailbox_positions.position + 1 RETURNING position")
    .bind(&document.creator)
    .row(connection)
    .await?
    .ok_or_else(|| IndexError::Defect("an upsert returned nothing".to_owned()))?
    .int("position")?;
    crash::after(Point::DeliverPosition);
    crash::before(Point::DeliverRow);
    sql("INSERT INTO deliveries (creator, position, number, edition, revision, decision, reason, title, by_name, at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)")
    .bind(&document.creator)
    .bind(position)
    .bind(document.number.as_str())
    .bind(document.edition)
    .bind(revision)
    .bind(word(decision))
    .bind(reason)
    .bind(&document.title)
    .bind(&last.by)
    .bind(last.at)
    .execute(connection)
    .await?;
    crash::after(Point::DeliverRow);
    live::notify(connection, &document.creator).await?;
    Ok(position)
}
