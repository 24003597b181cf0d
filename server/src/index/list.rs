//! Lists of documents, merged in order over every database.

use std::collections::HashMap;

use app::model::{Box, Number, Page, Status, TypeCode};
use futures::future::try_join_all;
use sqlx::AnyConnection;

use super::Index;
use super::connect::{Database, Kind};
use super::cursor::ListCursor;
use super::documents::with_steps;
use super::error::IndexError;
use super::rows::DocumentRow;
use super::sql::{Columns, sql};
use super::viewer::Viewer;
use super::walk;

/// A question for a list, already checked.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Which documents.
    pub which: Box,
    /// Only this type.
    pub type_code: Option<TypeCode>,
    /// Only this status.
    pub status: Option<Status>,
    /// Text to find in number, title, matter and creator's name.
    pub q: Option<String>,
    /// Created at or after.
    pub from: Option<i64>,
    /// Created before.
    pub to: Option<i64>,
    /// At most so many; 1 to 200.
    pub limit: u32,
    /// Where the page before ended.
    pub cursor: Option<String>,
    /// Only the values that a list shows.
    pub listed: bool,
}

/// What waits for a viewer's decision, in few numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitingRow {
    /// How many documents; [`COUNTED`] where there are that many or more.
    pub count: u64,
    /// Since when the first of them waits.
    pub oldest: Option<i64>,
    /// Since when the last of them waits. With the two above it changes whenever others wait than before.
    pub newest: Option<i64>,
}

/// An inbox is counted up to here and no further: the page says "many" then, and the count costs the same however many there are.
pub const COUNTED: u64 = 1000;

impl Index {
    /// One page. The inbox comes longest waiting first, the decided newest decision first, all else newest first.
    pub async fn list(&self, query: &ListQuery, viewer: &Viewer) -> Result<Page<DocumentRow>, IndexError> {
        let limit = query.limit.clamp(1, 200) as usize;
        let after = query.cursor.as_deref().map(|text| ListCursor::read(text, query.which)).transpose()?;
        let databases: Vec<&Database> = match &query.type_code {
            Some(code) => self.home(code).await?.into_iter().collect(),
            None => self.0.databases.iter().collect(),
        };
        let parts = databases.into_iter().map(|database| part(database, query, viewer, after.as_ref(), limit + 1));
        let mut found: Vec<(i64, DocumentRow)> = try_join_all(parts).await?.into_iter().flatten().collect();
        found.sort_by(|(a_key, a), (b_key, b)| (a_key, &a.number).cmp(&(b_key, &b.number)));
        if query.which != Box::Inbox {
            found.reverse();
        }
        let more = found.len() > limit;
        found.truncate(limit);
        let next = found.last().filter(|_| more).map(|(key, last)| cursor_of(*key, &last.number, query.which));
        Ok(Page { items: found.into_iter().map(|(_, row)| row).collect(), next })
    }

    /// What waits for this viewer's decision.
    pub async fn waiting(&self, viewer: &Viewer) -> Result<WaitingRow, IndexError> {
        let parts = self.0.databases.iter().map(|database| async move {
            let mut statement = sql("SELECT ");
            let audiences: Vec<String> = viewer.audiences().into_iter().map(|who| statement.place(who)).collect();
            // The ends stand in the list's order: one look for each audience, however many wait.
            for (end, name) in [("MIN", "oldest"), ("MAX", "newest")] {
                let ends: Vec<String> = audiences.iter().map(|who| format!("SELECT {end}(opened_at) AS at FROM waiting WHERE who = {who}")).collect();
                statement.push(&format!("(SELECT {end}(e.at) FROM ({}) e) AS {name}, ", ends.join(" UNION ALL ")));
            }
            let most = statement.place(COUNTED);
            let all = audiences.join(", ");
            statement.push(&format!("COUNT(*) AS many FROM (SELECT DISTINCT number FROM waiting WHERE who IN ({all}) LIMIT {most}) w"));
            let row = statement.row(&mut *database.connection().await?).await?;
            let Some(row) = row else { return Ok(WaitingRow::default()) };
            Ok::<_, IndexError>(WaitingRow { count: row.count("many")?, oldest: row.maybe_int("oldest")?, newest: row.maybe_int("newest")? })
        });
        let all = try_join_all(parts).await?;
        Ok(WaitingRow {
            count: all.iter().map(|part| part.count).sum::<u64>().min(COUNTED),
            oldest: all.iter().filter_map(|part| part.oldest).min(),
            newest: all.iter().filter_map(|part| part.newest).max(),
        })
    }
}

fn cursor_of(key: i64, number: &Number, which: Box) -> String {
    ListCursor { key, number: number.to_string() }.write(which)
}

/// The page's candidates of one database, each with its sort key, as they were at one moment.
async fn part(
    database: &Database,
    query: &ListQuery,
    viewer: &Viewer,
    after: Option<&ListCursor>,
    limit: usize,
) -> Result<Vec<(i64, DocumentRow)>, IndexError> {
    let (kind, query, viewer, after) = (database.kind, query.clone(), viewer.clone(), after.cloned());
    database
        .snapshot(move |connection| {
            let (query, viewer, after) = (query.clone(), viewer.clone(), after.clone());
            std::boxed::Box::pin(async move { rows(connection, kind, &query, &viewer, after, limit).await })
        })
        .await
}

async fn rows(
    connection: &mut AnyConnection,
    kind: Kind,
    query: &ListQuery,
    viewer: &Viewer,
    after: Option<ListCursor>,
    limit: usize,
) -> Result<Vec<(i64, DocumentRow)>, IndexError> {
    let places = walk::places(connection, kind, query, viewer, after, limit).await?;
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let columns = if query.listed { DocumentRow::listed(kind) } else { "d.*".to_owned() };
    let mut statement = sql(format!("SELECT {columns} FROM documents d WHERE d.number IN "));
    let numbers = statement.list(places.iter().map(|place| place.number.as_str()));
    statement.push(&numbers);
    let documents = statement.rows(connection).await?.iter().map(DocumentRow::read).collect::<Result<Vec<_>, _>>()?;
    let mut documents: HashMap<String, DocumentRow> = with_steps(connection, documents).await?.into_iter().map(|row| (row.number.to_string(), row)).collect();
    Ok(places.into_iter().filter_map(|place| documents.remove(&place.number).map(|row| (place.key, row))).collect())
}
