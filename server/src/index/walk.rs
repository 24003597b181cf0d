//! Along a list, from a place on: the next documents' numbers in order, without looking at those before or at those of others.
//!
//! Everything a viewer may see comes on a few ways (what he created, what his roles were asked, what he reads), each kept in order by an
//! index. A page takes its length from each way and merges. Words are looked for along the list first, where common ones are found at once,
//! then by the pieces of the text, where rare ones are.

use app::model::Box;
use sqlx::AnyConnection;

use super::connect::Kind;
use super::cursor::ListCursor;
use super::error::IndexError;
use super::list::ListQuery;
use super::search::Words;
use super::sql::{Columns, Sql, sql, word};
use super::viewer::Viewer;

/// How far the list itself is looked through for words at first.
const LOOK: usize = 400;
/// Words that filled this part of a page in the first look (one in so many) are looked for further along the list.
const OFTEN: usize = 12;
/// How far at a time, when the words turned out to be common but not here.
const LOOK_ON: usize = 4000;
/// Words that fewer documents may hold are looked for by the text.
const FEW: usize = 2000;

/// The next documents after a place, at most `limit`.
pub(super) async fn places(
    connection: &mut AnyConnection,
    kind: Kind,
    query: &ListQuery,
    viewer: &Viewer,
    after: Option<ListCursor>,
    limit: usize,
) -> Result<Vec<ListCursor>, IndexError> {
    let mut walk = Walk { kind, query, viewer, after };
    let words = Words::of(query.q.as_deref());
    if words.is_empty() {
        return walk.next(connection, None, limit).await;
    }
    // 1. Along the list: most questions end here.
    let mut found = Vec::new();
    if walk.look(connection, &words, LOOK, limit, &mut found).await? {
        return Ok(found);
    }
    // 2. Further, as far as a page should take, where the words were met often enough.
    if found.len() * OFTEN >= limit {
        let further = LOOK * limit / found.len();
        if walk.look(connection, &words, further, limit, &mut found).await? {
            return Ok(found);
        }
    }
    // 3. By the text, where few documents can hold the words.
    if walk.few(connection, &words).await? {
        found.append(&mut walk.next(connection, Some(&words), limit - found.len()).await?);
        return Ok(found);
    }
    // 4. The words are common, only not here: on along the list.
    while !walk.look(connection, &words, LOOK_ON, limit, &mut found).await? {}
    Ok(found)
}

struct Walk<'a> {
    kind: Kind,
    query: &'a ListQuery,
    viewer: &'a Viewer,
    after: Option<ListCursor>,
}

impl Walk<'_> {
    /// The next places; with words only of documents that hold them.
    async fn next(&self, connection: &mut AnyConnection, words: Option<&Words>, limit: usize) -> Result<Vec<ListCursor>, IndexError> {
        let mut statement = sql("");
        if let Some(words) = words {
            let found = words.found(self.kind, &mut statement);
            statement.push(&format!("WITH found AS MATERIALIZED ({found}) "));
        }
        let merged = self.merged(&mut statement, words.is_some(), limit);
        statement.push(&merged);
        statement.rows(connection).await?.iter().map(|row| Ok(ListCursor { key: row.int("sort_key")?, number: row.text("number")? })).collect()
    }

    /// Looks through the next `many` places and adds those that hold the words; whether that is all there is to find.
    async fn look(
        &mut self,
        connection: &mut AnyConnection,
        words: &Words,
        many: usize,
        limit: usize,
        found: &mut Vec<ListCursor>,
    ) -> Result<bool, IndexError> {
        let mut statement = sql("");
        let held = words.held("d.search", &mut statement);
        let merged = self.merged(&mut statement, false, many);
        let (direction, bytes) = (self.direction(), self.kind.by_bytes());
        statement.push(&format!(
            "SELECT m.number, m.sort_key, CASE WHEN {held} THEN 1 ELSE 0 END AS hit FROM ({merged}) m JOIN documents d ON d.number = m.number \
             ORDER BY m.sort_key {direction}, m.number{bytes} {direction}"
        ));
        let rows = statement.rows(connection).await?;
        for row in &rows {
            let place = ListCursor { key: row.int("sort_key")?, number: row.text("number")? };
            if row.truth("hit")? {
                found.push(place.clone());
                if found.len() == limit {
                    return Ok(true);
                }
            }
            self.after = Some(place);
        }
        Ok(rows.len() < many)
    }

    /// Whether few documents have all pieces of the words.
    async fn few(&self, connection: &mut AnyConnection, words: &Words) -> Result<bool, IndexError> {
        let mut statement = sql("SELECT COUNT(*) AS many FROM (");
        let candidates = words.candidates(self.kind, &mut statement);
        let most = statement.place(FEW as u64);
        statement.push(&format!("{candidates} LIMIT {most}) c"));
        Ok(statement.row(connection).await?.map_or(Ok(0), |row| row.count("many"))? < FEW as u64)
    }

    /// SQL for the next places of all ways together, in order, each document once.
    fn merged(&self, statement: &mut Sql, found: bool, limit: usize) -> String {
        let limit = statement.place(limit as u64);
        let ways: Vec<String> = self.ways(statement, found, &limit).into_iter().map(|way| format!("SELECT * FROM ({way}) w")).collect();
        let (direction, bytes) = (self.direction(), self.kind.by_bytes());
        format!(
            "SELECT number, sort_key FROM ({}) u WHERE sort_key IS NOT NULL ORDER BY sort_key {direction}, number{bytes} {direction} LIMIT {limit}",
            ways.join(" UNION ")
        )
    }

    fn ways(&self, statement: &mut Sql, found: bool, limit: &str) -> Vec<String> {
        let mut ways = Vec::new();
        let listed = |table: &'static str, key: &'static str| Way { table, key, owner: "who" };
        let documents = |owner: &'static str| Way { table: "documents", key: "created_at", owner };
        match self.query.which {
            Box::Inbox => {
                for who in self.viewer.audiences() {
                    ways.push(self.way(statement, &listed("waiting", "opened_at"), &who, found, limit));
                }
            }
            Box::Decided => ways.push(self.way(statement, &listed("decided", "decided_at"), &self.viewer.as_account(), found, limit)),
            Box::Created => ways.push(self.way(statement, &documents("creator"), &self.viewer.account_id, found, limit)),
            Box::All => {
                ways.push(self.way(statement, &documents("creator"), &self.viewer.account_id, found, limit));
                for who in self.viewer.audiences() {
                    ways.push(self.way(statement, &listed("seen", "created_at"), &who, found, limit));
                }
                for code in self.viewer.reads.iter().filter(|code| self.query.type_code.as_ref().is_none_or(|only| only.as_str() == *code)) {
                    ways.push(self.way(statement, &documents("type_code"), code, found, limit));
                }
            }
        }
        ways
    }

    /// SQL for the next places on one way. `t` is the table in order, `d` the document.
    fn way(&self, statement: &mut Sql, way: &Way, owner: &str, found: bool, limit: &str) -> String {
        let (key, direction, bytes) = (way.key, self.direction(), self.kind.by_bytes());
        let mut holds = vec![format!("t.{} = {}", way.owner, statement.place(owner))];
        if let Some(code) = self.query.type_code.as_ref().filter(|_| way.owner != "type_code") {
            holds.push(format!("t.type_code = {}", statement.place(code.as_str())));
        }
        let is_document = way.table == "documents";
        let d = if is_document { "t" } else { "d" };
        let created = if way.key == "created_at" { "t" } else { "d" };
        if let Some(status) = self.query.status {
            holds.push(format!("{d}.status = {}", statement.place(word(status))));
        }
        if let Some(from) = self.query.from {
            holds.push(format!("{created}.created_at >= {}", statement.place(from)));
        }
        if let Some(to) = self.query.to {
            holds.push(format!("{created}.created_at < {}", statement.place(to)));
        }
        if let Some(after) = &self.after {
            let beyond = if self.query.which == Box::Inbox { ">" } else { "<" };
            let (place, number) = (statement.place(after.key), statement.place(&after.number));
            holds.push(format!("(t.{key}, t.number{bytes}) {beyond} ({place}, {number})"));
        }
        let asks_document = self.query.status.is_some() || (created == "d" && (self.query.from.is_some() || self.query.to.is_some()));
        let document = if asks_document && !is_document { " JOIN documents d ON d.number = t.number" } else { "" };
        let (table, holds) = (way.table, holds.join(" AND "));
        if found {
            // One look-up per document found: no plan can walk the whole list for them.
            return format!("SELECT f.number, (SELECT t.{key} FROM {table} t{document} WHERE t.number = f.number AND {holds}) AS sort_key FROM found f");
        }
        format!(
            "SELECT t.number, t.{key} AS sort_key FROM {table} t{document} WHERE {holds} ORDER BY t.{key} {direction}, t.number{bytes} {direction} LIMIT {limit}"
        )
    }

    fn direction(&self) -> &'static str {
        if self.query.which == Box::Inbox { "ASC" } else { "DESC" }
    }
}

/// A table in order: whose rows, by which key.
struct Way {
    table: &'static str,
    key: &'static str,
    owner: &'static str,
}
