//! `GET /api/v1/me`: who is signed in.

use app::error::Code;
use app::model::Me;
use axum::Json;

use super::door::Door;
use super::problem::{Answer, Problem};

/// The signed-in account.
#[utoipa::path(get, path = "/api/v1/me", operation_id = "readMe", tag = "account", responses(
    (status = 200, body = Me, description = "The account"),
    (status = 401, body = Problem, content_type = "application/problem+json", description = "sign_in_required"),
))]
pub async fn me(door: Door) -> Answer<Json<Me>> {
    let refused = || {
        Problem::edge(door.lang, Code::SignInRequired, "Nobody is signed in on this request.", "此请求未登录。").with_next(
            door.lang.pick("Send Authorization: Bearer <token>, or sign in with the browser.", "请附上 Authorization: Bearer <令牌>，或在浏览器中登录。"),
        )
    };
    door.desk.me().map(Json).ok_or_else(refused)
}
