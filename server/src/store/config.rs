//! Where the file server is and how it is spoken to: `SIGNET_FTP_URL` and `SIGNET_FTP_CA`, parsed once.

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
    /// A whole put or get with all its retries.
    pub total: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self { connect: seconds(8), command: seconds(15), stall: seconds(15), wait: seconds(20), total: seconds(60) }
    }
}

/// A value that stops the start: one clear line, without the password in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(String);

impl StoreConfig {
    /// Reads `SIGNET_FTP_URL` (`ftps://user:password@host:port/base/folder`, explicit TLS; `ftp://` only to this machine)
    /// and, for TLS, the PEM file `SIGNET_FTP_CA`; without it the system's certificates are trusted.
    ///
    /// # Errors
    /// One line that names the variable and what to write instead.
    pub fn parse(url: &str, ca: Option<&Path>) -> Result<Self, ConfigError> {
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
            return Err(ConfigError(format!(
                "SIGNET_FTP_URL: plain ftp:// to {host} would send the password and every document unencrypted; write ftps:// (explicit TLS on the same port)"
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
        })
    }

    /// The embedded server's address; only it may be reached without a URL.
    pub(super) fn loopback(port: u16, user: &str, password: &str) -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port,
            user: user.to_owned(),
            password: Zeroizing::new(password.to_owned()),
            base: "/".to_owned(),
            tls: None,
            connections: CONNECTIONS,
            limits: Limits::default(),
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

fn wrong(problem: &str) -> ConfigError {
    ConfigError(format!("SIGNET_FTP_URL {problem}; write ftps://user:password@host/folder, or ftp:// for a server on this machine"))
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Percent-decodes and refuses control characters: NUL passes through the FTP library and CR LF would start a new command.
fn decode(text: &str, what: &str) -> Result<String, ConfigError> {
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

fn base_folder(path: &str) -> Result<String, ConfigError> {
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
fn client_config(ca: Option<&Path>) -> Result<ClientConfig, ConfigError> {
    let roots = match ca {
        Some(file) => roots(file).map_err(|problem| ConfigError(format!("SIGNET_FTP_CA {}: {problem}; name a PEM file with the authority's certificate", file.display())))?,
        None => SYSTEM_BUNDLES.iter().find_map(|file| roots(Path::new(file)).ok()).ok_or_else(|| {
            ConfigError("SIGNET_FTP_CA is not set and this system has no trusted certificates; name the PEM file of the authority that issued the file server's certificate".to_owned())
        })?,
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS12])
        .map_err(|problem| ConfigError(format!("TLS cannot be set up: {problem}")))?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn roots(file: &Path) -> Result<RootCertStore, String> {
    let certificates: Vec<_> =
        CertificateDer::pem_file_iter(file).map_err(|problem| problem.to_string())?.collect::<Result<_, _>>().map_err(|problem| problem.to_string())?;
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(certificates);
    if added == 0 { Err("holds no usable certificate".to_owned()) } else { Ok(roots) }
}
