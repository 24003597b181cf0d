//! What may follow what: the decisions of the one state machine, as pure functions of the document as it is under its lock.
//!
//! The transactions do what these say, by updates that name the state they expect; the simulation of the tests does the same to rows of
//! its own.

use app::model::{Decide, DecisionKind, Status, StepStatus};

use super::correct::Correction;
use super::decide::{Act, NewDecision};
use super::raise::Raise;
use super::rows::{DocumentRow, Outcome, StepRow};
use super::withdraw::Withdrawal;

/// What a decision does to its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Signed or rejected.
    pub kind: DecisionKind,
    /// The revision that is current afterwards.
    pub revision: u32,
    /// Its place among the edition's decisions, 1 is the first.
    pub ordinal: u64,
    /// How the step ends; none while it waits for others.
    pub finishes: Option<StepStatus>,
    /// Position of the step that opens next.
    pub opens: Option<u32>,
    /// How the document ends; none where its route goes on. An end is delivered.
    pub ends: Option<Status>,
}

/// What the decision does, if the step is still open and edition and revision are still what was seen.
pub fn decided(document: &DocumentRow, new: &NewDecision) -> Result<Decided, Outcome> {
    let step = open_step(document, new)?;
    let ordinal = document.steps.iter().map(|step| step.decisions.len() as u64).sum::<u64>() + 1;
    Ok(match &new.act {
        Act::Reject { .. } => Decided {
            kind: DecisionKind::Rejected,
            revision: document.revision,
            ordinal,
            finishes: Some(StepStatus::Rejected),
            opens: None,
            ends: Some(Status::Rejected),
        },
        Act::Sign { .. } => {
            let revision = document.revision + 1;
            let signed = |finishes, opens, ends| Decided { kind: DecisionKind::Signed, revision, ordinal, finishes, opens, ends };
            if step.decide == Decide::All && step.decisions.len() + 1 < step.fields.len() {
                return Ok(signed(None, None, None));
            }
            let next = step.position + 1;
            let waits = document.steps.iter().any(|step| step.position == next && step.status == StepStatus::Waiting);
            signed(Some(StepStatus::Signed), waits.then_some(next), (!waits).then_some(Status::Signed))
        }
    })
}

/// The step if it is still open for this decision, else why not.
fn open_step<'a>(document: &'a DocumentRow, new: &NewDecision) -> Result<&'a StepRow, Outcome> {
    if document.edition != new.edition {
        return Err(Outcome::StaleRevision);
    }
    let step = document.steps.iter().find(|step| step.position == new.position).ok_or(Outcome::WrongState)?;
    if matches!(step.status, StepStatus::Signed | StepStatus::Rejected) || step.decisions.iter().any(|decision| decision.account == new.account) {
        return Err(Outcome::AlreadyDecided);
    }
    if document.status != Status::Pending || step.status != StepStatus::Open {
        return Err(Outcome::WrongState);
    }
    if document.revision != new.revision {
        return Err(Outcome::StaleRevision);
    }
    if step.field_for(&new.account).is_none() {
        return Err(Outcome::NotAsked);
    }
    Ok(step)
}

/// The edition that a correction makes.
pub fn corrected(document: &DocumentRow, new: &Correction) -> Result<u32, Outcome> {
    if document.creator != new.creator {
        return Err(Outcome::Missing);
    }
    if document.edition != new.edition {
        return Err(Outcome::StaleRevision);
    }
    if document.status != Status::Rejected {
        return Err(Outcome::WrongState);
    }
    Ok(document.edition + 1)
}

/// Whether a document can be taken back.
pub fn withdrawn(document: &DocumentRow, withdrawal: &Withdrawal) -> Result<(), Outcome> {
    if document.creator != withdrawal.creator {
        return Err(Outcome::Missing);
    }
    match document.status {
        Status::Pending if document.revision > 0 => Err(Outcome::AlreadyDecided),
        Status::Pending | Status::Rejected => Ok(()),
        Status::Signed | Status::Withdrawn => Err(Outcome::WrongState),
    }
}

/// The revision that a raise makes.
pub fn raised(document: &DocumentRow, new: &Raise) -> Result<u32, Outcome> {
    if document.status != Status::Signed {
        return Err(Outcome::WrongState);
    }
    if (document.edition, document.revision) != (new.edition, new.revision) {
        return Err(Outcome::StaleRevision);
    }
    Ok(document.revision + 1)
}
