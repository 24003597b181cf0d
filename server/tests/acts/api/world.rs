//! A whole Signet in a throwaway folder, asked through its router.

use std::collections::BTreeMap;
use std::sync::Arc;

use app::model::AccountChange;
use axum::Router;
use axum::body::{Body, to_bytes};
use http::{HeaderMap, Request, StatusCode};
use serde_json::{Value, json};
use server::clock::FrozenClock;
use server::config::Config;
use server::rest::openapi::DOCUMENT;
use server::{App, router, service};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

pub struct World {
    pub router: Router,
    pub li: String,
    pub wang: String,
    /// Creates and decides.
    pub both: String,
    pub stranger: String,
    pub admin: String,
    pub app: Arc<App>,
    pub clock: FrozenClock,
    _data: tempfile::TempDir,
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("{} {}", self.status, String::from_utf8_lossy(&self.bytes)))
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// A problem of this status and code.
    #[track_caller]
    pub fn is_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status.as_u16(), self.header("content-type")), (status, "application/problem+json"), "{}", String::from_utf8_lossy(&self.bytes));
        let problem = self.json();
        assert_eq!((problem["code"].as_str(), problem["status"].as_u64()), (Some(code), Some(u64::from(status))), "{problem}");
        for member in ["type", "title", "detail"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
    }

    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }
}

impl World {
    pub async fn sqlite() -> Self {
        Self::new(None).await
    }

    pub async fn postgres() -> Self {
        Self::new(Some(support::postgres::database().await)).await
    }

    async fn new(database: Option<String>) -> Self {
        let data = tempfile::tempdir().unwrap();
        let mut values = BTreeMap::from([("SIGNET_DATA".to_owned(), data.path().display().to_string())]);
        values.extend(database.map(|url| ("SIGNET_DATABASE_URL".to_owned(), url)));
        let config = Config::read(&values).unwrap();
        let clock = FrozenClock::at(1_795_000_000_000);
        let app = server::build(config, support::machine::options(clock.clone(), false)).await.unwrap();
        let li = token(&app, "li.na", "Li Na", &["creator"], false).await;
        let wang = token(&app, "wang", "Wang Jianguo", &["department-head"], false).await;
        let both = token(&app, "both", "Both", &["creator", "department-head"], false).await;
        let stranger = token(&app, "stranger", "Stranger", &["creator"], false).await;
        let admin = token(&app, "admin", "Zhao Min", &[], true).await;
        let router = router::router(app.clone(), CancellationToken::new());
        Self { router, li, wang, both, stranger, admin, app, clock, _data: data }
    }

    /// One call. `token` empty: nobody. Headers override.
    pub async fn call(&self, token: &str, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Reply {
        let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:3000");
        if !token.is_empty() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec();
        is_told(method, path, status.as_u16());
        Reply { status, headers, bytes }
    }

    pub async fn get(&self, token: &str, path: &str) -> Reply {
        self.call(token, "GET", path, &[], Body::empty()).await
    }

    pub async fn post(&self, token: &str, path: &str, body: &Value, more: &[(&str, &str)]) -> Reply {
        let headers: Vec<_> = [("content-type", "application/json")].iter().chain(more).copied().collect();
        self.call(token, "POST", path, &headers, body.to_string()).await
    }

    /// An expense claim of Li Na's.
    pub async fn claim(&self, invoice: &str) -> Value {
        self.post(&self.li, "/api/v1/documents", &claim(invoice), &[]).await.is(201).json()
    }
}

/// Whatever a call answers is in the document that programs are written by.
#[track_caller]
fn is_told(method: &str, path: &str, status: u16) {
    let path = path.split('?').next().unwrap_or_default();
    let fits = |template: &str| {
        let (told, asked): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
        told.len() == asked.len() && told.iter().zip(asked).all(|(told, asked)| *told == asked || told.starts_with('{'))
    };
    let calls = DOCUMENT["paths"].as_object().unwrap();
    let Some((template, call)) = calls.get_key_value(path).or_else(|| calls.iter().find(|(template, _)| fits(template))) else { return };
    let Some(operation) = call.get(method.to_lowercase()) else { return };
    assert!(operation["responses"].get(status.to_string()).is_some(), "{method} {template} answers {status}, which its document does not tell");
}

pub fn claim(invoice: &str) -> Value {
    json!({ "type": "EXP", "title": "Taxi, Jinan", "fields": { "project": "P-17", "invoice": invoice, "department": "Sales", "date": "2026-11-20", "amount": "128.00", "reason": "Taxi to the site" } })
}

async fn token(app: &Arc<App>, login: &str, name: &str, roles: &[&str], admin: bool) -> String {
    let change = AccountChange {
        login: login.to_owned(),
        name: Some(name.to_owned()),
        roles: Some(roles.iter().map(|role| (*role).to_owned()).collect()),
        admin: Some(admin),
        password: Some("correct horse battery".to_owned()),
        ..AccountChange::default()
    };
    service::accounts::add(app, change).await.unwrap();
    service::tokens::create_for_login(app, login, "test").await.unwrap()
}
