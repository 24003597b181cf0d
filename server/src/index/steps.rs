//! Tables `steps` and `step_fields`: writing a route and moving along it.

use app::model::{Number, StepStatus};
use sqlx::AnyConnection;

use super::create::NewStep;
use super::error::IndexError;
use super::sql::{sql, word};

/// Writes an edition's route; its first step is open.
pub(super) async fn insert(connection: &mut AnyConnection, number: &Number, edition: u32, steps: &[NewStep], at: i64) -> Result<(), IndexError> {
    if steps.is_empty() {
        return Err(IndexError::Defect("a document without a step asks no one".to_owned()));
    }
    for (position, step) in (1_u32..).zip(steps) {
        let open = position == 1;
        sql("INSERT INTO steps (number, edition, position, step_key, name_en, name_zh, role, decide, status, opened_at, seal_design) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
        .bind(number.as_str())
        .bind(edition)
        .bind(position)
        .bind(&step.key)
        .bind(&step.name.en)
        .bind(&step.name.zh)
        .bind(&step.role)
        .bind(word(step.decide))
        .bind(word(if open { StepStatus::Open } else { StepStatus::Waiting }))
        .bind(open.then_some(at))
        .bind(word(step.design))
        .execute(connection)
        .await?;
        for field in &step.fields {
            let rect = field.rect.map(|[left, bottom, right, top]| format!("[{left},{bottom},{right},{top}]"));
            sql("INSERT INTO step_fields (number, edition, position, ordinal, field, page, rect, movable, account, account_name, rotate) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)")
            .bind(number.as_str())
            .bind(edition)
            .bind(position)
            .bind(field.ordinal)
            .bind(&field.field)
            .bind(field.page)
            .bind(rect)
            .bind(field.movable)
            .bind(field.account.clone())
            .bind(field.account_name.clone())
            .bind(i64::from(field.rotate))
            .execute(connection)
            .await?;
        }
    }
    Ok(())
}

/// Ends the open step.
pub(super) async fn finish(connection: &mut AnyConnection, number: &Number, edition: u32, position: u32, status: StepStatus) -> Result<(), IndexError> {
    let changed = sql("UPDATE steps SET status = $1 WHERE number = $2 AND edition = $3 AND position = $4 AND status = 'open'")
        .bind(word(status))
        .bind(number.as_str())
        .bind(edition)
        .bind(position)
        .execute(connection)
        .await?;
    // The document is locked and the step was open a moment ago.
    if changed == 1 { Ok(()) } else { Err(IndexError::Busy) }
}

/// Opens the step at `position`; false where the route has no such one.
pub(super) async fn open(connection: &mut AnyConnection, number: &Number, edition: u32, position: u32, at: i64) -> Result<bool, IndexError> {
    let changed = sql("UPDATE steps SET status = 'open', opened_at = $1 WHERE number = $2 AND edition = $3 AND position = $4 AND status = 'waiting'")
        .bind(at)
        .bind(number.as_str())
        .bind(edition)
        .bind(position)
        .execute(connection)
        .await?;
    Ok(changed == 1)
}

/// Closes what was not decided, because the document ended before it.
pub(super) async fn close(connection: &mut AnyConnection, number: &Number, edition: u32) -> Result<(), IndexError> {
    sql("UPDATE steps SET status = 'closed' WHERE number = $1 AND edition = $2 AND status IN ('waiting', 'open')")
        .bind(number.as_str())
        .bind(edition)
        .execute(connection)
        .await
        .map(drop)
}
