//! What the world's clients were told, and what must therefore be true.

use std::collections::BTreeMap;

use app::model::{Decide, DecisionKind, Number, Status, StepStatus};

use crate::world::State;

#[derive(Default)]
pub struct Ledger {
    /// Documents by the key of the request that made them.
    pub created: BTreeMap<String, Number>,
    /// Decisions: document, edition, step, account → what was decided.
    pub decided: BTreeMap<(Number, u32, u32, String), DecisionKind>,
    pub withdrawn: Vec<Number>,
    /// Editions that a correction was acknowledged for.
    pub corrected: Vec<(Number, u32)>,
    /// What each creator's stream has brought, in order.
    pub heard: BTreeMap<String, Vec<(i64, Number, u32)>>,
}

/// Says whether every promise holds at this moment.
pub fn check(state: &mut State) {
    if let Some(broken) = broken(state) {
        state.breaks(broken);
    }
}

fn broken(state: &State) -> Option<String> {
    let tables = &state.tables;
    // No row without its whole file.
    for (path, revision) in &tables.revisions {
        match state.disk.get(path) {
            Some((size, digest)) if *size as u64 == revision.size && *digest == revision.sha256 => {}
            Some(_) => return Some(format!("the row of {path} names a file that is not whole")),
            None => return Some(format!("the row of {path} names a file that is not there")),
        }
    }
    // One matter, one live document.
    let mut matters = BTreeMap::new();
    for document in tables.documents.values().filter(|document| document.status != Status::Withdrawn) {
        if let Some(other) = matters.insert(document.matter.clone(), &document.number) {
            return Some(format!("{other} and {} are about the same matter", document.number));
        }
    }
    for document in tables.documents.values() {
        if let Some(broken) = document_is_sound(state, document) {
            return Some(broken);
        }
    }
    // Every end is delivered exactly once, and positions have no gap.
    for (creator, deliveries) in &tables.deliveries {
        if deliveries.iter().zip(1..).any(|(delivery, position)| delivery.position != position) {
            return Some(format!("the mailbox of {creator} has a gap"));
        }
    }
    acknowledged_stays(state)
}

fn document_is_sound(state: &State, document: &server::index::DocumentRow) -> Option<String> {
    let number = &document.number;
    for step in &document.steps {
        let rejected = step.decisions.iter().filter(|decision| decision.decision == DecisionKind::Rejected).count();
        let most = if step.decide == Decide::All { step.fields.len() } else { 1 };
        if step.decisions.len() > most || rejected > 1 {
            return Some(format!("step {} of {number} is decided {} times", step.position, step.decisions.len()));
        }
    }
    let signed: usize = document.steps.iter().flat_map(|step| &step.decisions).filter(|decision| decision.decision == DecisionKind::Signed).count();
    let raised = state.tables.raised.iter().filter(|(raised, edition)| raised == number && *edition == document.edition).count();
    if document.revision as usize != signed + raised {
        return Some(format!("{number} has revision {} after {signed} signatures and {raised} raises", document.revision));
    }
    let open = document.steps.iter().filter(|step| step.status == StepStatus::Open).count();
    if open != usize::from(document.status == Status::Pending) {
        return Some(format!("{number} is {:?} with {open} open steps", document.status));
    }
    let ended = matches!(document.status, Status::Signed | Status::Rejected);
    let delivered = state.tables.deliveries.values().flatten().filter(|delivery| delivery.number == *number && delivery.edition == document.edition).count();
    // A rejected document that was taken back was delivered as well.
    if delivered > 1 || (ended && delivered == 0) {
        return Some(format!("{number} edition {} is {:?} and was delivered {delivered} times", document.edition, document.status));
    }
    None
}

fn acknowledged_stays(state: &State) -> Option<String> {
    let (tables, ledger) = (&state.tables, &state.ledger);
    let mut numbers = BTreeMap::new();
    for (key, number) in &ledger.created {
        if !tables.documents.contains_key(number) {
            return Some(format!("{number} was acknowledged and is lost"));
        }
        if let Some(other) = numbers.insert(number, key) {
            return Some(format!("{number} was given to {other} and to {key}"));
        }
    }
    for ((number, edition, step, account), kind) in &ledger.decided {
        let document = &tables.documents[number];
        let found = document.steps.iter().filter(|row| row.position == *step).flat_map(|row| &row.decisions);
        // Earlier editions keep their decisions in their own rows.
        if document.edition == *edition && !found.into_iter().any(|decision| decision.account == *account && decision.decision == *kind) {
            return Some(format!("the decision of {account} on {number} was acknowledged and is lost"));
        }
    }
    let lost = ledger.withdrawn.iter().find(|number| tables.documents[*number].status != Status::Withdrawn);
    if let Some(number) = lost {
        return Some(format!("the withdrawal of {number} was acknowledged and is lost"));
    }
    ledger
        .corrected
        .iter()
        .find(|(number, edition)| tables.documents[number].edition < *edition)
        .map(|(number, edition)| format!("edition {edition} of {number} was acknowledged and is lost"))
}
