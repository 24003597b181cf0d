//! The real program on a free port: started, asked, killed.

use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::machine;

/// Variables of the environment.
pub type Environment = Vec<(String, String)>;

/// A running `signet serve`; dropping it kills it.
pub struct Program {
    child: Child,
    log: PathBuf,
    /// Where it is reached.
    pub url: String,
}

impl Program {
    /// Starts it. `log` is where it writes to, above what it wrote there before.
    pub fn start(environment: &Environment, log: &Path) -> Self {
        Self::start_under(&[], environment, log)
    }

    /// The same as the child of another program: `under` is that one with its arguments.
    pub fn start_under(under: &[&str], environment: &Environment, log: &Path) -> Self {
        let port = machine::free_port();
        let out = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
        let signet = machine::signet().to_str().unwrap();
        let words: Vec<&str> = under.iter().copied().chain([signet, "serve"]).collect();
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).stdin(Stdio::null()).stdout(out.try_clone().unwrap()).stderr(out);
        plain(&mut command, environment).env("SIGNET_LISTEN", format!("127.0.0.1:{port}"));
        Self { child: command.spawn().unwrap(), log: log.to_owned(), url: format!("http://127.0.0.1:{port}") }
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it is ready to serve; how it ended where it ended before.
    pub async fn ready(&mut self) -> Result<(), ExitStatus> {
        self.answers("/readyz", 200).await
    }

    /// Waits until `path` answers with this status.
    pub async fn answers(&mut self, path: &str, status: u16) -> Result<(), ExitStatus> {
        let (client, begun) = (reqwest::Client::new(), Instant::now());
        loop {
            if let Ok(response) = client.get(format!("{}{path}", self.url)).send().await
                && response.status().as_u16() == status
            {
                return Ok(());
            }
            if let Some(ended) = self.child.try_wait().unwrap() {
                return Err(ended);
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "{path} is not {status} after 30 s:\n{}", self.told());
            tokio::time::sleep(Duration::from_millis(4)).await;
        }
    }

    /// How it ended, once it has.
    pub async fn end(&mut self, patience: Duration) -> Option<ExitStatus> {
        let begun = Instant::now();
        loop {
            if let Some(ended) = self.child.try_wait().unwrap() {
                return Some(ended);
            }
            if begun.elapsed() > patience {
                return None;
            }
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    }

    /// kill -9.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// What it wrote so far.
    pub fn told(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Whether a process was ended by this signal.
pub fn ended_by(status: ExitStatus, signal: i32) -> bool {
    status.signal() == Some(signal)
}

/// Runs one verb of the command line to its end.
pub async fn run(environment: &Environment, arguments: &[&str]) -> Output {
    let mut command = Command::new(machine::signet());
    plain(command.args(arguments).stdin(Stdio::null()), environment);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

/// Nothing of this process's own environment but what every program needs, and its time zone: a month that ends in one zone and not in the other
/// would give folders and numbers other names than those that this process prepared.
fn plain<'a>(command: &'a mut Command, environment: &Environment) -> &'a mut Command {
    let kept = ["PATH", "TZ"].into_iter().filter_map(|name| Some((name, std::env::var_os(name)?)));
    command.env_clear().envs(kept).envs(environment.iter().map(|(name, value)| (name, value)))
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub bytes: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("{} {}", self.status, String::from_utf8_lossy(&self.bytes)))
    }

    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.bytes));
        self
    }
}

/// Someone who asks the program with a token. No answer is none: the program died, or stalls.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: String,
}

impl Client {
    pub fn new(url: &str, token: &str) -> Self {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(30)).build().unwrap();
        Self { http, url: url.to_owned(), token: token.to_owned() }
    }

    /// The same caller of another start.
    pub fn at(&self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self.clone() }
    }

    pub async fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Option<Reply> {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.url)).body(body.into());
        if !self.token.is_empty() {
            request = request.bearer_auth(&self.token);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.ok()?;
        let status = response.status().as_u16();
        Some(Reply { status, bytes: response.bytes().await.ok()?.to_vec() })
    }

    pub async fn get(&self, path: &str) -> Option<Reply> {
        self.call("GET", path, &[], "").await
    }

    pub async fn post(&self, path: &str, body: &Value, more: &[(&str, &str)]) -> Option<Reply> {
        let headers: Vec<_> = [("content-type", "application/json")].iter().chain(more).copied().collect();
        self.call("POST", path, &headers, body.to_string()).await
    }

    /// A stream whose bytes the caller reads.
    pub async fn stream(&self, path: &str) -> Option<reqwest::Response> {
        self.http.get(format!("{}{path}", self.url)).bearer_auth(&self.token).send().await.ok()
    }
}

/// An expense claim: from 5,000 on it asks finance too.
pub fn claim(invoice: &str, amount: &str) -> Value {
    json!({ "type": "EXP", "title": "Taxi, Jinan", "fields": { "project": "P-17", "invoice": invoice, "department": "Sales", "date": "2026-11-20",
            "amount": amount, "reason": "Taxi to the site" } })
}
