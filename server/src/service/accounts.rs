//! People: added and changed by administrators, or from the machine's own command line.

use std::collections::{BTreeMap, BTreeSet};

use app::model::{Account, AccountChange, LocalText, TypeCode};

use crate::App;
use crate::error::{Result, invalid, invalid_field};
use crate::index::{AccountRow, AccountUpdate, Constraint, IndexError, MAIN, NewAccount, Reserved, new_id};
use crate::permission::{ManageAccounts, Permit};
use crate::service::record::{self, AccountRecord, Committed, Record};
use crate::service::{catalog, keep, present};

/// Everyone.
///
/// # Errors
/// When the index does not answer.
pub async fn list(app: &App, _permit: Permit<ManageAccounts>) -> Result<Vec<Account>> {
    Ok(app.index.accounts().await?.into_iter().map(present::account).collect())
}

/// Every role named anywhere, in order: by accounts, by steps, by creators.
///
/// # Errors
/// When the index does not answer.
pub async fn roles(app: &App, _permit: Permit<ManageAccounts>) -> Result<Vec<String>> {
    let mut roles: BTreeSet<String> = app.index.account_roles().await?.into_iter().collect();
    roles.insert("creator".to_owned());
    for known in catalog::all(app).await? {
        roles.extend(known.definition.creators);
        roles.extend(known.definition.steps.into_iter().map(|step| step.role).filter(|role| !role.starts_with('@')));
    }
    Ok(roles.into_iter().collect())
}

/// Adds an account, or changes the one of that login.
///
/// # Errors
/// Malformed parts by key; an administrator may not take administration or sign-in from himself.
pub async fn save(app: &App, permit: Permit<ManageAccounts>, change: AccountChange) -> Result<Account> {
    if change.login == permit.person().me.login && (change.admin == Some(false) || change.active == Some(false)) {
        return Err(invalid_field(
            "admin",
            "You cannot take this from yourself; another administrator can.",
            "不能取消自己的管理权限或停用自己，请由其他管理员操作。",
        ));
    }
    let by = permit.person().id.clone();
    put_by(app, change, &by).await
}

/// The same without a permit: for the command line, which has the machine's own door, and for demo accounts.
///
/// # Errors
/// Malformed parts by key.
pub async fn put(app: &App, change: AccountChange) -> Result<Account> {
    put_by(app, change, "").await
}

/// `by` is the account id of who does it; empty for the command line.
async fn put_by(app: &App, change: AccountChange, by: &str) -> Result<Account> {
    check(&change)?;
    let password_hash = match &change.password {
        Some(password) => Some(app.passwords.hash(password.clone()).await?),
        None => None,
    };
    for _ in 0..record::TRIES {
        let known = app.index.account_by_login(&change.login).await?;
        let done = match known {
            Some(row) => changed(app, &row.id, &change, password_hash.clone(), by).await?,
            None => added(app, &change, password_hash.clone(), by).await?,
        };
        if let Committed::Done(row) = done {
            return Ok(present::account(row));
        }
    }
    Err(record::overtaken())
}

async fn added(app: &App, change: &AccountChange, password_hash: Option<String>, by: &str) -> Result<Committed<AccountRow>> {
    let at = app.clock.now();
    let name = change.name.as_ref().map(|name| name.trim().to_owned());
    let row = AccountRow {
        id: new_id(),
        login: change.login.clone(),
        name: name.ok_or_else(|| invalid_field("name", "A new account needs a name.", "新账号需要填写姓名。"))?,
        client_number: app.index.next_client_number().await?,
        roles: change.roles.clone().unwrap_or_default(),
        reads: change.reads.clone().unwrap_or_default(),
        admin: change.admin.unwrap_or(false),
        active: change.active.unwrap_or(true),
        password_hash,
        created_at: at,
    };
    let kept = record::keep(app, &Record::Account(AccountRecord::of(&row, at, by)), 1).await?;
    let new = NewAccount {
        login: row.login,
        name: row.name,
        roles: row.roles,
        reads: row.reads,
        admin: row.admin,
        active: row.active,
        password_hash: row.password_hash,
        at,
        by: by.to_owned(),
        reserved: Some(Reserved { id: row.id, client_number: row.client_number, record: kept.clone() }),
    };
    let done = app.index.create_account(new).await;
    // Someone else added the same login a moment ago: then this changes it, as it would have a moment later.
    if matches!(done, Err(IndexError::Constraint(Constraint::Login))) {
        keep::give_up_in(app, MAIN, &kept.file).await;
        return Ok(Committed::Overtaken);
    }
    record::settle(app, MAIN, &kept, done).await
}

async fn changed(app: &App, id: &str, change: &AccountChange, password_hash: Option<String>, by: &str) -> Result<Committed<AccountRow>> {
    // The version is asked first: whoever changes the account after it takes the next one away from us.
    let version = app.index.record_version(MAIN, "account", id).await?;
    let Some(mut row) = app.index.account(id).await? else { return Ok(Committed::Overtaken) };
    let before = row.clone();
    let at = app.clock.now();
    let name = change.name.as_ref().map(|name| name.trim().to_owned());
    row.name = name.clone().unwrap_or(row.name);
    row.roles = change.roles.clone().unwrap_or(row.roles);
    row.reads = change.reads.clone().unwrap_or(row.reads);
    row.admin = change.admin.unwrap_or(row.admin);
    row.active = change.active.unwrap_or(row.active);
    let kept = if row == before && password_hash.is_some() {
        None
    } else {
        Some(record::keep(app, &Record::Account(AccountRecord::of(&row, at, by)), version + 1).await?)
    };
    let update = AccountUpdate {
        name,
        roles: change.roles.clone(),
        reads: change.reads.clone(),
        admin: change.admin,
        active: change.active,
        password_hash,
        end_tokens: change.end_tokens,
        at,
        by: by.to_owned(),
        record: kept.clone(),
    };
    let done = app.index.change_account(&change.login, update).await;
    let done = match kept {
        Some(kept) => record::settle(app, MAIN, &kept, done).await?,
        None => Committed::Done(done?),
    };
    Ok(match done {
        Committed::Done(Some(row)) => Committed::Done(row),
        _ => Committed::Overtaken,
    })
}

/// Sets a password from the command line; ends the account's sessions, and its access tokens unless they are to be kept. For accounts that have
/// none, too, as after the index was made anew.
///
/// # Errors
/// An unknown login; a bad password.
pub async fn set_password(app: &App, login: &str, password: String, keep_tokens: bool) -> Result<()> {
    let known = app.index.account_by_login(login).await?;
    known.ok_or_else(|| {
        invalid_field("login", format!("There is no account with the sign-in name {login:?}."), format!("没有登录名为 {login:?} 的账号。"))
            .next("Add it with `signet account add`.", "请先用 `signet account add` 添加账号。")
    })?;
    put(app, AccountChange { login: login.to_owned(), password: Some(password), end_tokens: !keep_tokens, ..AccountChange::default() }).await.map(drop)
}

/// A new account from the command line; an existing login is refused, not changed.
///
/// # Errors
/// Malformed parts, a taken login.
pub async fn add(app: &App, change: AccountChange) -> Result<Account> {
    if app.index.account_by_login(&change.login).await?.is_some() {
        return Err(crate::index::IndexError::Constraint(crate::index::Constraint::Login).into());
    }
    put(app, change).await
}

fn check(change: &AccountChange) -> Result<()> {
    let mut problems = BTreeMap::new();
    let mut say = |key: &str, en: &str, zh: &str| drop(problems.insert(key.to_owned(), LocalText { en: en.to_owned(), zh: zh.to_owned() }));
    let plain = |text: &str, most: usize, more: &str| {
        (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || more.as_bytes().contains(&b))
    };
    if !plain(&change.login, 64, ".-_") {
        say(
            "login",
            "A sign-in name is 1 to 64 lower-case letters, digits, dots, dashes and underscores.",
            "登录名为 1 至 64 个小写字母、数字、点、短横线或下划线。",
        );
    }
    let bad_name = |name: &String| !(1..=80).contains(&name.trim().chars().count()) || name.chars().any(char::is_control);
    if change.name.as_ref().is_some_and(bad_name) {
        say("name", "A name has 1 to 80 characters.", "姓名为 1 至 80 个字符。");
    }
    if change.roles.iter().flatten().any(|role| !plain(role, 40, "-")) || change.roles.as_ref().is_some_and(|roles| roles.len() > 50) {
        say("roles", "A role is 1 to 40 lower-case letters, digits and dashes; at most 50 roles.", "角色为 1 至 40 个小写字母、数字或短横线，最多 50 个。");
    }
    if change.reads.iter().flatten().any(|code| code.parse::<TypeCode>().is_err()) || change.reads.as_ref().is_some_and(|reads| reads.len() > 200) {
        say("reads", "Reading grants are type codes, such as EXP.", "阅读权限须为单据类型代码，例如 EXP。");
    }
    if change.password.as_ref().is_some_and(|password| !(10..=200).contains(&password.chars().count())) {
        say("password", "A password has 10 to 200 characters.", "密码长度应为 10 至 200 个字符。");
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(invalid("Some parts of the account need another look. Nothing was saved.", "账号信息有误，没有保存。").fields(problems))
}
