//! Search: the words of a question, and which documents may hold them all.
//!
//! A document's text (number, title, matter, creator) is cut into its pieces of one, two and four characters: two are a Chinese word, four
//! tell numbers apart. SQLite keeps them in an FTS5 table, PostgreSQL in a GIN index. A document that has all pieces of a word may hold the
//! word; whether it does is asked of the text itself.

use app::model::Number;

use super::batch::Batch;
use super::connect::Kind;
use super::sql::{Sql, sql};

/// At most so many words count.
const WORDS: usize = 8;
/// Of a longer word only the front is looked for.
const LONGEST: usize = 100;
/// So many pieces of a word are looked up at most; more would hardly find fewer documents.
const PIECES: usize = 2;

/// The words of a question, in lower case.
#[derive(Clone, Debug, Default)]
pub(super) struct Words(Vec<String>);

impl Words {
    pub fn of(question: Option<&str>) -> Self {
        let plain = question.unwrap_or_default().replace('\0', "").to_lowercase();
        Self(plain.split_whitespace().take(WORDS).map(|word| word.chars().take(LONGEST).collect()).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// SQL that is true where the text in `column` holds every word.
    pub fn held(&self, column: &str, statement: &mut Sql) -> String {
        let held = self.0.iter().map(|word| {
            let plain: String = word.chars().flat_map(|c| if "\\%_".contains(c) { vec!['\\', c] } else { vec![c] }).collect();
            format!("{column} LIKE {} ESCAPE '\\'", statement.place(format!("%{plain}%")))
        });
        held.collect::<Vec<_>>().join(" AND ")
    }

    /// SQL for the numbers of the documents that have all pieces of all words.
    pub fn candidates(&self, kind: Kind, statement: &mut Sql) -> String {
        let pieces = self.0.iter().flat_map(|word| pieces(word));
        match kind {
            Kind::Sqlite => {
                let all: Vec<String> = pieces.map(|piece| format!("\"{}\"", hex::encode_upper(piece))).collect();
                let place = statement.place(all.join(" "));
                format!("SELECT p.number FROM search_pieces f JOIN search_places p ON p.place = f.rowid WHERE f.search_pieces MATCH {place}")
            }
            Kind::Postgres => {
                let all: Vec<String> = pieces.map(|piece| format!("CAST({} AS TEXT)", statement.place(piece))).collect();
                format!("SELECT p.number FROM search_places p WHERE search_pieces(p.words) COLLATE \"C\" @> ARRAY[{}]", all.join(", "))
            }
        }
    }

    /// SQL for the numbers of the documents that hold every word.
    pub fn found(&self, kind: Kind, statement: &mut Sql) -> String {
        let candidates = self.candidates(kind, statement);
        match kind {
            Kind::Sqlite => {
                let held = self.held("d.search", statement);
                format!("SELECT c.number FROM ({candidates}) c CROSS JOIN documents d ON d.number = c.number WHERE {held}")
            }
            Kind::Postgres => {
                let held = self.held("p.words", statement);
                format!("{candidates} AND {held}")
            }
        }
    }
}

/// The pieces by which a word is looked up: as long as the word allows, side by side from its end. There numbers differ; their fronts, type and
/// year, are in a large part of all documents and would only cost time.
fn pieces(word: &str) -> Vec<String> {
    let characters: Vec<char> = word.chars().collect();
    let size = match characters.len() {
        0 | 1 => 1,
        2 | 3 => 2,
        _ => 4,
    };
    let mut pieces = Vec::new();
    let mut end = characters.len();
    while pieces.len() < PIECES && end > 0 {
        let start = end.saturating_sub(size);
        pieces.push(characters.iter().skip(start).take(size).collect());
        end = start;
    }
    pieces
}

/// Makes a document findable by its text as it is now.
pub(super) fn keep(kind: Kind, batch: &mut Batch, number: &Number) {
    let statements: &[&str] = match kind {
        Kind::Postgres => &["INSERT INTO search_places (number, words) SELECT number, search FROM documents WHERE number = $1 \
           ON CONFLICT (number) DO UPDATE SET words = excluded.words"],
        Kind::Sqlite => &[
            "INSERT INTO search_places (number) VALUES ($1) ON CONFLICT DO NOTHING",
            "INSERT OR REPLACE INTO search_pieces (rowid, pieces) \
             SELECT p.place, t.pieces FROM search_places p JOIN search_texts t ON t.number = p.number WHERE p.number = $1",
        ],
    };
    for statement in statements {
        batch.add(sql(*statement).bind(number.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_looked_up_by_pieces_that_cover_it() {
        assert_eq!(pieces("李"), ["李"]);
        assert_eq!(pieces("济南"), ["济南"]);
        assert_eq!(pieces("abc"), ["bc", "ab"]);
        assert_eq!(pieces("taxi"), ["taxi"]);
        assert_eq!(pieces("exp-2026-0000123"), ["0123", "-000"]);
        assert_eq!(pieces("012345"), ["2345", "0123"]);
        assert_eq!(pieces(&"x".repeat(100)).len(), PIECES);
    }

    #[test]
    fn words_are_few_short_and_plain() {
        assert_eq!(Words::of(Some(" Taxi\0\tJinan ")).0, ["taxi", "jinan"]);
        assert_eq!(Words::of(Some(&"a ".repeat(20))).0.len(), WORDS);
        assert!(Words::of(Some("\0")).is_empty() && Words::of(None).is_empty());
    }
}
