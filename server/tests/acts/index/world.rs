//! A throwaway index with two databases, and the short ways tests need.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};

use app::model::{Decide, LocalText, Number, SealChoice, TypeCode};
use server::index::{
    AccountRow, Act, DocumentRow, EditionContent, Index, IndexError, NewAccount, NewDecision, NewDocumentRow, NewFile, NewIntent, NewStep, Outcome,
    StepFieldRow, TypeRow, Viewer, new_id,
};

/// The moment every test begins at.
pub const T0: i64 = 1_800_000_000_000;

pub struct World {
    pub index: Index,
    pub databases: Vec<(String, String)>,
    pub postgres: bool,
    clock: AtomicI64,
    _folder: tempfile::TempDir,
}

impl World {
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| format!("sqlite:{}/{name}.db", folder.path().display());
        Self::open(vec![("main".into(), file("main")), ("work_orders".into(), file("wo"))], false, folder).await
    }

    pub async fn postgres() -> Self {
        let databases = vec![("main".into(), support::postgres::database().await), ("work_orders".into(), support::postgres::database().await)];
        Self::open(databases, true, tempfile::tempdir().unwrap()).await
    }

    /// Two SQLite files and a PostgreSQL database whose own order of text is not that of bytes.
    pub async fn mixed() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| format!("sqlite:{}/{name}.db", folder.path().display());
        let sorted = support::postgres::database_with("TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US' LOCALE 'C.UTF-8'").await;
        let databases = vec![("main".into(), file("main")), ("work_orders".into(), sorted), ("receipts".into(), file("rct"))];
        Self::open(databases, true, folder).await
    }

    async fn open(databases: Vec<(String, String)>, postgres: bool, folder: tempfile::TempDir) -> Self {
        let index = Index::open(&databases).await.unwrap();
        for (type_code, database) in [("EXP", "main"), ("WO", "work_orders"), ("RCT", "receipts")] {
            if !index.has_database(database) {
                continue;
            }
            let row = TypeRow {
                code: code(type_code),
                database: database.into(),
                definition: "…".into(),
                template: None,
                imported_at: T0,
                imported_by: String::new(),
            };
            index.save_type(row, None).await.unwrap();
        }
        Self { index, databases, postgres, clock: AtomicI64::new(T0), _folder: folder }
    }

    /// A moment later than every one before.
    pub fn now(&self) -> i64 {
        self.clock.fetch_add(1000, Ordering::Relaxed)
    }

    pub async fn person(&self, login: &str, roles: &[&str]) -> AccountRow {
        let new = NewAccount {
            login: login.into(),
            name: format!("{login} 李"),
            roles: roles.iter().map(ToString::to_string).collect(),
            reads: Vec::new(),
            admin: false,
            active: true,
            password_hash: None,
            at: self.now(),
            by: String::new(),
            reserved: None,
        };
        self.index.create_account(new).await.unwrap()
    }

    /// A document's creation as far as its commit; the intent is written.
    pub async fn prepared(&self, number: &str, matter: &str, creator: &AccountRow, steps: Vec<NewStep>) -> NewDocumentRow {
        NewDocumentRow {
            number: self::number(number),
            content: self.content(number, matter, steps).await,
            creator: creator.id.clone(),
            creator_client_number: creator.client_number.clone(),
            creator_name: creator.name.clone(),
            lang: "en".into(),
            at: self.now(),
            idempotency: None,
        }
    }

    pub async fn content(&self, number: &str, matter: &str, steps: Vec<NewStep>) -> EditionContent {
        EditionContent {
            title: format!("Taxi {matter}"),
            matter: matter.into(),
            fields: BTreeMap::from([("amount".to_owned(), "128.00".into())]),
            steps,
            file: self.file(number).await,
        }
    }

    /// A file as if it were stored, with its intent.
    pub async fn file(&self, number: &str) -> NewFile {
        let id = new_id();
        let path = format!("T/{number}/{id}.pdf");
        let sha256: app::model::Sha256 = format!("{id}{id}").parse().unwrap();
        let intent = NewIntent { id: id.clone(), path: path.clone(), sha256: sha256.clone(), size: 1000, at: T0, lease_until: T0 + 3_600_000 };
        self.index.begin_intent(&self::number(number).type_code(), intent).await.unwrap();
        NewFile { sha256, size: 1000, store_path: path, intent: id }
    }

    pub async fn create(&self, number: &str, matter: &str, creator: &AccountRow, steps: Vec<NewStep>) -> DocumentRow {
        self.index.create(self.prepared(number, matter, creator, steps).await).await.unwrap()
    }

    pub async fn signature(&self, document: &DocumentRow, by: &AccountRow) -> NewDecision {
        let file = self.file(document.number.as_str()).await;
        self.decision(document, by, Act::Sign { serial: "0a".into(), file, level: app::model::Level::TimeStamped, more: true })
    }

    pub fn decision(&self, document: &DocumentRow, by: &AccountRow, act: Act) -> NewDecision {
        NewDecision {
            number: document.number.clone(),
            edition: document.edition,
            revision: document.revision,
            position: document.open_step().map_or(1, |step| step.position),
            account: by.id.clone(),
            by: by.name.clone(),
            at: self.now(),
            act,
        }
    }

    pub async fn sign(&self, document: &DocumentRow, by: &AccountRow) -> DocumentRow {
        done(self.index.decide(self.signature(document, by).await).await)
    }

    pub async fn reject(&self, document: &DocumentRow, by: &AccountRow) -> DocumentRow {
        done(self.index.decide(self.decision(document, by, Act::Reject { reason: "no receipt".into(), record: None })).await)
    }
}

pub fn done(outcome: Result<Outcome, IndexError>) -> DocumentRow {
    match outcome {
        Ok(Outcome::Done(row)) => *row,
        other => panic!("not done: {other:?}"),
    }
}

pub fn number(text: &str) -> Number {
    text.parse().unwrap()
}

pub fn code(text: &str) -> TypeCode {
    text.parse().unwrap()
}

pub fn viewer(account: &AccountRow) -> Viewer {
    Viewer { account_id: account.id.clone(), login: account.login.clone(), roles: account.roles.clone(), reads: account.reads.clone() }
}

/// A step that asks any one of a role.
pub fn any(role: &str) -> NewStep {
    step(role, Decide::Any, vec![field(1, None)])
}

/// A step that asks all of these accounts.
pub fn all(role: &str, accounts: &[&AccountRow]) -> NewStep {
    step(role, Decide::All, (1..).zip(accounts).map(|(ordinal, account)| field(ordinal, Some(account))).collect())
}

fn step(role: &str, decide: Decide, fields: Vec<StepFieldRow>) -> NewStep {
    NewStep {
        key: role.trim_start_matches('@').into(),
        name: LocalText { en: role.into(), zh: "环节".into() },
        role: role.into(),
        decide,
        design: SealChoice::Any,
        fields,
    }
}

fn field(ordinal: u32, account: Option<&AccountRow>) -> StepFieldRow {
    StepFieldRow {
        ordinal,
        field: format!("f{ordinal}"),
        page: 1,
        rect: (ordinal == 1).then_some([10, 20, 130, 140]),
        rotate: 0,
        movable: ordinal != 1,
        account: account.map(|account| account.id.clone()),
        account_name: account.map(|account| account.name.clone()),
    }
}
