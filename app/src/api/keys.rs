//! Keys, certificates and tokens.

use leptos::prelude::*;

use super::wire::Wire;
#[cfg(feature = "ssr")]
use super::{answer, desk};
use crate::error::AppResult;
use crate::model::{Certificate, Enrolment, Renewal, Token};

/// The caller's certificates, newest first.
#[server(name = ListCertificates, prefix = "/rpc", endpoint = "keys/certificates", protocol = Wire)]
pub async fn certificates() -> AppResult<Vec<Certificate>> {
    answer(desk()?.certificates().await)
}

/// Grants a PKCS#10 request in PEM.
#[server(name = EnrolKey, prefix = "/rpc", endpoint = "keys/enrol", protocol = Wire)]
pub async fn enrol(request: String, device: String) -> AppResult<Enrolment> {
    answer(desk()?.enrol(bytes::Bytes::from(request), device).await)
}

/// The same for a key that takes the place of an older one, which signed the request.
#[server(name = RenewKey, prefix = "/rpc", endpoint = "keys/renew", protocol = Wire)]
pub async fn renew(request: String, device: String, renewal: Renewal) -> AppResult<Enrolment> {
    answer(desk()?.renew(bytes::Bytes::from(request), device, renewal).await)
}

/// Says of a new key that it is the caller's own.
#[server(name = ConfirmKey, prefix = "/rpc", endpoint = "keys/confirm", protocol = Wire)]
pub async fn confirm(serial: String) -> AppResult<Certificate> {
    answer(desk()?.confirm_key(serial).await)
}

/// Revokes one of the caller's certificates.
#[server(name = RevokeCertificate, prefix = "/rpc", endpoint = "keys/revoke", protocol = Wire)]
pub async fn revoke(serial: String, reason: String, note: Option<String>) -> AppResult<Certificate> {
    answer(desk()?.revoke(serial, reason, note).await)
}

/// The caller's API tokens.
#[server(name = ListTokens, prefix = "/rpc", endpoint = "keys/tokens", protocol = Wire)]
pub async fn tokens() -> AppResult<Vec<Token>> {
    answer(desk()?.tokens().await)
}

/// Makes a token and returns its secret, which is never shown again.
#[server(name = CreateToken, prefix = "/rpc", endpoint = "keys/create_token", protocol = Wire)]
pub async fn create_token(label: String) -> AppResult<String> {
    answer(desk()?.create_token(label).await)
}

/// Ends a token.
#[server(name = DeleteToken, prefix = "/rpc", endpoint = "keys/delete_token", protocol = Wire)]
pub async fn delete_token(id: String) -> AppResult<()> {
    answer(desk()?.delete_token(id).await)
}

#[cfg(feature = "ssr")]
pub(super) fn register() {
    use super::registry::function;
    function::<ListCertificates>();
    function::<EnrolKey>();
    function::<RenewKey>();
    function::<ConfirmKey>();
    function::<RevokeCertificate>();
    function::<ListTokens>();
    function::<CreateToken>();
    function::<DeleteToken>();
}
