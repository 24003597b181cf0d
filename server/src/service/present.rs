//! Rows become the values that cross the wire, in the caller's language.

use app::model::{Certificate, CertificateState, Creator, Decision, Delivery, Document, Event, Lang, Me, Step, Waiting};

use crate::caller::Person;
use crate::clock::rfc3339;
use crate::index::{AccountRow, CertificateRow, DeliveryRow, DocumentRow, EventRow, StepRow, Viewer, WaitingRow};
use crate::permission::Standing;

/// A document.
pub fn document(row: DocumentRow, lang: Lang) -> Document {
    Document {
        number: row.number,
        type_code: row.type_code,
        title: row.title,
        edition: row.edition,
        matter: row.matter,
        status: row.status,
        creator: Creator { client_number: row.creator_client_number, name: row.creator_name },
        fields: row.fields,
        revision: row.revision,
        level: row.level,
        sha256: row.sha256,
        size: row.size,
        store_path: row.store_path,
        created_at: rfc3339(row.created_at),
        steps: row.steps.into_iter().map(|row| step(row, lang)).collect(),
    }
}

fn step(row: StepRow, lang: Lang) -> Step {
    Step {
        name: row.name.pick(lang).to_owned(),
        awaits: row.awaits(),
        key: row.key,
        role: row.role,
        decide: row.decide,
        status: row.status,
        opened_at: row.opened_at.map(rfc3339),
        decisions: row
            .decisions
            .into_iter()
            .map(|row| Decision { by: row.by, decision: row.decision, at: rfc3339(row.at), serial: row.serial, reason: row.reason })
            .collect(),
    }
}

/// An entry of a history.
pub fn event(row: EventRow) -> Event {
    Event {
        at: rfc3339(row.at),
        kind: row.kind,
        by: row.by,
        step: row.step,
        reason: row.reason,
        edition: row.edition,
        revision: row.revision,
        sha256: row.sha256,
        level: row.level,
    }
}

/// A delivery.
pub fn delivery(row: DeliveryRow) -> Delivery {
    Delivery {
        cursor: row.cursor,
        number: row.number,
        decision: row.decision,
        reason: row.reason,
        revision: row.revision,
        at: rfc3339(row.at),
        title: row.title,
        by: row.by,
        unread: !row.read,
    }
}

/// What waits for someone. The mark holds all that changes when others wait.
pub fn waiting(row: WaitingRow) -> Waiting {
    let mark = format!("{}-{}-{}", row.count, row.oldest.unwrap_or_default(), row.newest.unwrap_or_default());
    Waiting { count: u32::try_from(row.count).unwrap_or(u32::MAX), mark }
}

/// A certificate as its owner sees it at the time `now`.
pub fn certificate(row: CertificateRow, now: i64) -> Certificate {
    let state = match &row {
        row if row.revoked_at.is_some() => CertificateState::Revoked,
        row if row.replaced_at.is_some() => CertificateState::Replaced,
        row if row.not_after <= now => CertificateState::Ended,
        _ => CertificateState::Valid,
    };
    Certificate {
        state,
        serial: row.serial,
        subject: row.subject,
        device: row.device,
        issued_at: rfc3339(row.issued_at),
        not_before: rfc3339(row.not_before),
        not_after: rfc3339(row.not_after),
        continuity: row.continuity,
        renews: row.renews,
        replaced_at: row.replaced_at.map(rfc3339),
        used_at: row.used_at.map(rfc3339),
        confirmed_at: row.confirmed_at.map(rfc3339),
        revoked_at: row.revoked_at.map(rfc3339),
        revocation_reason: row.revocation_reason,
        revocation_note: row.revocation_note,
        revoked_by: row.revoked_by,
        fingerprint: row.fingerprint,
    }
}

/// An account as an administrator sees it.
pub fn account(row: AccountRow) -> app::model::Account {
    app::model::Account {
        login: row.login,
        name: row.name,
        client_number: row.client_number,
        roles: row.roles,
        reads: row.reads,
        admin: row.admin,
        active: row.active,
        created_at: rfc3339(row.created_at),
    }
}

/// An account as the one who is there.
pub fn person(row: AccountRow) -> Person {
    let me = Me { login: row.login, name: row.name, client_number: row.client_number, roles: row.roles, admin: row.admin };
    Person { id: row.id, me, reads: row.reads }
}

/// The account as the index's questions need it.
pub fn viewer(person: &Person) -> Viewer {
    Viewer { account_id: person.id.clone(), login: person.me.login.clone(), roles: person.me.roles.clone(), reads: person.reads.clone() }
}

/// What the document is to this account. The row came out of a question that only finds what it may see.
pub fn standing(row: &DocumentRow, person: &Person) -> Standing {
    let viewer = viewer(person);
    let creator = row.creator == person.id;
    let reads = viewer.reads.iter().any(|code| code == row.type_code.as_str());
    // Asked in an edition before, or decided then: the question found it, and neither tie above explains it.
    let reached = (!creator && !reads) || row.steps.iter().any(|step| step.opened_at.is_some() && asked_ever(step, &viewer));
    Standing { status: row.status, signed_once: row.revision > 0, creator, reached, asked: row.open_step().is_some_and(|step| step.asks(&viewer)), reads }
}

fn asked_ever(step: &StepRow, viewer: &Viewer) -> bool {
    let decided = step.decisions.iter().any(|decision| decision.account == viewer.account_id);
    let person = step.role.strip_prefix('@').is_some_and(|login| login == viewer.login);
    let role = match step.decide {
        app::model::Decide::Any => viewer.roles.contains(&step.role),
        app::model::Decide::All => step.fields.iter().any(|field| field.account.as_deref() == Some(viewer.account_id.as_str())),
    };
    decided || person || role
}
