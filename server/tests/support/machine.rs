//! What tests with real servers need from the machine: ports, certificates, processes that do not stay.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use render::Typesetter;
use server::Options;
use server::clock::Clock;
use tempfile::TempDir;

/// Where cargo puts what it builds in this profile; this very test lies in its folder `deps`.
pub fn built() -> PathBuf {
    let own = std::env::current_exe().expect("a path");
    own.ancestors().nth(2).expect("cargo runs tests from its target folder").to_owned()
}

/// The program, as `make build` left it.
///
/// # Panics
/// Where it is missing, or older than the library that it is made of: then it is not what should be tested.
pub fn signet() -> &'static Path {
    static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| {
        let program = built().join("signet");
        let age = |path: &Path| fs::metadata(path).and_then(|about| about.modified()).ok();
        let libraries = fs::read_dir(built().join("deps")).expect("the libraries").flatten().map(|entry| entry.path());
        let own = libraries.filter(|path| path.extension().is_some_and(|ext| ext == "rlib") && path.file_name().is_some_and(is_the_server)).collect::<Vec<_>>();
        let newest = own.iter().filter_map(|path| age(path)).max();
        assert!(age(&program) >= newest, "{} is missing or older than its library: run `make build`", program.display());
        program
    });
    &PROGRAM
}

/// Processes that typeset for the servers in this one, which all share them.
pub fn typesetter() -> Typesetter {
    static TYPESETTER: LazyLock<Typesetter> = LazyLock::new(|| Typesetter::new(built().join("typesetter"), ""));
    TYPESETTER.clone()
}

/// What a server in this process is started with.
pub fn options(clock: impl Clock + 'static, demo: bool) -> Options {
    Options { clock: Arc::new(clock), demo, typesetter: typesetter() }
}

fn is_the_server(name: &OsStr) -> bool {
    name.to_string_lossy().starts_with("libserver-")
}

/// Characters that a careless client would get wrong.
pub const PASSWORD: &str = "p%w:/@ #";

/// Whether this process may add users and start servers.
pub fn is_root() -> bool {
    run("id", &["-u"]).trim() == "0"
}

/// A folder that servers under another user may enter.
pub fn home(name: &str) -> TempDir {
    let home = tempfile::Builder::new().prefix(name).tempdir().expect("a temporary folder");
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).expect("permissions");
    home
}

/// What the kernel says of a process behind its name (proc_pid_stat(5)): its state, its parent, …; none where it is gone.
pub fn stat(process: u32) -> Option<Vec<String>> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    Some(stat.rsplit_once(") ")?.1.split_whitespace().map(str::to_owned).collect())
}

/// The processes that this one started and that are there.
pub fn children(process: u32) -> Vec<u32> {
    let all = fs::read_dir("/proc").expect("the processes").flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    all.filter(|id| stat(*id).is_some_and(|stat| stat[1] == process.to_string())).collect()
}

/// A port nobody listens on right now, and that the kernel gives to nobody until who asked for it does: it lies below those that connections are
/// made from (ip_local_port_range, 32768 and up). Each test process begins elsewhere.
pub fn free_port() -> u16 {
    const FIRST: u32 = 10_000;
    const COUNT: u32 = 22_000;
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let begin = std::process::id().wrapping_mul(2_654_435_761) % COUNT;
    let mut tried = (0..COUNT).map(|_| FIRST + (begin + NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT);
    let port = tried.find_map(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port as u16)).ok().map(|_| port as u16));
    port.expect("a free port")
}

/// What `SIGNET_FTP_URL` would be for such a server.
pub fn url(tls: bool, user: &str, password: &str, port: u16, folder: &str) -> String {
    let mut escaped = String::new();
    for byte in password.bytes() {
        write!(escaped, "%{byte:02X}").expect("writing to a string");
    }
    let (scheme, host) = if tls { ("ftps", "localhost") } else { ("ftp", "127.0.0.1") };
    format!("{scheme}://{user}:{escaped}@{host}:{port}/{folder}")
}

/// A server's process with all that it started.
pub struct Running(Child);

impl Running {
    /// Starts it and waits until it listens.
    pub fn start(command: &mut Command, port: u16) -> Self {
        let program = command.get_program().to_owned();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the server starts");
        let running = Self(child);
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            assert!(Instant::now() < deadline, "{} did not listen within 10 s", program.display());
            std::thread::sleep(Duration::from_millis(20));
        }
        running
    }

    /// Sends a signal to the server and all its sessions. Those leave its process group, so they are found by their parents.
    pub fn signal(&self, name: &str) {
        let all: Vec<_> = family(self.0.id()).iter().map(u32::to_string).collect();
        let _ = Command::new("kill").arg(format!("-{name}")).args(all).stderr(Stdio::null()).status();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signal("KILL");
        let _ = self.0.wait();
    }
}

/// Where `.ci/ftp-servers` unpacked the servers that cannot be installed beside vsftpd.
pub fn unpacked(program: &str) -> Option<PathBuf> {
    let tools = built().with_file_name("tools").join("ftp");
    let file = tools.join(program);
    if file.exists() && is_root() {
        return Some(file);
    }
    eprintln!("SKIPPED: {program} is not unpacked (make test-tools) or this is not root");
    None
}

/// A program among those, with the libraries unpacked beside it.
pub fn command(program: &Path) -> Command {
    let tools = built().with_file_name("tools").join("ftp");
    let mut command = Command::new(program);
    command.env("LD_LIBRARY_PATH", tools.join("usr/lib/x86_64-linux-gnu"));
    command
}

/// A small disk of its own, gone when dropped.
pub struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Mounts `size` (as `4m`) over the folder, for `owner`; or says why this machine cannot and returns None.
    pub fn mount(folder: &Path, size: &str, owner: &str) -> Option<Self> {
        fs::create_dir_all(folder).expect("the folder");
        let options = format!("size={size},mode=755,uid={}", run("id", &["-u", owner]).trim());
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "none"]).arg(folder).stderr(Stdio::null()).status();
        if mounted.is_ok_and(|status| status.success()) {
            return Some(Self(folder.to_owned()));
        }
        eprintln!("SKIPPED: a small disk cannot be mounted here");
        None
    }

    /// Fills it but for about `left` bytes; the file to remove afterwards.
    pub fn fill(&self, left: u64) -> PathBuf {
        let file = self.0.join("ballast");
        let mut ballast = fs::File::create(&file).expect("a file");
        // Until nothing more goes in, then a little less.
        let piece = [b'b'; 4096];
        let mut written = 0;
        while let Ok(count) = std::io::Write::write(&mut ballast, &piece) {
            written += count as u64;
        }
        ballast.set_len(written.saturating_sub(left)).expect("a shorter file");
        file
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).stderr(Stdio::null()).status();
    }
}

/// `ca.pem`, and `both.pem` with the key and certificate of localhost, in `folder`.
pub fn make_certificates(folder: &Path) {
    certificates(folder, "DNS:localhost,IP:127.0.0.1", "2");
}

/// The same for other names, or for other days.
pub fn certificates(folder: &Path, names: &str, days: &str) {
    let file = |name: &str| folder.join(name).to_string_lossy().into_owned();
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
    let authority = ["req", "-x509", "-days", "2", "-subj", "/CN=Test authority", "-keyout", &file("ca.key"), "-out", &file("ca.pem")];
    run("openssl", &[&authority[..], &key[..]].concat());
    let request = ["req", "-subj", "/CN=localhost", "-keyout", &file("leaf.key"), "-out", &file("leaf.csr")];
    run("openssl", &[&request[..], &key[..]].concat());
    fs::write(folder.join("leaf.ext"), format!("subjectAltName={names}\n")).expect("the extensions");
    let issue = ["x509", "-req", "-days", days, "-in", &file("leaf.csr"), "-CA", &file("ca.pem"), "-CAkey", &file("ca.key")];
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

/// A program of the base system; what it prints.
pub fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().expect("a program of the base system");
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}
