//! People and documents to try Signet with. Only where the server is started for it.

use std::collections::BTreeMap;

use app::model::{AccountChange, DemoAccount, Lang, LocalText, NewDocument, SealDesign, SealShape, TypeCode};
use serde_json::Value;

use crate::App;
use crate::caller::{Caller, Proof};
use crate::error::{Result, internal};
use crate::permission::{self, Subject, TypeTie};
use crate::service::submit::{self, Creation};
use crate::service::{accounts, catalog, present, seals};
use crate::types;

/// One password for all of them: there is nothing to protect in a demonstration.
const PASSWORD: &str = "signet-demo";

struct Person {
    login: &'static str,
    name: &'static str,
    roles: &'static [&'static str],
    reads: &'static [&'static str],
    admin: bool,
    part: (&'static str, &'static str),
}

const fn person(login: &'static str, name: &'static str, roles: &'static [&'static str], part: (&'static str, &'static str)) -> Person {
    Person { login, name, roles, reads: &[], admin: false, part }
}

const PEOPLE: &[Person] = &[
    person("li.na", "李娜", &["creator"], ("Creator", "创建人")),
    person("wang.jianguo", "王建国", &["department-head"], ("Approver: department head", "审批人：部门负责人")),
    person("chen.jing", "陈静", &["finance"], ("Approver: finance", "审批人：财务")),
    person("zhao.qiang", "赵强", &["operations"], ("Approver: operations", "审批人：运行")),
    person("sun.li", "孙丽", &["safety"], ("Approver: safety, one of two", "审批人：安全（两人之一）")),
    person("mike.brown", "Mike Brown", &["safety"], ("Approver: safety, one of two", "审批人：安全（两人之一）")),
    person("zhou.tao", "周涛", &["dispatch"], ("Approver: dispatch", "审批人：调度")),
    Person { login: "liu.yang", name: "刘洋", roles: &[], reads: &["EXP", "WO", "RCT"], admin: false, part: ("Reader of every type", "查阅人") },
    Person { login: "admin", name: "管理员", roles: &[], reads: &[], admin: true, part: ("Administrator", "管理员") },
];

/// Seals of some of them, one of each design: login, shape, organisation.
const SEALS: &[(&str, SealShape, &str)] = &[
    ("wang.jianguo", SealShape::Square, ""),
    ("chen.jing", SealShape::Round, "泉城电力工程有限公司"),
    ("zhao.qiang", SealShape::Round, "泉城电力工程有限公司"),
    ("mike.brown", SealShape::Handwriting, ""),
];

/// The accounts to try; none unless the server runs in demo mode.
pub fn list(app: &App) -> Vec<DemoAccount> {
    if !app.demo {
        return Vec::new();
    }
    let account = |person: &Person| DemoAccount {
        login: person.login.to_owned(),
        name: person.name.to_owned(),
        password: PASSWORD.to_owned(),
        part: LocalText { en: person.part.0.to_owned(), zh: person.part.1.to_owned() },
    };
    PEOPLE.iter().map(account).collect()
}

/// Adds the accounts that are not there yet. What someone changed stays changed.
///
/// # Errors
/// When the index does not answer.
pub async fn accounts(app: &App) -> Result<()> {
    for person in PEOPLE {
        if app.index.account_by_login(person.login).await?.is_some() {
            continue;
        }
        let texts = |list: &[&str]| Some(list.iter().map(ToString::to_string).collect());
        let change = AccountChange {
            login: person.login.to_owned(),
            name: Some(person.name.to_owned()),
            roles: texts(person.roles),
            reads: texts(person.reads),
            admin: Some(person.admin),
            active: Some(true),
            password: Some(PASSWORD.to_owned()),
            ..AccountChange::default()
        };
        accounts::put(app, change).await?;
        let seal = SEALS.iter().find(|(login, ..)| *login == person.login);
        if let (Some((_, shape, organisation)), Some(row)) = (seal, app.index.account_by_login(person.login).await?) {
            let design = SealDesign { shape: *shape, organisation: (*organisation).to_owned(), ..SealDesign::default() };
            seals::keep(app, &row.id, &design).await?;
        }
    }
    Ok(())
}

/// Adds accounts, and a few documents where there are none of that creator's. Doing it twice adds nothing.
///
/// # Errors
/// An outage.
pub async fn fill(app: &App) -> Result<()> {
    accounts(app).await?;
    let row = app.index.account_by_login(PEOPLE[0].login).await?.ok_or_else(|| internal("a demo account went away"))?;
    let peer = std::net::IpAddr::from([127, 0, 0, 1]);
    let person = present::person(row);
    for (number, code) in ["EXP", "EXP", "WO"].into_iter().enumerate() {
        let code: TypeCode = code.parse().map_err(internal)?;
        let Some(known) = catalog::known(app, &code).await? else { continue };
        let new = NewDocument { type_code: code, title: None, fields: fields(&known.definition, number) };
        let subject = Subject::Type(TypeTie::of(&person, &known.definition));
        let caller = Caller::signed_in(Proof::Token(String::new()), person.clone(), Lang::Zh, peer);
        let permit = permission::permit(&caller, subject)?;
        let creation = Creation { known, new, file: None, key: Some(format!("demo-{number}")), lang: Lang::Zh };
        match submit::submit(app, permit, creation).await {
            Ok(_) => {}
            Err(error) if matches!(error.code(), app::error::Code::DuplicateMatter | app::error::Code::IdempotencyMismatch) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Sample values whose matter differs from one document to the next.
fn fields(definition: &app::model::TypeDefinition, number: usize) -> BTreeMap<String, Value> {
    let mut fields = types::sample::values(definition);
    fields.retain(|key, _| definition.fields.iter().any(|field| field.key == *key && field.kind != app::model::FieldKind::Image));
    if let Some(Value::String(text)) = definition.matter.last().and_then(|key| fields.get_mut(key)) {
        *text = format!("{text}-{}", number + 1);
    }
    fields
}
