//! What lists and search read, against the rows that it follows from; and making it anew.
//!
//! Each table is compared as a set, by the very questions that fill it (`listings`, `search`), so many documents at a time that their number
//! does not matter. What search reads is compared whole, too: on PostgreSQL the text that its index is made of, on SQLite the pieces that
//! the FTS5 table keeps. Nothing else is kept there, neither how often a piece occurs nor where. What is not compared is PostgreSQL's GIN index
//! itself: the database keeps it as it keeps every index.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use app::model::Number;
use sqlx::AnyConnection;

use super::connect::Kind;
use super::error::IndexError;
use super::portable::{Cell, Cells};
use super::sql::{Columns, Sql, sql};
use super::{Index, listings};

/// Documents compared at a time.
const PAGE: u32 = 1_000;

/// So many documents' pieces are summed up in one reading of the FTS5 table: some 20 MB.
const SUMMED: u32 = 500_000;

/// Pieces read at a time, each with all its documents.
const PIECES: u32 = 16;

/// A row of `waiting`, `seen` or `decided` that is not as it must be.
#[derive(Clone, Debug)]
pub struct ListFault {
    /// The table.
    pub table: &'static str,
    /// The document.
    pub number: String,
    /// In whose lists it is: `@login`, `r:` and a role, or `a:` and an account's id.
    pub who: String,
    /// What it must say; none where it must not be there.
    pub should: Option<Cells>,
    /// What it says; none where it is not there.
    pub is: Option<Cells>,
}

/// What search does not read as it must.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchFault {
    /// A document that search does not know.
    Missing(String),
    /// A document that search knows and that is not there.
    Extra(String),
    /// A document that is searched by another text than its own.
    Pieces(String),
    /// Pieces at a place that is no document's. Only on SQLite.
    Nobody(i64),
}

impl Index {
    /// What is wrong in the lists of some documents, from the number `from` on, and the number to go on from; none at the end. Every row is
    /// in one such part, also where its document is not there.
    pub async fn list_faults(&self, database: &str, from: &str) -> Result<(Vec<ListFault>, Vec<SearchFault>, Option<String>), IndexError> {
        let database = self.named(database)?;
        let (kind, from) = (database.kind, from.to_owned());
        database
            .snapshot(move |connection| {
                let from = from.clone();
                Box::pin(async move {
                    let next =
                        sql("SELECT number FROM documents WHERE number >= $1 ORDER BY number LIMIT 1 OFFSET $2").bind(&from).bind(PAGE).row(connection).await?;
                    let range = Range { from, to: next.map(|row| row.text("number")).transpose()? };
                    let mut lists = Vec::new();
                    for (table, at, should) in [
                        ("waiting", "opened_at", listings::waiting(|column| range.holds(column))),
                        ("seen", "created_at", listings::seen(|column| range.holds(column))),
                        ("decided", "decided_at", listings::decided(|column| range.holds(column))),
                    ] {
                        lists.extend(list(connection, table, at, &should, &range).await?);
                    }
                    Ok((lists, places(connection, kind, &range).await?, range.to))
                })
            })
            .await
    }

    /// Documents whose pieces are not those of their text, and pieces that are no document's. On PostgreSQL [`Self::list_faults`] has said
    /// it all.
    pub async fn piece_faults(&self, database: &str) -> Result<Vec<SearchFault>, IndexError> {
        let database = self.named(database)?;
        if database.kind == Kind::Postgres {
            return Ok(Vec::new());
        }
        database.snapshot(|connection| Box::pin(pieces(connection))).await
    }

    /// Makes anew what lists and search read of a document; of one that is not there nothing is left.
    pub async fn list_anew(&self, database: &str, number: &str) -> Result<(), IndexError> {
        let (database, number) = (self.named(database)?, number.to_owned());
        let kind = database.kind;
        database
            .write(move |connection| {
                let number = number.clone();
                Box::pin(async move {
                    // Locked, so that no act comes between.
                    let is_there = sql("UPDATE documents SET number = number WHERE number = $1").bind(&number).execute(connection).await? == 1;
                    match number.parse::<Number>() {
                        Ok(number) if is_there => listings::anew(connection, &number).await,
                        _ => forget(connection, kind, &number).await,
                    }
                })
            })
            .await
    }

    /// Removes the pieces at a place of search that is no document's.
    pub async fn clear_place(&self, database: &str, place: i64) -> Result<(), IndexError> {
        let statement = "DELETE FROM search_pieces WHERE rowid = $1 AND NOT EXISTS (SELECT 1 FROM search_places WHERE place = $1)";
        self.named(database)?.write(move |connection| Box::pin(async move { sql(statement).bind(place).execute(connection).await.map(drop) })).await
    }
}

/// Numbers from one on to before another, or to the end.
struct Range {
    from: String,
    to: Option<String>,
}

impl Range {
    /// SQL that is true where `column` is in the range; [`Self::bound`] gives it its arguments.
    fn holds(&self, column: &str) -> String {
        if self.to.is_some() { format!("{column} >= $1 AND {column} < $2") } else { format!("{column} >= $1") }
    }

    fn bound(&self, statement: String) -> Sql {
        let statement = sql(statement).bind(&self.from);
        match &self.to {
            Some(to) => statement.bind(to),
            None => statement,
        }
    }
}

async fn list(connection: &mut AnyConnection, table: &'static str, at: &str, should: &str, range: &Range) -> Result<Vec<ListFault>, IndexError> {
    let kept = format!("SELECT * FROM {table} WHERE {}", range.holds("number"));
    let columns = format!("number, who, type_code, {at}");
    let mut faults: BTreeMap<(String, String), ListFault> = BTreeMap::new();
    for row in range.bound(differences(should, &kept, &columns, &columns)).rows(connection).await? {
        let (number, who) = (row.text("number")?, row.text("who")?);
        // What is of the other kind than its column cannot be ours; it is shown as nothing.
        let cells = [
            ("type_code".to_owned(), Cell::from(row.maybe_text("type_code").unwrap_or_default())),
            (at.to_owned(), row.maybe_int(at).unwrap_or_default().into()),
        ];
        let fault = faults.entry((number.clone(), who.clone())).or_insert(ListFault { table, number, who, should: None, is: None });
        let side = if row.text("side")? == "should" { &mut fault.should } else { &mut fault.is };
        *side = Some(cells.into());
    }
    Ok(faults.into_values().collect())
}

/// Documents against the places that search has for them; on PostgreSQL their texts, too.
async fn places(connection: &mut AnyConnection, kind: Kind, range: &Range) -> Result<Vec<SearchFault>, IndexError> {
    let (should, kept) = match kind {
        Kind::Sqlite => ("number", "number"),
        Kind::Postgres => ("number, search", "number, words"),
    };
    let of = |table: &str| format!("SELECT * FROM {table} WHERE {}", range.holds("number"));
    let mut faults: BTreeMap<String, SearchFault> = BTreeMap::new();
    for row in range.bound(differences(&of("documents"), &of("search_places"), should, kept)).rows(connection).await? {
        let number = row.text("number")?;
        let fault = match faults.remove(&number) {
            Some(_) => SearchFault::Pieces(number.clone()),
            None if row.text("side")? == "should" => SearchFault::Missing(number.clone()),
            None => SearchFault::Extra(number.clone()),
        };
        faults.insert(number, fault);
    }
    Ok(faults.into_values().collect())
}

/// SQL for the rows that should be and are not, and those that are and should not be; `side` says which. One with a wrong cell is on both
/// sides. As sets, because SQLite compares each row of a `FULL JOIN` with every other.
fn differences(should: &str, kept: &str, should_columns: &str, kept_columns: &str) -> String {
    format!(
        "WITH should AS ({should}), kept AS ({kept}) \
         SELECT CAST('should' AS TEXT) AS side, x.* FROM (SELECT {should_columns} FROM should EXCEPT SELECT {kept_columns} FROM kept) x \
         UNION ALL SELECT CAST('kept' AS TEXT) AS side, x.* FROM (SELECT {kept_columns} FROM kept EXCEPT SELECT {should_columns} FROM should) x"
    )
}

/// The pieces of FTS5 against those of the texts. FTS5 tells which documents a piece is in, not which pieces a document has: so both sides
/// are summed up by document, each piece as a hash, and one that is missing shows as well as one too many.
async fn pieces(connection: &mut AnyConnection) -> Result<Vec<SearchFault>, IndexError> {
    // Of this connection alone, and gone when the transaction is rolled back.
    sql("CREATE VIRTUAL TABLE temp.search_kept USING fts5vocab(main, search_pieces, instance)").execute(connection).await?;
    let mut faults = Vec::new();
    let mut from = i64::MIN;
    loop {
        let next = sql("SELECT place FROM search_places WHERE place >= $1 ORDER BY place LIMIT 1 OFFSET $2").bind(from).bind(SUMMED).row(connection).await?;
        let to = next.map_or(Ok(i64::MAX), |row| row.int("place"))?;
        let mut kept = kept(connection, from, to).await?;
        let mut after = from;
        loop {
            let rows = sql("SELECT p.place, p.number, t.pieces FROM search_places p JOIN search_texts t ON t.number = p.number \
                 WHERE p.place >= $1 AND p.place < $2 ORDER BY p.place LIMIT $3")
            .bind(after)
            .bind(to)
            .bind(PAGE)
            .rows(connection)
            .await?;
            for row in &rows {
                after = row.int("place")? + 1;
                if kept.remove(&row.int("place")?).unwrap_or_default() != sum(&row.maybe_text("pieces")?.unwrap_or_default()) {
                    faults.push(SearchFault::Pieces(row.text("number")?));
                }
            }
            if rows.len() < PAGE as usize {
                break;
            }
        }
        faults.extend(nobodys(connection, kept.into_keys().collect()).await?);
        if to == i64::MAX {
            return Ok(faults);
        }
        from = to;
    }
}

/// What FTS5 keeps at the places from `from` to before `to`, summed up.
async fn kept(connection: &mut AnyConnection, from: i64, to: i64) -> Result<HashMap<i64, u64>, IndexError> {
    let mut sums: HashMap<i64, u64> = HashMap::new();
    let mut after = String::new();
    loop {
        let question = "SELECT CAST(term AS TEXT) AS piece, group_concat(doc, ' ') AS places FROM temp.search_kept \
             WHERE term > $1 AND doc >= $2 AND doc < $3 GROUP BY term ORDER BY term LIMIT $4";
        let rows = sql(question).bind(&after).bind(from).bind(to).bind(PIECES).rows(connection).await?;
        for row in &rows {
            after = row.text("piece")?;
            for place in row.text("places")?.split(' ').filter_map(|place| place.parse().ok()) {
                let sum: &mut u64 = sums.entry(place).or_default();
                *sum = sum.wrapping_add(hash(&after));
            }
        }
        if rows.len() < PIECES as usize {
            return Ok(sums);
        }
    }
}

/// Of places that no document's text was compared with, those that are no document's. One that has another number than a document's is said
/// already.
async fn nobodys(connection: &mut AnyConnection, mut places: Vec<i64>) -> Result<Vec<SearchFault>, IndexError> {
    places.sort_unstable();
    let mut faults = Vec::new();
    for place in places {
        if sql("SELECT 1 AS one FROM search_places WHERE place = $1").bind(place).row(connection).await?.is_none() {
            faults.push(SearchFault::Nobody(place));
        }
    }
    Ok(faults)
}

/// The sum of a text's pieces, each counted once. FTS5 keeps them in lower case.
fn sum(pieces: &str) -> u64 {
    let mut pieces: Vec<&str> = pieces.split_whitespace().collect();
    pieces.sort_unstable();
    pieces.dedup();
    pieces.into_iter().map(|piece| hash(&piece.to_ascii_lowercase())).fold(0, u64::wrapping_add)
}

fn hash(piece: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    piece.hash(&mut hasher);
    hasher.finish()
}

/// Removes what lists and search read of a document that is not there.
async fn forget(connection: &mut AnyConnection, kind: Kind, number: &str) -> Result<(), IndexError> {
    if kind == Kind::Sqlite {
        let place = sql("SELECT place FROM search_places WHERE number = $1").bind(number).row(connection).await?;
        if let Some(place) = place {
            sql("DELETE FROM search_pieces WHERE rowid = $1").bind(place.int("place")?).execute(connection).await?;
        }
    }
    for table in ["waiting", "seen", "decided", "search_places"] {
        let statement = format!("DELETE FROM {table} WHERE number = $1 AND NOT EXISTS (SELECT 1 FROM documents d WHERE d.number = $1)");
        sql(statement).bind(number).execute(connection).await?;
    }
    Ok(())
}
