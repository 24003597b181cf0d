//! People, their certificates and seals, and types: the rows that follow from their newest records. Tokens: those that the trail tells of.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::compare::compare;
use super::files::{Wanted, look};
use super::mend::Mend;
use super::{Findings, Telling, trail};
use crate::App;
use crate::error::{Result, internal};
use crate::index::{Cell, Cells, Change, MAIN, table};
use crate::service::history::{Derived, key_of, word};
use crate::service::identify::LIFETIME;
use crate::service::record::{AccountRecord, CertificateRecord, Record, SealRecord, TypeRecord};

const TABLES: [&str; 6] = ["accounts", "account_roles", "account_reads", "types", "certificates", "seal_designs"];

/// The newest record of each object, by kind and object.
pub type Known = BTreeMap<(String, String), Record>;

/// Checks the main database's people, types and keys.
pub(super) async fn check(app: &App, telling: &Telling, all: &mut Findings) -> Result<()> {
    // 1. The records: their rows against the trail, their files against their hashes.
    trail::records(app, MAIN, telling, all).await?;
    let actual = rows(app, &TABLES).await?;
    let (known, unread) = known(app, telling, &actual, all).await?;
    // 2. The rows that follow from the newest of each. Of what cannot be read nothing can be said.
    let expected = expected(&known, telling);
    let is_read = |row: &Cells, name: &str| !unread.contains(&(kind(name).to_owned(), object(name, row)));
    let actual = actual.into_iter().filter(|((name, _), row)| is_read(row, name)).collect();
    compare(MAIN, MAIN, &expected, &actual, &TABLES, all);
    // 3. Tokens and sessions.
    tokens(app, telling, all).await?;
    sessions(app, all).await
}

/// The rows of people, types and keys that follow from their newest records, and from what the trail tells.
pub fn expected(known: &Known, telling: &Telling) -> Derived {
    let mut rows = Derived::new();
    let mut put = |name: &'static str, cells: Vec<(&str, Cell)>| {
        let cells: Cells = cells.into_iter().map(|(name, cell)| (name.to_owned(), cell)).collect();
        rows.insert(key_of(name, &cells), cells);
    };
    for record in known.values() {
        match record {
            Record::Account(account) => self::account(account, &mut put),
            Record::Certificate(certificate) => self::certificate(certificate, telling, &mut put),
            Record::Type(TypeRecord { code, database, definition, template, imported_at, imported_by }) => put(
                "types",
                vec![
                    ("code", code.as_str().into()),
                    ("database_name", database.as_str().into()),
                    ("definition", definition.as_str().into()),
                    ("template", template.clone().into()),
                    ("imported_at", (*imported_at).into()),
                    ("imported_by", imported_by.as_str().into()),
                ],
            ),
            Record::Seal(SealRecord { account, design, saved_at }) => {
                let design = serde_json::to_string(design).unwrap_or_default();
                put("seal_designs", vec![("account", account.as_str().into()), ("design", design.into()), ("saved_at", (*saved_at).into())]);
            }
            Record::Rejected(_) | Record::Withdrawn(_) => {}
        }
    }
    rows
}

fn account(account: &AccountRecord, put: &mut impl FnMut(&'static str, Vec<(&str, Cell)>)) {
    put(
        "accounts",
        vec![
            ("id", account.id.as_str().into()),
            ("login", account.login.as_str().into()),
            ("name", account.name.as_str().into()),
            ("client_number", account.client_number.as_str().into()),
            ("admin", account.admin.into()),
            ("active", account.active.into()),
            ("created_at", account.created_at.into()),
        ],
    );
    for role in &account.roles {
        put("account_roles", vec![("account", account.id.as_str().into()), ("role", role.as_str().into())]);
    }
    for code in &account.reads {
        put("account_reads", vec![("account", account.id.as_str().into()), ("type_code", code.as_str().into())]);
    }
}

fn certificate(record: &CertificateRecord, telling: &Telling, put: &mut impl FnMut(&'static str, Vec<(&str, Cell)>)) {
    let mut record = record.clone();
    // An account that ends takes its certificates with it, in the same act: only the account's record tells of it.
    let issued = telling.issued.get(&record.serial).copied();
    let ended = telling.ended.get(&record.account).into_iter().flatten().find(|(position, at)| match issued {
        Some(issued) => *position > issued,
        None => *at >= record.issued_at,
    });
    if let (None, Some((_, at))) = (record.revoked_at, ended.filter(|(_, at)| record.not_after > *at)) {
        record.revoked_at = Some(*at);
        record.revocation_reason = Some("privilegeWithdrawn".to_owned());
    }
    let fingerprint = hex::decode(&record.der).map(|der| crate::store::hash(&der).as_str().to_owned()).unwrap_or_default();
    put(
        "certificates",
        vec![
            ("serial", record.serial.as_str().into()),
            ("account", record.account.as_str().into()),
            ("subject", record.subject.as_str().into()),
            ("device", record.device.as_str().into()),
            ("der", record.der.as_str().into()),
            ("fingerprint", fingerprint.into()),
            ("issuer", record.issuer.as_str().into()),
            ("key_sha256", record.key_sha256.as_str().into()),
            ("issued_at", record.issued_at.into()),
            ("not_before", record.not_before.into()),
            ("not_after", record.not_after.into()),
            ("continuity", word(record.continuity).into()),
            ("renews", record.renews.clone().into()),
            ("replaced_at", telling.replaced.get(&record.serial).copied().into()),
            ("confirmed_at", record.confirmed_at.into()),
            ("revoked_at", record.revoked_at.into()),
            ("revocation_reason", record.revocation_reason.clone().into()),
            ("revocation_note", record.revocation_note.clone().into()),
            ("revoked_by", record.revoked_by.clone().into()),
        ],
    );
}

/// The newest record of each object, and the objects whose newest one cannot be read.
async fn known(app: &App, telling: &Telling, actual: &Derived, all: &mut Findings) -> Result<(Known, Vec<(String, String)>)> {
    let mut newest: BTreeMap<(String, String), i64> = BTreeMap::new();
    for row in telling.records.values() {
        let value = newest.entry((row["kind"].text().to_owned(), row["object"].text().to_owned())).or_default();
        *value = (*value).max(row["version"].number());
    }
    let (mut known, mut unread) = (Known::new(), Vec::new());
    for (path, row) in &telling.records {
        let (kind, object) = (row["kind"].text().to_owned(), row["object"].text().to_owned());
        let is_newest = newest.get(&(kind.clone(), object.clone())) == Some(&row["version"].number());
        let again = if is_newest { again(&kind, &object, row["created_at"].number(), actual) } else { Vec::new() };
        let again = again.into_iter().find(|bytes| crate::store::hash(bytes).as_str() == row["sha256"].text());
        let wanted = Wanted { what: "record", path, sha256: row["sha256"].text(), size: row["size"].number(), object: &object, is_read: is_newest };
        let file = look(app, wanted, again, all).await?;
        if !is_newest {
            continue;
        }
        match file.map(|file| Record::read(&file)) {
            Some(Ok(record)) if record.kind() == kind && record.object() == object => drop(known.insert((kind, object), record)),
            Some(other) => {
                let problem = other.err().unwrap_or_else(|| "it tells of something else".to_owned());
                all.say("record-content", &object, format!("{path}: {problem}; bring it back from a backup of the file store"), None);
                unread.push((kind, object));
            }
            None => unread.push((kind, object)),
        }
    }
    // What no record tells of yet: written by the next sweep.
    for (kind, object) in app.index.unrecorded(1_000).await? {
        // One that the trail does not tell of, though it is younger, was put there by hand: it is compared, and found to follow from nothing.
        let by_hand = !telling.objects.contains(&object) && !is_old(kind, &object, telling, actual);
        if !by_hand && !newest.contains_key(&(kind.to_owned(), object.clone())) {
            all.say("record-missing", &object, format!("no record tells of this {kind}; the server writes it within a minute, when the store answers"), None);
            unread.push((kind.to_owned(), object));
        }
    }
    Ok((known, unread))
}

/// Whether an object is from before there was a trail.
fn is_old(kind: &str, object: &str, telling: &Telling, actual: &Derived) -> bool {
    let (name, column) = match kind {
        "account" => ("accounts", "created_at"),
        "certificate" => ("certificates", "issued_at"),
        "type" => ("types", "imported_at"),
        _ => ("seal_designs", "saved_at"),
    };
    let made = actual.get(&(name, vec![Cell::from(object)])).map(|row| row[column].number());
    telling.begins.zip(made).is_none_or(|(begins, made)| made < begins)
}

/// The bytes that an object's newest record may have had, as its rows say. By whom an account was changed last, the record alone knows, so
/// each account is tried.
fn again(kind: &str, object: &str, at: i64, actual: &Derived) -> Vec<Bytes> {
    let row = |name: &'static str| actual.get(&(name, vec![Cell::from(object)]));
    let records = match kind {
        "account" => row("accounts").map(|row| accounts(row, at, actual)).unwrap_or_default(),
        "type" => row("types").and_then(known_type).map(Record::Type).into_iter().collect(),
        "seal" => row("seal_designs").and_then(seal).map(Record::Seal).into_iter().collect(),
        "certificate" => row("certificates").and_then(known_certificate).map(|record| variants(record).collect()).unwrap_or_default(),
        _ => Vec::new(),
    };
    records.iter().filter_map(|record| record.write().ok()).collect()
}

fn accounts(row: &Cells, at: i64, actual: &Derived) -> Vec<Record> {
    let id = row["id"].text();
    let of = |name: &str, column: &str| -> Vec<String> {
        actual.iter().filter(|((table, key), _)| *table == name && key[0].text() == id).map(|(_, row)| row[column].text().to_owned()).collect()
    };
    let Ok(client_number) = row["client_number"].text().parse() else { return Vec::new() };
    let record = AccountRecord {
        id: id.to_owned(),
        login: row["login"].text().to_owned(),
        name: row["name"].text().to_owned(),
        client_number,
        roles: of("account_roles", "role"),
        reads: of("account_reads", "type_code"),
        admin: row["admin"].number() != 0,
        active: row["active"].number() != 0,
        created_at: row["created_at"].number(),
        at,
        by: String::new(),
    };
    let everyone = actual.keys().filter(|(name, _)| *name == "accounts").map(|(_, key)| key[0].text().to_owned());
    std::iter::once(String::new()).chain(everyone).map(|by| Record::Account(AccountRecord { by, ..record.clone() })).collect()
}

fn known_type(row: &Cells) -> Option<TypeRecord> {
    Some(TypeRecord {
        code: row["code"].text().parse().ok()?,
        database: row["database_name"].text().to_owned(),
        definition: row["definition"].text().to_owned(),
        template: some(row, "template"),
        imported_at: row["imported_at"].number(),
        imported_by: row["imported_by"].text().to_owned(),
    })
}

fn seal(row: &Cells) -> Option<SealRecord> {
    Some(SealRecord { account: row["account"].text().to_owned(), design: serde_json::from_str(row["design"].text()).ok()?, saved_at: row["saved_at"].number() })
}

fn known_certificate(row: &Cells) -> Option<CertificateRecord> {
    let moment = |column: &str| match row.get(column)? {
        Cell::Number(at) => Some(*at),
        _ => None,
    };
    Some(CertificateRecord {
        serial: row["serial"].text().to_owned(),
        account: row["account"].text().to_owned(),
        subject: row["subject"].text().to_owned(),
        device: row["device"].text().to_owned(),
        der: row["der"].text().to_owned(),
        issuer: row["issuer"].text().to_owned(),
        key_sha256: row["key_sha256"].text().to_owned(),
        issued_at: row["issued_at"].number(),
        not_before: row["not_before"].number(),
        not_after: row["not_after"].number(),
        continuity: serde_json::from_value(row["continuity"].text().into()).ok()?,
        renews: some(row, "renews"),
        confirmed_at: moment("confirmed_at"),
        revoked_at: moment("revoked_at"),
        revocation_reason: some(row, "revocation_reason"),
        revocation_note: some(row, "revocation_note"),
        revoked_by: some(row, "revoked_by"),
    })
}

/// As it is, and as it was before its account ended.
fn variants(record: CertificateRecord) -> impl Iterator<Item = Record> {
    let before = CertificateRecord { revoked_at: None, revocation_reason: None, revocation_note: None, revoked_by: None, ..record.clone() };
    [record, before].into_iter().map(Record::Certificate)
}

fn some(row: &Cells, column: &str) -> Option<String> {
    match row.get(column)? {
        Cell::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// A token is in its owner's hand; the trail tells that it was made. One that it does not tell of was put there by hand.
async fn tokens(app: &App, telling: &Telling, all: &mut Findings) -> Result<()> {
    let actual = rows(app, &["tokens"]).await?;
    let old = |row: &Cells| telling.begins.is_none_or(|begins| row["created_at"].number() < begins);
    let expected: Derived = telling.tokens.values().map(|row| (key_of("tokens", row), row.clone())).collect();
    let actual: Derived = actual.into_iter().filter(|(key, row)| expected.contains_key(key) || !old(row)).collect();
    let before = all.findings.len();
    compare(MAIN, MAIN, &expected, &actual, &["tokens"], all);
    // The secret's hash is nowhere else: a token that is gone cannot come back.
    for finding in all.findings[before..].iter_mut().filter(|finding| finding.rule == "tokens-missing") {
        finding.mend = None;
        finding.repair = "none";
        finding.text.push_str("; its owner makes a new one");
    }
    Ok(())
}

async fn sessions(app: &App, all: &mut Findings) -> Result<()> {
    for (key, row) in rows(app, &["sessions"]).await? {
        let (begun, seen, ends) = (row["created_at"].number(), row["seen_at"].number(), row["expires_at"].number());
        let wrong = [("sessions-expires_at", ends - begun > LIFETIME || ends < begun), ("sessions-seen_at", seen < begun || seen > ends)];
        for (rule, _) in wrong.into_iter().filter(|(_, is_wrong)| *is_wrong) {
            let mend = Mend::rows(MAIN, vec![Change::Delete("sessions", super::compare::key_cells(&key))]);
            all.say(rule, row["account"].text(), "a session as none of ours is; its owner signs in again", Some(mend));
        }
    }
    Ok(())
}

/// All rows of these tables of the main database.
async fn rows(app: &App, names: &[&'static str]) -> Result<Derived> {
    let mut rows = Derived::new();
    for name in names {
        let table = table(name).ok_or_else(|| internal(format_args!("{name} is a table")))?;
        let mut after: Option<Cells> = None;
        loop {
            let page = app.index.cells(MAIN, table, after.as_ref(), 1_000).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.clone());
            rows.extend(page.into_iter().map(|cells| (key_of(name, &cells), cells)));
        }
    }
    Ok(rows)
}

/// The kind of the records that a table's rows follow from.
fn kind(name: &str) -> &'static str {
    match name {
        "types" => "type",
        "certificates" => "certificate",
        "seal_designs" => "seal",
        _ => "account",
    }
}

/// The object of a row.
fn object(name: &str, row: &Cells) -> String {
    let column = match name {
        "accounts" => "id",
        "types" => "code",
        "certificates" => "serial",
        _ => "account",
    };
    row.get(column).map(|cell| cell.text().to_owned()).unwrap_or_default()
}
