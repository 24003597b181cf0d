//! A Signet with two databases in which much has happened.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use app::model::{AccountChange, Decide, Document, NewDocument, Number, SealDesign, SealShape, Status, TypeFiles};
use server::App;
use server::config::Config;
use server::index::{Cell, Cells, Change, TABLES};
use support::vsftpd::Vsftpd;
use support::world::{Key, World, claim};

/// What a world stands on.
pub struct Place {
    pub postgres: bool,
    pub ftp: Option<Vsftpd>,
}

impl Place {
    pub fn embedded() -> Self {
        Self { postgres: false, ftp: None }
    }

    /// A real vsftpd and PostgreSQL; none where this machine has no vsftpd.
    pub fn outside() -> Option<Self> {
        Vsftpd::start(false, &[]).map(|ftp| Self { postgres: true, ftp: Some(ftp) })
    }

    /// The environment of a Signet here, over databases of its own below `folder`.
    pub async fn values(&self, folder: &std::path::Path) -> Vec<(String, String)> {
        let data = folder.join("data");
        std::fs::create_dir_all(&data).unwrap();
        let mut values = Vec::new();
        for (variable, name) in [("SIGNET_DATABASE_URL", "main"), ("SIGNET_DATABASE_SECOND_URL", "second")] {
            let url = if self.postgres { support::postgres::database().await } else { format!("sqlite:{}", data.join(format!("{name}.sqlite")).display()) };
            values.push((variable.to_owned(), url));
        }
        if let Some(ftp) = &self.ftp {
            values.push(("SIGNET_FTP_URL".to_owned(), ftp.url()));
        }
        values
    }

    pub async fn world(&self) -> World {
        let folder = in_memory();
        let values = self.values(folder.path()).await;
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let clock = server::clock::FrozenClock::at(support::world::NOW);
        let app = World::open(&folder, &clock, &values).await;
        World { app, clock, folder }
    }
}

/// A folder in memory where the machine has one: thousands of commits need not wait for a disk, only be right.
pub fn in_memory() -> tempfile::TempDir {
    let memory = std::path::Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

pub fn config(folder: &std::path::Path, values: &[(String, String)]) -> Config {
    let mut values: BTreeMap<String, String> = values.iter().cloned().collect();
    values.insert("SIGNET_DATA".to_owned(), folder.join("data").display().to_string());
    Config::read(&values).unwrap()
}

/// A kind of document in the second database, and one in the first whose type changes later.
pub async fn import(world: &World) {
    let folder = "../types/EXP";
    let read = |name: &str| std::fs::read_to_string(format!("{folder}/{name}")).unwrap();
    let definition = read("type.toml").replace("EXP", "TRV").replace("database = \"main\"", "database = \"second\"");
    let files = TypeFiles { definition, template: Some(read("template.typ")) };
    let admin = world.desk("admin").await;
    admin.import_type(None, files.clone()).await.unwrap();
    world.clock.advance(1_000);
    admin.import_type(None, TypeFiles { definition: files.definition.replace("Expense claim", "Travel claim"), ..files }).await.unwrap();
}

pub fn travel(invoice: &str, amount: &str) -> NewDocument {
    NewDocument { type_code: "TRV".parse().unwrap(), ..claim(invoice, amount) }
}

/// One key a login, made when first asked for.
pub struct Keys(BTreeMap<String, Key>);

impl Keys {
    pub fn new() -> Self {
        Self(BTreeMap::new())
    }

    async fn of(&mut self, world: &World, login: &str) -> &Key {
        if !self.0.contains_key(login) {
            let key = world.key(login).await;
            self.0.insert(login.to_owned(), key);
        }
        &self.0[login]
    }

    /// One signature by whoever the open step asks.
    pub async fn sign(&mut self, world: &World, number: &Number) -> Document {
        world.clock.advance(1_234);
        let document = world.desk("li.na").await.document(number.clone()).await.unwrap();
        let step = document.steps.iter().find(|step| step.status == app::model::StepStatus::Open).expect("an open step");
        let mut logins: Vec<&str> = match step.role.as_str() {
            "department-head" => vec!["wang.jianguo"],
            "finance" => vec!["chen.jing"],
            "operations" => vec!["zhao.qiang"],
            "safety" => vec!["sun.li", "mike.brown"],
            "dispatch" => vec!["zhou.tao"],
            other => panic!("nobody has the role {other}"),
        };
        if step.decide == Decide::All {
            logins.drain(..step.decisions.len());
        }
        let key = self.of(world, logins[0]).await;
        world.seal(logins[0], number, key).await.unwrap()
    }

    pub async fn finish(&mut self, world: &World, number: &Number) -> Document {
        loop {
            let document = self.sign(world, number).await;
            if document.status == Status::Signed {
                return document;
            }
        }
    }
}

/// Every kind of act, in both databases.
pub async fn live(world: &World) -> Keys {
    import(world).await;
    let mut keys = Keys::new();
    let creator = world.desk("li.na").await;
    let submit = async |new: NewDocument, key: Option<&str>| {
        world.clock.advance(777);
        creator.submit(new, None, key.map(str::to_owned)).await.unwrap().document
    };
    // Signed by two; by one; by everyone of a step; uploaded; in the other database.
    let two = submit(claim("R-1", "7280"), Some("key-1")).await;
    keys.finish(world, &two.number).await;
    keys.finish(world, &submit(claim("R-2", "12"), None).await.number).await;
    let definition = creator.definition("WO".parse().unwrap()).await.unwrap();
    let order = NewDocument { type_code: "WO".parse().unwrap(), title: Some("检修 3 号间隔".into()), fields: server::types::sample::values(&definition) };
    keys.finish(world, &submit(order, None).await.number).await;
    let definition = creator.definition("RCT".parse().unwrap()).await.unwrap();
    let upload = creator.preview(claim("R-3", "10"), None).await.unwrap();
    let receipt = NewDocument { type_code: "RCT".parse().unwrap(), title: None, fields: server::types::sample::values(&definition) };
    let receipt = creator.submit(receipt, Some(upload), None).await.unwrap().document;
    keys.sign(world, &receipt.number).await;
    keys.finish(world, &submit(travel("T-1", "9000"), None).await.number).await;
    keys.sign(world, &submit(travel("T-2", "9000"), None).await.number).await;
    // Rejected after a signature, corrected about another matter, signed; the matter that it left is taken by another document.
    let rejected = submit(claim("R-4", "9000"), None).await;
    keys.sign(world, &rejected.number).await;
    world.desk("chen.jing").await.reject(rejected.number.clone(), 1.into(), "too much\n太多".into()).await.unwrap();
    world.clock.advance(50);
    creator.correct(rejected.number.clone(), claim("R-5", "100"), None, None).await.unwrap();
    keys.finish(world, &rejected.number).await;
    submit(claim("R-4", "20"), None).await;
    // Taken back at once, and after a rejection; its matter again.
    let withdrawn = submit(claim("R-6", "6000"), None).await;
    creator.withdraw(withdrawn.number).await.unwrap();
    submit(claim("R-6", "6000"), None).await;
    let again = submit(travel("T-3", "30"), None).await;
    world.desk("wang.jianguo").await.reject(again.number.clone(), 0.into(), "no".into()).await.unwrap();
    creator.withdraw(again.number).await.unwrap();
    let only = submit(travel("T-4", "30"), None).await;
    world.desk("wang.jianguo").await.reject(only.number.clone(), 0.into(), "no".into()).await.unwrap();
    // A signed document that was raised later.
    let number = submit(claim("R-7", "40"), None).await.number;
    keys.finish(world, &number).await;
    lower(world, &number).await;
    world.clock.advance(60_000);
    assert_eq!(server::service::level::later::once(&world.app).await.unwrap(), 1);
    people(world).await;
    keys
}

/// As if no evidence could be had when it was signed: its level, and what tells of it, are the lower ones.
async fn lower(world: &World, number: &Number) {
    let key = Cells::from([("number".to_owned(), Cell::from(number.as_str()))]);
    let cells = Cells::from([("level".to_owned(), Cell::from("PAdES-B-B")), ("raise_at".to_owned(), Cell::Number(0))]);
    world.app.index.change("main", vec![Change::Update("documents", key, cells)]).await.unwrap();
}

/// People come, change, leave and come back; keys are renewed, confirmed, revoked.
async fn people(world: &World) {
    let admin = world.desk("admin").await;
    let change = |login: &str| AccountChange { login: login.to_owned(), ..AccountChange::default() };
    world.add("new.one", &["creator", "head"]).await;
    world.clock.advance(10);
    let roles = Some(vec!["creator".to_owned()]);
    admin
        .save_account(AccountChange { roles, reads: Some(vec!["EXP".into(), "WO".into()]), name: Some("新人 One".into()), ..change("new.one") })
        .await
        .unwrap();
    admin.save_account(AccountChange { password: Some("a long password".into()), ..change("new.one") }).await.unwrap();
    let first = Key::enrol(&*world.desk("new.one").await, "first").await;
    world.clock.advance(10);
    let second = Key::renew(&*world.desk("new.one").await, "second", &first).await;
    let third = Key::enrol(&*world.desk("new.one").await, "third").await;
    world.desk("new.one").await.confirm_key(third.serial.clone()).await.unwrap();
    world.desk("new.one").await.revoke(second.serial, "keyCompromise".into(), Some("lost on a train".into())).await.unwrap();
    world.clock.advance(10);
    admin.save_account(AccountChange { active: Some(false), ..change("new.one") }).await.unwrap();
    admin.save_account(AccountChange { active: Some(true), admin: Some(true), ..change("new.one") }).await.unwrap();
    Key::enrol(&*world.desk("new.one").await, "fourth").await;
    for shape in [SealShape::Square, SealShape::Round] {
        world.desk("new.one").await.save_seal(SealDesign { shape, organisation: "某公司".into(), ..SealDesign::default() }).await.unwrap();
    }
    let desk = world.desk("new.one").await;
    desk.create_token("till".into()).await.unwrap();
    desk.create_token("gone".into()).await.unwrap();
    let gone = desk.tokens().await.unwrap().into_iter().find(|token| token.label == "gone").unwrap();
    desk.delete_token(gone.id).await.unwrap();
}

/// Every row of every database as a line, without what `leaves_out` names: a table, or `table.column`.
pub async fn dump(app: &Arc<App>, leaves_out: &[&str]) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for database in app.index.database_names() {
        for table in TABLES.iter().filter(|table| !leaves_out.contains(&table.name)) {
            let mut after: Option<Cells> = None;
            loop {
                let rows = app.index.cells(&database, table, after.as_ref(), 500).await.unwrap();
                let Some(last) = rows.last() else { break };
                after = Some(last.clone());
                for mut row in rows {
                    row.retain(|column, _| !leaves_out.contains(&format!("{}.{column}", table.name).as_str()));
                    lines.insert(format!("{database} {} {}", table.name, serde_json::to_string(&row).unwrap()));
                }
            }
        }
    }
    lines
}

/// What is in one set of lines and not in the other.
pub fn differences(one: &BTreeSet<String>, other: &BTreeSet<String>) -> Vec<String> {
    let lost = one.difference(other).map(|line| format!("- {line}"));
    lost.chain(other.difference(one).map(|line| format!("+ {line}"))).collect()
}
