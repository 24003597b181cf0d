//! Other programs as judges, and a folder for what they read.

use std::path::PathBuf;
use std::process::Command;

/// A folder of this test's own, gone when the test is over.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("pades-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// The path of a file in it.
    pub fn path(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    /// Writes a file; gives its path.
    pub fn write(&self, name: &str, bytes: &[u8]) -> String {
        std::fs::write(self.0.join(name), bytes).unwrap();
        self.path(name)
    }

    /// Writes a certificate as PEM; gives its path.
    pub fn pem(&self, name: &str, certificates: &[&[u8]]) -> String {
        let encode = |der: &&[u8]| der::pem::encode_string("CERTIFICATE", der::pem::LineEnding::LF, der).unwrap();
        self.write(name, certificates.iter().map(encode).collect::<String>().as_bytes())
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.0.join(name)).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Python with pyHanko: `SIGNET_PYTHON`, the project's own, or the system's.
pub fn python() -> Option<PathBuf> {
    let own = PathBuf::from("../../../.venv/bin/python");
    let named = std::env::var_os("SIGNET_PYTHON").map(PathBuf::from);
    let has = |python: &PathBuf| Command::new(python).args(["-c", "import pyhanko.sign.validation.ades"]).output().is_ok_and(|output| output.status.success());
    let found = named.into_iter().chain([own, PathBuf::from("python3")]).find(has);
    if found.is_none() {
        println!("skipped: pyHanko is not installed");
    }
    found
}

/// Whether openssl is there.
pub fn openssl_there() -> bool {
    let there = Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success());
    if !there {
        println!("skipped: openssl is not installed");
    }
    there
}

/// What openssl says on both its outputs, and whether it was content.
pub fn openssl(arguments: &[&str]) -> (bool, String) {
    let output = Command::new("openssl").args(arguments).output().unwrap();
    (output.status.success(), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

/// The same where it must be content.
pub fn must(arguments: &[&str]) -> String {
    let (content, said) = openssl(arguments);
    assert!(content, "openssl {arguments:?}: {said}");
    said
}
