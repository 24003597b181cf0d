//! A real vsftpd for tests: its own port, folder, certificate and user, all gone when it is dropped.

use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const PROGRAM: &str = "/usr/sbin/vsftpd";
/// `useradd` and `userdel` lock the password file and give up when it is taken.
static ACCOUNTS: Mutex<()> = Mutex::new(());
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A running server.
pub struct Vsftpd {
    home: TempDir,
    port: u16,
    user: String,
    password: String,
    tls: bool,
    child: Option<Child>,
}

impl Vsftpd {
    /// Starts one, or says why this machine cannot and returns None. `more` is added to its configuration.
    pub fn start(tls: bool, more: &[&str]) -> Option<Self> {
        if !Path::new(PROGRAM).exists() || run("id", &["-u"]).trim() != "0" {
            eprintln!("SKIPPED: vsftpd is not installed or this is not root");
            return None;
        }
        let home = tempfile::Builder::new().prefix("signet-vsftpd-").tempdir().expect("a temporary folder");
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
        let user = format!("sigftp{}x{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|socket| socket.local_addr()).expect("a free port").port();
        let mut server = Self { home, port, user, password: "p%w:/@ #".to_owned(), tls, child: None };
        server.add_user();
        server.write_configuration(more);
        server.resume();
        Some(server)
    }

    /// What `SIGNET_FTP_URL` would be.
    pub fn url(&self) -> String {
        self.url_with(&self.password)
    }

    /// The same with another password.
    pub fn url_with(&self, password: &str) -> String {
        let mut escaped = String::new();
        for byte in password.bytes() {
            write!(escaped, "%{byte:02X}").expect("writing to a string");
        }
        let (scheme, host) = if self.tls { ("ftps", "localhost") } else { ("ftp", "127.0.0.1") };
        format!("{scheme}://{}:{escaped}@{host}:{}/signet/files", self.user, self.port)
    }

    /// What `SIGNET_FTP_CA` would be.
    pub fn authority(&self) -> Option<PathBuf> {
        self.tls.then(|| self.home.path().join("ca.pem"))
    }

    /// Where the base folder's files lie on the disk.
    pub fn files(&self) -> PathBuf {
        self.home.path().join("root/signet/files")
    }

    /// kill -9 for the server and all its sessions.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Sessions leave the server's process group, so they are found by their parents.
            let all: Vec<_> = family(child.id()).iter().map(u32::to_string).collect();
            let _ = Command::new("kill").arg("-KILL").args(all).stderr(Stdio::null()).status();
            let _ = child.wait();
        }
    }

    /// Starts it again on the same port.
    pub fn resume(&mut self) {
        let configuration = self.home.path().join("vsftpd.conf");
        let child = Command::new(PROGRAM).arg(configuration).stdin(Stdio::null()).spawn().expect("vsftpd starts");
        self.child = Some(child);
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            assert!(Instant::now() < deadline, "vsftpd did not listen within 10 s");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn add_user(&self) {
        let root = self.home.path().join("root");
        fs::create_dir(&root).expect("the user's folder");
        let _locked = ACCOUNTS.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let hash = run("openssl", &["passwd", "-5", &self.password]);
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
        let (root, empty) = (home.join("root"), home.join("empty"));
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
            make_certificates(home);
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

/// `ca.pem`, and `both.pem` with the key and certificate of localhost, in `folder`.
pub fn make_certificates(folder: &Path) {
    let file = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let authority = ["req", "-x509", "-days", "2", "-subj", "/CN=Test authority", "-keyout", &file("ca.key"), "-out", &file("ca.pem")];
    run("openssl", &[&authority[..], &key[..]].concat());
    let request = ["req", "-subj", "/CN=localhost", "-keyout", &file("leaf.key"), "-out", &file("leaf.csr")];
    run("openssl", &[&request[..], &key[..]].concat());
    fs::write(folder.join("leaf.ext"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n").expect("the extensions");
    let issue = ["x509", "-req", "-days", "2", "-in", &file("leaf.csr"), "-CA", &file("ca.pem"), "-CAkey", &file("ca.key")];
    run("openssl", &[&issue[..], &["-CAcreateserial", "-extfile", &file("leaf.ext"), "-out", &file("leaf.pem")]].concat());
    let both = fs::read_to_string(file("leaf.key")).expect("the key") + &fs::read_to_string(file("leaf.pem")).expect("the certificate");
    fs::write(file("both.pem"), both).expect("key and certificate");
}

/// `parent` and all its descendants.
fn family(parent: u32) -> Vec<u32> {
    let parent_of = |pid: u32| -> Option<u32> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(1)?.parse().ok()
    };
    let entries = fs::read_dir("/proc").expect("the process list").flatten();
    let all: Vec<_> = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter_map(|pid| Some((pid, parent_of(pid)?))).collect();
    let mut family = vec![parent];
    let mut at = 0;
    while at < family.len() {
        let children: Vec<u32> = all.iter().filter(|(_, parent)| *parent == family[at]).map(|(pid, _)| *pid).collect();
        family.extend(children);
        at += 1;
    }
    family
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().expect("a program of the base system");
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}
