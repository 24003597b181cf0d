//! Three `signet serve`, and ways to ask them.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use app::model::{AccountChange, TypeFiles};
use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use server::App;
use server::clock::SystemClock;
use server::config::Config;
use server::service::{accounts, tokens};
use server::store::EmbeddedServer;
use support::machine;
use support::vsftpd::Vsftpd;
use tokio::sync::{Mutex, MutexGuard};

/// One test at a time: they measure seconds on two cores.
static ALONE: Mutex<()> = Mutex::const_new(());

pub const PASSWORD: &str = "correct horse battery";

/// An uploaded page that one head approves.
pub const SLIP: &str = "code = \"SLIP\"\nname = { en = \"Slip\", zh = \"单据\" }\nnumber = \"SLIP-{yyyy}-{seq:6}\"\nmatter = [\"slip\"]\ndatabase = \"main\"\nfile = \"upload\"\n\
    [[field]]\nkey = \"slip\"\nlabel = { en = \"Slip\", zh = \"编号\" }\nkind = \"text\"\nrequired = true\n\
    [[step]]\nkey = \"head\"\nname = { en = \"Head\", zh = \"负责人\" }\nrole = \"head\"\ndecide = \"any\"\nseal = { page = -1, x = 20, y = 20, width = 42, height = 42 }\n";

pub struct World {
    pub replicas: Vec<Replica>,
    /// A fourth one inside the test: it sets up and looks.
    pub app: Arc<App>,
    pub values: BTreeMap<String, String>,
    pub client: Client,
    _files: Files,
    _folder: tempfile::TempDir,
    _alone: MutexGuard<'static, ()>,
}

/// The one file server: vsftpd, or where this machine has none the embedded one.
enum Files {
    Vsftpd(Vsftpd),
    Embedded(EmbeddedServer),
}

impl Files {
    async fn start(folder: &Path) -> Self {
        match Vsftpd::start(false, &[]) {
            Some(server) => Self::Vsftpd(server),
            None => Self::Embedded(EmbeddedServer::start(folder).await.unwrap()),
        }
    }

    fn url(&self) -> String {
        match self {
            Self::Vsftpd(server) => server.url(),
            Self::Embedded(server) => server.url(),
        }
    }
}

/// One process.
pub struct Replica {
    pub url: String,
    child: Child,
}

impl World {
    /// Three at once over an empty database and an empty folder, as after an installation.
    pub async fn three() -> Self {
        let alone = ALONE.lock().await;
        let folder = tempfile::tempdir().unwrap();
        let files = folder.path().join("files");
        let server = Files::start(&files).await;
        let values = BTreeMap::from([
            ("SIGNET_DATA".to_owned(), folder.path().join("data").display().to_string()),
            ("SIGNET_DATABASE_URL".to_owned(), support::postgres::database().await),
            ("SIGNET_FTP_URL".to_owned(), server.url()),
            ("SIGNET_PUBLIC_URL".to_owned(), "http://127.0.0.1:3000".to_owned()),
            ("SIGNET_LOG".to_owned(), "warn".to_owned()),
        ]);
        let replicas: Vec<Replica> = (0..3).map(|_| Replica::start(&values)).collect();
        let client = Client::builder().pool_max_idle_per_host(32).build().unwrap();
        for replica in &replicas {
            replica.ready(&client).await;
        }
        let app = server::build(Config::read(&values).unwrap(), support::machine::options(SystemClock, false)).await.unwrap();
        server::service::types::import_here(&app, TypeFiles { definition: SLIP.to_owned(), template: None }).await.unwrap();
        Self { replicas, app, values, client, _files: server, _folder: folder, _alone: alone }
    }

    /// An account with a token.
    pub async fn person(&self, login: &str, roles: &[&str]) -> String {
        self.change(AccountChange { roles: Some(roles.iter().map(ToString::to_string).collect()), password: Some(PASSWORD.into()), ..named(login) }).await;
        tokens::create_for_login(&self.app, login, "test").await.unwrap()
    }

    pub async fn change(&self, change: AccountChange) {
        accounts::put(&self.app, change).await.unwrap();
    }

    /// A question to replica `n`.
    pub fn ask(&self, n: usize, method: Method, path: &str, token: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.replicas[n].url)).bearer_auth(token)
    }

    pub async fn get(&self, n: usize, path: &str, token: &str) -> Response {
        self.ask(n, Method::GET, path, token).send().await.unwrap()
    }

    /// Asks replica `n` to create a slip.
    pub fn creation(&self, n: usize, token: &str, slip: &str, file: Vec<u8>) -> RequestBuilder {
        let document = json!({"type": "SLIP", "fields": {"slip": slip}}).to_string();
        let form = reqwest::multipart::Form::new()
            .part("document", reqwest::multipart::Part::text(document).mime_str("application/json").unwrap())
            .part("file", reqwest::multipart::Part::bytes(file).mime_str("application/pdf").unwrap().file_name("a.pdf"));
        self.ask(n, Method::POST, "/api/v1/documents", token).multipart(form)
    }

    pub async fn create(&self, n: usize, token: &str, slip: &str) -> Value {
        let response = self.creation(n, token, slip, crate::signer::page(b"")).send().await.unwrap();
        assert_eq!(response.status(), 201, "{}", response.text().await.unwrap());
        response.json().await.unwrap()
    }

    pub fn rejection(&self, n: usize, token: &str, number: &str) -> RequestBuilder {
        self.ask(n, Method::POST, &format!("/api/v1/documents/{number}/rejection"), token).header("if-match", "\"0\"").json(&json!({"reason": "no"}))
    }

    /// Signs in on replica `n` by password; the cookie.
    pub async fn sign_in(&self, n: usize, login: &str, password: &str) -> Result<String, u16> {
        let body = format!("entered[login]={login}&entered[password]={}", password.replace(' ', "+"));
        let response = self.rpc(n, "session/sign_in", "").body(body).send().await.unwrap();
        if !response.status().is_success() {
            return Err(response.status().as_u16());
        }
        Ok(response.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned())
    }

    pub fn rpc(&self, n: usize, name: &str, cookie: &str) -> RequestBuilder {
        let request = self.client.post(format!("{}/rpc/{name}", self.replicas[n].url)).header("content-type", "application/x-www-form-urlencoded");
        let request = request.header("sec-fetch-site", "same-origin");
        if cookie.is_empty() { request } else { request.header("cookie", cookie) }
    }

    /// Whether a cookie still signs in, on replica `n`.
    pub async fn knows(&self, n: usize, cookie: &str) -> bool {
        self.client.get(format!("{}/api/v1/me", self.replicas[n].url)).header("cookie", cookie).send().await.unwrap().status() == 200
    }

    /// Every row and file agree; gives how many files there are.
    pub async fn is_whole(&self) -> u64 {
        let findings = server::service::fsck::run(&self.app).await.unwrap();
        assert!(findings.findings.is_empty(), "{findings:?}");
        findings.files
    }
}

impl Replica {
    pub fn start(values: &BTreeMap<String, String>) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(machine::signet())
            .arg("serve")
            .envs(values)
            .env("SIGNET_LISTEN", format!("127.0.0.1:{port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Self { url: format!("http://127.0.0.1:{port}"), child }
    }

    pub async fn ready(&self, client: &Client) {
        let begun = Instant::now();
        while !client.get(format!("{}/readyz", self.url)).send().await.is_ok_and(|response| response.status() == 200) {
            assert!(begun.elapsed() < Duration::from_secs(40), "{} does not become ready", self.url);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// kill -9, while others ask it.
    pub fn kill_now(&self) {
        let killed = Command::new("kill").args(["-KILL", &self.child.id().to_string()]).status().unwrap();
        assert!(killed.success());
    }

    /// kill -9, and its end.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The same address again.
    pub fn resume(&mut self, values: &BTreeMap<String, String>) {
        let listen = self.url.trim_start_matches("http://");
        self.child =
            Command::new(machine::signet()).arg("serve").envs(values).env("SIGNET_LISTEN", listen).stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        self.kill();
    }
}

pub fn named(login: &str) -> AccountChange {
    AccountChange { login: login.into(), name: Some(format!("Person {login}")), ..AccountChange::default() }
}
