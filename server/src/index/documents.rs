//! Table `documents`: finding one, and reading rows with their routes.

use std::collections::HashMap;

use app::model::{Number, TypeCode};
use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use super::Index;
use super::batch::{Answers, Batch, Place};
use super::error::IndexError;
use super::rows::{DecisionRow, DocumentRow, StepFieldRow, StepRow};
use super::sql::{Columns, Sql, sql};
use super::viewer::Viewer;

impl Index {
    /// A document, if it exists for this viewer.
    pub async fn find(&self, number: &Number, viewer: &Viewer) -> Result<Option<DocumentRow>, IndexError> {
        let Some(database) = self.home(&number.type_code()).await? else { return Ok(None) };
        let (number, viewer) = (number.clone(), viewer.clone());
        database
            .snapshot(move |connection| {
                let mut statement = sql("SELECT d.* FROM documents d WHERE d.number = ");
                let place = statement.place(number.as_str());
                let visible = viewer.may_see(&mut statement);
                statement.push(&format!("{place} AND {visible}"));
                Box::pin(async move {
                    let Some(row) = statement.row(connection).await? else { return Ok(None) };
                    Ok(with_steps(connection, vec![DocumentRow::read(&row)?]).await?.pop())
                })
            })
            .await
    }

    /// The number of the live document that holds a matter.
    pub async fn live_holder(&self, code: &TypeCode, matter: &str) -> Result<Option<Number>, IndexError> {
        let Some(database) = self.home(code).await? else { return Ok(None) };
        let row = sql("SELECT number FROM documents WHERE type_code = $1 AND matter = $2 AND live = 1")
            .bind(code.as_str())
            .bind(matter)
            .row(&mut *database.connection().await?)
            .await?;
        row.map(|row| row.parsed("number")).transpose()
    }
}

/// Locks a document until the transaction ends, so that whatever is read of it next stays true, and reads it.
pub(super) async fn lock(connection: &mut AnyConnection, number: &Number) -> Result<Option<DocumentRow>, IndexError> {
    let mut batch = Batch::default();
    batch.add(sql("UPDATE documents SET number = number WHERE number = $1").bind(number.as_str()));
    let asked = Asked::of(&mut batch, number);
    asked.read(&mut batch.run(connection).await?)
}

/// Reads a document inside a transaction.
pub(super) async fn read(connection: &mut AnyConnection, number: &Number) -> Result<Option<DocumentRow>, IndexError> {
    let mut batch = Batch::default();
    let asked = Asked::of(&mut batch, number);
    asked.read(&mut batch.run(connection).await?)
}

/// Whether there is such a document, and nothing of it is damaged.
pub(super) async fn is_readable(connection: &mut AnyConnection, number: &Number) -> Result<bool, IndexError> {
    match read(connection, number).await {
        Err(IndexError::Corrupt(_)) => Ok(false),
        read => Ok(read?.is_some()),
    }
}

/// A document asked for in a batch, as it is at that place of it.
pub(super) struct Asked {
    document: Place,
    route: [Place; 3],
}

impl Asked {
    pub fn of(batch: &mut Batch, number: &Number) -> Self {
        let document = batch.add(sql("SELECT d.* FROM documents d WHERE d.number = $1").bind(number.as_str()));
        Self { document, route: route(&[number.to_string()]).map(|statement| batch.add(statement)) }
    }

    /// None where there is no such document.
    pub fn read(self, answers: &mut Answers) -> Result<Option<DocumentRow>, IndexError> {
        let Some(row) = answers.rows(self.document).pop() else { return Ok(None) };
        let mut documents = vec![DocumentRow::read(&row)?];
        join(&mut documents, self.route.map(|place| answers.rows(place)))?;
        Ok(documents.pop())
    }

    /// The same of a document that this transaction wrote or locked.
    pub fn there(self, answers: &mut Answers) -> Result<DocumentRow, IndexError> {
        self.read(answers)?.ok_or_else(|| IndexError::Defect("a document that was just written is not there".to_owned()))
    }
}

/// Adds the routes of the current editions: three questions for however many documents.
pub(super) async fn with_steps(connection: &mut AnyConnection, mut documents: Vec<DocumentRow>) -> Result<Vec<DocumentRow>, IndexError> {
    if documents.is_empty() {
        return Ok(documents);
    }
    let numbers: Vec<String> = documents.iter().map(|document| document.number.to_string()).collect();
    let mut batch = Batch::default();
    let places = route(&numbers).map(|statement| batch.add(statement));
    let mut answers = batch.run(connection).await?;
    join(&mut documents, places.map(|place| answers.rows(place)))?;
    Ok(documents)
}

/// The questions for the fields, the decisions and the steps of the current editions.
fn route(numbers: &[String]) -> [Sql; 3] {
    [("step_fields", "ordinal"), ("decisions", "ordinal"), ("steps", "step_key")].map(|(table, order)| {
        let mut statement = sql(format!("SELECT t.* FROM {table} t JOIN documents d ON d.number = t.number AND d.edition = t.edition WHERE t.number IN "));
        let list = statement.list(numbers);
        statement.push(&format!("{list} ORDER BY t.number, t.position, t.{order}"));
        statement
    })
}

fn join(documents: &mut [DocumentRow], [field_rows, decision_rows, step_rows]: [Vec<AnyRow>; 3]) -> Result<(), IndexError> {
    let mut fields: HashMap<(String, u32), Vec<StepFieldRow>> = HashMap::new();
    for row in field_rows {
        fields.entry((row.text("number")?, row.small("position")?)).or_default().push(StepFieldRow::read(&row)?);
    }
    let mut decisions: HashMap<(String, u32), Vec<DecisionRow>> = HashMap::new();
    for row in decision_rows {
        decisions.entry((row.text("number")?, row.small("position")?)).or_default().push(DecisionRow::read(&row)?);
    }
    let mut steps: HashMap<String, Vec<StepRow>> = HashMap::new();
    for row in step_rows {
        let mut step = StepRow::read(&row)?;
        let place = (row.text("number")?, step.position);
        step.fields = fields.remove(&place).unwrap_or_default();
        step.decisions = decisions.remove(&place).unwrap_or_default();
        steps.entry(place.0).or_default().push(step);
    }
    for document in documents {
        document.steps = steps.remove(document.number.as_str()).unwrap_or_default();
    }
    Ok(())
}
