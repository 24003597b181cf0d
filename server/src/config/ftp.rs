//! `SIGNET_FTP_…`: the volumes of the file store.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use url::Url;

use super::{ConfigError, Values, address, refuse};
use crate::store::{MAIN, VolumeName};

/// How the file store is reached.
#[derive(Clone, Debug, Default)]
pub struct FtpConfig {
    /// `SIGNET_FTP_URL` as `main`, and each `SIGNET_FTP_<NAME>_URL` by its name in lower case. Without `main`, that one is embedded.
    pub volumes: BTreeMap<VolumeName, FtpVolume>,
    /// `SIGNET_FTP_ACTIVE`: the volume of new documents; `main` when absent.
    pub active: Option<VolumeName>,
    /// `SIGNET_FTP_PATIENCE`: how long one step with a file server may take.
    pub patience: Duration,
}

/// One file server.
#[derive(Clone)]
pub struct FtpVolume {
    /// Where it is, with user, password and base folder.
    pub url: Url,
    /// `SIGNET_FTP_<NAME>_CA`, else `SIGNET_FTP_CA`: PEM file with the authority of its certificate.
    pub ca: Option<PathBuf>,
}

impl std::fmt::Debug for FtpVolume {
    /// Shows where it is, never a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", self.url.scheme(), self.url.host_str().unwrap_or_default())
    }
}

/// What a variable says about which volume.
pub(super) enum Says {
    Url,
    Ca,
}

impl FtpConfig {
    pub(super) fn read(values: &Values<'_>) -> Result<Self, ConfigError> {
        let mut volumes = BTreeMap::new();
        let mut authorities = BTreeMap::new();
        for (variable, (name, says)) in values.0.keys().filter_map(|variable| Some((variable.as_str(), volume_name(variable)?))) {
            let Some(text) = values.text(variable) else { continue };
            let name: VolumeName = name.parse().map_err(|_| refuse(variable, "a volume's name is 1 to 20 letters and digits: SIGNET_FTP_<NAME>_URL"))?;
            let twice = match says {
                Says::Url => volumes.insert(name.clone(), address(variable, text, &["ftp", "ftps"])?).is_some(),
                Says::Ca => authorities.insert(name.clone(), (variable, values.file(variable)?)).is_some(),
            };
            if twice {
                return Err(refuse(variable, &format!("says a second time what the volume {name} is; keep one")));
            }
        }
        if let Some((name, (variable, _))) = authorities.iter().find(|(name, _)| name.as_str() != MAIN && !volumes.contains_key(*name)) {
            let wanted = name.as_str().to_ascii_uppercase();
            return Err(refuse(variable, &format!("is set, but SIGNET_FTP_{wanted}_URL is not; set both or neither")));
        }
        let common = authorities.get(&VolumeName::main()).and_then(|(_, file)| file.clone());
        let volumes: BTreeMap<_, _> = volumes
            .into_iter()
            .map(|(name, url)| {
                let ca = authorities.get(&name).and_then(|(_, file)| file.clone()).or_else(|| common.clone());
                (name, FtpVolume { url, ca })
            })
            .collect();
        let active = active(values, &volumes)?;
        Ok(Self { volumes, active, patience: patience(values)? })
    }
}

fn active(values: &Values<'_>, volumes: &BTreeMap<VolumeName, FtpVolume>) -> Result<Option<VolumeName>, ConfigError> {
    let variable = "SIGNET_FTP_ACTIVE";
    let Some(text) = values.text(variable) else { return Ok(None) };
    let known = |name: &VolumeName| name.as_str() == MAIN || volumes.contains_key(name);
    match text.parse::<VolumeName>().ok().filter(known) {
        Some(name) => Ok(Some(name)),
        None => {
            let names: Vec<_> = volumes.keys().map(VolumeName::as_str).filter(|name| *name != MAIN).collect();
            Err(refuse(variable, &format!("{text:?} is none of the volumes: {MAIN} {}; name one, or set its SIGNET_FTP_<NAME>_URL", names.join(" "))))
        }
    }
}

fn patience(values: &Values<'_>) -> Result<Duration, ConfigError> {
    let variable = "SIGNET_FTP_PATIENCE";
    let seconds: f64 = values.parsed(variable, "15", "a number of seconds such as 15")?;
    if (0.1..=60.0).contains(&seconds) { Ok(Duration::from_secs_f64(seconds)) } else { Err(refuse(variable, "is 0.1 to 60 seconds")) }
}

/// `SIGNET_FTP_URL` is of `main`, `SIGNET_FTP_ARCHIVE2_CA` of `archive2`.
pub(super) fn volume_name(variable: &str) -> Option<(String, Says)> {
    let rest = variable.strip_prefix("SIGNET_FTP_")?;
    let (name, says) = match rest {
        "URL" => (MAIN, Says::Url),
        "CA" => (MAIN, Says::Ca),
        _ => rest.strip_suffix("_URL").map(|name| (name, Says::Url)).or_else(|| rest.strip_suffix("_CA").map(|name| (name, Says::Ca)))?,
    };
    Some((name.to_ascii_lowercase(), says))
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<FtpConfig, ConfigError> {
        Config::read(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()).map(|config| config.ftp)
    }

    #[test]
    fn more_volumes_are_named_and_share_an_authority_unless_they_have_their_own() {
        let (one, two) = ("Cargo.toml", "build.rs");
        let ftp = read(&[
            ("SIGNET_FTP_ARCHIVE2_URL", "ftps://u:secret@a.example.com/x"),
            ("SIGNET_FTP_ARCHIVE3_URL", "ftps://u:secret@b.example.com/x"),
            ("SIGNET_FTP_CA", one),
            ("SIGNET_FTP_ARCHIVE3_CA", two),
            ("SIGNET_FTP_ACTIVE", "archive3"),
        ])
        .expect("good");
        let authority = |name: &str| ftp.volumes[&name.parse().expect("a name")].ca.clone();
        assert_eq!((authority("archive2"), authority("archive3")), (Some(one.into()), Some(two.into())));
        assert_eq!(ftp.active.as_ref().map(VolumeName::as_str), Some("archive3"));
        assert!(!ftp.volumes.contains_key(&VolumeName::main()), "main is the embedded one");
        assert!(!format!("{ftp:?}").contains("secret"));
    }

    #[test]
    fn what_names_no_volume_is_refused_by_its_variable() {
        let url = "ftps://u:secret@a.example.com/";
        for (name, more) in [
            ("SIGNET_FTP_ACTIVE", ("SIGNET_FTP_ACTIVE", "archive2")),
            ("SIGNET_FTP_A-B_URL", ("SIGNET_FTP_A-B_URL", url)),
            ("SIGNET_FTP_MAIN_URL", ("SIGNET_FTP_MAIN_URL", url)),
            ("SIGNET_FTP_ARCHIVE2_CA", ("SIGNET_FTP_ARCHIVE2_CA", "Cargo.toml")),
            ("SIGNET_FTP_PATIENCE", ("SIGNET_FTP_PATIENCE", "0")),
            ("SIGNET_FTP_PATIENCE", ("SIGNET_FTP_PATIENCE", "soon")),
        ] {
            let set = if name == "SIGNET_FTP_MAIN_URL" { vec![("SIGNET_FTP_URL", url), more] } else { vec![more] };
            let error = read(&set).expect_err(name);
            // Of two that say the same, either may be named.
            assert!(error.variable == name || name == "SIGNET_FTP_MAIN_URL", "{error}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }
}
