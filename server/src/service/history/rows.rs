//! The rows of a document that follow from its acts.

use std::collections::BTreeMap;

use app::model::{Decide, Level, Number};
use serde::Serialize;

use super::{Act, ActKind, Told};
use crate::index::{Cell, Cells, search_text, table};
use crate::service::record::Deed;

/// A row's table and key.
pub type Key = (&'static str, Vec<Cell>);

/// Rows by table and key.
pub type Derived = BTreeMap<Key, Cells>;

/// The rows that follow from a document's acts and from what its editions say of themselves.
///
/// # Errors
/// In words: the first act that cannot have happened then.
pub fn derive(number: &Number, acts: &[Act], deeds: &BTreeMap<i64, Deed>) -> Result<Derived, String> {
    let mut life = Life { number, deeds, document: Cells::new(), steps: Vec::new(), rows: Derived::new(), creator: String::new() };
    for (place, act) in (1..).zip(acts) {
        life.event(place, &act.told);
        life.take(act).map_err(|problem| format!("{} in edition {}: {problem}", act.told.kind, act.told.edition))?;
    }
    life.end()
}

/// The key of a row.
pub fn key_of(name: &'static str, cells: &Cells) -> Key {
    let columns = table(name).map_or(&[][..], |table| table.key);
    (name, columns.iter().map(|column| cells.get(*column).cloned().unwrap_or(Cell::Null)).collect())
}

/// The word of an enum's value, as the index writes it.
pub fn word<T: Serialize>(value: T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        _ => String::new(),
    }
}

struct Life<'a> {
    number: &'a Number,
    deeds: &'a BTreeMap<i64, Deed>,
    document: Cells,
    /// The current edition's route.
    steps: Vec<Step>,
    rows: Derived,
    creator: String,
}

struct Step {
    key: String,
    decide: Decide,
    fields: usize,
    decided: usize,
    status: &'static str,
    opened_at: Option<i64>,
    cells: Cells,
}

macro_rules! cells {
    ($($column:ident: $value:expr),* $(,)?) => {
        Cells::from([$((stringify!($column).to_owned(), Cell::from($value))),*])
    };
}

impl Life<'_> {
    fn take(&mut self, act: &Act) -> Result<(), String> {
        let told = &act.told;
        if !matches!(act.kind, ActKind::Created | ActKind::Corrected) && self.edition() != told.edition {
            return Err(format!("edition {} is current", self.edition()));
        }
        match act.kind {
            ActKind::Created | ActKind::Corrected => self.open(act),
            ActKind::Signed => self.sign(told),
            ActKind::Rejected => self.reject(told),
            ActKind::Returned => self.deliver(told),
            ActKind::Raised => self.raise(told),
            ActKind::Withdrawn => self.withdraw(),
        }
    }

    /// A new edition.
    fn open(&mut self, act: &Act) -> Result<(), String> {
        let told = &act.told;
        let first = act.kind == ActKind::Created;
        let fits = if first { self.document.is_empty() && told.edition == 1 } else { self.status() == "rejected" && told.edition == self.edition() + 1 };
        if !fits {
            return Err(format!("the document is {} in edition {}", self.status(), self.edition()));
        }
        let deed = self.deeds.get(&told.edition).ok_or("its file does not say what the edition holds")?;
        if deed.number != *self.number || i64::from(deed.edition) != told.edition {
            return Err(format!("its file is edition {} of {}", deed.edition, deed.number));
        }
        let fields = serde_json::to_string(&deed.fields).map_err(|error| error.to_string())?;
        if first {
            self.creator.clone_from(&deed.creator.account);
            self.document = cells! {
                number: self.number.as_str(), type_code: deed.type_code.as_str(), live: true, creator: deed.creator.account.as_str(),
                creator_client_number: deed.creator.client_number.as_str(), creator_name: deed.creator.name.as_str(), created_at: told.at,
            };
        }
        let creator = self.document["creator_name"].text().to_owned();
        let search = search_text(self.number, &deed.title, &deed.matter, &creator);
        self.document.extend(cells! {
            matter: deed.matter.as_str(), title: deed.title.as_str(), edition: told.edition, status: "pending", fields: fields.as_str(), search: search,
            lang: deed.lang.as_str(), level: Level::None.as_str(),
        });
        let edition = cells! {
            number: self.number.as_str(), edition: told.edition, title: deed.title.as_str(), matter: deed.matter.as_str(), fields: fields, created_at: told.at,
        };
        self.put("editions", edition);
        self.file(told)?;
        self.route(deed, told);
        Ok(())
    }

    fn route(&mut self, deed: &Deed, told: &Told) {
        self.settle();
        for (position, step) in (1_i64..).zip(&deed.steps) {
            for (ordinal, field) in (1_i64..).zip(&step.fields) {
                let rect = field.rect.map(|[left, bottom, right, top]| format!("[{left},{bottom},{right},{top}]"));
                let row = cells! {
                    number: self.number.as_str(), edition: told.edition, position: position, ordinal: ordinal, field: field.field.as_str(),
                    page: i64::from(field.page), rect: rect, movable: field.movable, account: field.account.clone(),
                    account_name: field.account_name.clone(), rotate: i64::from(field.rotate),
                };
                self.put("step_fields", row);
            }
            let cells = cells! {
                number: self.number.as_str(), edition: told.edition, position: position, step_key: step.key.as_str(), name_en: step.name.en.as_str(),
                name_zh: step.name.zh.as_str(), role: step.role.as_str(), decide: word(step.decide), seal_design: word(step.design),
            };
            let (status, opened_at) = if position == 1 { ("open", Some(told.at)) } else { ("waiting", None) };
            let (key, decide, fields) = (step.key.clone(), step.decide, step.fields.len());
            self.steps.push(Step { key, decide, fields, decided: 0, status, opened_at, cells });
        }
    }

    fn sign(&mut self, told: &Told) -> Result<(), String> {
        let position = self.decide(told, "signed")?;
        self.file(told)?;
        self.document.insert("level".to_owned(), told.level.clone().into());
        let step = &mut self.steps[position];
        step.decided += 1;
        if step.decide == Decide::All && step.decided < step.fields {
            return Ok(());
        }
        step.status = "signed";
        match self.steps.get_mut(position + 1) {
            Some(next) => (next.status, next.opened_at) = ("open", Some(told.at)),
            None => self.end_as("signed"),
        }
        Ok(())
    }

    fn reject(&mut self, told: &Told) -> Result<(), String> {
        let position = self.decide(told, "rejected")?;
        self.steps[position].status = "rejected";
        self.close();
        self.end_as("rejected");
        Ok(())
    }

    /// Writes a decision on the open step, and gives the step's place.
    fn decide(&mut self, told: &Told, decision: &str) -> Result<usize, String> {
        if self.status() != "pending" {
            return Err(format!("the document is {}", self.status()));
        }
        let open = self.steps.iter().position(|step| step.status == "open").ok_or("no step is open")?;
        if told.step.as_ref().is_some_and(|step| *step != self.steps[open].key) {
            return Err(format!("the step {} is open", self.steps[open].key));
        }
        let expected = self.document["revision"].number() + i64::from(decision == "signed");
        if told.revision != expected {
            return Err(format!("revision {} instead of {expected}", told.revision));
        }
        let so_far = self.rows.keys().filter(|(name, key)| *name == "decisions" && key[1] == Cell::Number(told.edition)).count() as i64;
        let row = cells! {
            number: self.number.as_str(), edition: told.edition, position: open as i64 + 1, account: told.account.as_str(), decided_by: told.by.clone(),
            decision: decision, decided_at: told.at, ordinal: so_far + 1, revision: told.revision, serial: told.serial.clone(), reason: told.reason.clone(),
        };
        if self.rows.contains_key(&key_of("decisions", &row)) {
            return Err("the account decided this step before".to_owned());
        }
        self.put("decisions", row);
        Ok(open)
    }

    fn deliver(&mut self, told: &Told) -> Result<(), String> {
        let decision = self.status().to_owned();
        if decision != "signed" && decision != "rejected" {
            return Err(format!("the document is {decision}"));
        }
        let row = cells! {
            creator: self.creator.as_str(), position: told.delivery, number: self.number.as_str(), edition: told.edition, revision: told.revision,
            decision: decision, reason: told.reason.clone(), title: self.document["title"].text(), by_name: told.by.clone(), at: told.at,
        };
        self.put("deliveries", row);
        Ok(())
    }

    fn raise(&mut self, told: &Told) -> Result<(), String> {
        if self.status() != "signed" {
            return Err(format!("the document is {}", self.status()));
        }
        self.file(told)?;
        self.document.insert("level".to_owned(), told.level.clone().into());
        // What was returned is the document, not one of its files: its delivery names the newest.
        for ((name, _), row) in &mut self.rows {
            if *name == "deliveries" && row["edition"] == Cell::Number(told.edition) && row["decision"].text() == "signed" {
                row.insert("revision".to_owned(), told.revision.into());
            }
        }
        Ok(())
    }

    fn withdraw(&mut self) -> Result<(), String> {
        let unsigned = self.status() == "pending" && self.document["revision"].number() == 0;
        if !unsigned && self.status() != "rejected" {
            return Err(format!("the document is {}", self.status()));
        }
        self.close();
        self.end_as("withdrawn");
        self.document.insert("live".to_owned(), false.into());
        Ok(())
    }

    /// The file that an act made is the document's newest.
    fn file(&mut self, told: &Told) -> Result<(), String> {
        let (Some(path), Some(sha256)) = (&told.path, &told.sha256) else { return Err("nothing says where its file is".to_owned()) };
        let newest = self.document.get("revision").map_or(-1, Cell::number);
        let opens = told.kind == "created" || told.kind == "corrected";
        if told.revision != if opens { 0 } else { newest + 1 } {
            return Err(format!("revision {} after {newest}", told.revision));
        }
        let row = cells! {
            number: self.number.as_str(), edition: told.edition, revision: told.revision, sha256: sha256.as_str(), size: told.size,
            store_path: path.as_str(), created_at: told.at,
        };
        self.put("revisions", row);
        self.document.extend(cells! { revision: told.revision, sha256: sha256.as_str(), size: told.size, store_path: path.as_str() });
        Ok(())
    }

    fn event(&mut self, place: i64, told: &Told) {
        let row = cells! {
            number: self.number.as_str(), position: place, at: told.at, kind: told.kind.as_str(), account: told.account.as_str(), by_name: told.by.clone(),
            step_key: told.step.clone(), reason: told.reason.clone(), edition: told.edition, revision: told.revision, sha256: told.sha256.clone(),
            level: told.level.clone(),
        };
        self.put("events", row);
    }

    /// The steps of the edition so far become rows.
    fn settle(&mut self) {
        for step in std::mem::take(&mut self.steps) {
            let mut cells = step.cells;
            cells.extend(cells! { status: step.status, opened_at: step.opened_at });
            self.put("steps", cells);
        }
    }

    fn close(&mut self) {
        for step in self.steps.iter_mut().filter(|step| matches!(step.status, "open" | "waiting")) {
            step.status = "closed";
        }
    }

    fn end(mut self) -> Result<Derived, String> {
        if self.document.is_empty() {
            return Err("nothing tells of its creation".to_owned());
        }
        self.settle();
        let document = std::mem::take(&mut self.document);
        self.put("documents", document);
        Ok(self.rows)
    }

    fn end_as(&mut self, status: &str) {
        self.document.insert("status".to_owned(), status.into());
    }

    fn put(&mut self, name: &'static str, cells: Cells) {
        self.rows.insert(key_of(name, &cells), cells);
    }

    fn status(&self) -> &str {
        self.document.get("status").map_or("not created", Cell::text)
    }

    fn edition(&self) -> i64 {
        self.document.get("edition").map_or(0, Cell::number)
    }
}
