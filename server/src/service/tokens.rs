//! API tokens: made, listed, ended. The secret is shown once.

use app::model::Token;

use crate::App;
use crate::clock::rfc3339;
use crate::error::{Result, invalid_field, not_found};
use crate::index::{NewToken, new_id};
use crate::permission::{Permit, UseTokens};
use crate::service::secret;

/// Tokens of one account.
const AT_MOST: usize = 50;

/// The caller's tokens.
///
/// # Errors
/// When the index does not answer.
pub async fn list(app: &App, permit: Permit<UseTokens>) -> Result<Vec<Token>> {
    let rows = app.index.tokens_of(&permit.person().id).await?;
    Ok(rows.into_iter().map(|row| Token { id: row.id, label: row.label, created_at: rfc3339(row.created_at), used_at: row.used_at.map(rfc3339) }).collect())
}

/// Makes a token and gives its secret.
///
/// # Errors
/// A label that is empty or longer than 80 characters.
pub async fn create(app: &App, permit: Permit<UseTokens>, label: &str) -> Result<String> {
    insert(app, &permit.person().id, label).await
}

/// Makes a token for an account by its login: the command line's way, behind the machine's own door.
///
/// # Errors
/// An unknown login, a bad label.
pub async fn create_for_login(app: &App, login: &str, label: &str) -> Result<String> {
    let account = app.index.account_by_login(login).await?;
    let account = account.filter(|account| account.active).ok_or_else(|| {
        invalid_field("login", format!("There is no active account with the sign-in name {login:?}."), format!("没有登录名为 {login:?} 的在用账号。"))
            .next("Add it with `signet account add`.", "请先用 `signet account add` 添加账号。")
    })?;
    insert(app, &account.id, label).await
}

/// Ends a token of the caller's.
///
/// # Errors
/// `NotFound` for a token that is not the caller's.
pub async fn delete(app: &App, permit: Permit<UseTokens>, id: &str) -> Result<()> {
    if app.index.delete_token(&permit.person().id, id, app.clock.now()).await? { Ok(()) } else { Err(not_found()) }
}

async fn insert(app: &App, account: &str, label: &str) -> Result<String> {
    let label = label.trim();
    if label.is_empty() || label.chars().count() > 80 || label.chars().any(char::is_control) {
        return Err(invalid_field("label", "Say in 1 to 80 characters what the token is for.", "请用 1 至 80 个字符说明令牌用途。"));
    }
    if app.index.tokens_of(account).await?.len() >= AT_MOST {
        return Err(invalid_field(
            "label",
            "An account has at most 50 tokens; end one that is no longer used.",
            "每个账号最多 50 个令牌，请先停用不再使用的令牌。",
        ));
    }
    let token = secret::secret()?;
    let secret_hash = secret::digest(token.as_bytes());
    app.index.insert_token(NewToken { id: new_id(), account: account.to_owned(), label: label.to_owned(), secret_hash, at: app.clock.now() }).await?;
    Ok(token)
}
