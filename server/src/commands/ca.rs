//! `signet ca …`: the trust anchor to give away, and the authority's levels: roll over, certify from outside, passphrase.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::{Failure, Outcome, log};
use crate::ca::{self, Authority, AuthorityError};
use crate::clock::{self, Clock, SystemClock};
use crate::config::Config;

/// The certificate authority
#[derive(clap::Subcommand)]
pub enum Ca {
    /// Print the trust anchor, and the issuing certificates after it, as PEM
    Export {
        /// Write to this file instead of standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// List every level: what it is, its mark, until when it counts
    List,
    /// Make a new issuing key and have the root certify it; what the old one issued stays valid. Needs root.key; takes effect at the next start
    Rollover,
    /// Print a certificate request (PKCS#10) for an outside authority to certify the issuing key
    Request {
        /// Ask for a new key instead of the one that issues now
        #[arg(long)]
        new_key: bool,
        /// Write to this file instead of standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Take what an outside authority sent back: the certificate and every one above it up to its root, PEM. Takes effect at the next start
    Import {
        /// The file; - is standard input
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Renew the root's revocation list for a year. Needs root.key
    Crl,
    /// Bring all keys under the passphrase that SIGNET_CA_PASSPHRASE_FILE names, or into the clear where it is unset
    Passphrase {
        /// File whose first line is the passphrase so far; not needed where the keys are in the clear
        #[arg(long, value_name = "FILE")]
        old: Option<PathBuf>,
    },
}

/// Largest file that an import reads, bytes.
const LARGEST: u64 = 1 << 20;

impl Ca {
    pub fn run(self) -> Outcome {
        let config = Config::from_env()?;
        log::quiet(&config);
        let place = Place::of(&config)?;
        match self {
            Self::Export { out } => write(out.as_deref(), &place.open()?.certificate_pem(), "the certificates"),
            Self::List => place.list(),
            Self::Rollover => {
                let pem = Authority::rollover(&place.folder, place.passphrase(), &place.public_url, place.now)?;
                eprintln!("A new issuing level is there. Restart the server to use it, and give its certificate to whoever keeps the old one.");
                write(None, &pem, "the certificate")
            }
            Self::Request { new_key, out } => {
                let pem = Authority::request(&place.folder, place.passphrase(), &place.public_url, new_key, place.now)?;
                write(out.as_deref(), &pem, "the request")
            }
            Self::Import { file } => {
                let pem = text(&file)?;
                let taken = Authority::import(&place.folder, place.passphrase(), &place.public_url, &pem, place.now)?;
                println!("Taken: issuing key {}, certified below {:?} ({} certificates). Restart the server to use it.", taken.mark, taken.root, taken.length);
                Ok(())
            }
            Self::Crl => {
                ca::renew_root(&place.folder, place.passphrase(), place.now)?;
                println!("The root's revocation list counts for a year from now.");
                Ok(())
            }
            Self::Passphrase { old } => {
                let old = ca::read_passphrase(old.as_deref())?;
                let written = ca::change_passphrase(&place.folder, old.as_ref().map(|old| old.as_str()), place.passphrase())?;
                for path in &written {
                    println!("{}", path.display());
                }
                let state = if place.passphrase.is_some() { "under the passphrase" } else { "in the clear, for SIGNET_CA_PASSPHRASE_FILE is unset" };
                println!("{} keys were written anew; all are {state}.", written.len());
                Ok(())
            }
        }
    }
}

/// Where the authority is and what opens it.
struct Place {
    folder: PathBuf,
    passphrase: Option<zeroize::Zeroizing<String>>,
    public_url: String,
    now: i64,
}

impl Place {
    fn of(config: &Config) -> Result<Self, Failure> {
        Ok(Self {
            folder: config.data.join("ca"),
            passphrase: ca::read_passphrase(config.ca_passphrase_file.as_deref())?,
            public_url: config.public_base().to_owned(),
            now: SystemClock.now().div_euclid(1000),
        })
    }

    fn passphrase(&self) -> Option<&str> {
        self.passphrase.as_ref().map(|passphrase| passphrase.as_str())
    }

    /// Opens it; makes it where there is none, so that its certificate can be handed out before the first start.
    fn open(&self) -> Result<Authority, Failure> {
        Ok(Authority::open(&self.folder, self.passphrase(), &self.public_url, self.now)?)
    }

    fn list(&self) -> Outcome {
        let levels = Authority::levels(&self.folder)?;
        for level in levels {
            let state = if level.is_current { "issues" } else { "kept" };
            let (from, until) = (clock::date(level.not_before * 1000), clock::date(level.not_after * 1000));
            println!("{} · {state} · key {} · {from} – {until} · below {:?}", level.name, level.mark, level.anchor);
        }
        Ok(())
    }
}

fn text(path: &Path) -> Result<String, Failure> {
    let unreadable = |error: std::io::Error| Failure::new(format!("{} cannot be read ({error})", path.display()));
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin().lock().take(LARGEST).read_to_string(&mut text).map_err(unreadable)?;
    } else {
        std::fs::File::open(path).map_err(unreadable)?.take(LARGEST).read_to_string(&mut text).map_err(unreadable)?;
    }
    Ok(text)
}

fn write(out: Option<&Path>, text: &str, what: &str) -> Outcome {
    let written = match out {
        Some(path) => std::fs::write(path, text),
        None => std::io::stdout().write_all(text.as_bytes()),
    };
    written.map_err(|error| Failure::new(format!("{what} cannot be written ({error}); choose another place by --out")))
}

impl From<AuthorityError> for Failure {
    fn from(error: AuthorityError) -> Self {
        Self::new(error.to_string())
    }
}
