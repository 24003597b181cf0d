//! Lists of documents, merged in order over every database.

use app::model::{Box, Number, Page, Status, TypeCode};
use futures::future::try_join_all;

use super::Index;
use super::connect::Database;
use super::cursor::ListCursor;
use super::documents::with_steps;
use super::error::IndexError;
use super::rows::DocumentRow;
use super::sql::{Columns, Sql, sql, word};
use super::viewer::Viewer;

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
}

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

    /// How many documents wait for this viewer's decision.
    pub async fn inbox_count(&self, viewer: &Viewer) -> Result<u64, IndexError> {
        let counts = self.0.databases.iter().map(|database| async move {
            let mut statement = sql("SELECT COUNT(*) AS waiting FROM documents d WHERE ");
            let waiting = waits_for(&mut statement, viewer);
            statement.push(&waiting);
            let row = statement.row(&mut *database.connection().await?).await?;
            row.map_or(Ok(0), |row| row.count("waiting"))
        });
        Ok(try_join_all(counts).await?.into_iter().sum())
    }
}

fn cursor_of(key: i64, number: &Number, which: Box) -> String {
    ListCursor { key, number: number.to_string() }.write(which)
}

/// The page's candidates of one database, each with its sort key.
async fn part(
    database: &Database,
    query: &ListQuery,
    viewer: &Viewer,
    after: Option<&ListCursor>,
    limit: usize,
) -> Result<Vec<(i64, DocumentRow)>, IndexError> {
    let mut statement = sql("");
    let account = statement.place(&viewer.account_id);
    let key = match query.which {
        Box::Inbox => "(SELECT s.opened_at FROM steps s WHERE s.number = d.number AND s.edition = d.edition AND s.status = 'open')".to_owned(),
        Box::Decided => format!("(SELECT MAX(x.decided_at) FROM decisions x WHERE x.number = d.number AND x.account = {account})"),
        Box::Created | Box::All => "d.created_at".to_owned(),
    };
    let conditions = conditions(&mut statement, query, viewer, &account);
    let (direction, beyond) = if query.which == Box::Inbox { ("ASC", ">") } else { ("DESC", "<") };
    let bytes = database.by_bytes();
    let place = after.map_or_else(String::new, |after| {
        let (key, number) = (statement.place(after.key), statement.place(&after.number));
        format!("WHERE (t.sort_key {beyond} {key} OR (t.sort_key = {key} AND t.number {bytes} {beyond} {number}))")
    });
    let limit = statement.place(i64::try_from(limit).unwrap_or(200));
    statement.push(&format!(
        "SELECT * FROM (SELECT d.*, {key} AS sort_key FROM documents d WHERE {}) t {place} \
         ORDER BY t.sort_key {direction}, t.number {bytes} {direction} LIMIT {limit}",
        conditions.join(" AND ")
    ));
    let statement = std::sync::Mutex::new(Some(statement));
    database
        .snapshot(move |connection| {
            // A snapshot is never tried again, so the statement is taken once.
            let statement = statement.lock().ok().and_then(|mut statement| statement.take());
            std::boxed::Box::pin(async move {
                let statement = statement.ok_or(IndexError::Busy)?;
                let rows = statement.rows(connection).await?;
                let keys = rows.iter().map(|row| row.int("sort_key")).collect::<Result<Vec<_>, _>>()?;
                let documents = rows.iter().map(DocumentRow::read).collect::<Result<Vec<_>, _>>()?;
                Ok(keys.into_iter().zip(with_steps(connection, documents).await?).collect())
            })
        })
        .await
}

fn conditions(statement: &mut Sql, query: &ListQuery, viewer: &Viewer, account: &str) -> Vec<String> {
    let mut all = vec![match query.which {
        Box::Inbox => waits_for(statement, viewer),
        Box::Created => format!("d.creator = {account}"),
        Box::Decided => format!("EXISTS (SELECT 1 FROM decisions x WHERE x.number = d.number AND x.account = {account})"),
        Box::All => viewer.may_see(statement),
    }];
    if let Some(code) = &query.type_code {
        all.push(format!("d.type_code = {}", statement.place(code.as_str())));
    }
    if let Some(status) = query.status {
        all.push(format!("d.status = {}", statement.place(word(status))));
    }
    if let Some(from) = query.from {
        all.push(format!("d.created_at >= {}", statement.place(from)));
    }
    if let Some(to) = query.to {
        all.push(format!("d.created_at < {}", statement.place(to)));
    }
    for wanted in query.q.as_deref().unwrap_or_default().split_whitespace().take(8) {
        let plain: String = wanted.to_lowercase().chars().take(100).flat_map(|c| if "\\%_".contains(c) { vec!['\\', c] } else { vec![c] }).collect();
        all.push(format!("d.search LIKE {} ESCAPE '\\'", statement.place(format!("%{plain}%"))));
    }
    all
}

/// SQL that is true where document `d` waits for the viewer's decision.
fn waits_for(statement: &mut Sql, viewer: &Viewer) -> String {
    let account = statement.place(&viewer.account_id);
    let asks = viewer.is_asked(statement);
    format!(
        "(d.status = 'pending' AND EXISTS (SELECT 1 FROM steps s WHERE s.number = d.number AND s.edition = d.edition AND s.status = 'open' AND {asks} \
           AND NOT EXISTS (SELECT 1 FROM decisions x WHERE x.number = s.number AND x.edition = s.edition AND x.position = s.position AND x.account = {account})))"
    )
}
