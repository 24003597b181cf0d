//! A throwaway folder with an authority, a person's key, and OpenSSL as the judge.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use server::ca::{Authority, AuthorityError, new_serial};

pub const NOW: i64 = 1_795_392_000;
const URL: &str = "https://signet.example";

pub struct Folder {
    place: tempfile::TempDir,
    /// The time that it is in the test.
    pub now: i64,
}

impl Folder {
    pub fn new() -> Self {
        Self { place: tempfile::tempdir().unwrap(), now: NOW }
    }

    /// As `new`, at the machine's own time: what OpenSSL makes begins then.
    pub fn today() -> Self {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
        Self { now: now + 60, ..Self::new() }
    }

    pub fn ca(&self) -> PathBuf {
        self.place.path().join("ca")
    }

    /// A file of the authority's.
    pub fn path(&self, name: &str) -> PathBuf {
        self.ca().join(name)
    }

    pub fn files(&self) -> Vec<String> {
        fs::read_dir(self.ca()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    pub fn open(&self, passphrase: Option<&str>) -> Result<Authority, AuthorityError> {
        self.open_at(passphrase, self.now)
    }

    pub fn open_at(&self, passphrase: Option<&str>, now: i64) -> Result<Authority, AuthorityError> {
        Authority::open(&self.ca(), passphrase, URL, now)
    }

    pub fn rollover(&self, passphrase: Option<&str>, now: i64) -> Result<String, AuthorityError> {
        Authority::rollover(&self.ca(), passphrase, URL, now)
    }

    pub fn request(&self, fresh: bool) -> Result<String, AuthorityError> {
        Authority::request(&self.ca(), None, URL, fresh, self.now)
    }

    pub fn import(&self, pem: &str) -> Result<server::ca::Imported, AuthorityError> {
        Authority::import(&self.ca(), None, URL, pem, self.now)
    }

    /// A file beside the authority's folder.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.place.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub fn beside(&self, name: &str) -> String {
        self.place.path().join(name).to_str().unwrap().to_owned()
    }
}

pub fn key_file(folder: &Folder, mark: &str) -> PathBuf {
    folder.path(&format!("issuing-{mark}.key"))
}

/// A person's certificate and its serial number.
pub fn person(authority: &Authority, now: i64) -> (Vec<u8>, [u8; 16]) {
    let serial = new_serial().unwrap();
    (authority.issue(&request(), "王小明", "ming", "C00042", &serial, now).unwrap(), serial)
}

fn request() -> pades::Request {
    let key = SigningKey::from_slice(&[2; 32]).unwrap();
    let info = pades::request_info("Nobody", key.verifying_key().to_sec1_point(false).as_bytes()).unwrap();
    let signature: Signature = key.sign(&info);
    pades::check_request(&pades::request(&info, &signature.to_bytes().into()).unwrap()).unwrap()
}

/// Runs OpenSSL; what it said, and whether it was content.
pub fn openssl(arguments: &[&str]) -> (bool, String) {
    let done = Command::new("openssl").args(arguments).output().expect("openssl is installed (make test-tools)");
    (done.status.success(), String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr))
}

/// A PEM block for OpenSSL.
pub fn block(label: &str, der: &[u8]) -> String {
    der::pem::encode_string(label, der::pem::LineEnding::LF, der).unwrap()
}

/// Judges a person's certificate as a stranger would: the anchor trusted, the intermediates at hand, every list checked.
pub fn judged(folder: &Folder, authority: &Authority, certificate: &[u8], lists: &[Vec<u8>], now: i64) -> (bool, String) {
    let pem = |all: &[Vec<u8>]| all.iter().map(|der| block("CERTIFICATE", der)).collect::<String>();
    let anchors = folder.write("anchors.pem", pem(&authority.anchors()));
    let between = folder.write("between.pem", pem(&authority.intermediates()));
    let own = folder.write("own.pem", block("CERTIFICATE", certificate));
    let crls = folder.write("lists.pem", lists.iter().map(|list| block("X509 CRL", list)).collect::<String>());
    let time = now.to_string();
    let mut arguments = vec!["verify", "-x509_strict", "-attime", &time, "-crl_check_all", "-CAfile", &anchors, "-CRLfile", &crls];
    if !authority.intermediates().is_empty() {
        arguments.extend(["-untrusted", &between]);
    }
    arguments.push(&own);
    openssl(&arguments)
}

/// A folder as it was before there were levels: one self-signed certificate that issues, made by OpenSSL.
pub fn single(folder: &Folder) {
    fs::create_dir(folder.ca()).unwrap();
    let (key, pem) = (folder.path("ca.key"), folder.path("ca.pem"));
    make_key(&key);
    self_signed(folder, key.to_str().unwrap(), "Signet Authority 0a1b2c3d", "critical,CA:TRUE,pathlen:0", pem.to_str().unwrap());
}

/// A self-signed certificate of an authority, by OpenSSL, valid from now on.
pub fn self_signed(folder: &Folder, key: &str, name: &str, constraints: &str, out: &str) {
    let config = folder.write(
        "self-signed.cnf",
        format!(
            "[req]\nprompt=no\ndistinguished_name=dn\nx509_extensions=v3\n[dn]\nCN={name}\n\
             [v3]\nbasicConstraints={constraints}\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n"
        ),
    );
    let made = openssl(&["req", "-x509", "-config", &config, "-key", key, "-sha256", "-days", "7000", "-out", out]);
    assert!(made.0, "{}", made.1);
}

/// A P-256 key as PKCS#8, for its owner alone.
pub fn make_key(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let made = openssl(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path.to_str().unwrap()]);
    assert!(made.0, "{}", made.1);
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}
