//! Tables `steps` and `step_fields`: writing a route and moving along it.

use app::model::{Number, StepStatus};

use super::batch::Batch;
use super::create::NewStep;
use super::error::IndexError;
use super::sql::{sql, word};

/// Writes an edition's route; its first step is open.
pub(super) fn insert(batch: &mut Batch, number: &Number, edition: u32, steps: &[NewStep], at: i64) -> Result<(), IndexError> {
    if steps.is_empty() {
        return Err(IndexError::Defect("a document without a step asks no one".to_owned()));
    }
    for (position, step) in (1_u32..).zip(steps) {
        let open = position == 1;
        batch.add(
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
            .bind(word(step.design)),
        );
        for field in &step.fields {
            let rect = field.rect.map(|[left, bottom, right, top]| format!("[{left},{bottom},{right},{top}]"));
            batch.add(
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
                .bind(i64::from(field.rotate)),
            );
        }
    }
    Ok(())
}

/// Ends the open step.
pub(super) fn finish(batch: &mut Batch, number: &Number, edition: u32, position: u32, status: StepStatus) {
    let finished = sql("UPDATE steps SET status = $1 WHERE number = $2 AND edition = $3 AND position = $4 AND status = 'open'")
        .bind(word(status))
        .bind(number.as_str())
        .bind(edition)
        .bind(position);
    // The document is locked and the step was open a moment ago.
    batch.one(finished, IndexError::Busy);
}

/// Opens the step at `position`.
pub(super) fn open(batch: &mut Batch, number: &Number, edition: u32, position: u32, at: i64) {
    let opened = sql("UPDATE steps SET status = 'open', opened_at = $1 WHERE number = $2 AND edition = $3 AND position = $4 AND status = 'waiting'")
        .bind(at)
        .bind(number.as_str())
        .bind(edition)
        .bind(position);
    batch.one(opened, IndexError::Busy);
}

/// Closes what was not decided, because the document ended before it.
pub(super) fn close(batch: &mut Batch, number: &Number, edition: u32) {
    batch.add(
        sql("UPDATE steps SET status = 'closed' WHERE number = $1 AND edition = $2 AND status IN ('waiting', 'open')").bind(number.as_str()).bind(edition),
    );
}
