//! A PostgreSQL of one test's own, which is stopped and started again.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PROGRAMS: &str = "/usr/lib/postgresql/15/bin";

pub struct OwnPostgres {
    folder: tempfile::TempDir,
    port: u16,
    child: Option<Child>,
}

impl OwnPostgres {
    /// Made, not started yet.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new().prefix("signet-own-postgres-").tempdir().unwrap();
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
        if is_root() {
            assert!(Command::new("chown").arg("postgres").arg(folder.path()).status().unwrap().success());
        }
        let port = crate::machine::free_port();
        let own = Self { folder, port, child: None };
        let made = own.command("initdb").args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        own
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Starts it and waits until it listens.
    pub fn start(&mut self) {
        let mut command = self.command("postgres");
        command.args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off"]);
        self.child = Some(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(begun.elapsed() < Duration::from_secs(20), "PostgreSQL does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// As a power cut: every session ends at once.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Its immediate shutdown; the server is the child itself, for setpriv only replaces itself.
            let _ = Command::new("kill").args(["-QUIT", &child.id().to_string()]).status();
            let _ = child.wait();
        }
    }

    fn command(&self, program: &str) -> Command {
        let path = format!("{PROGRAMS}/{program}");
        // PostgreSQL refuses to run as root.
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", &path]);
            command
        } else {
            Command::new(path)
        };
        command.current_dir("/").arg("-D").arg(self.folder.path().join("data"));
        command
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        self.stop();
    }
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}
