//! Debian's PostgreSQL for tests: one server per test process, one database per test, gone with the process.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";

/// The address of a new, empty database.
pub async fn database() -> String {
    database_with("").await
}

/// The same, made with more behind `CREATE DATABASE`.
pub async fn database_with(more: &str) -> String {
    static PORT: OnceLock<u16> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let port = tokio::task::spawn_blocking(|| *PORT.get_or_init(start)).await.unwrap();
    let name = format!("test{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let mut connection = reachable(&format!("postgres://postgres@127.0.0.1:{port}/postgres")).await;
    connection.execute(AssertSqlSafe(format!("CREATE DATABASE {name} {more}"))).await.unwrap();
    connection.close().await.unwrap();
    format!("postgres://postgres@127.0.0.1:{port}/{name}")
}

async fn reachable(url: &str) -> PgConnection {
    let begun = Instant::now();
    loop {
        match PgConnection::connect(url).await {
            Ok(connection) => return connection,
            Err(error) => assert!(begun.elapsed() < Duration::from_mins(1), "PostgreSQL does not start: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn start() -> u16 {
    let folder = tempfile::Builder::new().prefix("signet-postgres-").tempdir().unwrap().keep();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
    let data = folder.join("data");
    // PostgreSQL refuses to run as root.
    let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    let (prefix, owner) = if is_root { ("setpriv --reuid=postgres --regid=postgres --clear-groups", "postgres") } else { ("", "") };
    if is_root {
        run(Command::new("chown").arg(owner).arg(&folder), &folder);
    }
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (programs, data) = (PROGRAMS, data.display());
    let initialise = format!("cd / && {prefix} {programs}/initdb -D {data} -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync");
    run(Command::new("sh").arg("-c").arg(initialise), &folder);
    // The shell waits for the end of its input, which comes when this process ends in whatever way, and then clears up.
    let serve = format!(
        "cd / ; {prefix} {programs}/postgres -D {data} -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off \
         -c max_connections=300 </dev/null & server=$! ; cat >/dev/null ; kill -INT $server ; wait $server ; rm -rf {}",
        folder.display()
    );
    let mut shell = Command::new("sh").arg("-c").arg(serve).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::mem::forget(shell.stdin.take());
    port
}

fn run(command: &mut Command, folder: &Path) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{} in {}: {}", "preparing PostgreSQL failed", folder.display(), String::from_utf8_lossy(&output.stderr));
}

/// A server that a test may stop and start.
pub struct Own {
    port: u16,
    data: String,
}

/// A server of the test's own; [`Own::end`] when it is done.
pub async fn own() -> Own {
    let port = tokio::task::spawn_blocking(start).await.unwrap();
    let mut connection = reachable(&format!("postgres://postgres@127.0.0.1:{port}/postgres")).await;
    let row = sqlx::query("SHOW data_directory").fetch_one(&mut connection).await.unwrap();
    Own { port, data: sqlx::Row::get(&row, 0) }
}

impl Own {
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Stops it as an administrator would, at once.
    pub async fn stop(&self) {
        self.control(&["stop", "-m", "fast", "-w"]).await;
    }

    /// Starts it again on the same port.
    pub async fn resume(&self) {
        let options = format!("-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c max_connections=300", self.port);
        self.control(&["start", "-w", "-l", "/dev/null", "-o", &options]).await;
        reachable(&self.url()).await.close().await.ok();
    }

    /// Stops it for good.
    pub async fn end(self) {
        self.control(&["stop", "-m", "immediate"]).await;
    }

    async fn control(&self, arguments: &[&str]) {
        let is_root = std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
        let mut command = if is_root { Command::new("setpriv") } else { Command::new(format!("{PROGRAMS}/pg_ctl")) };
        if is_root {
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]).arg(format!("{PROGRAMS}/pg_ctl"));
        }
        command.current_dir("/").arg("-D").arg(&self.data).args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = tokio::task::spawn_blocking(move || command.status()).await.unwrap().unwrap();
        assert!(status.success(), "pg_ctl {arguments:?}");
    }
}
