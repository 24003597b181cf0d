//! A real ProFTPD for tests, unpacked and not installed: its own port, folder, certificate and password file.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use tempfile::TempDir;

use crate::machine::{self, PASSWORD, Running};

/// A running server.
pub struct Proftpd {
    home: TempDir,
    port: u16,
    tls: bool,
    running: Option<Running>,
}

impl Proftpd {
    /// Starts one, or says why this machine cannot and returns None. `more` is added to its configuration.
    pub fn start(tls: bool, more: &[&str]) -> Option<Self> {
        let program = machine::unpacked("usr/sbin/proftpd")?;
        let mut server = Self { home: machine::home("signet-proftpd-"), port: machine::free_port(), tls, running: None };
        let home = server.home.path();
        let root = home.join("root");
        fs::create_dir(&root).expect("the user's folder");
        machine::run("chown", &["nobody:nogroup", &root.to_string_lossy()]);
        let hash = machine::run("openssl", &["passwd", "-5", PASSWORD]);
        let passwords = home.join("passwd");
        fs::write(&passwords, format!("sigftp:{}:65534:65534::{}:/bin/sh\n", hash.trim(), root.display())).expect("the password file");
        fs::set_permissions(&passwords, fs::Permissions::from_mode(0o600)).expect("permissions");
        let modules = program.ancestors().nth(2).expect("usr").join("lib/proftpd");
        let mut text = format!(
            "ServerType standalone\nDefaultAddress 127.0.0.1\nSocketBindTight on\nPort {}\nUseIPv6 off\nUseReverseDNS off\nModulePath {}\n\
             LoadModule mod_tls.c\nLoadModule mod_tls_shmcache.c\nLoadModule mod_digest.c\nUser nobody\nGroup nogroup\nPidFile {home}/pid\n\
             ScoreboardFile {home}/board\nSystemLog {home}/log\nTransferLog none\nWtmpLog off\nDelayEngine off\nAuthOrder mod_auth_file.c\n\
             AuthUserFile {}\nRequireValidShell off\nDefaultRoot ~\nAllowOverwrite on\n",
            server.port,
            modules.display(),
            passwords.display(),
            home = home.display(),
        );
        if tls {
            machine::make_certificates(home);
            write!(
                text,
                "TLSEngine on\nTLSProtocol TLSv1.2 TLSv1.3\nTLSECCertificateFile {home}/leaf.pem\nTLSECCertificateKeyFile {home}/leaf.key\n\
                 TLSRequired on\nTLSSessionCache shm:/file={home}/sessions\n",
                home = home.display()
            )
            .expect("writing to a string");
        }
        for line in more {
            text.push_str(line);
            text.push('\n');
        }
        let configuration = home.join("proftpd.conf");
        fs::write(&configuration, text).expect("the configuration");
        server.running = Some(Running::start(machine::command(&program).args(["-n", "-q", "-c"]).arg(configuration), server.port));
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

impl Drop for Proftpd {
    fn drop(&mut self) {
        // Before its folder goes.
        self.running = None;
    }
}
