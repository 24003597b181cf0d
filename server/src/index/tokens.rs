//! Table `tokens`: API tokens. Only the hash of a token's secret is kept.

use sqlx::AnyConnection;

use super::Index;
use super::accounts::{self, AccountRow};
use super::changes;
use super::error::IndexError;
use super::sql::{Columns, sql};
use super::trail::{self, Entry};
use super::write::note;

/// A use is written down at most this often.
const SIGHT: i64 = 60_000;

/// A token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    /// Row id.
    pub id: String,
    /// Account id.
    pub account: String,
    /// What it is for.
    pub label: String,
    /// When it was made.
    pub created_at: i64,
    /// When it was last used, to the minute.
    pub used_at: Option<i64>,
}

/// A token to make.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// Row id.
    pub id: String,
    /// Account id.
    pub account: String,
    /// What it is for.
    pub label: String,
    /// SHA-256 of the secret, hexadecimal.
    pub secret_hash: String,
    /// Now.
    pub at: i64,
}

const ALIVE: &str = "SELECT t.* FROM tokens t JOIN accounts a ON a.id = t.account WHERE t.secret_hash = $1 AND a.active = 1";

impl Index {
    /// Makes a token.
    pub async fn insert_token(&self, new: NewToken) -> Result<(), IndexError> {
        self.main()
            .write(move |connection| {
                let new = new.clone();
                Box::pin(async move {
                    sql("INSERT INTO tokens (id, account, label, secret_hash, created_at) VALUES ($1, $2, $3, $4, $5)")
                        .bind(&new.id)
                        .bind(&new.account)
                        .bind(&new.label)
                        .bind(new.secret_hash)
                        .bind(new.at)
                        .execute(connection)
                        .await?;
                    let entry = Entry::new(new.at, "token-created", &new.id).fact("account", &new.account).fact("label", &new.label);
                    trail::append(connection, vec![entry]).await
                })
            })
            .await
    }

    /// The token with this secret and its account, unless the account may not sign in any more. Counts as a use.
    pub async fn account_by_token(&self, secret_hash: &str, now: i64) -> Result<Option<(TokenRow, AccountRow)>, IndexError> {
        let (token, account) = {
            let connection = &mut *self.main().connection().await?;
            let Some(row) = sql(ALIVE).bind(secret_hash).row(connection).await? else { return Ok(None) };
            let token = read(&row)?;
            let Some(account) = accounts::one(connection, "id", &token.account).await? else { return Ok(None) };
            (token, account)
        };
        if token.used_at.is_none_or(|used| now - used >= SIGHT) {
            let id = token.id.clone();
            let noted = self.main().write(move |connection| {
                let statement = sql("UPDATE tokens SET used_at = $1 WHERE id = $2").bind(now).bind(&id);
                Box::pin(async move { statement.execute(connection).await })
            });
            note(noted).await;
        }
        Ok(Some((token, account)))
    }

    /// Whether the token still works. Does not count as a use.
    pub async fn token_alive(&self, secret_hash: &str) -> Result<bool, IndexError> {
        Ok(sql(ALIVE).bind(secret_hash).row(&mut *self.main().connection().await?).await?.is_some())
    }

    /// An account's tokens, newest first.
    pub async fn tokens_of(&self, account: &str) -> Result<Vec<TokenRow>, IndexError> {
        let rows =
            sql("SELECT * FROM tokens WHERE account = $1 ORDER BY created_at DESC, id").bind(account).rows(&mut *self.main().connection().await?).await?;
        rows.iter().map(read).collect()
    }

    /// Ends one of the account's tokens; false where it has no such one.
    pub async fn delete_token(&self, account: &str, id: &str, at: i64) -> Result<bool, IndexError> {
        let (account, id) = (account.to_owned(), id.to_owned());
        self.main()
            .write(move |connection| {
                let (account, id) = (account.clone(), id.clone());
                Box::pin(async move {
                    changes::record(connection, &account).await?;
                    if sql("DELETE FROM tokens WHERE account = $1 AND id = $2").bind(&account).bind(&id).execute(connection).await? != 1 {
                        return Ok(false);
                    }
                    trail::append(connection, vec![Entry::new(at, "token-ended", &id).fact("account", &account)]).await?;
                    Ok(true)
                })
            })
            .await
    }
}

/// Ends every token of an account.
pub(super) async fn end_all(connection: &mut AnyConnection, account: &str, at: i64) -> Result<(), IndexError> {
    let ended = sql("DELETE FROM tokens WHERE account = $1 RETURNING id").bind(account).rows(&mut *connection).await?;
    let entries =
        ended.iter().map(|row| Ok(Entry::new(at, "token-ended", &row.text("id")?).fact("account", account))).collect::<Result<Vec<_>, IndexError>>()?;
    trail::append(connection, entries).await
}

fn read(row: &sqlx::any::AnyRow) -> Result<TokenRow, IndexError> {
    Ok(TokenRow {
        id: row.text("id")?,
        account: row.text("account")?,
        label: row.text("label")?,
        created_at: row.int("created_at")?,
        used_at: row.maybe_int("used_at")?,
    })
}
