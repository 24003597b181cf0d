//! Types as they are in the index.

use app::model::{TypeCode, TypeDefinition, TypeSummary};

use crate::App;
use crate::caller::Person;
use crate::error::{Result, internal};
use crate::index::TypeRow;
use crate::permission::{Subject, TypeTie, Verb, allowed};

/// A type with its template.
#[derive(Clone, Debug)]
pub struct Type {
    /// Checked when it was imported.
    pub definition: TypeDefinition,
    /// Typst; none for uploads.
    pub template: Option<String>,
}

/// The type of this code, if it was imported.
///
/// # Errors
/// When the index does not answer.
pub async fn known(app: &App, code: &TypeCode) -> Result<Option<Type>> {
    app.index.type_row(code).await?.map(read).transpose()
}

/// Every type.
///
/// # Errors
/// When the index does not answer.
pub async fn all(app: &App) -> Result<Vec<Type>> {
    app.index.types().await?.into_iter().map(read).collect()
}

/// The types this account may use.
///
/// # Errors
/// When the index does not answer.
pub async fn of(app: &App, person: &Person) -> Result<Vec<TypeSummary>> {
    let mut summaries = Vec::new();
    for Type { definition, .. } in all(app).await? {
        let subject = Subject::Type(TypeTie::of(person, &definition));
        if allowed(person, Verb::SeeType, subject) {
            let may_create = allowed(person, Verb::Submit, subject);
            summaries.push(TypeSummary { code: definition.code, name: definition.name, file: definition.source, may_create });
        }
    }
    Ok(summaries)
}

fn read(row: TypeRow) -> Result<Type> {
    let definition = crate::types::definition::parse(&row.definition).map_err(|problem| internal(problem.told().en))?;
    Ok(Type { definition, template: row.template })
}
