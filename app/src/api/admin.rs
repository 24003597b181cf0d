//! Administration: people, roles, health.

use leptos::prelude::*;

use super::wire::Wire;
#[cfg(feature = "ssr")]
use super::{answer, desk};
use crate::error::AppResult;
use crate::model::{Account, AccountChange, Certificate, Health, Issued};

/// Everyone.
#[server(name = ListAccounts, prefix = "/rpc", endpoint = "admin/accounts", protocol = Wire)]
pub async fn accounts() -> AppResult<Vec<Account>> {
    answer(desk()?.accounts().await)
}

/// Adds or changes an account.
#[server(name = SaveAccount, prefix = "/rpc", endpoint = "admin/save_account", protocol = Wire)]
pub async fn save_account(change: AccountChange) -> AppResult<Account> {
    answer(desk()?.save_account(change).await)
}

/// Every role named anywhere.
#[server(name = ListRoles, prefix = "/rpc", endpoint = "admin/roles", protocol = Wire)]
pub async fn roles() -> AppResult<Vec<String>> {
    answer(desk()?.roles().await)
}

/// Certificates of all accounts, newest first; with `unproven` only new keys that nothing but a sign-in stands behind.
#[server(name = ListIssued, prefix = "/rpc", endpoint = "admin/issued", protocol = Wire)]
pub async fn issued(unproven: bool) -> AppResult<Vec<Issued>> {
    answer(desk()?.issued(unproven).await)
}

/// Revokes anyone's certificate.
#[server(name = RevokeAnyones, prefix = "/rpc", endpoint = "admin/revoke", protocol = Wire)]
pub async fn revoke(serial: String, reason: String, note: Option<String>) -> AppResult<Certificate> {
    answer(desk()?.revoke_anyones(serial, reason, note).await)
}

/// Every part's state in words.
#[server(name = ReadHealth, prefix = "/rpc", endpoint = "admin/health", protocol = Wire)]
pub async fn health() -> AppResult<Health> {
    answer(desk()?.health().await)
}

#[cfg(feature = "ssr")]
pub(super) fn register() {
    use super::registry::function;
    function::<ListAccounts>();
    function::<SaveAccount>();
    function::<ListRoles>();
    function::<ListIssued>();
    function::<RevokeAnyones>();
    function::<ReadHealth>();
}
