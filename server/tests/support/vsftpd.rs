//! A real vsftpd for tests: its own port, folder, certificate and user, all gone when it is dropped.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

use crate::machine::{self, PASSWORD, Running, run};

const PROGRAM: &str = "/usr/sbin/vsftpd";
/// `useradd` and `userdel` lock the password file and give up when it is taken.
static ACCOUNTS: Mutex<()> = Mutex::new(());
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A running server.
pub struct Vsftpd {
    home: TempDir,
    port: u16,
    user: String,
    tls: bool,
    running: Option<Running>,
}

impl Vsftpd {
    /// Starts one, or says why this machine cannot and returns None. `more` is added to its configuration.
    pub fn start(tls: bool, more: &[&str]) -> Option<Self> {
        if !Path::new(PROGRAM).exists() || !machine::is_root() {
            eprintln!("SKIPPED: vsftpd is not installed or this is not root");
            return None;
        }
        let home = machine::home("signet-vsftpd-");
        let user = format!("sigftp{}x{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let mut server = Self { home, port: machine::free_port(), user, tls, running: None };
        server.add_user();
        server.write_configuration(more);
        server.resume();
        Some(server)
    }

    /// What `SIGNET_FTP_URL` would be.
    pub fn url(&self) -> String {
        self.url_with(PASSWORD)
    }

    /// The same with another password.
    pub fn url_with(&self, password: &str) -> String {
        machine::url(self.tls, &self.user, password, self.port, "signet/files")
    }

    /// What `SIGNET_FTP_CA` would be.
    pub fn authority(&self) -> Option<PathBuf> {
        self.tls.then(|| self.home.path().join("ca.pem"))
    }

    /// Where the base folder's files lie on the disk.
    pub fn files(&self) -> PathBuf {
        self.root().join("signet/files")
    }

    /// The user's own folder, above the base folder.
    pub fn root(&self) -> PathBuf {
        self.home.path().join("root")
    }

    /// The user that files belong to.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// kill -9 for the server and all its sessions.
    pub fn kill(&mut self) {
        self.running = None;
    }

    /// Sends a signal to the server and all its sessions: `STOP` lets them stand still, `CONT` lets them go on.
    pub fn signal(&self, name: &str) {
        if let Some(running) = &self.running {
            running.signal(name);
        }
    }

    /// Starts it again on the same port.
    pub fn resume(&mut self) {
        self.running = Some(Running::start(Command::new(PROGRAM).arg(self.home.path().join("vsftpd.conf")), self.port));
    }

    fn add_user(&self) {
        let root = self.root();
        fs::create_dir(&root).expect("the user's folder");
        let _locked = ACCOUNTS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let hash = run("openssl", &["passwd", "-5", PASSWORD]);
        let folder = root.to_string_lossy();
        let plain = ["--no-create-home", "--no-log-init", "--shell", "/usr/sbin/nologin"];
        run("useradd", &[&plain[..], &["--home-dir", &folder, "--password", hash.trim(), &self.user]].concat());
        run("chown", &[&self.user, &folder]);
        let pam = "auth required pam_unix.so\naccount required pam_unix.so\n";
        fs::write(self.pam_file(), pam).expect("the PAM service");
    }

    fn pam_file(&self) -> PathBuf {
        Path::new("/etc/pam.d").join(&self.user)
    }

    fn write_configuration(&self, more: &[&str]) {
        let home = self.home.path();
        fs::create_dir(home.join("empty")).expect("an empty folder");
        let (root, empty) = (self.root(), home.join("empty"));
        let mut text = format!(
            "listen=YES\nlisten_ipv6=NO\nlisten_address=127.0.0.1\nlisten_port={}\nbackground=NO\n\
             anonymous_enable=NO\nlocal_enable=YES\nwrite_enable=YES\nlocal_umask=022\nlocal_root={}\n\
             chroot_local_user=YES\nallow_writeable_chroot=YES\nsecure_chroot_dir={}\npam_service_name={}\n\
             seccomp_sandbox=NO\nisolate=NO\nisolate_network=NO\n",
            self.port,
            root.display(),
            empty.display(),
            self.user
        );
        if self.tls {
            machine::make_certificates(home);
            let both = home.join("both.pem");
            write!(
                text,
                "ssl_enable=YES\nrsa_cert_file={0}\nrsa_private_key_file={0}\nssl_tlsv1=YES\nssl_ciphers=HIGH\n\
                 force_local_data_ssl=YES\nforce_local_logins_ssl=YES\nrequire_ssl_reuse=YES\n",
                both.display()
            )
            .expect("writing to a string");
        }
        for line in more {
            text.push_str(line);
            text.push('\n');
        }
        fs::write(home.join("vsftpd.conf"), text).expect("the configuration");
    }
}

impl Drop for Vsftpd {
    fn drop(&mut self) {
        self.kill();
        let _ = fs::remove_file(self.pam_file());
        let _locked = ACCOUNTS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let _ = Command::new("userdel").args(["--force", &self.user]).stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}
