//! Statements that need nothing of each other's answers, on one way to the database.
//!
//! Each way to an SQLite connection's thread and back costs more than most statements, so there they go together, as one text. PostgreSQL
//! takes no more than one statement with arguments at a time.

use futures::TryStreamExt;
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Either, Executor};

use super::connect::Kind;
use super::error::IndexError;
use super::sql::Sql;
use crate::crash::{self, Point};

/// Longer batches are prepared anew each time.
const KEPT: usize = 48;

/// Statements in the order in which they are done.
#[derive(Default)]
pub(super) struct Batch(Vec<Part>);

struct Part {
    statement: Sql,
    /// What it means when it does not change just one row.
    must: Option<IndexError>,
    point: Option<Point>,
}

/// Which answer of a batch.
#[derive(Clone, Copy)]
pub(super) struct Place(usize);

/// What the statements of a batch gave, each its rows.
pub(super) struct Answers(Vec<Vec<AnyRow>>);

impl Batch {
    /// Adds a statement.
    pub fn add(&mut self, statement: Sql) -> Place {
        self.0.push(Part { statement, must: None, point: None });
        Place(self.0.len() - 1)
    }

    /// Adds a statement that must change one row; another count ends the batch with `otherwise`.
    pub fn one(&mut self, statement: Sql, otherwise: IndexError) -> Place {
        self.0.push(Part { statement, must: Some(otherwise), point: None });
        Place(self.0.len() - 1)
    }

    /// The statement added last is a step where a process can be told to die. On SQLite every statement of a batch is inside all of its
    /// steps: nothing of it is there before its commit anyway.
    pub fn at(&mut self, point: Point) {
        if let Some(part) = self.0.last_mut() {
            part.point = Some(point);
        }
    }

    /// Does them all, up to the first that fails.
    pub async fn run(self, connection: &mut AnyConnection) -> Result<Answers, IndexError> {
        match Kind::of(connection) {
            Kind::Sqlite => self.together(connection).await,
            Kind::Postgres => self.in_turn(connection).await,
        }
    }

    async fn in_turn(self, connection: &mut AnyConnection) -> Result<Answers, IndexError> {
        let mut answers = Vec::with_capacity(self.0.len());
        for Part { statement, must, point } in self.0 {
            point.into_iter().for_each(crash::before);
            let (changed, rows) = next(&mut connection.fetch_many(statement.query())).await?.unwrap_or_default();
            expect(changed, must)?;
            point.into_iter().for_each(crash::after);
            answers.push(rows);
        }
        Ok(Answers(answers))
    }

    async fn together(self, connection: &mut AnyConnection) -> Result<Answers, IndexError> {
        let (mut whole, mut parts) = (Sql::default(), Vec::with_capacity(self.0.len()));
        for Part { statement, must, point } in self.0 {
            whole.append(statement);
            parts.push((must, point));
        }
        parts.iter().filter_map(|(_, point)| *point).for_each(crash::before);
        let (mut answers, mut points) = (Vec::with_capacity(parts.len()), Vec::new());
        // Prepared statements of a text are kept for the next time; those of a very long one are not worth their memory.
        let mut stream = connection.fetch_many(whole.query().persistent(parts.len() <= KEPT));
        for (must, point) in parts {
            let given = next(&mut stream).await?;
            let (changed, rows) = given.ok_or_else(|| IndexError::Defect("a statement of a batch gave no answer".to_owned()))?;
            expect(changed, must)?;
            points.extend(point);
            answers.push(rows);
        }
        points.into_iter().for_each(crash::after);
        Ok(Answers(answers))
    }
}

impl Answers {
    /// The rows of one statement.
    pub fn rows(&mut self, place: Place) -> Vec<AnyRow> {
        self.0.get_mut(place.0).map(std::mem::take).unwrap_or_default()
    }

    /// The only row of a statement that always gives one.
    pub fn row(&mut self, place: Place) -> Result<AnyRow, IndexError> {
        self.rows(place).into_iter().next().ok_or_else(|| IndexError::Defect("a statement returned nothing".to_owned()))
    }
}

/// The rows of the next statement and how many it changed; none behind the last.
async fn next<S>(stream: &mut S) -> Result<Option<(u64, Vec<AnyRow>)>, IndexError>
where
    S: TryStreamExt<Ok = Either<sqlx::any::AnyQueryResult, AnyRow>, Error = sqlx::Error> + Unpin,
{
    let mut rows = Vec::new();
    while let Some(given) = stream.try_next().await? {
        match given {
            Either::Left(done) => return Ok(Some((done.rows_affected(), rows))),
            Either::Right(row) => rows.push(row),
        }
    }
    Ok(None)
}

fn expect(changed: u64, must: Option<IndexError>) -> Result<(), IndexError> {
    match must {
        Some(otherwise) if changed != 1 => Err(otherwise),
        _ => Ok(()),
    }
}
