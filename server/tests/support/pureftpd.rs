//! A real Pure-FTPd for tests, unpacked and not installed: its own port, folder, certificate and user database.

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::machine::{self, PASSWORD, Running};

/// A running server.
pub struct Pureftpd {
    home: TempDir,
    port: u16,
    tls: bool,
    running: Option<Running>,
}

impl Pureftpd {
    /// Starts one, or says why this machine cannot and returns None. `more` is added to its command line.
    pub fn start(tls: bool, more: &[&str]) -> Option<Self> {
        let program = machine::unpacked("usr/sbin/pure-ftpd")?;
        let mut server = Self { home: machine::home("signet-pureftpd-"), port: machine::free_port(), tls, running: None };
        let home = server.home.path();
        let root = home.join("root");
        fs::create_dir(&root).expect("the user's folder");
        machine::run("chown", &["nobody:nogroup", &root.to_string_lossy()]);
        // Its own tool would hash for two seconds at each sign-in; this hash is as good for a test.
        let hash = machine::run("openssl", &["passwd", "-5", PASSWORD]);
        let (people, database) = (home.join("people"), home.join("people.pdb"));
        fs::write(&people, format!("sigftp:{}:65534:65534::{}/./::::::::::::\n", hash.trim(), root.display())).expect("the user");
        let tool = program.ancestors().nth(2).expect("usr").join("bin/pure-pw");
        let made = machine::command(&tool).arg("mkdb").arg(&database).arg("-f").arg(&people).status().expect("pure-pw starts");
        assert!(made.success(), "pure-pw: {made}");
        let mut command = machine::command(&program);
        command.args(["-S", &format!("127.0.0.1,{}", server.port), "-4", "-E", "-A", "-H", "-c", "200", "-C", "100", "-L", "20000:20"]);
        command.args(["-U", "022:022", "-u", "100", "-I", "10", "-l", &format!("puredb:{}", database.display())]);
        command.args(["-g", &home.join("pid").to_string_lossy()]);
        if tls {
            machine::make_certificates(home);
            // 3: no password and no data without TLS.
            command.args(["-Y", "3", "-2", &home.join("both.pem").to_string_lossy()]);
        }
        command.args(more);
        server.running = Some(Running::start(&mut command, server.port));
        Some(server)
    }

    /// What `SIGNET_FTP_URL` would be.
    pub fn url(&self) -> String {
        machine::url(self.tls, "sigftp", PASSWORD, self.port, "signet/files")
    }

    /// What `SIGNET_FTP_CA` would be.
    pub fn authority(&self) -> Option<PathBuf> {
        self.tls.then(|| self.home.path().join("ca.pem"))
    }

    /// Where the base folder's files lie on the disk.
    pub fn files(&self) -> PathBuf {
        self.home.path().join("root/signet/files")
    }
}

impl Drop for Pureftpd {
    fn drop(&mut self) {
        // Before its folder goes.
        self.running = None;
    }
}
