//! What the program stands on: a data folder, a database, a file server; made once with people in it, then copied for each case.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use app::model::AccountChange;
use server::clock::SystemClock;
use server::config::Config;
use server::{App, service};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor, Row};
use tempfile::TempDir;
use tokio::sync::Mutex;

use crate::program::{Environment, Program, run};
use crate::vsftpd::Vsftpd;

/// Which database and which file server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    pub postgres: bool,
    pub vsftpd: bool,
}

/// A file server that several grounds have their folders on.
pub type Server = Arc<Mutex<Vsftpd>>;

pub struct Ground {
    pub kind: Kind,
    folder: TempDir,
    database: Option<String>,
    server: Option<(Server, String, PathBuf)>,
}

impl Ground {
    /// An empty one; none where this machine has no vsftpd for it.
    pub async fn new(kind: Kind) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        let server = if kind.vsftpd {
            let server = tokio::task::spawn_blocking(|| Vsftpd::start(false, &[])).await.unwrap()?;
            let (url, files) = (server.url(), server.files());
            Some((Arc::new(Mutex::new(server)), url, files))
        } else {
            None
        };
        let database = if kind.postgres { Some(crate::postgres::database().await) } else { None };
        Some(Self { kind, folder, database, server })
    }

    /// Everything as it is here, while no program runs on it, somewhere else.
    pub async fn copy(&self) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(1);
        let case = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = tempfile::tempdir().unwrap();
        copy(&self.data(), &folder.path().join("data"));
        let database = match &self.database {
            Some(url) => {
                let (server, template) = url.rsplit_once('/').unwrap();
                let name = format!("{template}_{case}");
                administer(server, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
                Some(format!("{server}/{name}"))
            }
            None => None,
        };
        let server = self.server.as_ref().map(|(server, url, files)| {
            let at = |text: &str| text.replace("/signet/files", &format!("/case{case}/files"));
            let place = PathBuf::from(at(&files.display().to_string()));
            if files.exists() {
                copy(files, &place);
            }
            // The server writes as its own user.
            let owner = files.parent().and_then(Path::parent).unwrap();
            let top = place.parent().unwrap();
            std::fs::create_dir_all(&place).unwrap();
            let owned = std::process::Command::new("chown").arg("-R").arg(format!("--reference={}", owner.display())).arg(top).status().unwrap();
            assert!(owned.success());
            (server.clone(), at(url), place)
        });
        Self { kind: self.kind, folder, database, server }
    }

    /// Its file server, to be stopped and started.
    pub fn server(&self) -> Option<&Server> {
        self.server.as_ref().map(|(server, ..)| server)
    }

    /// Its database, when that is PostgreSQL.
    pub fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Where the stored files lie on the disk.
    pub fn files(&self) -> PathBuf {
        self.server.as_ref().map_or_else(|| self.data().join("files"), |(_, _, files)| files.clone())
    }

    pub fn environment(&self, more: &[(&str, &str)]) -> Environment {
        let text = |value: &str| value.to_owned();
        let mut all = vec![(text("SIGNET_DATA"), self.data().display().to_string()), (text("SIGNET_PUBLIC_URL"), text("http://127.0.0.1:3000"))];
        all.extend(self.database.iter().map(|url| (text("SIGNET_DATABASE_URL"), url.clone())));
        all.extend(self.server.iter().map(|(_, url, _)| (text("SIGNET_FTP_URL"), url.clone())));
        all.extend(more.iter().map(|(name, value)| (text(name), text(value))));
        all
    }

    /// The program on it.
    pub fn start(&self, more: &[(&str, &str)]) -> Program {
        Program::start(&self.environment(more), &self.log())
    }

    pub fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// The server's own parts in this process, to prepare what the program finds.
    pub async fn open(&self, more: &[(&str, &str)]) -> Arc<App> {
        open(&self.environment(more)).await
    }

    /// Changes rows behind the program's back.
    pub async fn sql(&self, text: &str) -> u64 {
        let mut connection = self.connection().await;
        let changed = sqlx::query(AssertSqlSafe(text.to_owned())).execute(&mut connection).await.unwrap().rows_affected();
        connection.close().await.ok();
        changed
    }

    /// The first column of every row, which is text or cast to it.
    pub async fn texts(&self, text: &str) -> Vec<String> {
        let mut connection = self.connection().await;
        let rows = sqlx::query(AssertSqlSafe(text.to_owned())).fetch_all(&mut connection).await.unwrap();
        connection.close().await.ok();
        rows.iter().map(|row| row.get::<String, _>(0)).collect()
    }

    /// What a question counts.
    pub async fn count(&self, text: &str) -> u64 {
        self.texts(&format!("SELECT CAST(COUNT(*) AS TEXT) FROM {text}")).await[0].parse().unwrap()
    }

    /// What acts left under way is over now: leases, claims of keys, raises in hand.
    pub async fn time_passes(&self) {
        self.sql("UPDATE intents SET lease_until = 0 WHERE given_up = 0").await;
        self.sql("UPDATE answers SET at = at - 600000 WHERE status = 0").await;
        self.sql("UPDATE documents SET raise_at = 0 WHERE raise_at IS NOT NULL").await;
    }

    /// Waits until the program at work here has swept everything.
    pub async fn swept(&self) {
        let begun = std::time::Instant::now();
        while self.count("intents WHERE given_up < 2").await > 0 {
            assert!(begun.elapsed() < std::time::Duration::from_secs(15), "the sweep does not come to its end");
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }

    /// Every row has its whole file and every file has its row: told apart on the disk itself. What a program is just storing has neither yet.
    pub async fn is_whole(&self) {
        let begun = std::time::Instant::now();
        loop {
            let (rows, files) = (self.rows().await, self.stored());
            if rows == files {
                return;
            }
            // Rows and files are not read at the same moment: what differs once need not differ.
            let busy = self.count("intents WHERE given_up < 2").await > 0;
            let patience = std::time::Duration::from_secs(if busy { 10 } else { 3 });
            assert!(begun.elapsed() < patience, "rows and files differ:\n{rows:#?}\n{files:#?}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    async fn rows(&self) -> Vec<String> {
        let mut rows = self.texts("SELECT store_path || ' ' || CAST(size AS TEXT) || ' ' || sha256 FROM revisions").await;
        rows.sort();
        rows
    }

    fn stored(&self) -> Vec<String> {
        let mut files: Vec<String> = Vec::new();
        for path in below(&self.files()) {
            let name = path.strip_prefix(self.files()).unwrap().display().to_string();
            // Records beside the documents are another matter. A temporary file may go while it is looked at.
            if name.contains(".pdf") {
                let bytes = std::fs::read(&path).unwrap_or_default();
                files.push(format!("{name} {} {}", bytes.len(), server::store::hash(&bytes).as_str()));
            }
        }
        files.sort();
        files
    }

    /// `signet fsck` finds nothing.
    pub async fn fsck(&self) {
        let checked = run(&self.environment(&[("SIGNET_LOG", "error")]), &["fsck"]).await;
        let told = format!("{}{}", String::from_utf8_lossy(&checked.stdout), String::from_utf8_lossy(&checked.stderr));
        assert!(checked.status.success(), "fsck: {told}");
    }

    /// Ends what belongs to this ground alone.
    pub async fn clear(self) {
        if let Some(url) = &self.database {
            let (server, name) = url.rsplit_once('/').unwrap();
            administer(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
        if let Some((_, _, files)) = &self.server {
            let _ = std::fs::remove_dir_all(files.parent().unwrap());
        }
    }

    async fn connection(&self) -> AnyConnection {
        sqlx::any::install_default_drivers();
        let url = self.database.clone().unwrap_or_else(|| format!("sqlite:{}", self.data().join("main.sqlite").display()));
        AnyConnection::connect(&url).await.unwrap()
    }
}

/// The server's own parts over this environment, in this process.
pub async fn open(environment: &Environment) -> Arc<App> {
    let values: BTreeMap<_, _> = environment.iter().cloned().collect();
    server::build(Config::read(&values).unwrap(), crate::machine::options(SystemClock, false)).await.unwrap()
}

/// Adds a person and gives a token.
pub async fn person(app: &App, login: &str, roles: &[&str], admin: bool) -> String {
    let change = AccountChange {
        login: login.to_owned(),
        name: Some(login.to_owned()),
        roles: Some(roles.iter().map(|role| (*role).to_owned()).collect()),
        admin: Some(admin),
        ..AccountChange::default()
    };
    service::accounts::add(app, change).await.unwrap();
    service::tokens::create_for_login(app, login, "test").await.unwrap()
}

async fn administer(server: &str, text: &str) {
    let mut connection = sqlx::PgConnection::connect(&format!("{server}/postgres")).await.unwrap();
    let begun = std::time::Instant::now();
    // A connection that was closed a moment ago may still be there.
    while let Err(error) = connection.execute(AssertSqlSafe(text.to_owned())).await {
        assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{text}: {error}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    connection.close().await.unwrap();
}

fn below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().path()).flat_map(|path| if path.is_dir() { below(&path) } else { vec![path] }).collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    std::fs::set_permissions(to, std::fs::metadata(from).unwrap().permissions()).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}
