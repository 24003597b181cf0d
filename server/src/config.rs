//! Configuration: environment only, prefix `SIGNET_`. Read once; a bad value stops the start with one clear line.

mod ftp;

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use url::Url;

use crate::store::VolumeName;

pub use ftp::{FtpConfig, FtpVolume};

/// All that the environment decides. `.env.sample` explains every value.
#[derive(Clone)]
pub struct Config {
    /// `SIGNET_LISTEN`: where the server listens.
    pub listen: SocketAddr,
    /// `SIGNET_PUBLIC_URL`: how people reach it; scheme, host and port only.
    pub public_url: Url,
    /// `SIGNET_DATA`: folder of everything that is embedded.
    pub data: PathBuf,
    /// `SIGNET_DATABASE_URL` as `main`, and each `SIGNET_DATABASE_<NAME>_URL` by its name in lower case. `main` is always there.
    pub databases: BTreeMap<String, String>,
    /// `SIGNET_FTP_…`: the volumes of the file store.
    pub ftp: FtpConfig,
    /// `SIGNET_SMTP_URL`: mail relay; `None` means that mail is written to the log.
    pub smtp_url: Option<Url>,
    /// `SIGNET_TSA_URL`: outside time-stamp authority; `None` means the built-in one.
    pub tsa_url: Option<Url>,
    /// `SIGNET_TSA_CA`: PEM file with the authorities that certify that time-stamp authority. There whenever `tsa_url` is.
    pub tsa_ca: Option<PathBuf>,
    /// `SIGNET_TSA_CRLS`: where the revocation lists about that authority's certificates are.
    pub tsa_crls: Vec<Url>,
    /// `SIGNET_CA_PASSPHRASE_FILE`: file whose first line encrypts the authority's key.
    pub ca_passphrase_file: Option<PathBuf>,
    /// `SIGNET_LOG`: what is logged, as `tracing` directives.
    pub log: String,
    /// `SIGNET_PROXIES`: peers whose `X-Forwarded-For` is believed.
    pub proxies: Vec<IpAddr>,
    /// Values that are set but do nothing; said once at the start.
    pub warnings: Vec<String>,
}

/// Why the environment cannot be used: one line that names the variable, what is wrong and what is right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}: {problem}")]
pub struct ConfigError {
    /// The variable's name.
    pub variable: String,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl Config {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, ConfigError> {
        let mut values = BTreeMap::new();
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str().filter(|name| name.starts_with("SIGNET_")) else { continue };
            let value = value.into_string().map_err(|_| refuse(name, "is not UTF-8 text"))?;
            values.insert(name.to_owned(), value);
        }
        Self::read(&values)
    }

    /// The folder of the file server that is built in, where no other is named for the main volume.
    pub fn embedded_store(&self) -> Option<PathBuf> {
        (!self.ftp.volumes.contains_key(&VolumeName::main())).then(|| self.data.join("files"))
    }

    /// Reads values by name; an empty value counts as absent.
    pub fn read(values: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let values = Values(values);
        let listen = values.parsed("SIGNET_LISTEN", "127.0.0.1:3000", "an address and port such as 127.0.0.1:3000 or [::]:3000")?;
        let public_url = match values.text("SIGNET_PUBLIC_URL") {
            Some(text) => public_url(text)?,
            None => default_url(listen),
        };
        let data = PathBuf::from(values.text("SIGNET_DATA").unwrap_or("./data"));
        let mut databases = values.databases()?;
        databases.entry("main".to_owned()).or_insert_with(|| format!("sqlite:{}", data.join("main.sqlite").display()));
        let log = values.text("SIGNET_LOG").unwrap_or("info").to_owned();
        if let Err(error) = tracing_subscriber::EnvFilter::builder().parse(&log) {
            return Err(refuse("SIGNET_LOG", &format!("{error}; take a level such as info, or directives such as info,sqlx=warn")));
        }
        Ok(Self {
            listen,
            public_url,
            databases,
            ftp: FtpConfig::read(&values)?,
            smtp_url: values.url("SIGNET_SMTP_URL", &["smtp", "smtps"])?,
            tsa_url: values.tsa_url()?,
            tsa_ca: values.file("SIGNET_TSA_CA")?,
            tsa_crls: values.urls("SIGNET_TSA_CRLS", &["http", "https"])?,
            ca_passphrase_file: values.file("SIGNET_CA_PASSPHRASE_FILE")?,
            log,
            proxies: values.proxies()?,
            warnings: values.warnings(),
            data,
        })
    }

    /// Whether people reach Signet over HTTPS, so that cookies can be bound to it.
    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// The public address without a slash at its end, to put paths behind.
    pub fn public_base(&self) -> &str {
        self.public_url.as_str().trim_end_matches('/')
    }
}

impl fmt::Debug for Config {
    /// Shows where things are, never a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("public_url", &self.public_url.as_str())
            .field("data", &self.data)
            .field("databases", &self.databases.keys().collect::<Vec<_>>())
            .field("ftp", &self.ftp)
            .field("log", &self.log)
            .finish_non_exhaustive()
    }
}

struct Values<'a>(&'a BTreeMap<String, String>);

impl<'a> Values<'a> {
    fn text(&self, name: &str) -> Option<&'a str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    fn parsed<T: std::str::FromStr>(&self, name: &str, default: &str, right: &str) -> Result<T, ConfigError> {
        let text = self.text(name).unwrap_or(default);
        text.parse().map_err(|_| refuse(name, &format!("{text:?} is not {right}")))
    }

    fn url(&self, name: &str, schemes: &[&str]) -> Result<Option<Url>, ConfigError> {
        self.text(name).map(|text| address(name, text, schemes)).transpose()
    }

    fn urls(&self, name: &str, schemes: &[&str]) -> Result<Vec<Url>, ConfigError> {
        let list = self.text(name).unwrap_or_default().split(',').map(str::trim).filter(|one| !one.is_empty());
        list.map(|one| address(name, one, schemes)).collect()
    }

    /// Whose time stamps are believed must be said along with where they come from: nothing else would check them.
    fn tsa_url(&self) -> Result<Option<Url>, ConfigError> {
        let url = self.url("SIGNET_TSA_URL", &["http", "https"])?;
        if url.is_some() && self.text("SIGNET_TSA_CA").is_none() {
            return Err(refuse(
                "SIGNET_TSA_CA",
                "is not set, but SIGNET_TSA_URL is; name the PEM file with the authority that certifies that time-stamp authority",
            ));
        }
        Ok(url)
    }

    fn file(&self, name: &str) -> Result<Option<PathBuf>, ConfigError> {
        let Some(path) = self.text(name).map(PathBuf::from) else { return Ok(None) };
        match std::fs::File::open(&path) {
            Ok(_) => Ok(Some(path)),
            Err(error) => Err(refuse(name, &format!("{} cannot be read ({error}); name a readable file or leave it unset", path.display()))),
        }
    }

    fn databases(&self) -> Result<BTreeMap<String, String>, ConfigError> {
        let mut databases = BTreeMap::new();
        for (variable, name) in self.0.keys().filter_map(|variable| Some((variable, database_name(variable)?))) {
            let Some(address) = self.text(variable) else { continue };
            if name.is_empty() || name.len() > 20 || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
                return Err(refuse(variable, "a database's name is 1 to 20 letters and digits: SIGNET_DATABASE_<NAME>_URL"));
            }
            let known = ["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| address.starts_with(scheme));
            if !known {
                return Err(refuse(variable, "is not an address that starts with sqlite: or postgres:"));
            }
            if databases.insert(name.clone(), address.to_owned()).is_some() {
                return Err(refuse(variable, &format!("names the database {name} twice; keep one")));
            }
        }
        Ok(databases)
    }

    fn proxies(&self) -> Result<Vec<IpAddr>, ConfigError> {
        let Some(text) = self.text("SIGNET_PROXIES") else { return Ok(Vec::new()) };
        text.split(',')
            .map(|one| one.trim().parse().map_err(|_| refuse("SIGNET_PROXIES", &format!("{one:?} is not an IP address; write them with commas between"))))
            .collect()
    }

    fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.text("SIGNET_SMTP_URL").is_some() {
            warnings.push("SIGNET_SMTP_URL is set, but this version does not use it yet".to_owned());
        }
        if self.text(crate::crash::VARIABLE).is_some() {
            warnings.push(format!("{} is set: this process kills itself on the way; it is for tests alone", crate::crash::VARIABLE));
        }
        for name in self.0.keys() {
            if !KNOWN.contains(&name.as_str()) && database_name(name).is_none() && ftp::volume_name(name).is_none() {
                warnings.push(format!("{name} is set, but Signet knows no such value; .env.sample lists them all"));
            }
        }
        warnings
    }
}

const KNOWN: [&str; 14] = [
    crate::crash::VARIABLE,
    "SIGNET_LISTEN",
    "SIGNET_PUBLIC_URL",
    "SIGNET_DATA",
    "SIGNET_DATABASE_URL",
    "SIGNET_FTP_ACTIVE",
    "SIGNET_FTP_PATIENCE",
    "SIGNET_SMTP_URL",
    "SIGNET_TSA_URL",
    "SIGNET_TSA_CA",
    "SIGNET_TSA_CRLS",
    "SIGNET_CA_PASSPHRASE_FILE",
    "SIGNET_LOG",
    "SIGNET_PROXIES",
];

/// `SIGNET_DATABASE_URL` is `main`, `SIGNET_DATABASE_WO_URL` is `wo`.
fn database_name(variable: &str) -> Option<String> {
    let rest = variable.strip_prefix("SIGNET_DATABASE_")?;
    if rest == "URL" {
        return Some("main".to_owned());
    }
    rest.strip_suffix("_URL").map(str::to_ascii_lowercase)
}

/// Addresses may hold passwords, so a refusal never repeats them.
fn address(name: &str, text: &str, schemes: &[&str]) -> Result<Url, ConfigError> {
    let right = format!("an address that starts with {}://", schemes.join(":// or "));
    let url = Url::parse(text).map_err(|error| refuse(name, &format!("is not {right} ({error})")))?;
    if !schemes.contains(&url.scheme()) || url.host_str().is_none_or(str::is_empty) {
        return Err(refuse(name, &format!("is not {right} and names a host")));
    }
    Ok(url)
}

fn public_url(text: &str) -> Result<Url, ConfigError> {
    let name = "SIGNET_PUBLIC_URL";
    let url = Url::parse(text).map_err(|error| refuse(name, &format!("{text:?} is not an address such as https://signet.example.com ({error})")))?;
    let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) || !plain {
        return Err(refuse(name, "is scheme, host and port only, such as https://signet.example.com"));
    }
    Ok(url)
}

/// Listening on every address, people on this machine come by `localhost`.
fn default_url(listen: SocketAddr) -> Url {
    let text = match listen.ip() {
        ip if ip.is_unspecified() => format!("http://localhost:{}", listen.port()),
        _ => format!("http://{listen}"),
    };
    Url::parse(&text).expect("a socket address makes a valid address")
}

fn refuse(variable: &str, problem: &str) -> ConfigError {
    ConfigError { variable: variable.to_owned(), problem: problem.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn nothing_set_gives_the_embedded_defaults() {
        let config = read(&[]).expect("defaults are good");
        assert_eq!(config.listen.to_string(), "127.0.0.1:3000");
        assert_eq!(config.public_base(), "http://127.0.0.1:3000");
        assert_eq!(config.databases.keys().collect::<Vec<_>>(), ["main"]);
        assert!(config.ftp.volumes.is_empty() && !config.is_https() && config.warnings.is_empty());
    }

    #[test]
    fn an_empty_value_counts_as_absent() {
        assert_eq!(read(&[("SIGNET_LISTEN", " ")]).expect("absent").listen.port(), 3000);
    }

    #[test]
    fn listening_everywhere_is_reached_by_localhost() {
        assert_eq!(read(&[("SIGNET_LISTEN", "0.0.0.0:8080")]).expect("good").public_base(), "http://localhost:8080");
    }

    #[test]
    fn more_databases_are_named() {
        let config = read(&[("SIGNET_DATABASE_WO_URL", "postgres://u:p@db/wo"), ("SIGNET_DATABASE_URL", "sqlite:x.db")]).expect("good");
        assert_eq!(config.databases["wo"], "postgres://u:p@db/wo");
        assert_eq!(config.databases["main"], "sqlite:x.db");
        assert!(!format!("{config:?}").contains("u:p"));
    }

    #[test]
    fn bad_values_name_their_variable_and_keep_passwords_quiet() {
        for (name, value) in [
            ("SIGNET_LISTEN", "3000"),
            ("SIGNET_PUBLIC_URL", "signet.example.com"),
            ("SIGNET_PUBLIC_URL", "https://signet.example.com/under"),
            ("SIGNET_DATABASE_URL", "mysql://root:secret@db"),
            ("SIGNET_DATABASE_A-B_URL", "sqlite:x"),
            ("SIGNET_FTP_URL", "sftp://root:secret@store"),
            ("SIGNET_FTP_CA", "/nowhere/ca.pem"),
            ("SIGNET_TSA_URL", "ldap://secret@tsa"),
            ("SIGNET_TSA_CA", "/nowhere/tsa.pem"),
            ("SIGNET_TSA_CRLS", "http://tsa/a.crl, secret"),
            ("SIGNET_LOG", "info,=,="),
            ("SIGNET_PROXIES", "10.0.0.1, proxy"),
        ] {
            let error = read(&[(name, value)]).expect_err(name);
            assert_eq!(error.variable, name);
            assert!(!error.to_string().contains("secret") && !error.to_string().contains('\n'), "{error}");
        }
    }

    #[test]
    fn an_outside_time_stamp_authority_needs_someone_to_vouch_for_it() {
        let error = read(&[("SIGNET_TSA_URL", "https://tsa.example.com")]).expect_err("no authority named");
        assert_eq!(error.variable, "SIGNET_TSA_CA");
        let pem = "Cargo.toml";
        assert!(read(&[("SIGNET_TSA_URL", "https://tsa.example.com"), ("SIGNET_TSA_CA", pem)]).expect("both").tsa_url.is_some());
    }

    #[test]
    fn a_misspelt_name_is_said() {
        assert_eq!(read(&[("SIGNET_LISTN", "x")]).expect("only said").warnings.len(), 1);
    }
}
