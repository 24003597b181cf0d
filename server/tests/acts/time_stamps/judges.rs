//! Programs that are not ours: pyHanko for levels, OpenSSL for answers.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Judges every signature of a file by pyHanko at the level named (`PAdES-B-T`, `PAdES-B-LTA`), trusting the certificates in `ca` (PEM) and, for
/// time stamps, also those in `tsa`. False, saying so, where pyHanko is not at hand.
pub fn pyhanko(pdf: &[u8], ca: &str, tsa: &str, level: &str, signatures: usize, at: i64) -> bool {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("signed.pdf"), pdf).unwrap();
    judge(&folder.path().join("signed.pdf"), ca, tsa, level, signatures, at)
}

/// The same for every PDF in a folder, time stamps by the same authority.
pub fn pyhanko_folder(folder: &Path, ca: &str, level: &str, signatures: usize, at: i64) -> bool {
    judge(folder, ca, "", level, signatures, at)
}

fn judge(file: &Path, ca: &str, tsa: &str, level: &str, signatures: usize, at: i64) -> bool {
    let Some(python) = python() else {
        println!("skipped: no python with pyHanko (SIGNET_PYTHON)");
        return false;
    };
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let (ca, tsa) = (write("ca.pem", ca), write("tsa.pem", tsa));
    let script = "acts/time_stamps/judge.py";
    let output = Command::new(python).arg(script).args([&ca, &tsa]).arg(file).args([level, &signatures.to_string(), &at.to_string()]).output().unwrap();
    assert!(output.status.success(), "{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    true
}

/// Python with pyHanko.
pub fn python() -> Option<PathBuf> {
    let named = std::env::var_os("SIGNET_PYTHON").map(PathBuf::from);
    let own = PathBuf::from("../../.venv/bin/python");
    named
        .into_iter()
        .chain([own])
        .find(|path| path.exists() && Command::new(path).args(["-c", "import pyhanko"]).output().is_ok_and(|out| out.status.success()))
}

/// Runs OpenSSL and gives all it said.
#[track_caller]
pub fn openssl(arguments: &[&str]) -> String {
    let output = Command::new("openssl").args(arguments).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl {}\n{text}", arguments.join(" "));
    text
}
