//! Table `accounts` with its roles and reading grants.

use std::collections::HashMap;

use app::model::ClientNumber;
use sqlx::AnyConnection;

use super::error::IndexError;
use super::records::{self, NewRecord};
use super::sql::{Argument, Columns, Sql, sql};
use super::trail::{self, Entry};
use super::{Index, certificates, changes, devices, intents, new_id, tokens};

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountRow {
    /// Row id.
    pub id: String,
    /// Sign-in name.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// The client number.
    pub client_number: ClientNumber,
    /// Role names, in order.
    pub roles: Vec<String>,
    /// Type codes whose documents it may read, in order.
    pub reads: Vec<String>,
    /// May administer.
    pub admin: bool,
    /// May sign in.
    pub active: bool,
    /// Argon2id, PHC string; none where no password was set.
    pub password_hash: Option<String>,
    /// When it was made.
    pub created_at: i64,
}

/// An account to make.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Sign-in name.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// Role names.
    pub roles: Vec<String>,
    /// Type codes to read.
    pub reads: Vec<String>,
    /// May administer.
    pub admin: bool,
    /// May sign in.
    pub active: bool,
    /// Argon2id, PHC string.
    pub password_hash: Option<String>,
    /// Now.
    pub at: i64,
    /// Account id of who adds it; empty for the command line.
    pub by: String,
    /// Its id and number where they were taken before, with the record that tells of them.
    pub reserved: Option<Reserved>,
}

/// What an account is known by, taken before it is made.
#[derive(Clone, Debug)]
pub struct Reserved {
    /// Row id.
    pub id: String,
    /// The client number.
    pub client_number: ClientNumber,
    /// The record that tells of the account.
    pub record: NewRecord,
}

/// A change of an account; `None` leaves a part as it is.
#[derive(Clone, Debug, Default)]
pub struct AccountUpdate {
    /// The person's name.
    pub name: Option<String>,
    /// All role names.
    pub roles: Option<Vec<String>>,
    /// All type codes to read.
    pub reads: Option<Vec<String>>,
    /// May administer.
    pub admin: Option<bool>,
    /// May sign in.
    pub active: Option<bool>,
    /// A new password; ends every session.
    pub password_hash: Option<String>,
    /// End the access tokens as well.
    pub end_tokens: bool,
    /// Now: when an account that ends loses its certificates.
    pub at: i64,
    /// Account id of who changes it; empty for the command line.
    pub by: String,
    /// The record that tells of the account as it is then; none where only the password changes.
    pub record: Option<NewRecord>,
}

impl Index {
    /// Makes an account and gives it the next client number. `Constraint::Login` where the name is taken.
    pub async fn create_account(&self, new: NewAccount) -> Result<AccountRow, IndexError> {
        self.main()
            .write(move |connection| {
                let new = new.clone();
                std::boxed::Box::pin(async move {
                    let (id, client_number, record) = match new.reserved {
                        Some(Reserved { id, client_number, record }) => (id, String::from(client_number), Some(record)),
                        None => (new_id(), client_number(intents::next(connection, COUNTER).await?), None),
                    };
                    sql("INSERT INTO accounts (id, login, name, client_number, password_hash, admin, active, created_at) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)")
                    .bind(&id)
                    .bind(&new.login)
                    .bind(&new.name)
                    .bind(client_number)
                    .bind(new.password_hash)
                    .bind(new.admin)
                    .bind(new.active)
                    .bind(new.at)
                    .execute(connection)
                    .await?;
                    replace(connection, &id, "account_roles", "role", &new.roles).await?;
                    replace(connection, &id, "account_reads", "type_code", &new.reads).await?;
                    records::add_some(connection, record.as_ref(), new.at).await?;
                    let row = one(connection, "id", &id).await?.ok_or_else(|| IndexError::Defect("the new account is not there".to_owned()))?;
                    let entry = told(Entry::new(new.at, "account-added", &id), &row).fact("account", &new.by).record(record.as_ref());
                    trail::append(connection, vec![entry]).await?;
                    Ok(row)
                })
            })
            .await
    }

    /// Changes an account; none where there is no such one. A new password ends its sessions, and so does making it inactive, which also
    /// revokes its certificates.
    pub async fn change_account(&self, login: &str, update: AccountUpdate) -> Result<Option<AccountRow>, IndexError> {
        let login = login.to_owned();
        self.main()
            .write(move |connection| {
                let (login, update) = (login.clone(), update.clone());
                std::boxed::Box::pin(async move {
                    // Locked before it is read: what others change meanwhile is not written back.
                    sql("UPDATE accounts SET active = active WHERE login = $1").bind(&login).execute(connection).await?;
                    let Some(account) = one(connection, "login", &login).await? else { return Ok(None) };
                    let new_password = update.password_hash.is_some();
                    let active = update.active.unwrap_or(account.active);
                    sql("UPDATE accounts SET name = $1, admin = $2, active = $3, password_hash = $4 WHERE id = $5")
                        .bind(update.name.unwrap_or(account.name))
                        .bind(update.admin.unwrap_or(account.admin))
                        .bind(active)
                        .bind(update.password_hash.or(account.password_hash))
                        .bind(&account.id)
                        .execute(connection)
                        .await?;
                    if let Some(roles) = update.roles {
                        replace(connection, &account.id, "account_roles", "role", &roles).await?;
                    }
                    if let Some(reads) = update.reads {
                        replace(connection, &account.id, "account_reads", "type_code", &reads).await?;
                    }
                    if new_password || !active {
                        sql("DELETE FROM sessions WHERE account = $1").bind(&account.id).execute(connection).await?;
                        devices::forget(connection, &account.id).await?;
                    }
                    changes::record(connection, &account.id).await?;
                    let shut = account.active && !active;
                    if shut {
                        certificates::withdraw(connection, &account.id, update.at).await?;
                    }
                    if shut || update.end_tokens {
                        tokens::end_all(connection, &account.id, update.at).await?;
                    }
                    records::add_some(connection, update.record.as_ref(), update.at).await?;
                    let row = one(connection, "id", &account.id).await?.ok_or_else(|| IndexError::Defect("a locked account went away".to_owned()))?;
                    let kind = if update.record.is_none() && new_password { "account-password" } else { "account-changed" };
                    let entry = told(Entry::new(update.at, kind, &account.id), &row).fact("account", &update.by).record(update.record.as_ref());
                    trail::append(connection, vec![entry]).await?;
                    Ok(Some(row))
                })
            })
            .await
    }

    /// Takes the next client number; it may stay unused.
    pub async fn next_client_number(&self) -> Result<ClientNumber, IndexError> {
        let next = self.main().write(|connection| std::boxed::Box::pin(async move { intents::next(connection, COUNTER).await })).await?;
        client_number(next).parse().map_err(|_| IndexError::Defect("a client number of ours is none".to_owned()))
    }

    /// An account by its row id.
    pub async fn account(&self, id: &str) -> Result<Option<AccountRow>, IndexError> {
        one(&mut *self.main().connection().await?, "id", id).await
    }

    /// An account by its sign-in name.
    pub async fn account_by_login(&self, login: &str) -> Result<Option<AccountRow>, IndexError> {
        one(&mut *self.main().connection().await?, "login", login).await
    }

    /// Everyone, by sign-in name.
    pub async fn accounts(&self) -> Result<Vec<AccountRow>, IndexError> {
        self.main().snapshot(|connection| std::boxed::Box::pin(async move { with_grants(connection, sql(ALL)).await })).await
    }

    /// The active accounts that a step's `role` asks, by sign-in name: those with the role, or the one named by `@login`.
    pub async fn accounts_with_role(&self, role: &str) -> Result<Vec<AccountRow>, IndexError> {
        let role = role.to_owned();
        self.main()
            .snapshot(move |connection| {
                let role = role.clone();
                std::boxed::Box::pin(async move {
                    let statement = match role.strip_prefix('@') {
                        Some(login) => sql("SELECT * FROM accounts a WHERE active = 1 AND login = $1").bind(login),
                        None => sql("SELECT * FROM accounts a WHERE active = 1 \
                                     AND EXISTS (SELECT 1 FROM account_roles r WHERE r.account = a.id AND r.role = $1) ORDER BY login")
                        .bind(role),
                    };
                    with_grants(connection, statement).await
                })
            })
            .await
    }

    /// Every role an account has, in order.
    pub async fn account_roles(&self) -> Result<Vec<String>, IndexError> {
        let rows = sql("SELECT DISTINCT role FROM account_roles ORDER BY role").rows(&mut *self.main().connection().await?).await?;
        rows.iter().map(|row| row.text("role")).collect()
    }
}

/// Counts client numbers.
const COUNTER: &str = "client";

fn client_number(next: u64) -> String {
    format!("C{next:05}")
}

/// An account as the trail keeps it: never a password.
fn told(entry: Entry, row: &AccountRow) -> Entry {
    entry
        .fact("login", &row.login)
        .fact("name", &row.name)
        .fact("client_number", row.client_number.as_str())
        .fact("roles", &row.roles)
        .fact("reads", &row.reads)
        .fact("admin", row.admin)
        .fact("active", row.active)
}

const ALL: &str = "SELECT * FROM accounts a ORDER BY login";

/// One account by a unique column.
pub(super) async fn one(connection: &mut AnyConnection, column: &'static str, value: &str) -> Result<Option<AccountRow>, IndexError> {
    let statement = sql(format!("SELECT * FROM accounts a WHERE {column} = $1")).bind(value);
    Ok(with_grants(connection, statement).await?.into_iter().next())
}

async fn with_grants(connection: &mut AnyConnection, statement: Sql) -> Result<Vec<AccountRow>, IndexError> {
    let mut accounts = Vec::new();
    for row in statement.rows(connection).await? {
        accounts.push(AccountRow {
            id: row.text("id")?,
            login: row.text("login")?,
            name: row.text("name")?,
            client_number: row.parsed("client_number")?,
            roles: Vec::new(),
            reads: Vec::new(),
            admin: row.truth("admin")?,
            active: row.truth("active")?,
            password_hash: row.maybe_text("password_hash")?,
            created_at: row.int("created_at")?,
        });
    }
    let mut roles = grants(connection, "account_roles", "role", &accounts).await?;
    let mut reads = grants(connection, "account_reads", "type_code", &accounts).await?;
    for account in &mut accounts {
        account.roles = roles.remove(&account.id).unwrap_or_default();
        account.reads = reads.remove(&account.id).unwrap_or_default();
    }
    Ok(accounts)
}

async fn grants(connection: &mut AnyConnection, table: &str, column: &str, accounts: &[AccountRow]) -> Result<HashMap<String, Vec<String>>, IndexError> {
    // One or all: a list of thousands of arguments would not pass.
    let statement = match accounts {
        [] => return Ok(HashMap::new()),
        [account] => sql(format!("SELECT account, {column} FROM {table} WHERE account = $1 ORDER BY {column}")).bind(&account.id),
        _ => sql(format!("SELECT account, {column} FROM {table} ORDER BY {column}")),
    };
    let mut grants: HashMap<String, Vec<String>> = HashMap::new();
    for row in statement.rows(connection).await? {
        grants.entry(row.text("account")?).or_default().push(row.text(column)?);
    }
    Ok(grants)
}

async fn replace(connection: &mut AnyConnection, account: &str, table: &str, column: &str, values: &[String]) -> Result<(), IndexError> {
    sql(format!("DELETE FROM {table} WHERE account = $1")).bind(account).execute(connection).await?;
    for value in values {
        sql(format!("INSERT INTO {table} (account, {column}) VALUES ($1, $2) ON CONFLICT DO NOTHING"))
            .bind(Argument::from(account))
            .bind(value)
            .execute(connection)
            .await?;
    }
    Ok(())
}
