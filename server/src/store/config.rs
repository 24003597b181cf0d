//! Where a file server is and how it is spoken to: `SIGNET_FTP_URL` and `SIGNET_FTP_CA`, or those of another volume, parsed once.

use std::fmt;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use url::Url;
use zeroize::Zeroizing;

use super::backend::Disk;
use super::name::{MAIN, VolumeName};

/// Where systems keep the certificates they trust.
const SYSTEM_BUNDLES: [&str; 4] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"];

/// Connections kept when nothing else is said; more gained nothing on small machines.
const CONNECTIONS: usize = 4;

/// A file server, checked and ready to connect to. `Debug` shows no password.
#[derive(Clone)]
pub struct StoreConfig {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) password: Zeroizing<String>,
    /// `/` or `/some/folder/`, always with both slashes.
    base: String,
    pub(super) tls: Option<Arc<ClientConfig>>,
    /// Most connections at a time, 1 to 8.
    pub connections: usize,
    /// How long anything may take.
    pub limits: Limits,
    /// The server's own disk, where the server is in this process.
    pub(super) disk: Option<Disk>,
}

/// Time limits. Nothing the server does or leaves undone can hold a caller longer than `total`.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connecting, and each part of signing in.
    pub connect: Duration,
    /// One command and its reply; the embedded server also syncs its disk in that time.
    pub command: Duration,
    /// No byte moved in a transfer.
    pub stall: Duration,
    /// Waiting for a free connection.
    pub wait: Duration,
    /// A whole put or get with all its retries, and one second more for each MiB.
    pub total: Duration,
    /// Before a volume that failed is tried again, at first; each further failure doubles it.
    pub pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self::patient(Duration::from_secs(15))
    }
}

impl Limits {
    /// The limits when one step may take `step`.
    pub fn patient(step: Duration) -> Self {
        Self { connect: step / 2, command: step, stall: step, wait: step * 4 / 3, total: step * 4, pause: step / 5 }
    }

    /// How long a file of `size` bytes may be on its way.
    pub(super) fn for_size(&self, size: u64) -> Duration {
        self.total + Duration::from_secs(size >> 20)
    }
}

/// A value that stops the start: one clear line, without the password in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

/// What is wrong, and with which of a volume's two variables.
enum Wrong {
    Url(String),
    Ca(String),
}

impl StoreConfig {
    /// The server of the volume `main`: `SIGNET_FTP_URL` (`ftps://user:password@host:port/base/folder`, explicit TLS; `ftp://` only to
    /// this machine) and, for TLS, the PEM file `SIGNET_FTP_CA`; without it the system's certificates are trusted.
    ///
    /// # Errors
    /// One line that names the variable and what to write instead.
    pub fn parse(url: &str, ca: Option<&Path>) -> Result<Self, ConfigError> {
        Self::of_volume(&VolumeName::main(), url, ca)
    }

    /// The same for any volume: `SIGNET_FTP_<NAME>_URL` and `SIGNET_FTP_<NAME>_CA`.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn of_volume(volume: &VolumeName, url: &str, ca: Option<&Path>) -> Result<Self, ConfigError> {
        Self::read(url, ca).map_err(|wrong| {
            let place = if volume.as_str() == MAIN { String::new() } else { format!("_{}", volume.as_str().to_ascii_uppercase()) };
            ConfigError(match wrong {
                Wrong::Url(problem) => format!("SIGNET_FTP{place}_URL {problem}"),
                Wrong::Ca(problem) => format!("SIGNET_FTP{place}_CA {problem}"),
            })
        })
    }

    fn read(url: &str, ca: Option<&Path>) -> Result<Self, Wrong> {
        let parsed = Url::parse(url).map_err(|problem| wrong(&format!("is no address ({problem})")))?;
        let secure = match parsed.scheme() {
            "ftps" => true,
            "ftp" => false,
            other => return Err(wrong(&format!("starts with {other}://"))),
        };
        let host = parsed.host_str().filter(|host| !host.is_empty()).ok_or_else(|| wrong("names no host"))?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return Err(wrong("has a ? or # in it (write them as %3F and %23)"));
        }
        if !secure && !is_loopback(&host) {
            return Err(Wrong::Url(format!(
                "is plain ftp:// to {host}, which would send the password and every document unencrypted; write ftps:// (explicit TLS on the same port)"
            )));
        }
        let user = decode(parsed.username(), "user")?;
        let password = decode(parsed.password().unwrap_or_default(), "password")?;
        if user.is_empty() || password.is_empty() {
            return Err(wrong("has no user and password"));
        }
        Ok(Self {
            host,
            port: parsed.port().unwrap_or(21),
            user,
            password: Zeroizing::new(password),
            base: base_folder(parsed.path())?,
            tls: if secure { Some(Arc::new(client_config(ca)?)) } else { None },
            connections: CONNECTIONS,
            limits: Limits::default(),
            disk: None,
        })
    }

    /// The embedded server's address; only it may be reached without a URL.
    pub(super) fn loopback(port: u16, user: &str, password: &str, disk: Disk) -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port,
            user: user.to_owned(),
            password: Zeroizing::new(password.to_owned()),
            base: "/".to_owned(),
            tls: None,
            connections: CONNECTIONS,
            limits: Limits::default(),
            disk: Some(disk),
        }
    }

    /// The same server with other time limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Scheme, host, port and base folder: what may be shown to administrators.
    pub fn address(&self) -> String {
        let scheme = if self.tls.is_some() { "ftps" } else { "ftp" };
        format!("{scheme}://{}:{}{}", self.host, self.port, self.base)
    }

    /// The name on the server of a path below the base folder. Absolute, so no connection has a working folder to lose.
    pub(super) fn absolute(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Plain connections must also *resolve* to this machine, whatever the name says.
    pub(super) fn may_connect(&self, address: IpAddr) -> bool {
        self.tls.is_some() || address.to_canonical().is_loopback()
    }
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreConfig")
            .field("address", &self.address())
            .field("user", &self.user)
            .field("password", &"…")
            .field("connections", &self.connections)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

fn wrong(problem: &str) -> Wrong {
    Wrong::Url(format!("{problem}; write ftps://user:password@host/folder, or ftp:// for a server on this machine"))
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Percent-decodes and refuses control characters: NUL passes through the FTP library and CR LF would start a new command.
fn decode(text: &str, what: &str) -> Result<String, Wrong> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next(), rest.next()].map(|digit| digit.and_then(|digit| char::from(digit).to_digit(16)));
        match digits {
            [Some(high), Some(low)] => bytes.push((high * 16 + low) as u8),
            _ => return Err(wrong(&format!("has a % without two hexadecimal digits in its {what} (write % as %25)"))),
        }
    }
    let decoded = String::from_utf8(bytes).map_err(|_| wrong(&format!("has a {what} that is not UTF-8")))?;
    if decoded.chars().any(char::is_control) {
        return Err(wrong(&format!("has a control character in its {what}")));
    }
    Ok(decoded)
}

fn base_folder(path: &str) -> Result<String, Wrong> {
    let mut base = String::from("/");
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let part = decode(part, "folder")?;
        if part == "." || part == ".." || part.contains(['/', '\\']) || part.starts_with(['-', ' ']) || part.ends_with(' ') {
            return Err(wrong("has a folder name that FTP servers do not keep as it is"));
        }
        base.push_str(&part);
        base.push('/');
    }
    Ok(base)
}

/// TLS 1.2 only: with 1.3, ProFTPD refuses every data connection after the first, and rustls offers no way round it.
fn client_config(ca: Option<&Path>) -> Result<ClientConfig, Wrong> {
    let roots = match ca {
        Some(file) => roots(file).map_err(|problem| Wrong::Ca(format!("{}: {problem}; name a PEM file with the authority's certificate", file.display())))?,
        None => SYSTEM_BUNDLES.iter().find_map(|file| roots(Path::new(file)).ok()).ok_or_else(|| {
            Wrong::Ca(
                "is not set and this system has no trusted certificates; name the PEM file of the authority that issued the file server's certificate"
                    .to_owned(),
            )
        })?,
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS12])
        .map_err(|problem| Wrong::Url(format!("needs TLS, which cannot be set up: {problem}")))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn roots(file: &Path) -> Result<RootCertStore, String> {
    let certificates: Vec<_> =
        CertificateDer::pem_file_iter(file).map_err(|problem| problem.to_string())?.collect::<Result<_, _>>().map_err(|problem| problem.to_string())?;
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(certificates);
    if added == 0 { Err("holds no usable certificate".to_owned()) } else { Ok(roots) }
}
